"""The language is switched while the program runs: the labs of single gradients say everything anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QLabel, QMessageBox, QTableWidget
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.ui import formula


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    yield one
    one.close()
    formula.shutdown()


def settled(driver: Driver) -> Any:
    driver.until(lambda: not driver.page.drawing.inspection.inspector.busy and driver.page.drawing.current)
    return driver.page.view


FIRST = {"function": ("Curve", "FORMULA"), "activation": ("Curves", "MEANING"), "loss": ("Values", "")}


@pytest.mark.parametrize("lab", FIRST)
def test_every_word_of_a_view_is_said_anew(driver: Driver, foreign: QTranslator, lab: str) -> None:
    page = driver.open(lab)
    view, spec, look = settled(driver), page.spec, page.look
    tab, heading = FIRST[lab]
    assert view.tabs.tabText(0) == tab
    app = QCoreApplication.instance()
    assert app is not None
    app.installTranslator(foreign)
    driver.until(lambda: page.view is not view)
    fresh = settled(driver)
    assert fresh.tabs.tabText(0) == f"«{tab}»"
    assert fresh.tabs.accessibleName().startswith("«")
    labels = [label.text() for label in fresh.findChildren(QLabel)]
    assert heading == "" or f"«{heading}»" in labels
    headers = [
        item.text()
        for table in fresh.findChildren(QTableWidget)
        for column in range(table.columnCount())
        if (item := table.horizontalHeaderItem(column)) is not None
    ]
    assert "«autograd»" in headers
    assert (page.spec, page.look, page.undo.count()) == (spec, look, 0)
    assert fresh.isVisible()
    app.removeTranslator(foreign)
    driver.until(lambda: page.view is not fresh)
    assert settled(driver).tabs.tabText(0) == tab
    assert "«" not in "".join(label.text() for label in page.view.findChildren(QLabel))
    page.reset_layout()
    page.maximise(page.view.plots()[0], True)
    page.maximise(page.view.plots()[0], False)


def test_a_view_that_was_made_anew_is_edited_as_before(driver: Driver, foreign: QTranslator) -> None:
    page = driver.open("activation")
    view = settled(driver)
    app = QCoreApplication.instance()
    assert app is not None
    app.installTranslator(foreign)
    driver.until(lambda: page.view is not view)
    fresh = settled(driver)
    fresh.curves.moved.emit(0.5, True)
    assert page.spec.x == 0.5
    assert page.undo.count() == 1
    driver.until(lambda: "«AT x = 0.5»" in [label.text() for label in fresh.findChildren(QLabel)])


@pytest.mark.parametrize("lab", FIRST)
def test_every_page_says_what_it_is_and_what_to_try(driver: Driver, lab: str) -> None:
    page = driver.open(lab)
    view, found = settled(driver), set()
    for name in get_args(page.lab.look.model_fields["page"].annotation):
        page.apply_look(page.look.replace(page=name))
        settled(driver)
        text = view.help()
        assert text.endswith("."), name
        assert view.tabs.tabToolTip(view.tabs.currentIndex()) == text
        found.add(text)
        driver.window.help.show_page()
        box = driver.window.findChildren(QMessageBox)[-1]
        assert box.text() == text
        box.close()
    assert len(found) >= 4
