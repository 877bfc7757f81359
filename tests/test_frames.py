"""Frames that are dear come in turns: nothing is left behind, and what belongs together shows the same steps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.history import History
from gradlab.engine.lab import lab_of
from gradlab.engine.record import Block
from gradlab.engine.run import Phase, iterate
from gradlab.labs.descent.spec import DescentSpec
from gradlab.shell import drawing
from gradlab.shell.frame_clock import HIDDEN_MS, SLOWEST_MS, SLOWEST_TURN_MS, FrameClock
from gradlab.shell.lab_page import LabPage
from gradlab.ui import formula
from gradlab.ui.lab_view import Track

SPEC = DescentSpec(steps=60)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def ends(page: LabPage) -> list[float]:
    """Return the last step that each plot of curves shows, once it shows one."""
    drawn = [plot._curves.curves for plot in page.view.curves]
    return [float(curves[0].x[-1]) for curves in drawn if curves and len(curves[0].x)]


def whole(spec: DescentSpec) -> dict[str, np.ndarray]:
    """Return every row of a run, by column."""
    blocks = list(iterate(lab_of("descent"), spec))
    parts = [
        {name: a[: -1 if block is not blocks[-1] else None] for name, a in block.columns.items()} for block in blocks
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_plots_that_take_turns_show_the_same_steps_and_come_to_the_last(driver: Driver) -> None:
    page, rows = driver.put(SPEC), whole(SPEC)
    page.drawing._clock.stop()  # the turns are taken here
    view, history = page.view, History(lab_of("descent").load("columns")(SPEC))
    tracks = [Track("one", SPEC, history)]
    pairs = []
    for plot in view.curves:
        plot.show_curves = lambda curves, show=plot.show_curves: (show(curves), pairs.append(float(curves[0].x[-1])))
    for row in range(0, 60, 2):
        history.extend(Block(row, {name: a[row : row + 3] for name, a in rows.items()}))
        assert view.show_turn(tracks, None)  # there is always news for somebody
    assert len(pairs) > 4
    both = list(zip(pairs[::2], pairs[1::2], strict=False))
    assert all(one == other for one, other in both)
    assert len({one for one, _ in both}) == len(both)  # and the next pair shows more
    left = 0
    while view.show_turn(tracks, None):
        left += 1
    assert view.turns - 1 <= left <= view.turns + 1
    assert ends(page) == [60.0, 60.0]
    assert view.contour._paths.paths[0].x[-1] == rows["x"][60, 0, 0]
    assert view.surface._paths[0].x[-1] == rows["x"][60, 0, 0]


def test_a_hurried_page_is_current_at_the_end(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameClock, "hurried", property(lambda clock: True))
    turns = []
    take = driver.page.drawing._take_turn
    monkeypatch.setattr(driver.page.drawing, "_take_turn", lambda: (turns.append(driver.page.session.head), take()))
    page = driver.start(SPEC.replace(steps=400), pace=5.0)
    driver.until(lambda: sum(head > 0 for head in turns) > 5)
    page.set_pace(None)
    driver.until(lambda: page.session.phase is Phase.FINISHED)
    driver.until(lambda: ends(page) == [400.0, 400.0])
    last = page.session.history.row(400)  # type: ignore[union-attr]
    assert page.drawing.current
    assert page.view.contour._paths.paths[0].x[-1] == last["x"][0][0]
    assert page.view.surface._paths[0].x[-1] == last["x"][0][0]
    assert "400 / 400" in page.transport.count.text().replace("\u00a0", " ")
    driver.until(lambda: "400" in page.view.reading.at.text())


def test_a_slow_hurried_run_leaves_no_plot_behind(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameClock, "hurried", property(lambda clock: True))
    page = driver.put(SPEC)
    page.set_pace(0.05)  # a step, and then none for a long time
    page.run()
    driver.until(lambda: page.session.head == 1)
    driver.until(lambda: ends(page) == [1.0, 1.0])
    driver.until(lambda: len(page.view.surface._paths[0].x) == 2 == len(page.view.contour._paths.paths[0].x))
    driver.until(lambda: page.drawing.current)
    assert page.running


def test_turns_come_where_a_whole_frame_is_dear_and_go_where_it_is_not(driver: Driver) -> None:
    clock = FrameClock(driver.page)
    assert not clock.hurried
    for _ in range(30):
        clock._govern(0.024)
    assert clock.hurried
    clock.take(8)
    assert clock.hurried
    for _ in range(30):
        clock._govern(0.003)
    assert clock.hurried  # eight such turns are as dear as one frame of 24 ms
    for _ in range(30):
        clock._govern(0.001)
    assert not clock.hurried
    clock.take(1)
    assert not clock.hurried


def test_however_dear_turns_are_what_stands_side_by_side_stays_near(driver: Driver) -> None:
    clock = FrameClock(driver.page)
    for _ in range(30):
        clock._govern(0.1)
    assert clock._timer.interval() == SLOWEST_MS
    clock.take(8)
    for _ in range(30):
        clock._govern(0.1)
    assert clock._timer.interval() == SLOWEST_TURN_MS
    driver.open("function")
    clock._govern(0.1)
    assert clock._timer.interval() == HIDDEN_MS


def test_an_edit_and_its_answer_are_painted_as_one_where_the_answer_comes_in_a_moment(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = driver.open("activation")
    driver.until(lambda: not page.drawing.inspection.inspector.busy)
    shown: list[object] = []
    show = page.view.show_reading
    monkeypatch.setattr(page.view, "show_reading", lambda reading: (shown.append(reading.spec), show(reading)))
    monkeypatch.setattr(drawing, "MOMENT_S", 30.0)
    page.apply(page.spec.replace(x=0.25))
    assert shown[:1] == [page.spec]
    driver.until(lambda: not page.drawing.inspection.inspector.busy)
    monkeypatch.setattr(page.drawing._came, "wait", lambda _moment: False)
    page.apply(page.spec.replace(x=0.75))
    assert page.spec not in shown
    driver.until(lambda: page.spec in shown and not page.drawing.inspection.inspector.busy)
