"""Bars, the map of layer and step, and the plane with points: what is drawn and what the mouse is told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plots import click, has, hover, painted, pixel, shown

from gradlab.ui import theme
from gradlab.ui.plots.bars import BarPlot, Bars
from gradlab.ui.plots.plane import Dots, PlanePlot
from gradlab.ui.plots.step_map import Band, StepMap

RED, BLUE = "#f2635d", "#56B4E9"
VALUES = np.array([1e-6, 1e-4, 1e-2])


def bars(values=VALUES, **more) -> Bars:
    return Bars("a", np.asarray(values, dtype=float), colour=RED, name="A", **more)


@pytest.fixture
def plot(qtbot):
    return shown(qtbot, BarPlot(x="layer", y="norm"))


def test_a_bar_reaches_its_value_on_a_log_axis(plot):
    plot.show_bars([bars()], ["1", "2", "3"])
    image = painted(plot)
    for index, value in enumerate(VALUES):
        at = pixel(plot, index, math.log10(value))
        under, over = at.y() + 4, at.y() - 6
        shift = plot.graphics.pos()
        assert image.pixelColor(at.x() + shift.x(), under + shift.y()).name() == RED
        assert image.pixelColor(at.x() + shift.x(), over + shift.y()).name() != RED


def test_two_series_stand_side_by_side(plot):
    plot.show_bars([bars(), Bars("b", VALUES[::-1].copy(), colour=BLUE, name="B")], ["1", "2", "3"])
    image = painted(plot)
    assert has(image, RED)
    assert has(image, BLUE)


def test_the_axis_follows_the_range_of_late(plot):
    plot.show_bars([bars(low=VALUES / 100, high=VALUES * 10)], ["1", "2", "3"])
    low, high = plot.view.viewRange()[1]
    assert -9.1 <= low <= -8
    assert -1 <= high <= 0
    plot.show_bars([bars(VALUES * 1e6)], ["1", "2", "3"])
    low, high = plot.view.viewRange()[1]
    assert low >= -1.2
    assert high >= 4


def test_zero_has_its_own_mark_and_says_so(plot):
    plot.show_bars([bars([0.0, 1e-3, math.inf])], ["1", "2", "3"])
    assert "0: exactly zero" in plot.note()
    assert "Not finite: 1" in plot.note()
    image = painted(plot)
    foot = plot.view.viewRange()[1][0]
    at = pixel(plot, 0, foot) + plot.graphics.pos()
    part = image.copy(at.x() - 8, at.y() - 18, 16, 16)
    assert has(part, RED, 60)


def test_nothing_finite_draws_nothing_and_does_not_raise(plot):
    plot.show_bars([bars([math.nan, 0.0, math.nan])], ["1", "2", "3"])
    painted(plot)
    plot.set_log(False)
    painted(plot)
    with pytest.raises(ValueError, match="3 bars"):
        plot.show_bars([bars()], ["1", "2"])


def test_the_mouse_is_told_the_layer_its_shape_and_its_numbers(plot, qtbot):
    details = ["hidden_1  32×2", "hidden_2  32×32", "output  1×32"]
    plot.show_bars([bars(low=VALUES / 2, high=VALUES * 2)], ["1", "2", "3"], details)
    hover(plot, 1, -5)
    assert "hidden_2  32×32" in plot.readout()
    assert repr(1e-4) in plot.readout()
    assert "5e-05 … 0.0002" in plot.readout()
    with qtbot.waitSignal(plot.picked) as caught:
        click(plot, 2, -5)
    assert caught.args == [2]


def test_what_is_exported_has_the_ranges(plot):
    plot.show_bars([bars(low=VALUES / 2, high=VALUES * 2)], ["1", "2", "3"], ["in", "mid", "out"])
    columns = plot.columns()
    assert columns["layer"].tolist() == ["in", "mid", "out"]
    assert columns["A"].tolist() == VALUES.tolist()
    assert columns["A, least of late"].tolist() == (VALUES / 2).tolist()
    assert "1e-06 … 0.01" in plot.summary()


STEPS = np.arange(50.0)
LAYERS = ("first", "last")
GRADIENTS = np.stack([10.0 ** (-6 - STEPS / 10), np.full(50, 1e-1)], axis=1)


@pytest.fixture
def flow(qtbot):
    return shown(qtbot, StepMap())


def test_the_input_is_below_and_the_first_band_too(flow):
    flow.show_bands([Band("A", LAYERS, GRADIENTS), Band("B", LAYERS, GRADIENTS * 10)], STEPS)
    assert flow.matrix().shape == (4, 50)
    assert flow.matrix()[3].tolist() == GRADIENTS[:, 0].tolist()
    assert flow.layer_at(3) == (0, 0)
    assert flow.layer_at(0) == (1, 1)
    hover(flow, 7, 3)
    assert flow.readout().startswith("A first · 7")
    assert repr(float(GRADIENTS[7, 0])) in flow.readout()


def test_zeros_over_many_steps_are_hatched_in_one_stretch(flow):
    dead = GRADIENTS.copy()
    dead[:, 0] = 0.0
    flow.show_bands([Band("A", LAYERS, dead)], STEPS)
    image = painted(flow)
    at = pixel(flow, 25, 1) + flow.graphics.pos()
    assert has(image.copy(at.x() - 12, at.y() - 12, 24, 24), theme.current().muted)


def test_its_line_is_dragged_to_a_step(flow, qtbot):
    from plots import drag

    flow.show_bands([Band("A", LAYERS, GRADIENTS)], STEPS)
    flow.set_cursor(10)
    painted(flow)
    with qtbot.waitSignal(flow.cursorMoved):
        drag(flow.graphics.viewport(), pixel(flow, 10, 0.5), pixel(flow, 30, 0.5))
    assert flow._cursor.value() == 30


def test_an_empty_record_draws_nothing(flow):
    flow.show_bands([], STEPS)
    painted(flow)
    flow.show_bands([Band("A", LAYERS, GRADIENTS[:1])], STEPS[:1])
    painted(flow)


def test_a_plane_shows_points_on_a_picture(qtbot):
    plane = shown(qtbot, PlanePlot())
    x = np.linspace(-1, 1, 20)
    pixels = np.zeros((20, 20, 4), dtype=np.uint8)
    pixels[..., 2], pixels[..., 3] = 255, 255
    plane.show_picture(pixels, x, x)
    plane.show_dots(
        [Dots("0", np.zeros(1), np.zeros(1), RED), Dots("1", np.ones(1) / 2, np.zeros(1), BLUE, hollow=True)]
    )
    plane.set_reading(lambda _x, _y: "class 1")
    image = painted(plane)
    at = pixel(plane, 0, 0) + plane.graphics.pos()
    assert image.pixelColor(at).name() == RED
    at = pixel(plane, -0.5, -0.5) + plane.graphics.pos()
    assert image.pixelColor(at).blue() > 240
    hover(plane, 0.5, 0.5)
    assert "class 1" in plane.readout()


def test_points_alone_are_all_in_sight(qtbot):
    plane = shown(qtbot, PlanePlot())
    plane.show_dots([Dots("0", np.array([3.0, 5.0, math.nan]), np.array([-2.0, 2.0, 0.0]))])
    (x0, x1), (y0, y1) = plane.view.viewRange()
    assert x0 < 3
    assert x1 > 5
    assert y0 < -2
    assert y1 > 2


def test_a_value_that_has_no_room_on_one_line_is_told_on_two(qtbot):
    narrow = shown(qtbot, StepMap(), 240, 300)
    tiny = np.full((50, 2), 1.2262148693030123e-13)
    narrow.show_bands([Band("A", ("hidden_9", "output"), tiny), Band("B", ("hidden_9", "output"), tiny)], STEPS)
    hover(narrow, 30, 3)
    assert narrow.readout().startswith("A hidden_9 · 30\n")
    assert narrow.readout().endswith("e-13")
    assert narrow._note.geometry().right() <= narrow.width()


def test_the_names_on_both_sides_of_a_parting_do_not_touch(qtbot):
    flow = shown(qtbot, StepMap(), 300, 260)
    deep = np.tile(np.logspace(-13, 0, 21), (50, 1))
    layers = tuple(str(k) for k in range(21))
    flow.show_bands([Band("A", layers, deep), Band("B", layers, deep)], STEPS)
    painted(flow)
    low, high = sorted(flow.view.viewRange()[1])
    ticks = dict(flow.left.tick_list(low, high, flow.area().height()))
    at = {name: flow.to_pixels(0, place).y() for place, name in ticks.items()}
    assert set(at) == {"A in", "A out", "B in", "B out"}
    assert at["A out"] - at["B in"] >= 14


def test_a_few_steps_far_off_do_not_blacken_the_others(flow):
    steps = np.arange(300.0)
    calm = np.stack([np.full(300, 1.0), np.logspace(0, 1, 300)], axis=1)
    burst = np.full((300, 2), np.nan)
    burst[:4] = 1e15
    flow.show_bands([Band("A", LAYERS, burst), Band("B", LAYERS, calm)], steps)
    low, high = flow._shown_range
    assert 0 <= low < 0.1
    assert 0.9 < high < 3
    flow.show_bands([Band("A", LAYERS, calm * 1e-3), Band("B", LAYERS, calm)], steps)
    assert flow._shown_range == pytest.approx((-3, 1))


def test_the_colours_of_less_than_a_decade_are_told_in_values(flow):
    flow.show_bands([Band("A", LAYERS, np.stack([np.linspace(0.2, 0.9, 50), np.full(50, 0.5)], axis=1))], STEPS)
    ticks = flow._bar._labels(300)
    assert len(ticks) >= 2
    for place, text in ticks:
        assert float(text) == pytest.approx(10**place, rel=1e-6)


def test_bars_have_room_for_those_they_are_compared_with(plot):
    plot.show_bars([bars([1e-2, 1e-1])], ["1", "2"])
    alone = plot.view.viewRange()[1]
    plot.set_beside(np.array([1e-9, np.nan, 1e-1]))
    low = plot.view.viewRange()[1][0]
    assert low <= -9
    assert alone[0] > -4
    plot.set_beside(np.empty(0))
    assert plot.view.viewRange()[1] == alone


def test_a_plane_names_its_points_and_an_empty_one_measures_nothing(qtbot):
    plane = shown(qtbot, PlanePlot())
    plane.show_dots([Dots("0", np.zeros(1), np.zeros(1), RED, "single sample"), Dots("1", np.ones(1), np.ones(1))])
    plane.show_key(True)
    assert plane.key() == "single sample"
    assert has(painted(plane._key), RED)
    plane.show_key(False)
    assert not plane._key.isVisible()
    plane.set_bare(True)
    assert plane.left.tick_list(0, 1, 300) == []
    plane.set_bare(False)
    assert plane.left.tick_list(0, 1, 300)


def test_a_long_remark_is_broken_into_lines_within_the_plot(qtbot):
    plane = shown(qtbot, PlanePlot())
    plane.resize(260, 240)
    plane.say("6 pools need pictures of at least 64×64 pixels, not of 32×32 as these ones are")
    note, area = plane._remark, plane.area()
    assert note.wordWrap()
    assert area.left() <= note.x()
    assert note.x() + note.width() <= area.right() + 1
    plane.say("short")
    assert not note.wordWrap()
    assert note.width() < area.width() / 2


def test_the_cursor_of_a_map_stands_out_from_colours_like_its_own(qtbot):
    flow = shown(qtbot, StepMap())
    flow.show_bands([Band("A", ("1", "2"), np.full((20, 2), 1e-9))], np.arange(20.0))
    flow.set_cursor(7)
    assert flow._halo.value() == flow._cursor.value() == 7
    assert flow._halo.isVisible()
    assert flow._halo.pen.color().name() == theme.current().surface != flow._cursor.pen.color().name()
    assert flow._halo.pen.width() > flow._cursor.pen.width()
    assert flow._halo.zValue() < flow._cursor.zValue()
    flow.set_cursor(None)
    assert not flow._halo.isVisible()
