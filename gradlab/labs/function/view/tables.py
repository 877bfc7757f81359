"""Tables of the reading kind: a row an item, nothing edited, text wrapped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem, QWidget

from gradlab.ui import theme
from gradlab.ui.dense_table import ROW_PX, DenseTable
from gradlab.ui.i18n import plain_tip

DRESS = Qt.ItemDataRole.UserRole
Cell = tuple[str, str]
"""A text, and what kind it is: text, mono, muted, or a colour of the theme (ok, warn, bad)."""


class PlainTable(DenseTable):
    """Shows rows of cells, a single one over the whole width; the columns of ``wide`` take the room that is left."""

    def __init__(self, name: str, columns: Sequence[str], parent: QWidget, *, wide: Sequence[int] = ()) -> None:
        super().__init__(len(columns), parent)
        self._rows: tuple[tuple[Cell, ...], ...] = ()
        self._fits = False
        self._shape: list[list[tuple[int, ...]]] = []
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.verticalHeader().setMinimumSectionSize(ROW_PX)
        self.setWordWrap(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(20)
        self._refit = QTimer(self, singleShot=True, interval=0)
        self._refit.timeout.connect(self._fit)
        header.sectionResized.connect(self._widened)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(columns)):
            mode = QHeaderView.ResizeMode.Stretch if column in wide else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)
        theme.watcher().changed.connect(self._recolour)

    def show_cells(self, rows: Sequence[Sequence[Cell]], *, fit: bool = False) -> None:
        """Show these rows; ``fit``: be as high as they are."""
        self._rows = tuple(tuple(row) for row in rows)
        self.setRowCount(len(self._rows))
        with self.at_once():
            self._write()
        shape = [[tuple(map(len, text.split("\n"))) for text, _ in row] for row in self._rows]
        if (shape, fit) != (self._shape, self._fits):
            self._shape, self._fits = shape, fit
            self._span()
            self._fit()

    def _span(self) -> None:
        """Let single cells reach over the whole width."""
        self.clearSpans()
        for place, row in enumerate(self._rows):
            if len(row) == 1:
                self.setSpan(place, 0, 1, self.columnCount())

    def _fit(self) -> None:
        """Be as high as the rows are at this width."""
        if self._fits:
            self.resizeRowsToContents()
            height = sum(self.rowHeight(place) for place in range(self.rowCount()))
            self.setFixedHeight(height + self.horizontalHeader().sizeHint().height() + 4)

    def _widened(self) -> None:
        """Wrap the rows anew when all columns have their width, which may come after the text."""
        self._refit.start()

    def _cell(self, place: int, column: int, text: str, kind: str) -> None:
        item = self.item(place, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(place, column, item)
        tokens = theme.current()
        tones = {"muted": tokens.muted, "ok": tokens.ok, "warn": tokens.warn, "bad": tokens.bad}
        dress = (kind, tokens.name)
        if item.data(DRESS) != dress:
            item.setData(DRESS, dress)
            item.setFont(theme.mono_font(11) if kind not in {"text", "muted"} else theme.sans_font(12))
            item.setForeground(QColor(tones.get(kind, tokens.text)))
            self._written = True
        if item.text() != text:
            self._written = True
            item.setText(text)
            item.setToolTip(plain_tip(text))

    def _recolour(self, _theme: object) -> None:
        with self.at_once():
            self._write()

    def _write(self) -> None:
        for place, row in enumerate(self._rows):
            for column, (text, kind) in enumerate(row):
                self._cell(place, column, text, kind)
