"""Values, gradients and Hessians of many points, slices, and critical points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
import torch

from gradlab.engine.landscape import classify, critical_points, grid, hessian, line, value_and_gradient
from gradlab.engine.objectives import Expression, Objective

HIMMELBLAU = [  # by mpmath with 40 digits
    ((3.0, 2.0), 0.0, "minimum"),
    ((-2.805118086952745, 3.131312518250573), 0.0, "minimum"),
    ((-3.779310253377747, -3.2831859912861696), 0.0, "minimum"),
    ((3.5844283403304917, -1.8481265269644036), 0.0, "minimum"),
    ((3.385154183607021, 0.07385187983774928), 13.31192627040559, "saddle"),
    ((0.08667750455539636, 2.884254701174776), 67.71915008752615, "saddle"),
    ((-3.0730257507643897, -0.08135304428796751), 104.0151629175581, "saddle"),
    ((-0.12796134673068008, -1.9537149802445763), 178.33723920192747, "saddle"),
    ((-0.2708445906673476, -0.9230385564799815), 181.6165215225827, "maximum"),
]
ALL = [m() for m in Objective.items() if m.__module__.startswith("gradlab.")]


def test_himmelblau_at_the_starts_of_the_notes() -> None:
    starts = [(-4.0, 0.0), (1.0, 0.0), (4.0, 0.0), (0.0, 0.0)]
    f, g = value_and_gradient(Objective.parse("himmelblau"), starts)
    assert f.tolist() == [146, 136, 34, 170]
    assert g.tolist() == [[-102, 10], [-52, -20], [74, 10], [-14, -22]]
    assert f.dtype == g.dtype == np.float64


def test_hessians_equal_sympy() -> None:
    x, y = sympy.symbols("x y")
    formula = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
    points = np.random.default_rng(0).uniform(-6, 6, (5, 2))
    exact = [np.array(sympy.hessian(formula, (x, y)).subs({x: a, y: b}), float) for a, b in points]
    found = hessian(Objective.parse("himmelblau"), points)
    assert found.shape == (5, 2, 2)
    assert found == pytest.approx(np.array(exact), rel=1e-12)


@pytest.mark.parametrize("o", ALL, ids=lambda o: o.kind)
def test_hessians_are_differences_of_gradients(o: Objective) -> None:
    x = np.array(o.start)
    h = hessian(o, [x])[0]
    assert h == pytest.approx(h.T, rel=1e-9, abs=1e-9 * max(1, np.abs(h).max()))
    for i, unit in enumerate(np.eye(o.dimension)):
        step = 6e-6 * max(1, abs(x[i])) * unit
        _, g = value_and_gradient(o, [x + step, x - step, x + 2 * step, x - 2 * step])
        row = (8 * (g[0] - g[1]) - (g[2] - g[3])) / (12 * step[i])
        assert row == pytest.approx(h[i], rel=1e-5, abs=1e-5 * max(1, np.abs(h).max()))


@pytest.mark.parametrize("text", ["5", "x + 2y", "x", "floor(x*y)"])
def test_formulas_without_curvature_have_hessian_0(text: str) -> None:
    o = Expression(text=text, variables=("x", "y"))
    assert (hessian(o, [[1.5, 2.5], [0.0, 0.0]]) == 0).all()


def test_one_bad_point_does_not_spoil_its_neighbours() -> None:
    o = Expression(text="log(x)/y")
    f, g = value_and_gradient(o, [[-1.0, 1.0], [1.0, 0.0], [np.e, 2.0], [np.nan, 1.0], [np.inf, 1.0]])
    assert f.tolist()[2] == pytest.approx(0.5)
    assert g.tolist()[2] == pytest.approx([0.5 / np.e, -0.25])
    assert np.isnan(f[[0, 1, 3]]).all()
    assert np.isfinite(hessian(o, [[-1.0, 1.0], [2.0, 2.0]])[1]).all()


def test_it_works_inside_no_grad_and_inference_mode() -> None:
    o = Objective.parse("sphere")
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert value_and_gradient(o, [[1.0, 2.0]])[1].tolist() == [[2, 4]]
            assert hessian(o, [[1.0, 2.0]]).tolist() == [[[2, 0], [0, 2]]]


@pytest.mark.parametrize("points", [[1.0, 2.0], [[1.0, 2.0, 3.0]], 5.0])
def test_points_of_the_wrong_shape_are_refused(points: Any) -> None:
    with pytest.raises(ValueError, match=r"shape \[N, 2\]"):
        value_and_gradient(Objective.parse("himmelblau"), points)


def test_no_points_give_no_values() -> None:
    f, g = value_and_gradient(Objective.parse("himmelblau"), np.empty((0, 2)))
    assert (f.shape, g.shape) == ((0,), (0, 2))
    assert hessian(Objective.parse("himmelblau"), np.empty((0, 2))).shape == (0, 2, 2)


def test_a_grid_has_its_rows_along_y() -> None:
    o = Expression(text="x + 10y")
    found = grid(o, ((0.0, 2.0), (0.0, 1.0)), 3)
    assert found.x.tolist() == [0, 1, 2]
    assert found.y.tolist() == [0, 0.5, 1]
    assert found.z.tolist() == [[0, 1, 2], [5, 6, 7], [10, 11, 12]]
    assert found.missing == 0


def test_a_large_grid_is_put_together_from_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    o = Objective.parse("peaks")
    whole = grid(o, ((-3.0, 3.0), (-2.0, 2.0)), 50)
    monkeypatch.setattr("gradlab.engine.landscape.slices.CHUNK", 700)
    assert np.allclose(grid(o, ((-3.0, 3.0), (-2.0, 2.0)), 50).z, whole.z, rtol=1e-14, atol=1e-15)


def test_a_grid_is_a_slice_through_a_point() -> None:
    o = Objective.parse({"kind": "rosenbrock", "dimension": 4})
    at = (0.1, 0.2, 0.3, 0.4)
    found = grid(o, ((-1.0, 1.0), (-2.0, 2.0)), 5, axes=(3, 1), at=at)
    f, _ = value_and_gradient(o, [(0.1, y, 0.3, x) for y in found.y for x in found.x])
    assert found.z.ravel() == pytest.approx(f)
    start = grid(o, ((-1.0, 1.0), (-2.0, 2.0)), 5)
    f, _ = value_and_gradient(o, [(x, y, *o.start[2:]) for y in start.y for x in start.x])
    assert start.z.ravel() == pytest.approx(f)


@pytest.mark.parametrize("axes", [(0, 0), (0, 2), (-1, 0)])
def test_a_grid_refuses_axes_that_are_no_plane(axes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="two of the 2"):
        grid(Objective.parse("himmelblau"), ((0.0, 1.0), (0.0, 1.0)), 3, axes=axes)


def test_a_grid_counts_what_is_not_finite() -> None:
    found = grid(Expression(text="log(x) + y"), ((-1.0, 1.0), (0.0, 1.0)), 3)
    assert found.missing == 6
    assert grid(Expression(text="5 + 0*x*y"), ((0.0, 1.0), (0.0, 1.0)), 3, dtype="float32").z.dtype == np.float32


def test_a_line_and_its_slope() -> None:
    x, f, slope = line(Objective.parse("quartic"), (-1.0, 3.0), 5)
    assert x.tolist() == [-1, 0, 1, 2, 3]
    assert f.tolist() == [4, 0, -2, -8, 0]
    assert slope.tolist() == [-13, 0, -5, -4, 27]
    x, f, slope = line(Objective.parse("booth"), (0.0, 2.0), 3, axis=1, at=(1.0, 9.0))
    assert f.tolist() == [45, 20, 5]
    assert slope.tolist() == [-30, -20, -10]


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        ([[2.0]], "minimum"),
        ([[-2.0]], "maximum"),
        ([[0.0]], "degenerate"),
        ([[2.0, 0.0], [0.0, 1e-6]], "minimum"),
        ([[-2.0, 0.0], [0.0, -1e9]], "maximum"),
        ([[0.0, 1.0], [1.0, 0.0]], "saddle"),
        ([[1e-20, 0.0], [0.0, -1e-20]], "saddle"),
        ([[1.0, 1.0], [1.0, 1.0]], "degenerate"),
        ([[1.0, 0.0], [0.0, 1e-14]], "degenerate"),
        ([[np.nan, 0.0], [0.0, 1.0]], "degenerate"),
        ([[np.inf, 0.0], [0.0, 1.0]], "degenerate"),
    ],
)
def test_points_are_told_by_the_signs_of_the_eigenvalues(matrix: list[list[float]], kind: str) -> None:
    assert classify(matrix) == kind


def test_all_nine_critical_points_of_himmelblau() -> None:
    found = critical_points(Objective.parse("himmelblau"))
    assert len(found) == 9
    assert [kind for _, _, kind in found] == [kind for _, _, kind in HIMMELBLAU]
    for point, value, kind in HIMMELBLAU:
        distances = [np.hypot(*np.subtract(p.point, point)) for p in found if p.kind == kind]
        assert min(distances) < 1e-14 * 100
        assert any(p.f == pytest.approx(value, abs=1e-11) for p in found if p.kind == kind)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("peaks", {"minimum": 3, "saddle": 3, "maximum": 3}),
        ("six_hump_camel", {"minimum": 6, "saddle": 7, "maximum": 2}),
        ("three_hump_camel", {"minimum": 3, "saddle": 2}),
        ("goldstein_price", {"minimum": 4, "saddle": 4, "maximum": 1}),
        ("saddle", {"saddle": 1}),
        ("monkey_saddle", {"degenerate": 1}),
        ("quartic", {"minimum": 1, "degenerate": 1}),
        ("rotated_quadratic", {"minimum": 1}),
    ],
)
def test_the_critical_points_of_others(kind: str, count: dict[str, int]) -> None:
    """The numbers of minima of the camels are in their names; a plane's minima − saddles + maxima is fixed."""
    found = [p.kind for p in critical_points(Objective.parse(kind))]
    assert {k: found.count(k) for k in set(found)} == count


@pytest.mark.parametrize("o", [o for o in ALL if o.minima], ids=lambda o: o.kind)
def test_the_known_minima_are_among_the_critical_points(o: Objective) -> None:
    found = critical_points(o, starts=25)
    width = np.ptp(np.array(o.domain), axis=1)
    for minimum in o.minima:
        if all(low < c < high for c, (low, high) in zip(minimum, o.domain, strict=True)):
            distance, kind = min((np.abs((np.array(p.point) - minimum) / width).max(), p.kind) for p in found)
            assert distance < 1e-6
            assert kind == ("degenerate" if o.kind == "bukin_6" else "minimum")


def test_a_plain_has_no_critical_points_and_a_line_of_them_is_degenerate() -> None:
    assert critical_points(Expression(text="5", variables=("x", "y"))) == []
    assert {p.kind for p in critical_points(Expression(text="x^2", variables=("x", "y")))} == {"degenerate"}
    assert critical_points(Expression(text="log(-x^2 - 1)")) == []


def test_critical_points_in_many_dimensions_and_in_a_box_of_ones_own() -> None:
    o = Objective.parse({"kind": "styblinski_tang", "dimension": 3})
    found = critical_points(o, starts=600)
    assert len(found) == 27
    assert found == critical_points(o, starts=600)
    assert len(critical_points(Objective.parse("himmelblau"), box=((0.0, 6.0), (0.0, 6.0)))) == 3
