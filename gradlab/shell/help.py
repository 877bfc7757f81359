"""What the window says of itself: the page in front, the keys, the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QMessageBox

from gradlab import __version__
from gradlab.ui.i18n import render

from . import keys

if TYPE_CHECKING:
    from .main_window import MainWindow


class Help(QObject):
    """Shows boxes that leave the window free to go on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def show_page(self) -> None:
        """Say what the page in front is, and what to try on it."""
        page = self._window.page
        if page is not None and page.ready:
            self._show(render(page.lab.title), page.view.help() or render(page.lab.summary))

    def show_keys(self) -> None:
        """Show what the keys do."""
        lines, either = [], self.tr(" or ")
        for menu in self._window.menuBar().actions():
            for action in cast("QMenu", menu.menu()).actions():
                if not action.shortcut().isEmpty():
                    text = action.text().replace("&", "")
                    found = keys.names(action.data()) if action.data() else [action.shortcut().toString()]
                    lines.append(f"{either.join(found)} — {text}")
        self._show(self.tr("Keyboard"), "\n".join(lines))

    def show_about(self) -> None:
        """Say what this program is."""
        text = self.tr("gradlab {version}\nA laboratory bench for gradients.").format(version=__version__)
        self._show(self.tr("About gradlab"), text)

    def _show(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Close, self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
