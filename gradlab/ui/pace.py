"""How fast a run goes: some speeds to choose from, any to type."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from .widgets import set_property

PACES: tuple[float | None, ...] = (1.0, 5.0, 20.0, 60.0, 200.0, 1000.0, None)
"""Steps per second on offer; None is as fast as possible."""
FASTEST = 1e9


class PaceBox(QComboBox):
    """Steps per second: some to choose from, any to type. ``chosen(pace)``: a number, or None for no limit."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]  # "2" must not become "20 steps/s" while it is typed
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pace: float | None = None
        self.addItems([""] * len(PACES))
        self.activated.connect(self._activated)
        line = self.lineEdit()
        assert line is not None
        self._line = line
        line.editingFinished.connect(self._typed)
        line.textEdited.connect(self._forgive)

    def show_pace(self, pace: float | None) -> None:
        """Show ``pace``; what is being typed stays."""
        if pace != self._pace:
            self._pace = pace
            self._show()

    def pace(self) -> float | None:
        """Return the pace that is shown."""
        return self._pace

    def _show(self) -> None:
        faster = [index for index, pace in enumerate(PACES) if pace is None or pace >= (self._pace or FASTEST)]
        self.setCurrentIndex(faster[0])
        self.setEditText(self.text_of(self._pace))
        self._line.setCursorPosition(0)
        self._forgive()

    def text_of(self, pace: float | None) -> str:
        """Return a pace in words."""
        if pace is None:
            return self.tr("as fast as it goes")
        return self.tr("1 step/s") if pace == 1 else self.tr("{pace} steps/s").format(pace=f"{pace:g}")

    def read(self, text: str) -> float | None:
        """Return the pace that ``text`` stands for; raise ``ValueError`` where it stands for none."""
        words = text.strip().casefold()
        if words in {"", "max", "∞", self.text_of(None).casefold()}:
            return None
        number = re.match(r"[0-9][0-9 \u00a0\u202f]*(?:\.[0-9]+)?(?:e[0-9]+)?|\.[0-9]+", words)
        rest = words[number.end() :] if number else ""
        if number is None or not re.fullmatch(r"\s*(/s|steps?/s|hz|步/秒)?", rest):
            raise ValueError(text)
        pace = float(re.sub(r"\s", "", number[0]))
        if not 0 < pace <= FASTEST:
            raise ValueError(text)
        return pace

    def _activated(self, index: int) -> None:
        self._choose(PACES[index])

    def _typed(self) -> None:
        try:
            pace = self.read(self._line.text())
        except ValueError:
            set_property(self, "invalid", True)
            self.setToolTip(self.tr("must be steps per second, such as 60, or nothing for as fast as it goes"))
            return
        self._choose(pace)

    def _choose(self, pace: float | None) -> None:
        changed, self._pace = pace != self._pace, pace
        self._show()
        if changed:
            self.chosen.emit(pace)

    def _forgive(self) -> None:
        set_property(self, "invalid", False)
        self.setToolTip(self.tr("Steps per second; type any number"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives up what is typed."""
        if event.key() == Qt.Key.Key_Escape and self._line.text() != self.text_of(self._pace):
            self._show()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn when focused."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def retranslate(self) -> None:
        """Say everything again in the language of the window."""
        for index, pace in enumerate(PACES):
            self.setItemText(index, self.text_of(pace))
        self.setAccessibleName(self.tr("Speed"))
        texts = [self.text_of(pace) for pace in PACES]
        self.setMinimumWidth(max(self.fontMetrics().horizontalAdvance(text) for text in texts) + 44)
        self._show()
