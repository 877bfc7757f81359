"""A weight that is pressed and set: the table under the layers, the spec, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.datasets import Moons
from gradlab.engine.lab import lab_of
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.pins import Pin
from gradlab.labs.training.spec import TrainingSpec
from gradlab.ui import formula, theme

LEFT = Qt.MouseButton.LeftButton
SMALL = TrainingSpec(data=Moons(count=80), network=Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8),)), steps=60)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    assert list(lab_of("training").load("inspect")(SMALL, None, TrainingLook(), None))
    one = Driver(qtbot)
    one.open("training")
    yield one
    one.close()
    formula.shutdown()


def told(table: Any, row: int, column: int, role: Any = Qt.ItemDataRole.DisplayRole) -> Any:
    """Return what a cell says."""
    return table.model().index(row, column).data(role)


def typed(driver: Any, table: Any, row: int, column: int, text: str) -> None:
    """Double-click a cell, type and press Return."""
    index = table.model().index(row, column)
    table.scrollTo(index)
    place = table.visualRect(index).center()
    driver.qtbot.mouseClick(table.viewport(), LEFT, pos=place)
    driver.qtbot.mouseDClick(table.viewport(), LEFT, pos=place)
    field = table.viewport().findChild(QLineEdit)
    field.selectAll()
    driver.qtbot.keyClicks(field, text)
    driver.qtbot.keyClick(field, Qt.Key.Key_Return)
    driver.until(lambda: not table.viewport().findChildren(QLineEdit))


def test_a_weight_is_pressed_and_set_and_taken_back(driver: Driver) -> None:
    page = driver.put(SMALL)
    view: Any = page.view
    reading = view.reading
    assert not reading.weights.isVisible()
    driver.until(lambda: reading.layers.rowCount() == 3)
    place = reading.layers.visualRect(reading.layers.model().index(1, 0)).center()
    press: Any = driver.qtbot.mouseClick
    press(reading.layers.viewport(), LEFT, pos=place)
    driver.until(reading.weights.isVisible)
    table = reading.weights
    assert (table.model().rowCount(), table.model().columnCount()) == (8, 9)
    assert table.model().headerData(8, Qt.Orientation.Horizontal) == "bias"
    typed(driver, table, 3, 5, "pi/2")
    driver.until(lambda: bool(page.spec.pins))
    assert page.spec.pins == (Pin(tensor="hidden_2.weight", index=(3, 5), value=1.5707963267948966),)
    driver.until(lambda: told(table, 3, 5, Qt.ItemDataRole.FontRole).bold())
    assert told(table, 3, 5).startswith("• 1.57")
    assert told(table, 3, 5, Qt.ItemDataRole.ForegroundRole).name() == theme.current().accent
    assert told(table, 3, 4, Qt.ItemDataRole.ForegroundRole) is None
    assert (table.currentIndex().row(), table.currentIndex().column()) == (3, 5)
    assert "hidden_2.weight[3, 5] = 1.57079" in told(table, 3, 5, Qt.ItemDataRole.ToolTipRole)
    typed(driver, table, 0, 0, "many")
    driver.until(lambda: reading.weights_title.text().startswith("hidden_2.weight[0, 0]: "))
    assert len(page.spec.pins) == 1
    page.undo.undo()
    assert page.spec.pins == ()
    driver.until(lambda: not told(table, 3, 5, Qt.ItemDataRole.FontRole).bold())


def test_the_number_that_stands_there_can_be_set_and_a_field_left_alone_sets_nothing(driver: Driver) -> None:
    page = driver.put(SMALL)
    view: Any = page.view
    driver.until(lambda: view.reading.layers.rowCount() == 3)
    table = view.reading.weights
    view.looked.emit(page.look.replace(layer="hidden_1"))
    driver.until(table.isVisible)
    shown = told(table, 2, 1)
    typed(driver, table, 2, 1, "")
    typed(driver, table, 2, 1, shown)
    driver.until(lambda: bool(page.spec.pins))
    assert page.spec.pins == (Pin(tensor="hidden_1.weight", index=(2, 1), value=float(shown)),)
    typed(driver, table, 2, 1, shown)
    driver.until(lambda: page.spec.pins[0].times == 2)
    index = table.model().index(2, 1)
    table.setCurrentIndex(index)
    table.edit(index)
    driver.qtbot.keyClick(table.viewport().findChild(QLineEdit), Qt.Key.Key_Return)
    driver.until(lambda: not table.viewport().findChildren(QLineEdit))
    assert page.spec.pins[0].times == 2


def test_a_weight_set_in_a_run_acts_on_it_and_leaves_a_mark(driver: Driver) -> None:
    page = driver.paused(SMALL.replace(steps=5000))
    view: Any = page.view
    reading, run, at = view.reading, page.session.run, page.session.head
    driver.until(lambda: reading.layers.rowCount() == 3)
    place = reading.layers.visualRect(reading.layers.model().index(1, 0)).center()
    press: Any = driver.qtbot.mouseClick
    press(reading.layers.viewport(), LEFT, pos=place)
    driver.until(reading.weights.isVisible)
    driver.until(lambda: reading.weights_title.text().startswith(f"At step {at}. "))
    typed(driver, reading.weights, 3, 5, "25")
    driver.until(lambda: bool(page.spec.pins))
    assert run is not None
    assert page.session.run is run, "the run goes on"
    assert not page.stale
    driver.until(lambda: told(reading.weights, 3, 5) == "• 25")  # though no step has had it yet
    assert "from the next step on" in told(reading.weights, 3, 5, Qt.ItemDataRole.ToolTipRole)
    page.step()
    driver.until(lambda: page.session.head == at + 1)
    record, history = run.record, page.session.history
    assert record is not None
    assert history is not None
    assert [(change.step, dict(change.values)) for change in record.tape] == [(at, {"pins": page.spec.pins})]
    assert [step for step, _ in page.session.tracks[-1].marks] == [at]
    kept = history.snapshot("a.parameters")
    assert kept is not None
    assert abs(kept[1] - 25).min() < 1, "25 and one update"
    driver.until(lambda: "next step" not in told(reading.weights, 3, 5, Qt.ItemDataRole.ToolTipRole))
    assert 0 < abs(float(told(reading.weights, 3, 5, Qt.ItemDataRole.ToolTipRole).rpartition("= ")[2]) - 25) < 1
