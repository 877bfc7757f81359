"""What can be chosen about the maps: what is drawn on them, the scale of f, and the slice of an n-D function."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from gradlab.engine.objectives import Objective
from gradlab.labs.descent.look import DescentLook
from gradlab.ui.gl import gl_available
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.frame import PlotFrame


def slice_axes(look: DescentLook, dimension: int) -> tuple[int, int]:
    """Return the two coordinates of the slice that is asked for; the first two where those do not exist."""
    first, second = look.axes
    return (first, second) if first != second and min(look.axes) >= 0 and max(look.axes) < dimension else (0, 1)


class MapTools(QObject):
    """Chips and menu entries of the maps. ``looked(changes)``: fields of the look with new values."""

    looked = Signal(object)

    def __init__(self, parent: QObject, surface: PlotFrame, contour: PlotFrame, line: PlotFrame) -> None:
        super().__init__(parent)
        self._add_flags(contour, line)
        self._add_views(surface)
        scales: dict[object, str] = {"linear": self.tr("linear"), "log": self.tr("log"), "rank": self.tr("rank")}
        self.heights = [Choice(frame, self.tr("Scale"), scales) for frame in (surface, contour)]
        self.across = Choice(contour, self.tr("Coordinate across"), {}, "→ ")
        self.up = Choice(contour, self.tr("Coordinate up"), {}, "↑ ")
        for choice in self.heights:
            choice.chosen.connect(self._choose_height)
        for place, choice in enumerate((self.across, self.up)):
            choice.chosen.connect(partial(self._choose_axis, place))
            choice.button.hide()
        self._axes, self._dimension = (0, 1), 2

    def _add_flags(self, contour: PlotFrame, line: PlotFrame) -> None:
        self.flags: dict[str, QAction] = {}
        for name, text in {
            "minima": self.tr("Known minima"),
            "field": self.tr("Gradient field"),
            "tangent": self.tr("Level set and tangent"),
            "vectors": self.tr("Vectors of the step"),
        }.items():
            action = self.flags[name] = QAction(text, self, checkable=True)
            action.toggled.connect(partial(self._choose_flag, name))
            contour.add_menu_action(action)
        line.add_menu_action(self.flags["minima"])

    def _add_views(self, frame: PlotFrame) -> None:
        for name, text in {"perspective": self.tr("Perspective view"), "top": self.tr("View from the top")}.items():
            action = QAction(text, self)
            action.triggered.connect(partial(self._see, frame, name))
            frame.add_menu_action(action)

    def _see(self, frame: PlotFrame, way: str) -> None:
        getattr(frame.plot, way)()

    def _choose_flag(self, name: str, on: bool) -> None:
        self.looked.emit({name: on})

    def _choose_height(self, height: str) -> None:
        self.looked.emit({"height": height})

    def _choose_axis(self, place: int, axis: int) -> None:
        """Draw ``axis`` across (0) or up (1); where it is the other one already, the two change places."""
        axes = list(self._axes)
        if axes[1 - place] == axis:
            axes[1 - place] = axes[place]
        axes[place] = axis
        self.looked.emit({"axes": tuple(axes)})

    def show_objective(self, objective: Objective, look: DescentLook) -> None:
        """Offer the coordinates of a function of more than two variables."""
        names: dict[object, str] = dict(enumerate(objective.variables)) if objective.dimension > 2 else {}
        for choice in (self.across, self.up):
            choice.offer(names)
            choice.button.setVisible(bool(names))
        self.heights[1].button.setVisible(not names or not gl_available())  # the surface has the same chip
        self._show_axes(look, max(objective.dimension, 2))

    def show_look(self, look: DescentLook) -> None:
        """Show what is chosen; emits nothing."""
        for name, action in self.flags.items():
            action.blockSignals(True)  # the menus show the mark when they open
            action.setChecked(getattr(look, name))
            action.blockSignals(False)
        for choice in self.heights:
            choice.show_value(look.height)
        self._show_axes(look, self._dimension)

    def _show_axes(self, look: DescentLook, dimension: int) -> None:
        self._dimension, self._axes = dimension, slice_axes(look, dimension)
        self.across.show_value(self._axes[0])
        self.up.show_value(self._axes[1])
