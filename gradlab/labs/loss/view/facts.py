"""A read-only table of results, and the strip that says why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QWidget

from gradlab.ui import theme
from gradlab.ui.i18n import plain_tip
from gradlab.ui.widgets import plain_label

ROW_PX, HEADER_PX = 24, 28


class FactTable(QTableWidget):
    """Rows of a name and numbers; every digit of a number stands in its tooltip."""

    def __init__(self, name: str, parent: QWidget | None = None, *, grows: bool = False, digits: int = 7) -> None:
        """``grows``: the table is as high as its rows, up to twelve; else it takes what room there is."""
        super().__init__(0, 0, parent)
        self._grows, self._digits = grows, digits
        self._headings: tuple[str, ...] = ()
        self.setAccessibleName(name)
        self.setProperty("class", "dense")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setMinimumSectionSize(28)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        theme.watcher().changed.connect(self._recolour)

    def show_rows(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show rows: text as it is, numbers with as many digits as there is room for."""
        if tuple(headings) != self._headings:
            self._headings = tuple(headings)
            self.setColumnCount(len(headings))
            self.setHorizontalHeaderLabels(list(headings))
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                self._cell(row, column, value)
        if self._grows:
            self.setFixedHeight(HEADER_PX + ROW_PX * min(max(len(rows), 1), 12) + 6)

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        item = self.item(row, column)
        return "" if item is None else item.text()

    def _cell(self, row: int, column: int, value: object) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        if column:
            item.setFont(theme.mono_font(11))
        text = self._short(value) if isinstance(value, float) else str(value)
        if item.text() != text:
            item.setText(text)
        item.setToolTip(plain_tip(repr(value)) if isinstance(value, float) else "")
        item.setForeground(QColor(theme.current().text))

    def _short(self, value: float) -> str:
        text = f"{value:.{self._digits}g}"
        return f"{value:.{self._digits - 3}e}" if "e" in text else text

    def _recolour(self, _theme: object) -> None:
        for row in range(self.rowCount()):
            for column in range(self.columnCount()):
                item = self.item(row, column)
                if item is not None:
                    item.setForeground(QColor(theme.current().text))


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
