"""Curves on screen: gaps, extreme numbers, crosshair, cursor, legend, zoom, and a switch of theme, by real events."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plots import click, double_click, drag, has, hover, painted, pixel, pixels, shown, wheel
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from gradlab.ui import theme
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.values import Curve, Mark

STEPS = np.arange(100.0)


@pytest.fixture
def plot(qtbot):
    made = CurvePlot(y="loss", legend=True)
    shown(qtbot, made)
    made.show_curves([Curve("a", STEPS, 0.9**STEPS, 0, "Adam"), Curve("b", STEPS, 0.8**STEPS, 1, "SGD <b>")])
    painted(made)
    return made


def test_curves_are_drawn_in_the_colours_of_their_traces(plot):
    picture = painted(plot)
    assert has(picture, theme.current().traces[0], 40)
    assert has(picture, theme.current().traces[1], 40)
    assert not has(picture, theme.current().traces[3], 12)


def test_what_is_not_positive_is_a_gap_on_a_log_axis_and_never_a_plateau(plot):
    y = 10.0**-STEPS
    y[40:60], y[70] = 0.0, -1.0
    plot.set_log(True)
    plot.show_curves([Curve("a", STEPS, y, 0)])
    assert plot.note() == "Hidden (≤ 0): 21"
    drawn = plot._curves._items["a"].y
    assert np.isnan(drawn[40:60]).all()
    assert np.isnan(drawn[70])
    np.testing.assert_allclose(drawn[:40], -STEPS[:40], atol=1e-12)
    low, high = plot.view.viewRange()[1]
    assert low < -99
    assert high > 0
    painted(plot)
    plot.set_log(False)
    assert plot.note() == ""


def test_points_that_are_not_finite_are_counted_and_left_out(plot):
    y = np.sin(STEPS)
    y[[3, 50]] = np.nan, np.inf
    plot.show_curves([Curve("a", STEPS, y, 0), Curve("b", STEPS, y, 1, visible=False)])
    assert plot.note() == "Not finite: 2"
    assert plot.view.viewRange()[1][1] < 1.2
    painted(plot)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "y",
    [[5e-324, 0.0, 1e-323], [1e300, -1e300, 1.7e308], [math.nan] * 3, [math.inf, -math.inf, math.nan], [7.0, 7.0, 7.0],
     [1.0, 1 + 2e-16, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -3.0], [1e-200, 1.0, 1e200]],
    ids=str,
)  # fmt: skip
def test_no_numbers_break_the_painting_or_the_zoom(qtbot, y, log):
    plot = shown(qtbot, CurvePlot(log=log))
    plot.show_curves([Curve("a", np.arange(3.0), np.array(y), 0)])
    painted(plot)
    for _ in range(40):
        plot.zoom(1e-10)
    painted(plot)
    for _ in range(80):
        plot.zoom(1e10)
    painted(plot)
    plot.set_hover(1.0)
    painted(plot)
    plot.reset_view()
    painted(plot)
    assert np.isfinite(plot.view.viewRange()).all()


def test_a_view_without_finite_data_keeps_its_last_range(plot):
    before = plot.view.viewRange()
    plot.show_curves([Curve("a", STEPS, STEPS * np.nan, 0)])
    assert plot.view.viewRange() == before


def test_a_single_step_shows_as_a_dot(qtbot):
    plot = shown(qtbot, CurvePlot())
    plot.show_curves([Curve("a", np.array([0.0]), np.array([3.0]), 4)])
    assert has(painted(plot), theme.current().traces[4])


def test_points_between_gaps_are_dots_to_the_end(qtbot):
    steps = np.arange(1200)
    made = CurvePlot()
    shown(qtbot, made)
    made.set_log(True)
    made.show_curves([Curve("a", steps, np.where(steps % 2, 1.0, 0.0), 4)])
    picture = painted(made)
    width = picture.width() // 5
    assert has(picture.copy(picture.width() - width, 0, width, picture.height()), theme.current().traces[4])


def test_a_dot_of_an_old_run_is_as_faint_as_its_curve(qtbot):
    plot = CurvePlot()
    shown(qtbot, plot)
    plot.show_curves([Curve("a", np.array([0.0]), np.array([3.0]), 4, faint=True)])
    assert not has(painted(plot), theme.current().traces[4])


def test_a_million_points_are_thinned_and_their_spike_stays(qtbot):
    plot = shown(qtbot, CurvePlot())
    y = np.zeros(1_000_000)
    y[654_321] = 5.0
    plot.show_curves([Curve("a", np.arange(1e6), y, 0)])
    x, drawn = plot._curves._items["a"].x, plot._curves._items["a"].y
    assert len(x) < 8 * plot.width()
    assert drawn.max() == 5.0
    plot.view.setRange(xRange=(654_000, 655_000), padding=0)
    plot._moved_by_hand()
    assert 900 < len(plot._curves._items["a"].x) < 1100  # close up every point is there


def test_the_range_is_kept_while_curves_grow_in_it_and_fits_them_all_the_time(qtbot):
    plot = shown(qtbot, CurvePlot(log=True))
    ranges, ticks = set(), []
    plot.left.generateDrawSpecs, draw = lambda p: (ticks.append(1), draw(p))[1], plot.left.generateDrawSpecs
    for count in range(400, 800):
        steps = np.arange(float(count))
        plot.show_curves([Curve("a", steps, 10.0 ** (-steps / 50), 0)])
        (x0, x1), (y0, y1) = plot.view.viewRange()
        assert x0 <= 0 < count - 1 <= x1 <= 1.07 * count
        assert y0 <= -(count - 1) / 50 < 0 <= y1
        assert y1 - y0 < 1.45 * count / 50
        ranges.add((x0, x1, y0, y1))
        if count % 50 == 0:
            painted(plot)
    assert 3 < len(ranges) < 60  # not one for each of 400 frames
    plot.show_curves([Curve("a", np.arange(50.0), np.ones(50), 0)])
    assert plot.view.viewRange()[0][1] < 60  # shorter data: fitted at once
    plot.reset_view()
    assert plot.view.viewRange()[0] == pytest.approx((-0.49, 49.49), abs=0.02)


def test_items_are_kept_by_key(plot):
    first = plot._curves._items["a"]
    plot.show_curves([Curve("a", STEPS, STEPS, 0)])
    assert plot._curves._items == {"a": first}
    assert plot._curves.traces in plot.plot.items


def test_the_view_follows_the_data_until_it_is_moved_and_again_after_a_reset(plot):
    wheel(plot.graphics.viewport(), pixel(plot, 50, 0.5))
    assert not plot.auto_range()
    kept = plot.view.viewRange()
    plot.show_curves([Curve("a", np.arange(1000.0), np.arange(1000.0), 0)])
    assert plot.view.viewRange() == kept
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert plot.auto_range()
    assert plot.view.viewRange()[0][1] > 999


def test_dragging_pans_and_shift_zooms_into_a_box(plot, qtbot):
    viewport = plot.graphics.viewport()
    (x0, x1), _ = plot.view.viewRange()
    with qtbot.waitSignal(plot.windowChanged):
        drag(viewport, pixel(plot, 50, 0.5), pixel(plot, 30, 0.5))
    assert plot.view.viewRange()[0][0] == pytest.approx(x0 + 20, abs=3)
    plot.reset_view()
    drag(viewport, pixel(plot, 20, 0.8), pixel(plot, 60, 0.2), keys=Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_allclose(plot.view.viewRange(), ((20, 60), (0.2, 0.8)), atol=1.5)
    double_click(viewport)
    assert plot.auto_range()
    assert plot.view.viewRange()[0][1] == pytest.approx(x1)


def test_the_window_on_x_is_told(plot, qtbot):
    with qtbot.waitSignal(plot.windowChanged) as zoomed:
        QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert zoomed.args == list(plot.view.viewRange()[0])
    with qtbot.waitSignal(plot.windowChanged) as reset:
        plot.reset_view()
    assert all(math.isnan(x) for x in reset.args)


def test_the_crosshair_reads_exact_values_and_is_told_to_linked_plots(plot, qtbot):
    other = shown(qtbot, CurvePlot())
    other.show_curves([Curve("g", STEPS, STEPS**2, 2, "norm")])
    plot.hovered.connect(other.set_hover)
    told = []
    plot.hovered.connect(told.append)
    hover(plot, 50, 0.5)
    assert told[-1] == 50.0
    assert plot.readout() == f"step 50\nAdam {0.9**50!r}\nSGD <b> {0.8**50!r}"
    assert other.readout() == "step 50\nnorm 2500.0"
    hover(plot, -5, 0.5)
    assert told[-1] is None
    assert plot.readout() == other.readout() == ""


def test_a_linked_crosshair_emits_nothing_and_may_read_elsewhere(plot, qtbot):
    plot.set_readings(lambda x: {"a": 1 / 3} if x == 7 else {})
    with qtbot.assertNotEmitted(plot.hovered):
        plot.set_hover(7.0)
    assert plot.readout() == "step 7\nAdam 0.3333333333333333"
    plot.set_hover(8.0)
    assert plot.readout() == "step 8"


def test_marks_are_drawn_and_told_beside_the_crosshair(plot):
    before = painted(plot)
    plot.set_marks([Mark(60, "lr 0.1 → 0.05", 4)])
    assert painted(plot) != before
    plot.set_hover(60.0)
    assert plot.readout().endswith("lr 0.1 → 0.05")
    plot.set_marks([])
    plot.set_hover(None)
    assert painted(plot) == before


def test_the_cursor_is_dragged_to_whole_steps(plot, qtbot):
    plot.set_cursor(30)
    painted(plot)
    told = []
    plot.cursorMoved.connect(told.append)
    drag(plot.graphics.viewport(), pixel(plot, 30, 0.5), pixel(plot, 70, 0.5))
    assert told
    assert all(isinstance(step, int) for step in told)
    assert told[-1] == pytest.approx(70, abs=1)
    assert plot.auto_range()  # the line moved, not the view


def test_the_cursor_obeys_the_keys(plot, qtbot):
    plot.set_cursor(30)
    told = []
    plot.cursorMoved.connect(told.append)
    for key, keys in ((Qt.Key.Key_Right, None), (Qt.Key.Key_Left, None), (Qt.Key.Key_Right, "shift")):
        QTest.keyClick(plot, key, Qt.KeyboardModifier.ShiftModifier if keys else Qt.KeyboardModifier.NoModifier)
    assert told == [31, 30, 40]
    plot.set_cursor(None)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert told == [31, 30, 40]
    assert not plot.auto_range()  # without a cursor the keys move the view


def test_the_legend_asks_and_the_owner_decides(plot, qtbot):
    buttons = {b.text(): b for b in plot.findChildren(QToolButton)}
    assert set(buttons) == {"Adam", "SGD <b>"}
    with qtbot.waitSignal(plot.toggled) as told:
        QTest.mouseClick(buttons["Adam"], Qt.MouseButton.LeftButton)
    assert told.args == ["a"]
    assert buttons["Adam"].isChecked()
    plot.show_curves([Curve("a", STEPS, 0.9**STEPS, 0, "Adam", visible=False), Curve("b", STEPS, 0.8**STEPS, 1, "SGD")])
    assert not buttons["Adam"].isChecked()
    assert not plot._curves._items["a"].visible
    assert buttons["Adam"].accessibleName() == "Show Adam"


def test_a_crowded_legend_takes_more_rows_and_stays_inside(qtbot):
    plot = shown(qtbot, CurvePlot(legend=True), 420, 300)
    plot.show_curves([Curve(f"r{i}", STEPS, STEPS + i, i, f"a racer called {i}") for i in range(8)])
    painted(plot)
    boxes = [b.geometry().translated(plot._legend.pos()) for b in plot.findChildren(QToolButton)]
    assert len({box.top() for box in boxes}) > 1
    assert all(plot.area().adjusted(-2, -2, 2, 2).contains(box) for box in boxes)
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)


def test_no_tick_label_is_cut_or_touches_another(plot):
    for log in (False, True):
        plot.set_log(log)
        painted(plot)
        for axis in (plot.left, plot.bottom):
            texts = _texts(axis)
            assert len(texts) >= 3
            assert not any(a.intersects(b) for a in texts for b in texts if a is not b)
            frame = plot.graphics.sceneRect().adjusted(1, 1, -1, -1)
            assert all(frame.contains(axis.mapRectToScene(box)) for box in texts)


def _texts(axis):
    from PySide6.QtGui import QPainter, QPicture

    picture = QPicture()
    painter = QPainter(picture)
    boxes = [spec[0] for spec in axis.generateDrawSpecs(painter)[2]]
    painter.end()
    return boxes


def test_a_switch_of_theme_recolours_without_new_items(plot, qapp):
    plot.set_cursor(50)
    plot.show_curves([*plot._curves.curves, Curve("dot", np.array([30.0]), np.array([0.5]), 4)])
    items, before = dict(plot._curves._items), theme.mode()
    other, tokens = ("light", theme.LIGHT) if theme.current() is theme.DARK else ("dark", theme.DARK)
    theme.apply(qapp, other)
    try:
        picture = painted(plot)
        assert plot._curves._items == items
        assert has(picture, tokens.traces[0], 40)
        assert has(picture, tokens.traces[4], 4)
        assert (pixels(picture)[-20, -20] == [int(tokens.surface[i : i + 2], 16) for i in (1, 3, 5)]).all()
    finally:
        theme.apply(qapp, before)


def test_faint_and_dashed_curves_differ(qtbot):
    plot = shown(qtbot, CurvePlot())
    seen = []
    for curve in (Curve("a", STEPS, STEPS, 0), Curve("a", STEPS, STEPS, 0, faint=True), Curve("a", STEPS, STEPS, 6)):
        plot.show_curves([curve])
        seen.append(pixels(painted(plot)))
    solid, faint, dashed = (int((np.abs(p - seen[0][5, 300]).max(axis=2) > 90).sum()) for p in seen)
    assert faint < dashed < solid


def test_clicking_a_curve_plot_does_nothing_but_take_the_focus(plot, qtbot):
    click(plot, 30, 0.5)
    qtbot.waitUntil(plot.hasFocus)
    assert plot.auto_range()
    assert "2 curves against step" in plot.accessibleDescription()


def test_the_table_is_in_data_units_even_on_a_log_axis(plot):
    plot.set_log(True)
    columns = plot.columns()
    assert list(columns) == ["Adam: step", "Adam: loss", "SGD <b>: step", "SGD <b>: loss"]
    np.testing.assert_array_equal(columns["Adam: loss"], 0.9**STEPS)


def test_a_plot_without_curves_is_calm(qtbot):
    plot = shown(qtbot, CurvePlot(legend=True))
    plot.show_curves([])
    plot.set_hover(3.0)
    plot.reset_view()
    painted(plot)
    assert plot.columns() == {}
    assert plot.readout() == "step 3"
    QApplication.sendPostedEvents()
    assert QPoint(0, 0) == plot.rect().topLeft()
