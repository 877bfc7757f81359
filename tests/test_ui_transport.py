"""The transport, driven by clicks, drags and keys: what it asks for, what it offers; showing asks for nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from gradlab.ui import theme
from gradlab.ui.pace import PACES
from gradlab.ui.timeline import Mark, Timeline, spaced, span_of
from gradlab.ui.transport import Transport, TransportState

RUNNING = TransportState(step=120, head=220, total=20_000, running=True, active=True, past=True, pace=60.0)
SIGNALS = (
    "runRequested", "pauseRequested", "stepRequested", "backRequested", "restartRequested", "stopRequested",
    "continueRequested", "scrubbed", "paceChanged",
)  # fmt: skip


@pytest.fixture
def bar(qtbot, qapp):
    if not qapp.styleSheet():
        theme.apply(qapp, "dark")
    bar = Transport()
    bar.asked = []
    for name in SIGNALS:
        getattr(bar, name).connect(lambda *args, name=name: bar.asked.append((name, *args)))
    qtbot.addWidget(bar)
    bar.resize(1280, 52)
    bar.show()
    qtbot.waitExposed(bar)
    bar.activateWindow()
    return bar


def test_showing_a_state_asks_for_nothing(bar):
    for state in (RUNNING, TransportState(), TransportState(step=5, head=5, total=10, pace=None)):
        bar.show_state(state)
    assert bar.asked == []


def test_every_button_asks_for_its_own(bar, qtbot):
    bar.show_state(RUNNING)
    for button in (bar.restart, bar.back, bar.run, bar.step, bar.stop, bar.continue_here):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    names = ["restart", "back", "pause", "step", "stop", "continue"]
    assert bar.asked == [(f"{name}Requested",) for name in names]
    bar.show_state(TransportState(head=220, total=20_000))
    qtbot.mouseClick(bar.run, Qt.MouseButton.LeftButton)
    assert bar.asked[-1] == ("runRequested",)


@pytest.mark.parametrize(
    ("state", "restart", "back", "step", "stop"),
    [
        (TransportState(total=100), False, False, True, False),  # nothing ran yet
        (TransportState(step=9, head=9, total=100, running=True, active=True), True, True, True, True),
        (TransportState(step=0, head=9, total=100, active=True, past=True), True, False, True, True),
        (TransportState(step=100, head=100, total=100), True, True, False, False),  # at its end
        (TransportState(step=50, head=100, total=100, past=True), True, True, True, False),
        (TransportState(total=100, over=True), True, False, False, False),
    ],
)
def test_what_makes_no_sense_is_not_offered(bar, state, restart, back, step, stop):
    bar.show_state(state)
    assert [b.isEnabled() for b in (bar.restart, bar.back, bar.step, bar.stop)] == [restart, back, step, stop]
    assert bar.run.isEnabled()


def test_run_and_pause_are_one_button_that_keeps_its_width(bar):
    bar.show_state(TransportState())
    assert (bar.run.text(), bar.run.accessibleName()) == ("Run", "Run")
    width = bar.run.width()
    bar.show_state(RUNNING)
    assert bar.run.text() == "Pause"
    assert bar.run.width() == width
    bar.set_shortcuts({"run": "F5", "back": "Shift+F10"})
    assert bar.run.toolTip() == "Pause (F5)"
    assert bar.back.toolTip() == "One step back (Shift+F10)"


def test_the_count_never_moves_what_is_beside_it(bar, qtbot):
    places = set()
    for step in (0, 7, 99, 1234, 20_000):
        bar.show_state(TransportState(step=step, head=step, total=20_000, active=True))
        assert bar.count.text() == f"step {spaced(step)} / 20\u00a0000"
        bar.layout().activate()
        places.add(bar.timeline.x())
    assert len(places) == 1


def test_continue_from_here_takes_the_place_of_the_status_while_in_the_past(bar):
    bar.show_state(TransportState(step=5, head=5, total=9, active=True, status="cpu · float64 · 3 940 steps/s"))
    assert bar.status.isVisible()
    assert not bar.continue_here.isVisible()
    bar.layout().activate()
    width = bar.timeline.width()
    bar.show_state(TransportState(step=3, head=5, total=9, active=True, past=True, status="cpu · float64 · paused"))
    assert bar.continue_here.isVisible()
    assert "cpu · float64 · paused" in bar.continue_here.toolTip()
    bar.layout().activate()
    assert bar.timeline.width() == width


def test_the_knob_is_dragged_over_the_record_and_no_further(bar, qtbot):
    bar.show_state(TransportState(step=120, head=220, total=400, active=True, past=True))
    line = bar.timeline
    middle = line.height() // 2
    qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(round(line.x_of(40)), middle))
    assert bar.asked[-1] == ("scrubbed", 40)
    bar.show_state(TransportState(step=40, head=230, total=400, active=True, past=True))
    qtbot.mouseMove(line, QPoint(round(line.x_of(60)), middle))
    qtbot.waitUntil(lambda: bar.asked[-1][1] in (59, 60, 61))
    bar.show_state(TransportState(step=40, head=240, total=400, active=True, past=True))
    assert line.value() in (59, 60, 61)  # the pointer holds it
    qtbot.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() - 1, middle))
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() - 1, middle))
    assert bar.asked[-1] == ("scrubbed", 240)
    assert {name for name, *_ in bar.asked} == {"scrubbed"}


def test_keys_move_the_cursor(bar, qtbot):
    bar.show_state(RUNNING)
    bar.timeline.setFocus()
    qtbot.waitUntil(bar.timeline.hasFocus)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(bar.timeline, key)
    assert [step for _, step in bar.asked] == [121, 120, 119, 0, 220]


def test_a_thousand_million_steps_fit(bar, qtbot):
    bar.show_state(TransportState(step=10**9, head=10**9, total=10**9, active=True))
    line = bar.timeline
    assert line.maximum() == 10**9
    assert line.step_at(line.x_of(123_456_789)) == pytest.approx(123_456_789, abs=1)
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 2, 5))
    assert bar.asked[-1][1] == pytest.approx(5e8, rel=0.01)
    assert "1\u00a0000\u00a0000\u00a0000" in bar.count.text()


def test_the_timeline_is_as_long_as_the_budget():
    assert [span_of(head, 20_000) for head in (0, 100, 20_000)] == [20_000] * 3
    assert span_of(30, 7) == 30  # more was made before the budget was lowered
    assert span_of(0, 0) == 1


def test_changes_are_marked_in_the_groove_and_told(bar):
    marks = (Mark(180, "momentum 0 → 0.9"), Mark(40, "lr 0.1 → 0.05 <i>"))
    bar.show_state(TransportState(step=0, head=220, total=400, active=True, past=True, marks=marks))
    line = bar.timeline
    assert line.tip_at(QPoint(round(line.x_of(40)), 5)) == "lr 0.1 → 0.05 <i> at step 40"
    assert line.tip_at(QPoint(round(line.x_of(180)) + 3, 5)) == "momentum 0 → 0.9 at step 180"
    assert line.tip_at(QPoint(round(line.x_of(100)), 5)).startswith("step ")
    picture = line.grab().toImage()
    scale = picture.devicePixelRatio()
    above = round((line.height() / 2 - 4) * scale)  # over the groove, where only marks and knob reach
    ink = theme.current().colour(theme.current().text).name()
    assert picture.pixelColor(round(line.x_of(40) * scale), above).name() == ink
    assert picture.pixelColor(round(line.x_of(100) * scale), above).name() != ink


def test_a_pace_is_chosen_or_typed(bar, qtbot):
    bar.show_state(TransportState(pace=60.0))
    box = bar.pace
    assert box.currentText() == "60 steps/s"
    assert box.count() == len(PACES)
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert bar.asked[-1] == ("paceChanged", 200.0)
    bar.asked.clear()
    line = box.lineEdit()
    for text, pace in (("33", 33.0), ("2.5/s", 2.5), ("1 000 steps/s", 1000.0), ("max", None), ("1", 1.0)):
        line.selectAll()
        qtbot.keyClicks(line, text)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        assert bar.asked == [("paceChanged", pace)]
        bar.asked.clear()
        assert box.currentText() == box.text_of(pace)


@pytest.mark.parametrize("text", ["fast", "-3", "0", "1e99", "5 apples", "nan"])
def test_a_pace_that_is_none_stays_red_until_escape(bar, qtbot, text):
    bar.show_state(TransportState(pace=60.0))
    line = bar.pace.lineEdit()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert bar.pace.property("invalid") is True
    assert line.text() == text
    bar.show_state(TransportState(pace=60.0, step=1, head=1))
    assert line.text() == text
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "60 steps/s"
    assert bar.pace.property("invalid") is False
    assert bar.asked == []


def test_everything_has_a_name_and_follows_the_theme(bar, qapp):
    for widget in (bar.restart, bar.back, bar.run, bar.step, bar.stop, bar.pace, bar.timeline, bar.continue_here):
        assert widget.accessibleName()
    bar.show_state(RUNNING)
    dark = bar.timeline.grab().toImage()
    theme.apply(qapp, "light")
    try:
        assert bar.timeline.grab().toImage() != dark
    finally:
        theme.apply(qapp, "dark")


def test_showing_a_state_is_cheap_enough_for_every_frame(bar):
    calls = []
    original = Timeline.update
    Timeline.update = lambda self: calls.append(1) or original(self)
    try:
        for _ in range(50):
            bar.show_state(RUNNING)
        assert len(calls) <= 1  # the same state is not painted again
    finally:
        Timeline.update = original


@pytest.mark.parametrize("past", [False, True])
def test_nothing_overlaps_in_a_narrow_window(bar, qtbot, past):
    status = "cpu · float64 · 1 234 567 steps/s · 12 changes"
    bar.show_state(TransportState(step=5, head=9_999, total=20_000, active=True, past=past, status=status))
    bar.resize(716, 52)
    end = bar.continue_here if past else bar.status
    qtbot.waitUntil(lambda: bar.rect().contains(end.mapTo(bar, end.rect().bottomRight())))
    shown = [bar.restart, bar.back, bar.run, bar.step, bar.stop, bar.count, bar.timeline, bar.pace, end]
    lefts = [one.mapTo(bar, QPoint(0, 0)).x() for one in shown]
    assert all(left + one.width() <= right for left, one, right in zip(lefts, shown, lefts[1:], strict=False))
    assert bar.timeline.width() >= 80
    assert end.toolTip().endswith(status)
    assert bar.continue_here.accessibleName() == "Continue from here"
    bar.resize(1280, 52)
    qtbot.waitUntil(lambda: past or bar.status.text() == status)
    assert bar.continue_here.text() == "Continue from here"
