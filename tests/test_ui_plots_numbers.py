"""The arithmetic under the plots: ticks, decimation, iso-lines, the height field and the camera."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlab.ui.plots import camera, colours, decimate, isolines, map_layer, mesh, ticks
from gradlab.ui.plots.values import TOP, Camera

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)


@given(ANY_FLOAT, ANY_FLOAT)
def test_every_range_becomes_one_that_can_be_drawn(low, high):
    for a, b in (ticks.safe_range(low, high), ticks.padded(low, high)):
        assert math.isfinite(a)
        assert math.isfinite(b)
        assert b - a > 0
        assert math.isfinite(1 / (b - a))
        assert 0 < len(ticks.linear(a, b, 5)) <= 20
        assert len(ticks.logarithmic(a, b, 5)) <= 20


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-5, 5, ["−4", "−2", "0", "2", "4"]),
        (0, 0.3, ["0", "0.1", "0.2", "0.3"]),
        (0, 3e6, ["0", "10⁶", "2×10⁶", "3×10⁶"]),
        (0, 4e-7, ["0", "10⁻⁷", "2×10⁻⁷", "3×10⁻⁷", "4×10⁻⁷"]),
    ],
)
def test_ticks_are_round_numbers(low, high, texts):
    assert [text for _, text in ticks.linear(low, high, 4)] == texts


def test_log_ticks_are_powers_of_ten_and_finer_within_a_decade():
    assert ticks.logarithmic(-12, 2, 5)[0] == (-12.0, "10⁻¹²")
    assert [t for _, t in ticks.logarithmic(0.1, 0.9, 4)] == ["2", "3", "5"]
    assert all(
        low <= v <= high for low, high in ((0.31, 0.32), (-300, 300)) for v, _ in ticks.logarithmic(low, high, 4)
    )


def test_ticks_tell_neighbours_apart():
    texts = [text for _, text in ticks.linear(1, 1 + 1e-9, 5)]
    assert len(set(texts)) == len(texts) >= 2


def test_decimation_keeps_the_outline():
    rng = np.random.default_rng(1)
    x, y = np.arange(1_000_003.0), rng.standard_normal(1_000_003)
    y[123_456], y[777_777] = 50.0, -60.0
    dx, dy = decimate.decimate(x, y, 800)
    assert len(dx) <= 2 * 800 + 2 * 1300
    assert (np.diff(dx) >= 0).all()
    assert dy.max() == 50.0
    assert dy.min() == -60.0
    assert (y[dx.astype(int)] == dy).all()
    size = len(y) // 800
    for k in (0, 17, 500):
        inside = (dx >= k * size) & (dx < (k + 1) * size)
        assert dy[inside].max() == y[k * size : (k + 1) * size].max()


def test_decimation_passes_over_nan_but_keeps_whole_gaps():
    y = np.ones(30_000)
    y[::7] = np.nan
    y[10_000:20_000] = np.nan
    x, thin = decimate.decimate(np.arange(30_000.0), y, 100)
    gap = (x > 10_500) & (x < 19_500)
    assert np.isnan(thin[gap]).all()
    assert np.isfinite(thin[(x < 9_500)]).all()
    assert np.isfinite(thin[(x > 20_500) & (x < 29_000)]).all()


def test_short_curves_are_left_alone():
    x = np.arange(10.0)
    assert decimate.decimate(x, x, 100)[0] is x


def test_points_that_do_not_move_a_pixel_are_dropped_and_gaps_stay():
    x = np.r_[np.zeros(1000), np.linspace(0, 10, 50), np.nan, np.full(1000, 10.0)]
    keep = decimate.close_points(x, x, 0.5, 0.5)
    assert keep[0]
    assert keep[-1]
    assert np.isnan(x[keep]).sum() == 1
    assert keep.sum() < 60
    assert np.nanmax(np.diff(x[keep])) <= 0.75


def test_steps_made_again_either_way_are_left_out_and_the_rest_is_the_same_line():
    t = np.linspace(0, 3, 40)
    x = np.r_[t, np.tile([3.0, 7.0], 500), 7.0, np.nan, 7.0, t + 9]
    y = np.r_[t**2, np.tile([9.0, 2.0], 500), 2.0, 1.0, 2.0, t]
    thin_x, thin_y = decimate.once(x, y, 0.01, 0.01)
    assert len(thin_x) < 100

    def lines(px, py):
        points = [None if np.isnan(a) else (a, b) for a, b in zip(px, py, strict=True)]
        return {frozenset(pair) for pair in itertools.pairwise(points) if None not in pair and pair[0] != pair[1]}

    assert lines(thin_x, thin_y) == lines(x, y)
    assert (thin_x[-1], thin_y[-1]) == (x[-1], y[-1])
    assert decimate.once(t, t, 0.01, 0.01)[0] is t


def test_isolines_of_a_paraboloid_are_circles():
    g = np.linspace(-5, 5, 201)
    gx, gy = np.meshgrid(g, g)
    pieces, level = isolines.isolines(gx**2 + gy**2, np.array([1.0, 9.0, 16.0]))
    radius = np.hypot(*(pieces * (10 / 200) - 5).transpose(2, 0, 1))
    assert np.abs(radius - np.sqrt(level)[:, None]).max() < 1e-3
    for value, length in ((1.0, 2 * np.pi), (9.0, 6 * np.pi), (16.0, 8 * np.pi)):
        own = pieces[level == value] * (10 / 200)
        assert np.linalg.norm(own[:, 1] - own[:, 0], axis=1).sum() == pytest.approx(length, rel=1e-3)


def test_isolines_never_cross_holes_and_part_saddles():
    z = np.add.outer(np.arange(20.0), np.arange(20.0))
    z[5:9, 5:9] = np.nan
    z[15, 3] = np.inf
    pieces, _ = isolines.isolines(z, isolines.levels(z, 9))
    cells = np.floor(pieces.mean(axis=1)).astype(int)
    assert len(pieces) > 50
    corners = [z[cells[:, 1] + b, cells[:, 0] + a] for a in (0, 1) for b in (0, 1)]
    assert np.isfinite(corners).all()
    saddle = np.array([[1.0, 0.0], [0.0, 1.0]])
    joined, apart = (isolines.isolines(saddle, np.array([level]))[0] for level in (0.4, 0.6))
    assert len(joined) == len(apart) == 2
    assert sorted(map(tuple, joined.mean(axis=1))) != sorted(map(tuple, apart.mean(axis=1)))


def test_a_flat_or_empty_field_has_no_levels():
    assert isolines.levels(np.full((4, 4), 3.0)).size == 0
    assert isolines.levels(np.full((4, 4), np.nan)).size == 0
    assert isolines.isolines(np.full((4, 4), np.nan), np.empty(0))[0].shape == (0, 2, 2)


def test_lines_of_one_grid_are_looked_for_once(monkeypatch):
    z, looked = np.add.outer(np.arange(9.0), np.arange(9.0) ** 2), []
    real = isolines.isolines
    monkeypatch.setattr(isolines, "isolines", lambda *args: looked.append(args) or real(*args))
    pieces, level = isolines.iso_lines(z, 5)
    assert isolines.iso_lines(z, 5)[0] is pieces
    np.testing.assert_array_equal(np.unique(level), isolines.levels(z, 5))
    assert len(looked) == 1
    assert len(isolines.iso_lines(z, 6)[0]) > len(pieces)
    np.testing.assert_array_equal(np.unique(isolines.iso_lines(z.copy(), [3.0, 7.0])[1]), [3.0, 7.0])
    assert len(looked) == 3


def test_field_arrows_point_along_and_stay_in_their_cells():
    g = np.linspace(-1, 1, 9)
    gx, gy = np.meshgrid(g, g)
    pieces = map_layer.arrows(g, g, -gx, -gy)
    shafts = pieces[: len(pieces) // 3]
    step, middle = shafts[:, 1] - shafts[:, 0], shafts.mean(axis=1)
    cross = step[:, 0] * middle[:, 1] - step[:, 1] * middle[:, 0]
    assert np.abs(cross).max() < 1e-12
    assert (np.einsum("ni,ni->n", step, middle) < 0).all()
    assert np.abs(step).max() <= 0.25
    assert len(shafts) == 80  # the vector at the origin has no direction
    assert map_layer.arrows(g, g, gx * np.nan, gy).shape == (0, 2, 2)


def test_colours_span_the_finite_values_and_mark_the_rest():
    z = np.array([[0.0, 1.0, 2.0], [np.nan, np.inf, -1.0]])
    pixels = colours.rgba(z, "viridis")
    table = colours.table("viridis")
    assert (pixels[1, 2] == table[0]).all()
    assert (pixels[0, 2] == table[255]).all()
    assert (pixels[1, :2] == 0).all()
    assert (colours.indices(np.array([-1.7e308, 1.7e308]), -1.7e308, 1.7e308) == [0, 255]).all()
    with pytest.raises(ValueError, match=r"colour map: must be one of viridis, .*not 'jet'"):
        colours.table("jet")


@pytest.mark.parametrize("name", colours.MAPS)
def test_colour_maps_rise_evenly_in_brightness(name):
    brightness = colours.luminance(colours.table(name))
    assert brightness[0] < 0.25
    assert brightness[-1] > 0.6
    assert (np.diff(brightness[::16]) > 0).all()


def hills(n: int = 81, m: int = 61) -> mesh.HeightField:
    x, y = np.linspace(-3, 5, n), np.linspace(10, 16, m)
    gx, gy = np.meshgrid(x, y)
    return mesh.HeightField(x, y, np.sin(gx) * np.cos(gy) * 40 + gx)


def test_heights_between_grid_points_are_those_of_the_triangles():
    field = hills()
    vertexes, faces = field.vertexes().astype(float), field.faces()
    rng = np.random.default_rng(0)
    chosen = faces[rng.integers(0, len(faces), 300)]
    weights = rng.dirichlet((1, 1, 1), 300)
    points = np.einsum("nk,nkd->nd", weights, vertexes[chosen])
    np.testing.assert_allclose(field.on_surface(points[:, :2]), points[:, 2], atol=2e-5)
    assert np.isnan(field.on_surface(np.array([[1.2, 0.0]]))[0])


def test_holes_have_no_triangles_and_no_height():
    field = hills()
    field.z[20:30, 20:30] = np.nan
    holes = mesh.HeightField(field.x, field.y, field.z)
    gone = np.isnan(holes.heights).ravel()
    assert not gone[holes.faces()].any()
    assert len(holes.faces()) == 2 * (80 * 60 - 11 * 11) + 2  # two cells touch the hole with one triangle only
    inside = holes.to_scene(np.array([holes.x[25]]), np.array([holes.y[25]]))
    assert np.isnan(holes.on_surface(inside)[0])


def test_shading_follows_the_slopes_towards_the_light():
    x = np.linspace(-1, 1, 41)
    gx, _ = np.meshgrid(x, x)
    facing, away = (mesh.HeightField(x, x, s * gx).shading()[20, 20] for s in (1, -1))
    flat = mesh.HeightField(x, x, 0 * gx).shading()[20, 20]
    assert facing > flat > away
    assert flat == pytest.approx(1.0, abs=1e-5)


def grazing(field, place, direction):
    """Tell whether a ray runs nearly along the surface at a place."""
    step = 0.02
    around = place[:2] + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    east, west, north, south = field.on_surface(around)
    normal = np.array([west - east, south - north, 2 * step])
    lean = np.abs(normal @ direction) / np.linalg.norm(normal) / np.linalg.norm(direction)
    return not lean > 0.15


@given(st.floats(-180, 180), st.floats(5, 85), st.floats(-2.5, 4.5), st.floats(10.3, 15.7), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_ray_through_the_pixel_of_a_visible_point_comes_back_to_it(azimuth, elevation, x, y, flat):
    field = hills()
    corners = np.array([(a, b, c) for a in (-1, 1) for b in (-0.75, 0.75) for c in (0, mesh.HEIGHT)])
    lens = camera.project(Camera(azimuth, elevation, flat=flat), corners, (640, 480))
    place = np.c_[field.to_scene(np.array([x]), np.array([y])), [0.0]]
    place[:, 2] = field.on_surface(place[:, :2])
    if field.hidden(place, lens.eye, lens.towards, flat=flat)[0]:
        return
    px, py, _ = lens.to_pixels(place)[0]
    if grazing(field, place[0], lens.ray(px, py)[1]):
        return  # on a ridge seen from the side a ray touches the surface or just misses it
    hit = field.cast(*lens.ray(px, py))
    assert hit is not None
    np.testing.assert_allclose(lens.to_pixels(hit[None])[0, :2], (px, py), atol=0.01)
    depth = [np.linalg.norm(point - lens.ray(px, py)[0]) for point in (hit, place[0])]
    assert depth[0] <= depth[1] + 0.05  # the nearest crossing of the ray


@given(st.floats(-180, 180), st.floats(4, 90), st.integers(120, 2500), st.integers(120, 2500), st.booleans())
@settings(max_examples=120, deadline=None)
def test_the_whole_box_fits_into_any_frame_from_anywhere(azimuth, elevation, width, height, flat):
    corners = np.array([(a, b, c) for a in (-1, 1) for b in (-0.6, 0.6) for c in (0, mesh.HEIGHT)])
    lens = camera.project(Camera(azimuth, elevation, flat=flat), corners, (width, height))
    at = lens.to_pixels(corners)
    left, top, right, bottom = (min(m, 0.22 * s) for m, s in zip(camera.MARGINS_PX, (width, height) * 2, strict=True))
    assert at[:, 0].min() >= left - 2
    assert at[:, 0].max() <= width - right + 2
    assert at[:, 1].min() >= top - 2
    assert at[:, 1].max() <= height - bottom + 2
    used = max(np.ptp(at[:, 0]) / (width - left - right), np.ptp(at[:, 1]) / (height - top - bottom))
    assert used > 0.85
    assert (np.abs(at[:, 2]) < 1).all()  # between the clipping planes


def test_from_the_top_x_goes_right_and_y_goes_up():
    lens = camera.project(TOP, np.array([(-1.0, -1, 0), (1, 1, 0.8)]), (400, 400))
    origin, right, up = lens.to_pixels(np.array([(0.0, 0, 0), (0.5, 0, 0), (0, 0.5, 0)]))[:, :2]
    assert right[0] > origin[0]
    assert right[1] == pytest.approx(origin[1])
    assert up[1] < origin[1]
    assert up[0] == pytest.approx(origin[0])
    assert math.dist(right, origin) == pytest.approx(math.dist(up, origin))


def test_the_camera_stays_where_it_may_be():
    wild = camera.clamped(Camera(725, 120, 1e9, (9.0, -9.0, 0.0)))
    assert (wild.azimuth, wild.elevation, wild.zoom, wild.pan) == (5.0, 90.0, 40.0, (2.0, -2.0, 0.0))
