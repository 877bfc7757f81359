"""A read-only table of results: a name per row and numbers, what is not finite in red."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem, QWidget

from . import theme
from .dense_table import ROW_PX, DenseTable
from .i18n import plain_tip

HEADER_PX = 28


class FactTable(DenseTable):
    """Rows of a name and numbers; every digit of a number stands in its tooltip."""

    def __init__(self, name: str, parent: QWidget | None = None, *, grows: bool = False, digits: int = 7) -> None:
        """``grows``: the table is as high as its rows, up to twelve; else it takes what room there is."""
        super().__init__(0, parent)
        self._grows, self._digits = grows, digits
        self._headings: tuple[str, ...] = ()
        self._rows: tuple[tuple[object, ...], ...] = ()
        self.setAccessibleName(name)
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
        self._rows = tuple(tuple(row) for row in rows)
        self.setRowCount(len(self._rows))
        self._write()
        if self._grows:
            self.setFixedHeight(HEADER_PX + ROW_PX * min(max(len(rows), 1), 12) + 6)

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        item = self.item(row, column)
        return "" if item is None else item.text()

    def _write(self) -> None:
        for row, cells in enumerate(self._rows):
            for column, value in enumerate(cells):
                self._cell(row, column, value)

    def _cell(self, row: int, column: int, value: object) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        if column:
            item.setFont(theme.mono_font(11))
        tokens = theme.current()
        text, tip, tone = str(value), "", tokens.text
        if isinstance(value, float):
            text, tip, tone = self._short(value), plain_tip(repr(value)), tone if math.isfinite(value) else tokens.bad
        if item.text() != text:
            item.setText(text)
        item.setToolTip(tip)
        item.setForeground(QColor(tone))

    def _short(self, value: float) -> str:
        text = f"{value:.{self._digits}g}"
        return f"{value:.{self._digits - 3}e}" if "e" in text else text

    def _recolour(self, _theme: object) -> None:
        self._write()
