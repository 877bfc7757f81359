"""The contour and the one-dimensional plot on screen: clicks, drags, keys, gaps, and what is kept between frames."""

from __future__ import annotations

import numpy as np
import pytest
from plots import bowl, click, double_click, drag, has, hover, painted, pixel, pixels, shown, wheel
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gradlab.ui import theme
from gradlab.ui.plots import arrows, colours, contour, marks, swarm
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve, Path, Spot, Start, Swarm, Vector

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def plot(qtbot):
    made = ContourPlot(x="w", y="b")
    shown(qtbot, made, 560, 480)
    x, z = bowl()
    made.set_map(x, x, z)
    painted(made)
    return made


def colour_at(plot, x, y):
    return pixels(plot.graphics.grab().toImage())[pixel(plot, x, y).y(), pixel(plot, x, y).x()]


@pytest.mark.parametrize(("x", "y"), [(-1.5, -1.7), (0.03, 0.9), (1.9, 1.9), (-1.2, 1.6)])
def test_every_point_has_the_colour_of_its_value(plot, x, y):
    axis, z = bowl()
    plot.set_map(axis, axis, z, lines=[])
    painted(plot)
    wanted = colours.table("viridis")[colours.indices(np.array(x**2 + 2 * y), z.min(), z.max())][:3]
    assert np.abs(colour_at(plot, x, y) - wanted).max() <= 12


def test_a_unit_of_x_is_as_long_as_a_unit_of_y_unless_unlocked(plot):
    origin, right, up = plot.to_pixels(0, 0), plot.to_pixels(1, 0), plot.to_pixels(0, 1)
    assert right.x() - origin.x() == pytest.approx(origin.y() - up.y(), rel=0.01)
    plot.set_aspect_locked(False)
    painted(plot)
    np.testing.assert_allclose(plot.view.viewRange(), ((-2, 2), (-2, 2)), atol=1e-9)


def test_the_whole_domain_is_seen_again_after_a_reset_and_a_new_domain_is_shown(plot):
    wheel(plot.graphics.viewport(), pixel(plot, 1, 1), 600)
    assert not plot.auto_range()
    plot.reset_view()
    (x0, x1), (y0, y1) = plot.view.viewRange()
    assert x0 <= -2 < 2 <= x1
    assert y0 <= -2 < 2 <= y1
    wheel(plot.graphics.viewport(), pixel(plot, 1, 1), 600)
    kept = plot.view.viewRange()
    x, z = bowl()
    plot.set_map(x, x, -z)
    assert plot.view.viewRange() == kept  # the same domain in other colours
    plot.set_map(10 * x, 10 * x, z)
    assert plot.view.viewRange()[0][1] >= 20


def test_cells_that_are_not_finite_are_gaps_and_counted(plot):
    x, z = bowl()
    z[10:20, 10:20] = np.nan
    z[40, 40] = np.inf
    plot.set_map(x, x, z)
    painted(plot)
    assert plot.missing == 101
    assert "101" in plot._gaps.text()
    middle = float(x[15])
    assert QColor(*colour_at(plot, middle, middle)).name() == theme.current().line


@pytest.mark.parametrize("z", [np.full((5, 5), np.nan), np.zeros((5, 5)), np.full((5, 5), 1e300), np.eye(5) * 5e-324])
def test_no_field_breaks_the_painting(plot, z):
    g = np.linspace(0, 1, 5)
    plot.set_map(g, g, z)
    painted(plot)
    for factor in (1e-8, 1e-8, 1e16, 1e16, 1e300):
        plot.zoom(factor)
        painted(plot)


def test_a_click_tells_its_place(plot, qtbot):
    for x, y in ((-1.3, 0.4), (1.9, -1.9)):
        with qtbot.waitSignal(plot.clicked) as told:
            click(plot, x, y)
        np.testing.assert_allclose(told.args, (x, y), atol=0.02)


def test_panning_is_no_click(plot, qtbot):
    with qtbot.assertNotEmitted(plot.clicked):
        drag(plot.graphics.viewport(), pixel(plot, 0, 0), pixel(plot, 1, 1))
    assert not plot.auto_range()


def test_a_ring_is_dragged_without_moving_the_map(plot, qtbot):
    plot.set_starts([Start(-1.0, -1.0), Start(1.0, 1.0, "adam", 0)])
    painted(plot)
    told = []
    plot.startMoved.connect(lambda *args: told.append(args))
    before = plot.view.viewRange()
    drag(plot.graphics.viewport(), pixel(plot, 1, 1) + QPoint(3, 0), pixel(plot, 1.5, -0.5) + QPoint(3, 0))
    assert {key for key, *_ in told} == {"adam"}
    assert [done for *_, done in told] == [False] * (len(told) - 1) + [True]
    np.testing.assert_allclose(told[-1][1:3], (1.5, -0.5), atol=0.03)  # the grip does not jump to the middle
    assert plot.view.viewRange() == before
    assert plot._rings.rings["adam"].pos().x() == 1.0  # the owner moves it
    plot.set_starts([Start(1.5, -0.5, "adam", 0)])
    assert list(plot._rings.rings) == ["adam"]
    assert plot._rings.rings["adam"].pos().x() == 1.5


def test_arrow_keys_nudge_the_start(plot, qtbot):
    plot.set_starts([Start(0.0, 0.0)])
    plot.setFocus()
    told = []
    plot.startMoved.connect(lambda *args: told.append(args))
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Up, SHIFT)
    assert [done for *_, done in told] == [False, True, False, True]
    (_, x, y, _), (_, fx, fy, _) = told[1], told[3]
    assert x > 0 == y == fx
    assert fy == pytest.approx(10 * x * np.ptp(plot.view.viewRange()[1]) / np.ptp(plot.view.viewRange()[0]))
    QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert len(told) == 4
    assert not plot.auto_range()


def test_the_mouse_reads_coordinates_and_what_the_owner_adds(plot, qtbot):
    plot.set_reading(lambda x, y: f"f {x * x + 2 * y:.1f}")
    hover(plot, 1, 1)
    assert plot.readout().startswith("w 1.0")
    assert plot.readout().endswith("f 3.0")
    with qtbot.assertNotEmitted(plot.hovered):
        plot.set_hover((0.5, 0.25))
    assert plot.readout() == "w 0.5   b 0.25   f 0.8"
    plot.set_hover(None)
    assert plot.readout() == ""


def test_paths_stand_out_by_a_casing_and_keep_their_items(plot):
    t = np.linspace(-1.8, 1.8, 5000)
    plot.set_paths([Path("a", t, np.sin(t), 0, "Adam"), Path("b", t, -np.sin(t), 7, "SGD", stopped=True)])
    item = plot._paths.ways["a"]
    picture = painted(plot)
    assert has(picture, theme.DARK.traces[0], 30)
    assert has(picture, marks.CASING, 30)
    assert len(item.x) < 1500  # what does not move a pixel is not drawn
    plot.set_paths([Path("a", t[:9], t[:9], 0, visible=False)])
    assert plot._paths.ways == {"a": item}
    assert not item.visible
    assert not has(painted(plot), marks.CASING, 12)


def test_symbols_vectors_level_and_swarm_are_drawn_and_cleared(plot):
    plain = painted(plot)
    empty = np.empty(0)
    layers = {
        "spots": (
            lambda: plot.set_spots([Spot(0, 0), Spot(1, 1, "saddle"), Spot(np.nan, 0)]),
            lambda: plot.set_spots([]),
        ),
        "vectors": (
            lambda: plot.set_vectors([Vector(0, 0, 1, 1, 0, "−∇f"), Vector(0, 0, np.inf, 0)]),
            lambda: plot.set_vectors([]),
        ),
        "level": (
            lambda: plot.set_level(float(np.median(plot._grid[2]))),
            lambda: plot.set_level(None),
        ),
        "tangent": (
            lambda: plot.set_tangent(np.array([-1.0, 1]), np.array([0.0, 1])),
            lambda: plot.set_tangent(empty, empty),
        ),
        "swarm": (
            lambda: plot.set_swarms([Swarm("s", np.array([0.5, np.nan]), np.array([0.5, 0.5]), 1)]),
            lambda: plot.set_swarms([]),
        ),
    }
    seen = []
    for draw, clear in layers.values():
        draw()
        seen.append(painted(plot))
        assert seen[-1] != plain
        clear()
        assert painted(plot) == plain
    x = np.linspace(-2, 2, 12)
    gx, gy = np.meshgrid(x, x)
    plot.set_field(x, x, gx, gy)
    assert painted(plot) != plain
    plot.set_field(empty, empty, np.empty((0, 0)), np.empty((0, 0)))
    assert painted(plot) == plain
    assert all(a != b for k, a in enumerate(seen) for b in seen[:k])


def test_ten_thousand_points_land_where_they_are(plot):
    rng = np.random.default_rng(0)
    points = rng.uniform(-2, 2, (2, 10_000))
    image = np.zeros((100, 120, 4), dtype=np.uint8)
    swarm.splat(image, points[0] * 40 + 60, points[1] * 40 + 50, 1.5, (1, 2, 3, 255))
    assert (image[image[..., 3] > 0] == (1, 2, 3, 255)).all()
    wanted = (np.abs(points[0] * 40 + 0.0) < 60) & (np.abs(points[1] * 40) < 50)
    columns, rows = (points[0] * 40 + 60)[wanted].astype(int), (points[1] * 40 + 50)[wanted].astype(int)
    assert image[rows, columns, 3].all()
    plot.set_swarms([Swarm("s", points[0], points[1], 1)])
    assert has(painted(plot), theme.DARK.traces[1], 4)


def test_iso_lines_and_map_are_made_once_for_many_frames(plot, monkeypatch):
    made = []
    monkeypatch.setattr(contour, "iso_lines", lambda *args: made.append("lines") or (np.empty((0, 2, 2)), np.empty(0)))
    monkeypatch.setattr(plot._map, "_render", lambda *args, real=plot._map._render: made.append("map") or real(*args))
    x, z = bowl()
    plot.set_map(x, x, z)
    painted(plot)
    for k in range(5):
        plot.set_paths([Path("a", x[: k + 2], x[: k + 2], 0)])
        painted(plot)
    assert made == ["lines", "map"]
    plot.zoom(0.5)
    painted(plot)
    assert made == ["lines", "map", "map"]


def test_colour_maps_change_the_map_and_unknown_ones_are_refused(plot):
    before = painted(plot)
    plot.set_colour_map("magma")
    assert painted(plot) != before
    with pytest.raises(ValueError, match="not 'jet'"):
        plot.set_colour_map("jet")


def test_a_switch_of_theme_recolours_ground_bar_and_labels(plot, qapp):
    before = theme.mode()
    plot.set_paths([Path("a", np.array([0.0, 1]), np.array([0.0, 1]), 0)])
    try:
        for mode, tokens in (("light", theme.LIGHT), ("dark", theme.DARK)):
            theme.apply(qapp, mode)
            picture = painted(plot)
            assert has(picture, tokens.surface, 0)
            assert has(picture, theme.DARK.traces[0], 30)
    finally:
        theme.apply(qapp, before)


def test_the_table_has_the_paths_or_the_grid(plot):
    assert [len(column) for column in plot.columns().values()] == [61 * 61] * 3
    plot.set_paths([Path("a", np.arange(3.0), np.arange(3.0) ** 2, 0, "Adam")])
    columns = plot.columns()
    assert list(columns) == ["Adam: w", "Adam: b"]
    assert columns["Adam: b"].tolist() == [0, 1, 4]
    assert "Adam (2, 4)" in plot.summary()


# one dimension


@pytest.fixture
def line(qtbot):
    made = LinePlot()
    shown(qtbot, made, 560, 420)
    x = np.linspace(-2, 2, 401)
    made.show_curves([Curve("f", x, x**2 + 1, 1, "f")])
    painted(made)
    return made


def test_a_click_on_a_line_plot_tells_x_and_a_double_click_no_more(line, qtbot):
    with qtbot.waitSignal(line.clicked) as told:
        click(line, 0.7, 3)
    assert told.args[0] == pytest.approx(0.7, abs=0.02)
    line.zoom(0.5)
    double_click(line.graphics.viewport())
    assert not line.auto_range()


def test_the_point_on_the_curve_is_dragged_along_x(line, qtbot):
    line.set_starts([Start(1.0, 2.0, "sgd")])
    painted(line)
    told = []
    line.startMoved.connect(lambda *args: told.append(args))
    drag(line.graphics.viewport(), pixel(line, 1, 2), pixel(line, -1, 4))
    assert told[-1] == ("sgd", pytest.approx(-1, abs=0.03), True)
    told.clear()
    QTest.keyClick(line, Qt.Key.Key_Right)
    assert [(key, done) for key, _, done in told] == [("sgd", False), ("sgd", True)]
    assert told[0][1] > 1.0


def test_tangent_iterates_and_spots_are_drawn_on_both_scales(line):
    for log in (False, True):
        line.set_log(log)
        plain = painted(line)
        line.set_tangent(1.0, 2.0, 2.0)
        x, y = line._tangent.getData()
        height = 10**y if log else y
        good = np.isfinite(height)
        np.testing.assert_allclose(height[good], 2.0 + 2.0 * (x[good] - 1.0), atol=1e-9)
        assert painted(line) != plain
        line.clear_tangent()
        line.set_paths([Path("a", np.array([1.9, 1.0, 0.2]), np.array([4.61, 2.0, 1.04]), 0, "SGD")])
        line.set_spots([Spot(0, 1)])
        line.set_swarms([Swarm("s", np.array([0.5]), np.array([1.25]), 2)])
        assert painted(line) != plain
        line.set_paths([])
        line.set_spots([])
        line.set_swarms([])
        assert painted(line) == plain


@pytest.mark.parametrize("count", [3, 400])
def test_iterates_that_lie_close_do_not_wipe_each_other_out(line, count):
    x = np.linspace(0.2, 1.2, count)
    line.set_paths([Path("a", x, x**2 + 1, 0, "SGD")])
    painted(line)
    colour = theme.current().colour(0)
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    for at in np.linspace(0.2, 1.2, 3):
        assert np.abs(colour_at(line, at, at**2 + 1)[:3] - wanted).max() <= 12, at


def test_a_way_that_leaves_all_bounds_is_drawn_as_far_as_it_is_seen(line):
    plain = painted(line)
    x = np.array([0.5, -1.5, 1e300, -1.7e308, np.inf, np.nan])
    line.set_paths([Path("a", x, np.array([1.25, 3.25, 1e308, 1.7e308, np.inf, np.nan]), 0, "SGD")])
    line.set_swarms([Swarm("s", x, np.full(6, 1.25), 2)])
    assert painted(line) != plain


def test_the_mouse_reads_the_curve_between_whole_numbers(line, qtbot):
    hover(line, 0.5, 2)
    head, row = line.readout().splitlines()
    x = float(head.split()[1])
    assert x == pytest.approx(0.5, abs=0.02)
    assert float(row.split()[1]) == pytest.approx(x**2 + 1, abs=0.02)


def test_the_table_of_a_line_plot_has_curves_and_iterates(line):
    line.set_paths([Path("a", np.array([1.9, 1.0]), np.array([4.61, 2.0]), 0, "SGD")])
    assert list(line.columns()) == ["f: x", "f: f", "SGD: x", "SGD: f"]


def test_a_racer_that_rests_asks_for_no_frame(plot, monkeypatch):
    turn = np.linspace(0, 0.98765, 200)
    way = np.r_[turn, np.full(300, 0.98765)], np.r_[turn, np.full(300, 0.98765)]
    plot.set_paths([Path("a", *way, 4)])
    painted(plot)
    asked = []
    monkeypatch.setattr(plot._paths._layer, "update", lambda: asked.append("way"))
    monkeypatch.setattr(plot._paths._heads, "show_symbols", lambda symbols: asked.append("head"))
    longer = [np.r_[part, np.full(100, 0.98765 + 1e-9)] for part in way]
    plot.set_paths([Path("a", *longer, 4)])
    assert not asked
    for changed, wanted in (
        (Path("a", *longer, 3), {"way", "head"}),
        (Path("a", *longer, 3, stopped=True), {"head"}),
        (Path("a", longer[0], np.r_[longer[1][:-1], 1.5], 3, stopped=True), {"way", "head"}),
        (Path("a", *longer, 3, visible=False), {"way", "head"}),
    ):
        asked.clear()
        plot.set_paths([changed])
        assert set(asked) == wanted


def test_a_level_lies_where_the_map_takes_the_value_and_follows_a_finer_map(plot):
    def value(at):
        return at[..., 0] ** 2 + 2 * at[..., 1]

    plot.set_level(1.0)
    coarse = plot._level.pieces()
    np.testing.assert_allclose(value(coarse), 1.0, atol=0.01)
    x = np.linspace(-2, 2, 301)
    plot.set_map(x, x, np.log1p(x**2 + 2 * x[:, None] + 4), values=x**2 + 2 * x[:, None])
    fine = plot._level.pieces()
    assert len(fine) > len(coarse)
    np.testing.assert_allclose(value(fine), 1.0, atol=0.001)
    assert has(painted(plot), marks.BRIGHT, 30)
    plot.set_level(np.nan)
    assert not len(plot._level.pieces())


def test_an_axis_that_has_its_name_already_is_not_drawn_again(plot):
    painted(plot)
    drawn = plot.bottom.picture
    assert drawn is not None
    plot.set_axes("w", "b")
    assert plot.bottom.picture is drawn
    plot.set_axes("w", "c")
    assert plot.left.picture is None


def test_a_map_that_was_made_lower_at_one_stroke_stays_inside(qtbot):
    plot = ContourPlot()
    shown(qtbot, plot, 400, 800)
    x, z = bowl()
    plot.set_map(x, x, z)
    painted(plot)
    plot.resize(400, 420)
    painted(plot)
    assert plot.plot.geometry().height() == plot.graphics.height() < 420


@pytest.mark.parametrize(("words", "wanted"), [
    (QRectF(20, 20, 30, 10), (20, 20)),
    (QRectF(90, 20, 30, 10), (67, 5)),
    (QRectF(-10, -4, 30, 10), (3, 3)),
    (QRectF(20, 98, 30, 10), (20, 87)),
    (QRectF(400, 20, 30, 10), (400, 20)),
])  # fmt: skip
def test_the_name_of_an_arrow_stays_inside_the_view(words, wanted):
    words.translate(arrows._inwards(words, QRectF(0, 0, 100, 100)))
    assert (words.x(), words.y()) == wanted
