"""The race as a table: a row per racer, with its numbers and its verdict."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from gradlab.labs.descent.inspect import Curvature
from gradlab.labs.descent.look import DescentLook
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import theme
from gradlab.ui.i18n import render

from . import figures
from .palette import colour, racer_name
from .pictures import Row

DOT, HIDDEN_DOT = "●", "○"
STATUS = 4
ROW_PX, MARGIN_PX = 24, 30


class RaceTable(QTableWidget):
    """``focused(id)``: a racer was chosen."""

    focused = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 5, parent)
        self._racers: tuple[str, ...] = ()
        self.setAccessibleName(self.tr("Race, one row per racer"))
        self.setHorizontalHeaderLabels(["", "f", "|∇f|", self.tr("to min"), self.tr("status")])
        self.setProperty("class", "dense")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._size_columns()
        self.cellClicked.connect(self._take)
        self.cellActivated.connect(self._take)

    def _size_columns(self) -> None:
        """Make the columns as wide as the longest word needs, so that they stand still while verdicts change."""
        header = self.horizontalHeader()
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in (0, STATUS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        metrics = QFontMetrics(theme.sans_font())
        self.setColumnWidth(0, 22)
        self.setColumnWidth(STATUS, 14 + max(metrics.horizontalAdvance(word) for word in self._words().values()))

    def _take(self, row: int, _column: int) -> None:
        self.focused.emit(self._racers[row])

    def show_race(self, spec: DescentSpec, look: DescentLook, row: Row | None, found: dict[str, Curvature]) -> None:
        """Fill the table: the newest numbers, and the verdict of the last inspection."""
        self._racers = tuple(racer.id for racer in spec.racers)
        if self.rowCount() != len(self._racers):
            self.setRowCount(len(self._racers))
            self.setFixedHeight(ROW_PX * len(self._racers) + MARGIN_PX)
        for index, racer in enumerate(spec.racers):
            one, drawn = found.get(racer.id), look.of(racer.id)
            verdict = one.standing.verdict if one else "running"
            name = racer_name(spec, look, racer)
            tip = f"{name}: {render(one.standing.text)}" if one else name
            tokens = theme.current()
            numbers = [figures.short(value) for value in _numbers(row, index, one)]
            self._cell(index, 0, DOT if drawn.visible else HIDDEN_DOT, tokens.colour(colour(drawn)), tip)
            for column, text in enumerate(numbers, 1):
                self._cell(index, column, text, QColor(tokens.text), tip)
            self._cell(index, STATUS, self._words()[verdict], QColor(_tone(verdict)), tip)
        self._show_focus(look)

    def _show_focus(self, look: DescentLook) -> None:
        if look.focus in self._racers:
            if self.currentRow() != self._racers.index(look.focus):
                self.selectRow(self._racers.index(look.focus))
        elif self.selectedItems():
            self.clearSelection()

    def _words(self) -> dict[str, str]:
        return {
            "minimum": self.tr("minimum"),
            "saddle": self.tr("saddle"),
            "maximum": self.tr("maximum"),
            "flat": self.tr("flat"),
            "diverged": self.tr("diverged"),
            "running": self.tr("running"),
        }

    def _cell(self, row: int, column: int, text: str, tone: QColor, tip: str) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            right = Qt.AlignmentFlag.AlignRight if 0 < column < STATUS else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(right | Qt.AlignmentFlag.AlignVCenter)
            if 0 < column < STATUS:
                item.setFont(theme.mono_font(11))
            self.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        if item.foreground().color() != tone:
            item.setForeground(tone)
        if item.toolTip() != tip:
            item.setToolTip(tip)


def _numbers(row: Row | None, index: int, one: Curvature | None) -> tuple[float, float, float]:
    """Return f, ‖∇f‖ and the distance to the nearest known minimum; NaN for what is not known."""
    distance = one.distance if one else math.nan
    if row is not None:
        return float(row["f"][index]), float(row["grad_norm"][index]), distance
    if one is not None:
        return one.f, float(np.linalg.norm(one.gradient)), distance
    return math.nan, math.nan, distance


def _tone(verdict: str) -> str:
    tokens = theme.current()
    tones = {"minimum": tokens.ok, "saddle": tokens.warn, "maximum": tokens.warn, "diverged": tokens.bad}
    return tones.get(verdict, tokens.text)
