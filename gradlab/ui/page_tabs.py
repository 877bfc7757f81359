"""The strip of tabs above a stage of several pages; each page has a name, and a sentence or two that help with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QTabBar, QWidget

from .i18n import plain_tip


class PageTabs(QTabBar):
    """``turned(name)``: the user chose a page."""

    turned = Signal(str)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(names)
        self._help: dict[str, str] = {}
        self.setDrawBase(False)
        self.setExpanding(False)
        for _ in self._names:
            self.addTab("")
        self.currentChanged.connect(self._turn)

    def say(self, words: Mapping[str, tuple[str, str]]) -> None:
        """Give each page its name and its help, which the tab shows as a tooltip."""
        for index, name in enumerate(self._names):
            title, self._help[name] = words[name]
            self.setTabText(index, title)
            self.setTabToolTip(index, plain_tip(self._help[name]))
            self.setTabWhatsThis(index, self._help[name])

    def offer(self, names: Sequence[str]) -> None:
        """Show the tabs of these pages alone; nobody chose the one that takes the place of a hidden one."""
        with QSignalBlocker(self):
            for index, name in enumerate(self._names):
                self.setTabVisible(index, name in names)
            self.setTabText(0, self.tabText(0))  # a tab that comes or goes does not make Qt lay out the others

    def show_page(self, name: str) -> None:
        """Bring a page's tab to the front; emits nothing."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self._names.index(name))

    def help(self) -> str:
        """Return what helps with the page in front."""
        return self._help.get(self._names[self.currentIndex()], "")

    def _turn(self, index: int) -> None:
        if index >= 0:
            self.turned.emit(self._names[index])
