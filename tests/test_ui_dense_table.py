"""Tables of results: what is in sight is written at once, the rest when the hand rests or somebody looks."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradlab.ui import theme
from gradlab.ui.dense_table import DenseTable
from gradlab.ui.fact_table import FactTable

ROWS = 64
FEW = 16
"""More rows than there is room for."""


class Counting(FactTable):
    """Counts the cells that are written."""

    written = 0

    def write(self, row: int, column: int, text: str, tone: str, tip: str) -> None:
        super().write(row, column, text, tone, tip)
        self.written += 1


@pytest.fixture
def table(qtbot: QtBot, qapp: QApplication) -> Counting:
    theme.apply(qapp, "dark")
    table = Counting("numbers")
    qtbot.addWidget(table)
    table.resize(300, 240)
    table.show()
    qtbot.waitExposed(table)
    return table


def show(table: FactTable, k: float) -> None:
    table.show_rows(["name", "value"], [(f"row {row}", k + row) for row in range(ROWS)])


def test_rows_in_sight_are_written_at_once_and_the_others_at_rest(table: Counting, qtbot: QtBot) -> None:
    show(table, 0.0)
    table.flush()
    table.written = 0
    show(table, 0.5)
    assert 2 * 4 <= table.written <= 2 * FEW
    assert table.item(0, 1).text() == "0.5"
    assert table.item(ROWS - 1, 1).text() == "63"
    qtbot.waitUntil(lambda: table.item(ROWS - 1, 1).text() == "63.5")


def test_what_is_scrolled_to_is_there(table: Counting, qtbot: QtBot) -> None:
    show(table, 0.0)
    table.flush()
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() > 0)
    show(table, 0.5)
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    assert table.item(ROWS - 1, 1).text() == "63.5"
    show(table, 1.5)
    assert table.item(ROWS - 1, 1).text() == "64.5"
    assert table.item(0, 1).text() == "0.5"  # out of sight by now
    assert table.text(0, 1) == "1.5"


def test_what_comes_into_sight_with_the_size_is_there(table: Counting) -> None:
    show(table, 0.0)
    table.flush()
    show(table, 0.5)
    table.resize(300, 2000)
    QApplication.sendPostedEvents()
    assert table.item(ROWS - 1, 1).text() == "63.5"


def test_fewer_rows_and_more_rows_are_whole(table: Counting, qtbot: QtBot) -> None:
    show(table, 0.0)
    table.show_rows(["name", "value"], [("one", 1.0)])
    assert (table.rowCount(), table.text(0, 1)) == (1, "1")
    show(table, 2.0)
    qtbot.waitUntil(lambda: (item := table.item(ROWS - 1, 1)) is not None and item.text() == "65")
    table.show_rows(["name", "value"], [])
    table.flush()
    assert table.rowCount() == 0


def test_a_table_that_nobody_sees_is_written_whole(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    table = FactTable("numbers")
    qtbot.addWidget(table)
    show(table, 0.25)
    assert table.item(ROWS - 1, 1).text() == "63.25"
    assert isinstance(table, DenseTable)
