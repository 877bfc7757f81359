"""A read-only table of results: a name per row and numbers, what is not finite in red."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from . import theme
from .dense_table import ROW_PX, DenseTable

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
        self.fill(len(self._rows), self._write)
        if self._grows:
            self.setFixedHeight(HEADER_PX + ROW_PX * min(max(len(rows), 1), 12) + 6)

    def text(self, row: int, column: int) -> str:
        """Return what stands in a cell."""
        self.flush()
        item = self.item(row, column)
        return "" if item is None else item.text()

    def _write(self, row: int) -> None:
        tokens = theme.current()
        for column, value in enumerate(self._rows[row]):
            if isinstance(value, float):
                tone = tokens.text if math.isfinite(value) else tokens.bad
                self.write(row, column, self._short(value), tone, repr(value))
            else:
                self.write(row, column, str(value), tokens.text, "")

    def _short(self, value: float) -> str:
        text = f"{value:.{self._digits}g}"
        return f"{value:.{self._digits - 3}e}" if "e" in text else text

    def _recolour(self, _theme: object) -> None:
        self.fill(len(self._rows), self._write)
