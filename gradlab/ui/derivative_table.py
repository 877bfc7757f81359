"""Derivatives by three ways as a table: a row for each, and below it what is to be known about it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from gradlab.engine.derivatives import AGREE, Derivative3

from . import theme
from .dense_table import ROW_PX, DenseTable
from .i18n import render

HEADER_PX, EDGE_PX = 26, 4
SHOWN = 12
"""Rows up to which the table is as high as what is in it; it scrolls beyond."""
DIGITS = 9
NAME, ERROR = 0, 5
ERROR_PX = 70
POOR = 1e-2
"""The relative error from which on the ways do not agree at all."""
NOTHING = "–"


class DerivativeTable(DenseTable):
    """Shows ``Derivative3`` rows: name, value, autograd, formula, difference and error.

    A way that does not exist is –: autograd is NaN and the ways that exist agree, or disagree, without it.
    Every digit of a number stands in its tooltip. A row's note takes a line of its own below it.
    """

    def __init__(self, parent: QWidget | None = None, *, shown: int = SHOWN, wide: bool = False) -> None:
        """Let the table be as high as ``shown`` rows before it scrolls; ``wide``: the numbers share the whole width."""
        super().__init__(6, parent)
        self._rows: tuple[Derivative3, ...] = ()
        self._notes: list[int] = []
        self._shown = shown
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setMinimumSectionSize(20)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if wide:
            for column in range(NAME + 1, ERROR):
                self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            self.horizontalHeader().setSectionResizeMode(ERROR, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(ERROR, round(ERROR_PX * theme.watcher().scale))
        theme.watcher().changed.connect(self._recolour)
        self.retranslate()

    def retranslate(self) -> None:
        """Name the columns."""
        self.setAccessibleName(self.tr("Derivatives by three ways"))
        columns = (self.tr("value"), self.tr("autograd"), self.tr("formula"), self.tr("difference"), self.tr("error"))
        self.setHorizontalHeaderLabels(["", *columns])

    def rows(self) -> tuple[Derivative3, ...]:
        """Return what is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[Derivative3]) -> None:
        """Show these derivatives; a number that stays the same is not written anew."""
        self._rows = tuple(rows)
        lines: list[Derivative3 | str] = []
        for one in self._rows:
            lines.append(one)
            if one.note:
                lines.append(render(one.note))
        self.setRowCount(len(lines))
        self._span([place for place, line in enumerate(lines) if isinstance(line, str)])
        self.fill(len(lines), lambda place: self._write(place, lines[place]))
        height = ROW_PX * min(len(lines), self._shown) + HEADER_PX + EDGE_PX
        self.setFixedHeight(height)

    def changeEvent(self, event: QEvent) -> None:
        """Speak the language of the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _write(self, place: int, line: Derivative3 | str) -> None:
        if isinstance(line, str):
            self._note(place, line)
        else:
            self._numbers(place, line)

    def _numbers(self, place: int, one: Derivative3) -> None:
        tokens = theme.current()
        self.write(place, NAME, one.name, tokens.text, one.name)
        for column, value in enumerate((one.value, one.autograd, one.formula, one.difference), 1):
            known = not math.isnan(value) or column in {1, 4} or (column == 2 and math.isnan(one.error))
            self.write(
                place, column, f"{value:.{DIGITS}g}" if known else NOTHING, tokens.text, repr(value) if known else ""
            )
        if one.kink and math.isnan(one.error):
            self.write(place, ERROR, self.tr("kink"), tokens.muted, self.tr("a kink is not compared"))
            return
        tone = tokens.ok if one.error <= AGREE else tokens.warn if one.error <= POOR else tokens.bad
        self.write(place, ERROR, f"{one.error:.1e}" if one.error else "0", tone, repr(one.error))

    def _note(self, place: int, text: str) -> None:
        for column in range(1, self.columnCount()):
            self.takeItem(place, column)
        self.write(place, NAME, text, theme.current().muted, text)

    def _span(self, notes: list[int]) -> None:
        """Let the lines of notes reach over all columns, and no others."""
        if notes != self._notes:
            self._notes = notes
            self.clearSpans()
            for place in notes:
                self.setSpan(place, NAME, 1, self.columnCount())

    def _recolour(self, _theme: object) -> None:
        self.show_rows(self._rows)
