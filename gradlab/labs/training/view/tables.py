"""Tables of the reading pane: the numbers of both arms at the step, and a row for each layer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidgetItem,
    QWidget,
)

from gradlab.ui import figures, theme
from gradlab.ui.dense_table import DenseTable
from gradlab.ui.widgets import number, plain_label

from .arms import ARMS, COLOURS, LETTERS

CAPTION_PX, VALUE_PX = 80, 84
ROW_PX, HEAD_PX = 22, 30
MOST_ROWS = 24
"""Rows that a table shows at once; the rest scrolls."""


class ArmNumbers(QGridLayout):
    """Named numbers, a column for each arm; what is not known is –."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self._parent = parent
        self._cells: dict[tuple[str, str], QLabel] = {}
        self.setHorizontalSpacing(8)
        self.setVerticalSpacing(5)
        self.setColumnStretch(3, 1)
        self._heads = {}
        for column, arm in enumerate(ARMS, 1):
            head = plain_label("", "mono", parent)
            head.setTextFormat(Qt.TextFormat.RichText)
            head.setMinimumWidth(VALUE_PX)
            self.addWidget(head, 0, column)
            self._heads[arm] = head
        self._names: dict[str, QLabel] = {}
        self.recolour()

    def recolour(self) -> None:
        """Write the arms' letters in their colours."""
        for arm, head in self._heads.items():
            head.setText(f'<b style="color: {theme.current().colour(COLOURS[arm]).name()}">{LETTERS[arm]}</b>')

    def prepare(self, rows: Sequence[tuple[str, str]]) -> None:
        """Make rows of (name, caption)."""
        for line, (name, caption) in enumerate(rows, 1):
            shown = self._names[name] = plain_label(caption, "muted", self._parent)
            shown.setMinimumWidth(CAPTION_PX)
            self.addWidget(shown, line, 0)
            for column, arm in enumerate(ARMS, 1):
                cell = number(f"{caption} {LETTERS[arm]}", self._parent)
                cell.setWordWrap(False)
                cell.setText(figures.UNKNOWN)
                self.addWidget(cell, line, column)
                self._cells[name, arm] = cell

    def say(self, name: str, arm: str, text: str, tip: str = "") -> None:
        """Show a number."""
        cell = self._cells[name, arm]
        if cell.text() != text:
            cell.setText(text)
        if cell.toolTip() != tip:
            cell.setToolTip(tip)

    def text(self, name: str, arm: str) -> str:
        """Return what stands in a cell."""
        return self._cells[name, arm].text()

    def tell(self, name: str, tip: str) -> None:
        """Explain a row."""
        self._names[name].setToolTip(tip)

    def set_two(self, on: bool) -> None:
        """Show the second arm, and then the letters."""
        self._heads["a"].setVisible(on)
        self._heads["b"].setVisible(on)
        for (_, arm), cell in self._cells.items():
            if arm == "b":
                cell.setVisible(on)

    def set_row(self, name: str, on: bool) -> None:
        """Show a row, or leave it out."""
        self._names[name].setVisible(on)
        for arm in ARMS:
            self._cells[name, arm].setVisible(on and (arm == "a" or not self._heads["b"].isHidden()))


class LayerTable(DenseTable):
    """A row per layer or tensor. ``picked(name)``: a layer was chosen, by a click or with Return."""

    picked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, parent, row_px=ROW_PX)
        self._keys: tuple[str, ...] = ()
        self._shape: tuple[object, ...] = ()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setMinimumSectionSize(20)
        self.cellClicked.connect(self._take)
        self.cellActivated.connect(self._take)

    def _take(self, row: int, _column: int) -> None:
        self.picked.emit(self._keys[row])

    def show_rows(
        self, headings: Sequence[str], keys: Sequence[str], cells: Sequence[Sequence[str]], tips: Sequence[str]
    ) -> None:
        """Fill the table; ``keys`` are what a row says when it is chosen, ``tips`` their tooltips."""
        shape = (tuple(headings), len(keys))
        if shape != self._shape:
            self._shape = shape
            self._lay_out(headings, len(keys))
        self._keys = tuple(keys)
        for row, texts in enumerate(cells):
            for column, text in enumerate(texts):
                self._cell(row, column, text, tips[row])

    def _lay_out(self, headings: Sequence[str], rows: int) -> None:
        self.setColumnCount(len(headings))
        for column, heading in enumerate(headings):
            head = QTableWidgetItem(heading)
            head.setTextAlignment(RIGHT if column else LEFT)
            self.setHorizontalHeaderItem(column, head)
        self.setRowCount(rows)
        self.setFixedHeight(HEAD_PX + ROW_PX * min(rows, MOST_ROWS) + 4)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column in range(1, len(headings)):
            self.setColumnWidth(column, NUMBER_PX)
        if headings:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _cell(self, row: int, column: int, text: str, tip: str) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(RIGHT if column else LEFT)
            if column:
                item.setFont(theme.mono_font(11))
            self.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        if item.toolTip() != tip:
            item.setToolTip(tip)

    def choose(self, key: str) -> None:
        """Show a row as chosen; none for an unknown key."""
        if key in self._keys:
            self.selectRow(self._keys.index(key))
        else:
            self.clearSelection()


RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NUMBER_PX = 62
