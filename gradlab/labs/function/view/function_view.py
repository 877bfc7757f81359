"""The stage of the Function lab: pages above, the derivatives by three ways below, the reading pane beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gradlab.labs.function.look import FunctionLook, Page
from gradlab.labs.function.pictures import CriticalReading, DirectionReading
from gradlab.labs.function.point import PointReading, StepReading
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui import theme
from gradlab.ui.lab_view import LabView
from gradlab.ui.page_tabs import PageTabs
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import fit_last, splitter

from .autograd_page import AutogradPage
from .chain_page import ChainPage
from .difference_page import DifferencePage
from .directions_page import DirectionsPage
from .map_page import MapPage
from .reading import ReadingPane
from .slices_page import SlicesPage
from .strip import Strip

PAGES: tuple[Page, ...] = get_args(Page)
SEVERAL = {"slices", "directions"}
"""Pages of functions of more than one variable."""


class FunctionView(LabView):
    """Draws one function around one point; only the page that is open is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = FunctionSpec(), FunctionLook()

    # Building.

    def build(self) -> Iterator[None]:
        """Make the pages, one at a time."""
        self.maps, self.slices, self.directions = MapPage(self), SlicesPage(self), DirectionsPage(self)
        self.difference = DifferencePage(self)
        for page in (self.maps, self.slices, self.directions, self.difference):
            yield from page.build()
        self.chain, self.autograd = ChainPage(self), AutogradPage(self)
        yield
        self.strip, self.reading = Strip(self), ReadingPane(self)
        yield
        self._pages: dict[str, Any] = {
            "map": self.maps,
            "slices": self.slices,
            "directions": self.directions,
            "chain": self.chain,
            "autograd": self.autograd,
            "difference": self.difference,
        }
        self._lay_out()
        self._connect()
        yield

    def _lay_out(self) -> None:
        self.tabs = PageTabs(PAGES, self)
        self.tabs.setAccessibleName(self.tr("Pages of the function"))
        self.stack = QStackedWidget(self)
        for name in PAGES:
            page = self._pages[name]
            self.stack.addWidget(page if isinstance(page, QWidget) else page.widget)
        self._name_tabs()
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.stage = splitter("function-stage", Qt.Orientation.Vertical, top, self.strip, sizes=(620, 150))
        self.stage.setStretchFactor(0, 1)
        self.stage.setStretchFactor(1, 0)
        body = splitter("function-body", Qt.Orientation.Horizontal, self.stage, self.reading, sizes=(760, 316))
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)

    def _name_tabs(self) -> None:
        flat = self._spec.objective.dimension == 1
        words = self._words()
        self.tabs.say(
            {name: (self.tr("Curve") if flat and name == "map" else words[name][0], words[name][1]) for name in PAGES}
        )
        self.tabs.offer([name for name in PAGES if not (flat and name in SEVERAL)])

    def _words(self) -> dict[str, tuple[str, str]]:
        """Return the name of every page, and what it is for."""
        return {
            "map": (
                self.tr("Map"),
                self.tr(
                    "The function around the point, with its tangent. Drag the point, or click where it shall be; the"
                    " table below has every partial derivative by three ways."
                ),
            ),
            "slices": (
                self.tr("Slices"),
                self.tr(
                    "The function along one coordinate at a time, the others held: the slope of each curve is a partial"
                    " derivative. Drag a ring and watch the other curves change."
                ),
            ),
            "directions": (
                self.tr("Directions"),
                self.tr(
                    "The slope in every direction. Turn the handle: it is steepest along ∇f, where it is |∇f|, and zero"
                    " across it."
                ),
            ),
            "chain": (
                self.tr("Chain rule"),
                self.tr(
                    "The formula taken apart, from the inside out: the derivatives of the pieces multiply to the"
                    " gradient. Type (w*x + b)^2 as an expression to see the two factors."
                ),
            ),
            "autograd": (
                self.tr("Autograd"),
                self.tr(
                    "What torch's grad and backward return, raise and leave in .grad, tried on this function; above it"
                    " the higher derivatives. The third backward shows why gradients are zeroed."
                ),
            ),
            "difference": (
                self.tr("Difference"),
                self.tr(
                    "How wrong the central difference is for every step h. Drag the ring to 1e-12: rounding spoils it;"
                    " about 6e-6 is best."
                ),
            ),
        }

    def help(self) -> str:
        """Return what helps with the page in front."""
        return self.tabs.help()

    def _connect(self) -> None:
        self.tabs.turned.connect(lambda name: self._change_look({"page": name}))
        for page in (self.maps, self.slices, self.directions):
            page.moved.connect(self._move)
        self.maps.looked.connect(self._change_look)
        self.directions.turned.connect(lambda angle, done: self._edit({"direction": angle}, done))
        for part in (self.strip, self.difference):
            part.stepped.connect(lambda h, done: self._edit({"h": h}, done))
        self.reading.chosen.connect(lambda point: self._edit({"at": tuple(point)}, True))
        theme.watcher().changed.connect(self._recolour)

    # What the user does on the stage.

    def _change_look(self, changes: Mapping[str, Any]) -> None:
        look = self._look.replace(**changes)
        if look != self._look:
            self.looked.emit(look)

    def _move(self, places: Mapping[int, float], done: bool) -> None:
        point = list(self._spec.point)
        for axis, value in places.items():
            point[axis] = float(value)
        self._edit({"at": tuple(point)}, done)

    def _edit(self, changes: Mapping[str, Any], done: bool) -> None:
        self.edited.emit(self._spec.replace(**changes), done)

    # What the page shows.

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self._look.page_of(self._spec.objective.dimension)

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the function and the point."""
        other = spec.objective.dimension != self._spec.objective.dimension
        self._spec = spec
        self.strip.show_spec(spec)
        self.reading.show_spec(spec)
        for page in (self.maps, self.slices, self.directions, self.difference):
            page.show_spec(spec)
        if other:
            self._name_tabs()
            self._open_page()
            self._recolour(None)

    def show_look(self, look: FunctionLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        self._open_page()
        for page in (self.maps, self.slices, self.directions, self.difference):
            page.show_look(look)

    def _open_page(self) -> None:
        self.tabs.show_page(self.page)
        self.stack.setCurrentIndex(PAGES.index(self.page))
        self.reading.show_page(self.page)

    def show_reading(self, reading: Any) -> None:
        """Take a picture in."""
        if getattr(reading, "objective", self._spec.objective) != self._spec.objective:
            return
        match reading:
            case PointReading():
                self.strip.show_point(reading)
                fit_last(self.stage)
                self.reading.show_point(reading)
            case StepReading():
                self.reading.show_steps(reading)
            case DirectionReading():
                self.reading.show_direction(reading)
            case CriticalReading():
                self.reading.show_critical(reading)
        for page in self._pages.values():
            page.take(reading)

    def _recolour(self, _theme: Any) -> None:
        for page in (self.maps, self.slices, self.directions, self.difference):
            page.draw()

    def maximise(self, plot: PlotFrame | None) -> None:
        """Give the stage to one plot; the reading pane stays."""
        super().maximise(plot)
        self.strip.setVisible(plot is None)
        self.tabs.setVisible(plot is None)
        if plot is None:
            for page in (self.maps, self.slices, self.directions, self.difference):
                page.arrange()

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.reading.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return every plot of every page."""
        return (*self.maps.frames, *self.slices.frames, *self.directions.frames, *self.difference.frames)
