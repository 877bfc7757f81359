"""A table of numbers to type into, to paste into from a spreadsheet, and to grow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from . import icons, theme
from .editors.numbers import read_real
from .i18n import plain_tip
from .widgets import plain_label

Rows = tuple[tuple[float, ...], ...]
ROW_PX, HEADER_PX, COLUMN_PX = 26, 26, 48
MOST_ROWS, MOST_COLUMNS = 64, 32
LARGEST = 1e12
MOST_TEXT = 200_000
"""Characters of a clipboard that are read."""


class NumberTable(QWidget):
    """A titled table. ``edited(rows)``: whole new rows, all of them numbers; ``refused(why)``: what is no number.

    What is refused stays in its cell, in red, until it is mended or another number is shown there.
    """

    edited = Signal(object)
    refused = Signal(str)
    selected = Signal(int, int)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._rows: Rows = ()
        self._columns: tuple[str, ...] = ()
        self.caption = plain_label(title, "title", self)
        self.shape = plain_label("", "muted", self)
        self.grid = _Grid(self)
        self.grid.itemChanged.connect(self._typed)
        self.grid.currentCellChanged.connect(lambda row, column, *_old: self.selected.emit(row, column))
        self.grid.pasted.connect(self._paste_clipboard)
        self.grid.copied.connect(self.copy)
        self.acts: dict[str, QAction] = {}
        self.more = QToolButton(self)
        self._build_menu()
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 6, 6, 2)
        bar.setSpacing(8)
        bar.addWidget(self.caption)
        bar.addWidget(self.shape, 1)
        bar.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.grid, 1)
        theme.watcher().changed.connect(self._recolour)
        self.retranslate()

    def rows(self) -> Rows:
        """Return the numbers that stand."""
        return self._rows

    def show_rows(self, rows: Sequence[Sequence[float]], columns: Sequence[str] = ()) -> None:
        """Show numbers; ``columns`` names the columns, else they are counted from 0."""
        wanted = tuple(tuple(row) for row in rows)
        if wanted == self._rows and tuple(columns) == self._columns:
            return
        before, self._rows, self._columns = self._rows, wanted, tuple(columns)
        with QSignalBlocker(self.grid):
            self._fill(before)
        self._say_shape()

    def set_title(self, title: str) -> None:
        """Say what stands in it."""
        self._title = title
        self.caption.setText(title)
        self.retranslate()

    def problems(self) -> list[str]:
        """Return why each refused cell is refused."""
        return [item.data(Qt.ItemDataRole.UserRole) for item in self._items() if item.data(Qt.ItemDataRole.UserRole)]

    def paste(self, text: str = "") -> None:
        """Put a block of numbers at the current cell, growing the table; with everything selected, in its place."""
        try:
            block = read_block(text or QGuiApplication.clipboard().text())
        except ValueError as error:
            self.refused.emit(str(error))
            return
        whole = len(self.grid.selectedIndexes()) == self.grid.rowCount() * self.grid.columnCount()
        row, column = (0, 0) if whole else (max(self.grid.currentRow(), 0), max(self.grid.currentColumn(), 0))
        rows = [] if whole else [list(one) for one in self._rows]
        height = max(len(rows), row + len(block))
        width = max(*(len(one) + column for one in block), len(rows[0]) if rows else 0)
        if height > MOST_ROWS or width > MOST_COLUMNS:
            told = self.tr("{rows} × {columns} numbers are too many; a table has at most {most_rows} × {most_columns}")
            self.refused.emit(told.format(rows=height, columns=width, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS))
            return
        made = [[0.0] * width for _ in range(height)]
        for place, known in enumerate(rows):
            made[place][: len(known)] = known
        for down, one in enumerate(block):
            made[row + down][column : column + len(one)] = one
        self._offer(made)

    def copy(self) -> None:
        """Put what is selected on the clipboard, for a spreadsheet."""
        chosen = sorted((index.row(), index.column()) for index in self.grid.selectedIndexes())
        lines: dict[int, list[str]] = {}
        for row, column in chosen:
            item = self.grid.item(row, column)
            lines.setdefault(row, []).append(item.text() if item is not None else "")
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines.values()))

    def resize_by(self, name: str) -> None:
        """Add or take the last row or column (``row+``, ``row-``, ``column+``, ``column-``)."""
        rows = [list(row) for row in self._rows]
        if name == "row+" and len(rows) < MOST_ROWS:
            rows.append(list(rows[-1]))
        elif name == "row-" and len(rows) > 1:
            rows.pop()
        elif name == "column+" and len(rows[0]) < MOST_COLUMNS:
            rows = [[*row, 0.0] for row in rows]
        elif name == "column-" and len(rows[0]) > 1:
            rows = [row[:-1] for row in rows]
        self._offer(rows)

    def retranslate(self) -> None:
        """Say everything again in the language in force."""
        for name, text in {
            "row+": self.tr("Add a row"),
            "row-": self.tr("Take the last row"),
            "column+": self.tr("Add a column"),
            "column-": self.tr("Take the last column"),
            "copy": self.tr("Copy"),
            "paste": self.tr("Paste"),
        }.items():
            self.acts[name].setText(text)
        self.more.setAccessibleName(self.tr("Rows and columns of {table}").format(table=self._title))
        self.more.setToolTip(plain_tip(self.more.accessibleName()))
        self.grid.setAccessibleName(self._title)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _build_menu(self) -> None:
        """Offer rows, columns and the clipboard in the menu of the table and on its right mouse button."""
        menu = QMenu(self)
        for name in ("row+", "row-", "column+", "column-", "copy", "paste"):
            act = self.acts[name] = QAction(self)
            act.triggered.connect(
                {"copy": self.copy, "paste": self._paste_clipboard}.get(name) or partial(self._resize, name)
            )
            if name == "copy":
                menu.addSeparator()
                icons.put(act, "copy")
            menu.addAction(act)
            self.grid.addAction(act)
        self.more.setProperty("class", "tool")
        self.more.setIconSize(QSize(16, 16))
        icons.put(self.more, "more")
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _paste_clipboard(self) -> None:
        self.paste()

    def _resize(self, name: str, _checked: bool = False) -> None:
        self.resize_by(name)

    def _items(self) -> list[QTableWidgetItem]:
        places = ((row, column) for row in range(self.grid.rowCount()) for column in range(self.grid.columnCount()))
        return [item for place in places if (item := self.grid.item(*place)) is not None]

    def _fill(self, before: Rows) -> None:
        width = len(self._rows[0]) if self._rows else 0
        same = len(before) == len(self._rows) and bool(before) and len(before[0]) == width
        self.grid.setRowCount(len(self._rows))
        self.grid.setColumnCount(width)
        self.grid.setHorizontalHeaderLabels(list(self._columns or map(str, range(width))))
        self.grid.setVerticalHeaderLabels([str(row) for row in range(len(self._rows))])
        for row, values in enumerate(self._rows):
            for column, value in enumerate(values):
                if not same or value != before[row][column]:
                    self._write(row, column, value)

    def _write(self, row: int, column: int, value: float) -> None:
        item = self.grid.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.grid.setItem(row, column, item)
        item.setFont(theme.mono_font(12))
        item.setText(shown(value))
        self._mark(item, "")

    def _mark(self, item: QTableWidgetItem, problem: str) -> None:
        tokens = theme.current()
        item.setData(Qt.ItemDataRole.UserRole, problem)
        item.setToolTip(plain_tip(problem) if problem else "")
        item.setForeground(QColor(tokens.bad if problem else tokens.text))

    def _typed(self, item: QTableWidgetItem) -> None:
        row, column = item.row(), item.column()
        try:
            value = read_cell(item.text())
        except ValueError as error:
            with QSignalBlocker(self.grid):
                self._mark(item, str(error))
            self.refused.emit(f"{self._title}[{row}, {column}]: {error}")
            return
        rows = [list(one) for one in self._rows]
        rows[row][column] = value
        with QSignalBlocker(self.grid):
            self._write(row, column, value)
        self.refused.emit("")
        self._offer(rows)

    def _offer(self, rows: Sequence[Sequence[float]]) -> None:
        made = tuple(tuple(row) for row in rows)
        if made != self._rows:
            self.edited.emit(made)

    def _say_shape(self) -> None:
        width = len(self._rows[0]) if self._rows else 0
        self.shape.setText(f"{len(self._rows)} × {width}")

    def _recolour(self, _theme: object) -> None:
        with QSignalBlocker(self.grid):
            for item in self._items():
                self._mark(item, item.data(Qt.ItemDataRole.UserRole) or "")


class _Grid(QTableWidget):
    """The cells: Ctrl+C and Ctrl+V as in a spreadsheet."""

    pasted = Signal()
    copied = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 0, parent)
        self.setProperty("class", "dense")
        self.setTabKeyNavigation(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.horizontalHeader().setMinimumSectionSize(COLUMN_PX)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def sizeHint(self) -> QSize:
        """Want room for a few rows."""
        rows = min(max(self.rowCount(), 2), 8)
        return QSize(COLUMN_PX * max(self.columnCount(), 2) + 40, HEADER_PX + rows * ROW_PX + 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and paste; the rest as in every table."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit()
        else:
            super().keyPressEvent(event)


def read_block(text: str) -> list[list[float]]:
    """Return the rows of numbers in text from a spreadsheet: columns parted by tabs, semicolons, commas or blanks.

    Raises ``ValueError`` that names the row and what is no number in it.
    """
    if len(text) > MOST_TEXT:
        raise ValueError(f"the clipboard holds {len(text)} characters, at most {MOST_TEXT} are read")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValueError("the clipboard holds no numbers")
    found: list[list[float]] = []
    for place, line in enumerate(lines):
        sign = next((mark for mark in "\t;," if mark in line), None)
        parts = line.split(sign) if sign else re.split(r"\s+", line.strip())
        try:
            found.append([read_cell(part.strip()) for part in parts])
        except ValueError as error:
            short = line.strip()[:40]
            raise ValueError(f"row {place} of what is pasted ({short!r}): {error}") from None
    if len({len(row) for row in found}) > 1:
        raise ValueError("the rows of what is pasted are not equally long")
    return found


def read_cell(text: str) -> float:
    """Return the number that a cell's text stands for; raise ``ValueError`` with what is asked for."""
    value = read_real(text)
    if abs(value) > LARGEST:
        raise ValueError(f"must lie between {-LARGEST:g} and {LARGEST:g}")
    return value


def shown(value: float) -> str:
    """Return a number as it is written in a cell: every digit, and no .0."""
    text = repr(value)
    return text.removesuffix(".0")
