"""Words on the pages: the strip that says why there is nothing to show, and remarks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from gradlab.ui.widgets import plain_label

DASHED = {"smooth_l1": (5.0, 2.5), "cross_entropy": (5.0, 2.5)}
"""Losses that may lie on another and are drawn so that both are seen."""


class Strip(QLabel):
    """One line in red that says what is wrong; not there while nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("class", "bad")
        self.setWordWrap(True)
        self.setContentsMargins(12, 6, 12, 6)
        self.hide()

    def say(self, text: str) -> None:
        """Show a reason, or nothing."""
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


def lines(parent: QWidget, name: str) -> QLabel:
    """Return a label for a few lines of words and numbers that can be selected."""
    made = plain_label("", "muted", parent)
    made.setWordWrap(True)
    made.setAccessibleName(name)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
