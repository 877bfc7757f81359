"""The stage of the Loss lab: pages, one in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gradlab.engine.errors import UserError
from gradlab.labs.loss.look import LossLook, Page
from gradlab.labs.loss.spec import LossSpec
from gradlab.ui.lab_view import LabView
from gradlab.ui.page_tabs import PageTabs
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import splitter

from .curves_page import CurvesPage, OutlierPage
from .entropy_page import EntropyPage
from .page import LossPage
from .surface_page import SurfacePage
from .values_page import ValuesPage
from .ways_page import KinkPage, LogitPage

PAGES: tuple[type[Any], ...] = (ValuesPage, CurvesPage, OutlierPage, SurfacePage, EntropyPage, LogitPage, KinkPage)


class LossView(LabView):
    """Hands everything to the pages; what they edit comes back as a whole spec."""

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = LossSpec(), LossLook()
        self.pages: dict[str, LossPage] = {}
        self.tabs = PageTabs(get_args(Page), self)
        self.tabs.setAccessibleName(self.tr("Pages"))
        self.stack, self.panes = QStackedWidget(self), QStackedWidget(self)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        body = splitter("loss-body", Qt.Orientation.Horizontal, left, self.panes, sizes=(760, 316))
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)

    def build(self) -> Iterator[None]:
        """Make the pages, one at a time."""
        for kind in PAGES:
            page = kind()
            self.pages[page.name] = page
            self.stack.addWidget(page)
            self.panes.addWidget(page.pane)
            page.edited.connect(self._edit)
            page.looked.connect(self._look_at)
            yield
        self._name_tabs()
        self.tabs.turned.connect(lambda name: self._look_at({"page": name}))

    def _name_tabs(self) -> None:
        values = self.tr(
            "The loss of tables that you type or paste, its gradient by each input by three ways, and the reductions"
            " side by side. Change a number, a weight or the reduction."
        )
        curves = self.tr(
            "Several losses, and their slopes, against one prediction. Drag the ring: where a slope is flat the loss"
            " hardly teaches, where it is steep one sample rules."
        )
        outlier = self.tr(
            "Where each loss puts the middle of a sample while one point moves away. Move the slider: L1 and Huber hold"
            " on, the mean that MSE takes follows the outlier."
        )
        surface = self.tr("The loss over the two parameters of a line, with the gradient at the point. Drag the point.")
        entropy = self.tr(
            "Cross-entropy taken apart: logits, log-softmax, what is kept of it, and the divisor of the mean, which is"
            " the sum of the weights of the kept targets."
        )
        logit = self.tr(
            "Squared error and cross-entropy on one logit. Move it to −8: one gradient is gone, the other is not."
        )
        kink = self.tr(
            "Descent on |x| with a fixed step never settles: it jumps to and fro over the kink. Try another lr."
        )
        self.tabs.say(
            {
                "values": (self.tr("Values"), values),
                "curves": (self.tr("Curves"), curves),
                "outlier": (self.tr("Outlier"), outlier),
                "surface": (self.tr("Surface"), surface),
                "entropy": (self.tr("Cross-entropy"), entropy),
                "logit": (self.tr("One logit"), logit),
                "kink": (self.tr("Kink"), kink),
            }
        )

    def help(self) -> str:
        """Return what helps with the page in front."""
        return self.tabs.help()

    def show_spec(self, spec: LossSpec) -> None:
        """Show what is asked, on every page."""
        self._spec = spec
        for page in self.pages.values():
            page.show_spec(spec)

    def show_look(self, look: LossLook) -> None:
        """Turn to the page that is looked at."""
        self._look = look
        for page in self.pages.values():
            page.show_look(look)
        self.stack.setCurrentWidget(self.pages[look.page])
        self.panes.setCurrentWidget(self.pages[look.page].pane)
        self.tabs.show_page(look.page)

    def show_reading(self, reading: Any) -> None:
        """Hand a picture to the page that it is for."""
        for page in self.pages.values():
            page.show_reading(reading)

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.panes.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots of every page."""
        return tuple(frame for page in self.pages.values() for frame in page.frames)

    def _look_at(self, changes: dict[str, Any]) -> None:
        self.looked.emit(self._look.replace(**changes))

    def _edit(self, changes: dict[str, Any], done: bool) -> None:
        try:
            spec = self._spec.edited(**changes)
        except UserError as error:
            self.pages[self._look.page].strip.say(str(error))
            return
        self.edited.emit(spec, done)
