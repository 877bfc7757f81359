"""Named numbers in a reading pane, one below the other."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from . import figures
from .widgets import number, plain_label

CAPTION_PX = 56


class Numbers(QFormLayout):
    """Named numbers, one below the other; what is not known is –."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self._parent = parent
        self._values: dict[str, QLabel] = {}
        self.setHorizontalSpacing(12)
        self.setVerticalSpacing(6)

    def prepare(self, *names: str) -> None:
        """Make the rows anew, in this order."""
        while self.rowCount():
            self.removeRow(0)
        self._values.clear()
        for name in names:
            value = self._values[name] = number(name, self._parent)
            value.setText(figures.UNKNOWN)
            caption = plain_label(name, "muted", self._parent)
            caption.setMinimumWidth(CAPTION_PX)
            self.addRow(caption, value)

    def say(self, name: str, text: str, tip: str = "") -> None:
        """Show a number."""
        value = self._values[name]
        text = text if text.strip() != figures.UNKNOWN else figures.UNKNOWN
        if value.text() != text:
            value.setText(text)
        if value.toolTip() != tip:
            value.setToolTip(tip)
