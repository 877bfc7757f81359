"""A chip on a plot's frame that offers one of several values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from .frame import PlotFrame


class Choice(QObject):
    """Shows the value in force; ``chosen(value)``: the user took one from its menu."""

    chosen = Signal(object)

    def __init__(
        self, frame: PlotFrame, name: str, words: Mapping[object, str], mark: str = "", *, silent: bool = False
    ) -> None:
        """Put a chip called ``name`` on ``frame``; ``mark`` stands before the word of the value in force.

        ``silent``: the chip is an arrow alone, as the frame's title says the value.
        """
        super().__init__(frame)
        self._mark, self._silent, self._words = mark, silent, dict[object, str]()
        self._action = QAction(name, frame)
        self.menu, self._group = QMenu(frame), QActionGroup(frame)
        self._action.setMenu(self.menu)
        self.button = frame.add_tool(self._action)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._action.setToolTip(name)
        self.offer(words)

    def offer(self, words: Mapping[object, str]) -> None:
        """Offer these values, in words."""
        if dict(words) == self._words:
            return
        self._words = dict(words)
        for old in self._group.actions():
            self._group.removeAction(old)
            self.menu.removeAction(old)
            old.deleteLater()
        for value, text in words.items():
            entry = QAction(text, self.menu, checkable=True)
            entry.setData(value)
            entry.triggered.connect(partial(self._take, value))
            self._group.addAction(entry)
            self.menu.addAction(entry)

    def show_value(self, value: object) -> None:
        """Show this value as the one in force; emits nothing."""
        for entry in self._group.actions():
            entry.setChecked(entry.data() == value)
        text = "▾" if self._silent else f"{self._mark}{self._words.get(value, '')} ▾"
        if self._action.text() != text:
            self._action.setText(text)

    def _take(self, value: object, _checked: bool = False) -> None:
        self.chosen.emit(value)
