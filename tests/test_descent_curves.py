"""The curves of a race: which axis they are drawn on, and what the run before may do to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.objectives import StyblinskiTang
from gradlab.engine.objectives.expression import Expression
from gradlab.engine.optimizers import SGD, Adam
from gradlab.engine.run import Phase
from gradlab.labs.descent.spec import DescentSpec, Racer
from gradlab.shell.lab_page import LabPage
from gradlab.ui import formula

RACERS = (Racer(id="a", optimizer=Adam(lr=0.01)),)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def finished(driver: Driver, spec: DescentSpec) -> LabPage:
    page = driver.start(spec)
    driver.until(lambda: page.session.head == spec.steps)
    driver.until(lambda: len(page.view.curves[0]._curves.curves[0].x) == spec.steps + 1)
    return page


@pytest.mark.parametrize(
    "objective",
    [StyblinskiTang(), Expression(text="x^4 - 3x^3 + 2", variables=("x",), domain=((-1.0, 4.0),), start=(3.0,))],
    ids=["styblinski", "expression"],
)
def test_f_below_0_is_drawn_on_a_linear_axis_by_itself(driver: Driver, objective: object) -> None:
    page = finished(driver, DescentSpec(objective=objective, racers=RACERS, steps=60))
    f, gradient = page.view.curves
    frame = page.view.curve_frames[0]
    assert not f._log
    assert gradient._log
    assert "linear" in frame._how.text()
    assert not f.note()
    low, high = f.view.viewRange()[1]
    row = page.session.history.row(60)  # type: ignore[union-attr]
    assert low <= row["f"][0] <= high
    assert row["f"][0] < 0
    assert page.look.linear == ()  # the choice of the user is not touched
    finished(driver, DescentSpec(racers=RACERS, steps=60))
    assert f._log
    assert "linear" not in frame._how.text()


def test_a_run_of_another_function_or_one_that_diverged_stretches_no_axis(driver: Driver) -> None:
    wild = DescentSpec(racers=(Racer(id="a", optimizer=SGD(lr=0.1)),), start=(0.0, 0.0), steps=100)
    page = driver.start(wild)
    driver.until(lambda: page.session.phase is Phase.DIVERGED)
    plot = page.view.curves[0]
    driver.until(lambda: plot.view.viewRange()[1][1] > 100)  # decades
    tame = wild.replace(racers=RACERS)
    page.apply(tame)
    driver.until(lambda: page.session.head == 100 and len(page.session.tracks) == 2)
    driver.until(lambda: len(plot._curves.curves) == 2 and plot.view.viewRange()[1][1] < 4)
    assert plot._curves.curves[0].faint
    page.apply(tame.edited(objective=StyblinskiTang()))
    driver.until(lambda: page.session.spec == page.spec and page.session.head == 100)
    driver.until(lambda: [curve.faint for curve in plot._curves.curves] == [False])
