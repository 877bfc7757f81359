"""What is folded away until it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gradlab.ui import icons


class Fold(QWidget):
    """A button "More" and what it unfolds, which is built the first time it is seen."""

    def __init__(self, fill: Callable[[QWidget], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fill: Callable[[QWidget], None] | None = fill
        self._open = False
        self.button = QPushButton(self)
        self.button.setProperty("class", "fold")
        self.button.setIconSize(QSize(12, 12))
        self.button.clicked.connect(self.toggle)
        self.body = QWidget(self)
        self.body.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.body)
        self._say()

    def is_open(self) -> bool:
        """Tell whether it is unfolded."""
        return self._open

    def toggle(self) -> None:
        """Unfold or fold."""
        self.set_open(not self._open)

    def set_open(self, opened: bool) -> None:
        """Unfold or fold."""
        if opened and self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self.body)
        self._open = opened
        self.body.setVisible(opened)
        self._say()

    def _say(self) -> None:
        icons.put(self.button, "chevron-down" if self._open else "chevron-right")
        self.button.setText(self.tr("Less") if self._open else self.tr("More"))
        self.button.setAccessibleName(self.button.text())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._say()
        super().changeEvent(event)
