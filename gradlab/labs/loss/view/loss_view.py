"""The stage of the Loss lab: pages, one in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout

from gradlab.engine.errors import UserError
from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.ui.lab_view import LabView
from gradlab.ui.plots.frame import PlotFrame

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
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName(self.tr("Pages"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.stack = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)

    def build(self) -> Iterator[None]:
        """Make the pages, one at a time."""
        for kind in PAGES:
            page = kind()
            self.pages[page.name] = page
            self.stack.addWidget(page)
            self.tabs.addTab("")
            page.edited.connect(self._edit)
            page.looked.connect(self._look_at)
            yield
        self.retranslate()
        self.tabs.currentChanged.connect(self._turned)

    def retranslate(self) -> None:
        """Name the pages."""
        names = (
            self.tr("Values"), self.tr("Curves"), self.tr("Outlier"), self.tr("Surface"), self.tr("Cross-entropy"),
            self.tr("One logit"), self.tr("Kink"),
        )  # fmt: skip
        for index, name in enumerate(names):
            self.tabs.setTabText(index, name)

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
        self.tabs.setCurrentIndex(list(self.pages).index(look.page))

    def show_reading(self, reading: Any) -> None:
        """Hand a picture to the page that it is for."""
        for page in self.pages.values():
            page.show_reading(reading)

    def set_compact(self, on: bool) -> None:
        """Leave the reading panes out where the window is too narrow for them."""
        for page in self.pages.values():
            page.pane.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots of every page."""
        return tuple(frame for page in self.pages.values() for frame in page.frames)

    def _turned(self, index: int) -> None:
        name = list(self.pages)[index]
        if name != self._look.page:
            self._look_at({"page": name})

    def _look_at(self, changes: dict[str, Any]) -> None:
        self.looked.emit(self._look.replace(**changes))

    def _edit(self, changes: dict[str, Any], done: bool) -> None:
        try:
            spec = self._spec.edited(**changes)
        except UserError as error:
            self.pages[self._look.page].strip.say(str(error))
            return
        self.edited.emit(spec, done)
