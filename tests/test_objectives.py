"""The contract of every objective: its facts, its gradients, its shapes, its file, its help."""

from __future__ import annotations

import json
import pickle
import re
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
import torch
from objective_cases import FORMULAS, cases, inside, name, published
from objective_references import LOWEST
from pydantic import ValidationError

from gradlab.engine.differences import central_difference
from gradlab.engine.landscape import grid, hessian, value_and_gradient
from gradlab.engine.objectives import Himmelblau, Objective, Rosenbrock, Shubert

CASES = cases()
EPS = np.finfo(float).eps
each = pytest.mark.parametrize("o", CASES, ids=name)
each_with_minima = pytest.mark.parametrize("o", [o for o in CASES if o.minima], ids=name)
each_kind = pytest.mark.parametrize("member", published(), ids=lambda m: m.__name__)


def test_there_are_enough() -> None:
    assert len(published()) >= 38


@each
def test_facts_fit_together(o: Objective) -> None:
    n = o.dimension
    assert len(o.domain) == len(o.start) == len(o.variables) == n
    assert all(low < high for low, high in o.domain)
    for point in (o.start, *o.minima):
        assert len(point) == n
        assert all(low <= c <= high for c, (low, high) in zip(point, o.domain, strict=True)), point
    assert len(set(o.minima)) == len(o.minima)


@each_with_minima
def test_minima_are_stationary(o: Objective) -> None:
    """Also at kinks, where the subgradient 0 is taken; at the domain's edge the slope may point outward."""
    x = np.array(o.minima)
    _, g = value_and_gradient(o, x)
    h = hessian(o, x)
    assert np.isfinite(h).all()
    low, high = np.array(o.domain).T
    inward = np.where(x >= high, np.maximum(g, 0), np.where(x <= low, np.minimum(g, 0), g))
    rounding = 8 * EPS * (np.abs(h) @ np.maximum(1, np.abs(x))[..., None])[..., 0]
    noise = 1e-14 * max(1.0, *(abs(high) for _, high in o.domain), float(np.abs(h).max()))
    assert (np.abs(inward) <= rounding + noise).all()


@each_with_minima
def test_nothing_on_the_domain_is_below_the_minima(o: Objective) -> None:
    f, _ = value_and_gradient(o, o.minima)
    least, spread = f.min(), 1e-12 * max(1.0, float(np.abs(f).max()), *(abs(h) for _, h in o.domain))
    assert np.ptp(f) <= spread, "all of them are equally low"
    sample = value_and_gradient(o, inside(o, 4000))[0]
    if o.dimension == 2:
        sample = grid(o, (o.domain[0], o.domain[1]), 300).z
    assert sample.min() >= least - spread
    width = np.ptp(np.array(o.domain), axis=1)
    near = np.array(o.minima)[:, None] + width * np.random.default_rng(1).normal(0, 1e-4, (1, 200, o.dimension))
    low, high = np.array(o.domain).T
    assert value_and_gradient(o, np.clip(near.reshape(-1, o.dimension), low, high))[0].min() >= least - spread


@each_kind
def test_the_least_value_is_the_published_one(member: type[Objective]) -> None:
    o = member()
    if o.minima:
        f, _ = value_and_gradient(o, o.minima)
        assert f == pytest.approx(LOWEST.get(o.kind, 0.0), abs=1e-12 * max(1, abs(LOWEST.get(o.kind, 0.0))))
    else:
        assert o.kind in {"saddle", "monkey_saddle"}


@each
def test_gradient_is_the_central_difference(o: Objective) -> None:
    def value(x: Any) -> float:
        return float(o(*torch.tensor(x)))

    points = inside(o, 6, seed=2)
    f, g = value_and_gradient(o, points)
    for x, height, slope in zip(points, f, g, strict=True):
        step = 6e-6 * np.maximum(1, np.abs(x))
        difference, coarse = central_difference(value, x), central_difference(value, x, 2 * step)
        noise = 20 * EPS * max(1, abs(height)) / step
        allowed = 1e-6 * np.maximum(1, np.abs(slope)) + noise + np.abs(difference - coarse)  # their distance is 3 c h²
        assert (np.abs(slope - difference) <= allowed).all(), (x, slope, difference)


@each
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_finite_on_the_domain(o: Objective, dtype: Any) -> None:
    """On its corners, its axes and the places where naive code divides 0 by 0, too."""
    special = [low for low, _ in o.domain], [high for _, high in o.domain], list(o.start)
    points = [*special, *o.minima, *inside(o, 50).tolist()]
    zero = [min(max(0.0, low), high) for low, high in o.domain]
    points += [zero, *([*zero[:i], c, *zero[i + 1 :]] for i in range(o.dimension) for c in special[1][i : i + 1])]
    f, g = value_and_gradient(o, points, dtype)
    assert f.dtype == g.dtype == np.dtype(dtype)
    assert np.isfinite(f).all()
    assert np.isfinite(g).all()


@each
def test_shapes_and_dtypes(o: Objective) -> None:
    x = torch.tensor(inside(o, 6, seed=3))
    flat = o(*x.T)
    assert flat.shape == (6,)
    assert torch.allclose(o(*x.reshape(2, 3, -1).movedim(-1, 0)), flat.reshape(2, 3), rtol=1e-12, atol=1e-12)
    single = o(*x[0])
    assert single.shape == ()
    assert single.dtype is torch.float64
    assert torch.allclose(single, flat[0], rtol=1e-12, atol=1e-12)
    low = o(*x.T.float())
    assert low.dtype is torch.float32
    scale = max(1.0, flat.abs().max().item(), *(abs(c) for side in o.domain for c in side))
    steep = np.abs(value_and_gradient(o, x.numpy())[1]).max() * np.abs(x.numpy()).max()
    assert torch.allclose(low.double(), flat, rtol=1e-4, atol=1e-5 * scale + 1e-6 * steep)


def test_a_constant_made_in_inference_mode_serves_a_backward_pass_later() -> None:
    o = Objective.parse({"kind": "sum_squares", "dimension": 7})
    with torch.inference_mode():
        o(*torch.ones(7, 3))
    x = torch.ones(7, 3, requires_grad=True)
    o(*x).sum().backward()
    assert x.grad is not None
    assert x.grad[:, 0].tolist() == [2.0 * i for i in range(1, 8)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_they_compute_on_a_gpu() -> None:
    for o in CASES:
        x = torch.tensor(inside(o, 6))
        assert torch.allclose(o(*x.T.cuda()).cpu(), o(*x.T), rtol=1e-9, atol=1e-9), o


@each
def test_round_trip_through_json_and_pickle(o: Objective) -> None:
    text = o.model_dump_json()
    again = Objective.parse(json.loads(text))
    assert again == o == pickle.loads(pickle.dumps(o))
    assert again.model_dump_json() == text


@pytest.mark.parametrize("member", Objective.items(), ids=lambda m: m.__name__)
def test_help(member: type[Objective]) -> None:
    doc = member.__doc__ or ""
    assert member.summary().endswith(".")
    assert len(member.summary()) < 140
    assert member.formula_tex().startswith("f(")
    assert member.formula_tex().count("{") == member.formula_tex().count("}")
    assert re.search(r"\((.*\d{4}|your own)\)", doc), "names a source"
    assert member.SOURCE
    for field, info in member.model_fields.items():
        assert field == "kind" or info.description


@pytest.mark.parametrize("o", FORMULAS, ids=name)
def test_a_formula_has_its_own_latex(o: Objective) -> None:
    assert o.formula_tex() != type(o).formula_tex()
    assert o.formula_tex().startswith(f"f({', '.join(o.variables)}) = ")


def test_all_minima_are_listed() -> None:
    assert len(Himmelblau().minima) == 4
    assert [len(Shubert(dimension=n).minima) for n in (1, 2, 3, 4)] == [3, 18, 81, 324]
    assert len(Objective.parse("branin").minima) == 3
    assert len(Objective.parse("dixon_price").minima) == 2
    assert len(Objective.parse("cross_in_tray").minima) == 4


def test_facts_follow_the_parameters() -> None:
    assert Rosenbrock(a=2.0).minima == ((2.0, 4.0),)
    assert Rosenbrock(dimension=5).minima == ((1.0,) * 5,)
    assert Rosenbrock(dimension=3, a=2.0).minima == ()
    assert Objective.parse({"kind": "trid", "dimension": 6}).minima == ((6.0, 10.0, 12.0, 12.0, 10.0, 6.0),)
    assert Objective.parse({"kind": "sphere", "dimension": 3}).variables == ("x1", "x2", "x3")
    assert Objective.parse({"kind": "sphere", "dimension": 1}).variables == ("x",)


@pytest.mark.parametrize("dimension", [0, -1, 101, 2.5, True])
def test_bad_dimensions_are_refused(dimension: Any) -> None:
    with pytest.raises(ValidationError, match="dimension"):
        Objective.parse({"kind": "sphere", "dimension": dimension})


def test_a_member_defined_at_run_time_is_in_the_family() -> None:
    class Trough(Objective):
        """A trough. :math:`f(x, y) = x^2` (nobody 2000)."""

        kind: Literal["trough-of-the-test"] = "trough-of-the-test"
        DOMAIN = ((-1.0, 1.0), (-1.0, 1.0))
        START: ClassVar = (0.5, 0.5)

        def __call__(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return x * x

    try:
        found = Objective.parse("trough-of-the-test")
        assert type(found) in Objective.items()
        assert (found.dimension, found.variables, found.minima) == (2, ("x", "y"), ())
        assert value_and_gradient(found, [[3.0, 1.0]])[1].tolist() == [[6.0, 0.0]]
        assert hessian(found, [[3.0, 1.0]]).tolist() == [[[2.0, 0.0], [0.0, 0.0]]]
    finally:
        del Objective.family["trough-of-the-test"]
