"""The stage of the Function lab: one curve, a point that can be dragged, and a table of partial derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gradlab.labs.function.inspect import CurveReading, PointReading
from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui import theme
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.lab_view import LabView, Track
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve, Start
from gradlab.ui.widgets import Pane, number, splitter


class FunctionView(LabView):
    """Draws one function around one point."""

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = FunctionSpec(), FunctionLook()
        self._curve: CurveReading | None = None
        self._point: PointReading | None = None
        self.line = LinePlot(legend=True)
        self.frame = PlotFrame("function", self.line, parent=self)
        self._flags = {"slope": self._flag("slope", "∂f"), "bend": self._flag("bend", "∂²f")}
        self.reading = _Reading(self)
        body = splitter("function-body", Qt.Orientation.Horizontal, self.frame, self.reading, sizes=(760, 316))
        body.setStretchFactor(0, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)
        self.line.clicked.connect(lambda x: self._move(x, done=True))
        self.line.startMoved.connect(lambda _key, x, done: self._move(x, done=done))
        self.line.toggled.connect(self._toggle)
        theme.watcher().changed.connect(self._draw)

    def _flag(self, name: str, text: str) -> QAction:
        action = QAction(text, self, checkable=True)
        action.triggered.connect(lambda on, name=name: self.looked.emit(self._look.replace(**{name: on})))
        self.frame.add_tool(action)
        return action

    def _toggle(self, key: str) -> None:
        if key in self._flags:
            self.looked.emit(self._look.replace(**{key: not getattr(self._look, key)}))

    def _move(self, x: float, *, done: bool) -> None:
        point = list(self._spec.point)
        point[self._spec.axis] = float(x)
        self.edited.emit(self._spec.replace(at=tuple(point)), done)

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the function and the point."""
        if spec.objective != self._spec.objective:
            self._curve = self._point = None
        self._spec = spec
        name = spec.objective.variables[spec.axis]
        self.line.set_axes(name, "f")
        self.frame.set_title(spec.objective.name(), self.tr("along {name}, through the point").format(name=name))
        self.reading.formula.set_formula(spec.objective.formula_tex(), spec.objective.summary())
        self._draw()

    def show_look(self, look: FunctionLook) -> None:
        """Draw these curves from now on."""
        self._look = look
        for name, action in self._flags.items():
            action.setChecked(getattr(look, name))
        self._draw()

    def show_reading(self, reading: Any) -> None:
        """Take a picture in."""
        if isinstance(reading, CurveReading):
            self._curve = reading
        elif isinstance(reading, PointReading):
            self._point = reading
            self.reading.show_point(reading)
        self._draw()

    def show_tracks(self, tracks: Sequence[Track], cursor: int | None, *, hurried: bool = False) -> None:
        """Nothing runs here."""

    def _draw(self, _theme: Any = None) -> None:
        if self._curve is not None:
            one = self._curve
            curves = [Curve("f", one.x, one.f, 1, "f")]
            curves += [Curve("slope", one.x, one.slope, 0, "∂f")] if self._look.slope else []
            curves += [Curve("bend", one.x, one.bend, 2, "∂²f")] if self._look.bend else []
            self.line.show_curves(curves)
        point = self._point
        if point is None or point.point != self._spec.point:
            return
        x, slope = point.point[point.axis], point.partials[point.axis].autograd
        self.line.set_starts([Start(x, point.f)])
        self.line.set_tangent(x, point.f, slope)

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.reading.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the one plot."""
        return (self.frame,)


class _Reading(Pane):
    """The formula, f at the point, and every partial derivative by two ways."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("reading", parent)
        self.formula = FormulaLabel(parent=self.body)
        self.value = number(self.tr("Value at the point"), self.body)
        self.table = QTableWidget(0, 4, self.body)
        self.table.setAccessibleName(self.tr("Partial derivatives"))
        self.table.setHorizontalHeaderLabels(["", self.tr("autograd"), self.tr("difference"), self.tr("error")])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for text, widget in (
            (self.tr("FORMULA"), self.formula),
            (self.tr("AT THE POINT"), self.value),
            (self.tr("GRADIENT"), self.table),
        ):
            self.heading(text)
            self.column.addWidget(widget)
        self.column.addStretch()

    def show_point(self, reading: PointReading) -> None:
        """Show the numbers at a point."""
        lines = [f"{one.variable} = {one.value:.9g}" for one in reading.partials[:6]]
        lines += [f"f = {reading.f:.12g}", f"∂²f = {reading.bend:.9g}"]
        self.value.setText("\n".join(lines))
        self.table.setRowCount(len(reading.partials))
        self.table.setFixedHeight(30 * min(len(reading.partials), 12) + 34)
        for row, one in enumerate(reading.partials):
            cells = (f"∂/∂{one.variable}", f"{one.autograd:.9g}", f"{one.difference:.9g}", f"{one.error:.1e}")
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(repr((one.autograd, one.difference)[column - 1]) if column in {1, 2} else "")
                if column:
                    item.setFont(theme.mono_font(11))
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
