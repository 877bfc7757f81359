"""What is folded away until it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A button "More" and what it unfolds, which is built the first time it is seen."""

    def __init__(self, fill: Callable[[QWidget], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fill: Callable[[QWidget], None] | None = fill
        self.button = QToolButton(self)
        self.button.setCheckable(True)
        self.button.setProperty("class", "flat")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self.set_open)
        self.body = QWidget(self)
        self.body.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.body)
        self._say()

    def set_open(self, opened: bool) -> None:
        """Unfold or fold."""
        if opened and self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self.body)
        self.button.setChecked(opened)
        self.body.setVisible(opened)
        self._say()

    def is_open(self) -> bool:
        """Tell whether it is unfolded."""
        return self.button.isChecked()

    def _say(self) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if self.is_open() else Qt.ArrowType.RightArrow)
        self.button.setText(self.tr("Less") if self.is_open() else self.tr("More"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._say()
        super().changeEvent(event)
