"""The race as a table: a row per racer, with its numbers and its verdict."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QWidget,
)

from gradlab.engine.run import Phase
from gradlab.labs.descent.inspect import Curvature
from gradlab.labs.descent.look import DescentLook
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import figures, theme
from gradlab.ui.dense_table import ROW_PX, DenseTable
from gradlab.ui.i18n import render
from gradlab.ui.timeline import spaced

from .palette import colour, racer_name
from .pictures import Row

DOT, HIDDEN_DOT = "●", "○"
STATUS = 4
MARGIN_PX = 30
UNDER_WAY: dict[Phase | None, str] = {
    Phase.PAUSED: "paused",
    Phase.FINISHED: "finished",
    Phase.CANCELLED: "stopped",
    Phase.FAILED: "stopped",
}
"""What is said of a racer that has neither arrived nor diverged, at the newest row of a run."""


Place = QModelIndex | QPersistentModelIndex


class Toned(QStyledItemDelegate):
    """Writes in the item's own colour, in a selected row too."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Place) -> None:
        """Leave the text to ``paint``."""
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Place) -> None:
        """Paint the ground as the style does, then the text."""
        super().paint(painter, option, index)
        painter.save()
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole).color())
        painter.setFont(option.font)
        rect = option.rect.adjusted(4, 0, 0, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, index.data())
        painter.restore()


class RaceTable(DenseTable):
    """``focused(id)``: a racer was chosen, by a click or with Return."""

    focused = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(5, parent)
        self._racers: tuple[str, ...] = ()
        self._focus: str | None = None
        self._told: dict[tuple[int, int], tuple[str, int, str]] = {}
        for column in (0, STATUS):
            self.setItemDelegateForColumn(column, Toned(self))
        self.setAccessibleName(self.tr("Race, one row per racer"))
        self.setHorizontalHeaderLabels(["", "f", "|∇f|", self.tr("to min"), self.tr("status")])
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._size_columns()
        self.cellClicked.connect(self._take)

    def _size_columns(self) -> None:
        """Make the columns as wide as the longest word needs, so that they stand still while verdicts change."""
        header = self.horizontalHeader()
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in (0, STATUS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(0, 22)
        metrics = QFontMetrics(theme.sans_font())
        self.setColumnWidth(STATUS, 14 + max(metrics.horizontalAdvance(word) for word in self._words().values()))

    def _take(self, row: int, _column: int) -> None:
        self.focused.emit(self._racers[row])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the row the arrows have gone to."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentRow() >= 0:
            self._take(self.currentRow(), 0)
        else:
            super().keyPressEvent(event)

    def show_race(
        self,
        spec: DescentSpec,
        look: DescentLook,
        row: Row | None,
        found: dict[str, Curvature],
        phase: Phase | None = None,
    ) -> None:
        """Fill the table: the newest numbers, and the verdict of the last inspection.

        ``phase``: that of the run at its newest row; None on the way there, or before there is one.
        """
        self._racers = tuple(racer.id for racer in spec.racers)
        if self.rowCount() != len(self._racers):
            self.setRowCount(len(self._racers))
            self._told.clear()
            self.setFixedHeight(ROW_PX * len(self._racers) + MARGIN_PX)
        for index, racer in enumerate(spec.racers):
            one, drawn = found.get(racer.id), look.of(racer.id)
            verdict, word = self._verdict(row, index, one, phase)
            name = racer_name(spec, look, racer)
            tip = f"{name}: {render(one.standing.text)}" if one else name
            tokens = theme.current()
            numbers = [figures.short(value) for value in _numbers(row, index, one)]
            self._cell(index, 0, DOT if drawn.visible else HIDDEN_DOT, tokens.colour(colour(drawn)), tip)
            for column, text in enumerate(numbers[:-1] if verdict == "diverged" else numbers, 1):
                self._cell(index, column, text, QColor(tokens.text), tip)
            self._cell(index, STATUS, word, QColor(_tone(verdict)), tip)
            self._stretch_verdict(index, word if verdict == "diverged" else "", QColor(_tone(verdict)), tip)
        self._show_focus(look)

    def _stretch_verdict(self, index: int, word: str, tone: QColor, tip: str) -> None:
        """Give the verdict on a racer that diverged the place of its distance too, which says nothing any more."""
        if word:
            self._cell(index, STATUS - 1, word, tone, tip)
        span = 2 if word else 1
        if self.columnSpan(index, STATUS - 1) != span:
            self.setSpan(index, STATUS - 1, 1, span)
            item = self.item(index, STATUS - 1)
            if item is not None:
                item.setFont(self.font() if word else theme.mono_font(11))

    def _verdict(self, row: Row | None, index: int, one: Curvature | None, phase: Phase | None) -> tuple[str, str]:
        """Return how a racer stands, and the word for it."""
        ended = math.nan if row is None else float(row["ended"][index])
        if math.isfinite(ended):
            return "diverged", self.tr("diverged at {step}").format(step=spaced(int(ended)))
        if one is not None and one.standing.verdict not in {"running", "diverged"}:
            return one.standing.verdict, self._words()[one.standing.verdict]
        return "running", self._words()["ready" if row is None else UNDER_WAY.get(phase, "running")]

    def _show_focus(self, look: DescentLook) -> None:
        focus = look.focus if look.focus in self._racers else None
        if focus == self._focus:
            return
        self._focus = focus
        if focus is None:
            self.clearSelection()
        else:
            self.selectRow(self._racers.index(focus))

    def _words(self) -> dict[str, str]:
        return {
            "minimum": self.tr("minimum"),
            "saddle": self.tr("saddle"),
            "maximum": self.tr("maximum"),
            "flat": self.tr("flat"),
            "running": self.tr("running"),
            "ready": self.tr("ready"),
            "paused": self.tr("paused"),
            "finished": self.tr("finished"),
            "stopped": self.tr("stopped"),
        }

    def _cell(self, row: int, column: int, text: str, tone: QColor, tip: str) -> None:
        told = (text, tone.rgba(), tip)
        if self._told.get((row, column)) == told:
            return
        self._told[row, column] = told
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
        return one.f, math.hypot(*one.gradient), distance
    return math.nan, math.nan, distance


def _tone(verdict: str) -> str:
    tokens = theme.current()
    tones = {"minimum": tokens.ok, "saddle": tokens.warn, "maximum": tokens.warn, "diverged": tokens.bad}
    return tones.get(verdict, tokens.text)
