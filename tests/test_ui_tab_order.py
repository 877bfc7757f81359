"""Tab leads through the window as things stand in it: with real keys, and through cards that came later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.ui import formula, tab_order
from gradlab.ui.page_tabs import PageTabs
from gradlab.ui.plots.legend import Legend


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def names(driver: Driver) -> list[str]:
    return [stop.accessibleName() for stop in tab_order.stops(driver.window)]


def test_stops_stand_as_they_are_seen(driver: Driver) -> None:
    found = names(driver)
    order = ["Descent", "Training", "Function", "Colour of Adam", "Add racer", "Start x", "steps", "Maximise Contour"]
    order += ["f against step", "Race, one row per racer", "Run", "One step forward", "Timeline", "Speed"]
    places = [len(found) - 1 - found[::-1].index(name) for name in order]
    assert places == sorted(places)
    assert "" not in found


@pytest.mark.parametrize("lab", ["function", "activation", "loss", "training"])
def test_every_stop_of_every_page_has_a_name_and_legends_are_stops(driver: Driver, lab: str) -> None:
    page = driver.open(lab)
    if lab == "training":
        page.run()
    tabs = page.findChild(PageTabs)
    pages = [index for index in range(tabs.count()) if tabs.isTabVisible(index)] if tabs else [0]
    for index in pages:
        if tabs:
            tabs.setCurrentIndex(index)
        found = list(tab_order.stops(driver.window))
        assert "" not in [stop.accessibleName() for stop in found], tabs and tabs.tabText(index)
        shown = {one for one in page.findChildren(QToolButton) if isinstance(one.parent(), Legend) and one.isVisible()}
        assert shown <= set(found)
        assert len(set(found)) == len(found)


def test_a_curve_is_hidden_by_keys_alone(driver: Driver) -> None:
    page = driver.open("activation")
    driver.window.activateWindow()
    driver.until(lambda: "Show tanh" in names(driver))
    page.view.tabs.setFocus()
    driver.until(page.view.tabs.hasFocus)
    for _ in names(driver):
        driver.qtbot.keyClick(driver.window.focusWidget(), Qt.Key.Key_Tab)
        if driver.window.focusWidget().accessibleName() == "Show tanh":
            break
    driver.qtbot.keyClick(driver.window.focusWidget(), Qt.Key.Key_Space)
    hidden = [unit.id for unit in page.spec.units if not page.look.of(unit.id).visible]
    assert len(hidden) == 1


def test_a_racer_added_later_is_met_before_what_stands_below_it(driver: Driver) -> None:
    page = driver.page
    page.apply(page.spec.replace(racers=(*page.spec.racers, page.spec.new_part("racers"))))
    found = names(driver)
    assert found.index("Colour of SGD") < found.index("Colour of AdamW") < found.index("Add racer")


def test_tab_goes_on_and_back(driver: Driver) -> None:
    window, qtbot = driver.window, driver.qtbot
    window.activateWindow()
    bar = driver.page.transport
    bar.run.setFocus()
    qtbot.waitUntil(bar.run.hasFocus)
    qtbot.keyClick(bar.run, Qt.Key.Key_Tab)
    assert window.focusWidget() is bar.step
    qtbot.keyClick(bar.step, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert window.focusWidget() is bar.run
    driver.page.setFocus()  # the page as a whole: Tab leads into it
    qtbot.keyClick(driver.page, Qt.Key.Key_Tab)
    assert window.focusWidget() is driver.page.panel
