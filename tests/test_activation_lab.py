"""The Activation lab without a window: three ways, kinks, saturation, depth, softmax, derivations, presets."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
import torch
from pydantic import Field, ValidationError

from gradlab.engine import presets
from gradlab.engine.activations import Activation
from gradlab.engine.errors import UserError
from gradlab.engine.lab import Rest
from gradlab.engine.model import Real, with_changes
from gradlab.labs.activation.curves import curve, derivatives, point
from gradlab.labs.activation.derivation import derivation
from gradlab.labs.activation.inspect import inspect
from gradlab.labs.activation.look import ActivationLook
from gradlab.labs.activation.outcomes import outcomes
from gradlab.labs.activation.passage import passage, steepest
from gradlab.labs.activation.readings import Curves, Depths, Derivation, Points, SoftmaxReading
from gradlab.labs.activation.spec import ActivationSpec, Depth, Softmax, Unit
from gradlab.labs.activation.vector import softmax

SHIPPED = [entry for entry in presets.library() if entry.lab == "activation"]
KINDS = list(Activation.family)
FAINT = 2e-5
"""Noise of a difference around a slope of 0, relative to 1e-6."""


def unit(kind: str, **parameters: Any) -> Unit:
    return Unit(id="u", activation=Activation.parse({"kind": kind, **parameters}))


def at(kind: str, x: float, **parameters: Any) -> Any:
    one = unit(kind, **parameters)
    return point(ActivationSpec(units=(one,), x=x), one)


@pytest.mark.parametrize(
    ("kind", "slopes"),
    [("sigmoid", (0.196612, 0.25, 0.196612)), ("tanh", (0.419974, 1, 0.419974)), ("relu", (0, 0, 1))],
)
def test_the_numbers_of_the_notes_by_all_three_ways(kind: str, slopes: tuple[float, ...]) -> None:
    for x, wanted in zip((-1.0, 0.0, 1.0), slopes, strict=True):
        row = at(kind, x).slope
        assert row.autograd == pytest.approx(wanted, abs=5e-7)
        assert row.formula == pytest.approx(wanted, abs=5e-7)
        if (kind, x) == ("relu", 0.0):
            assert row.kink == "at"
        else:
            assert row.difference == pytest.approx(wanted, abs=5e-7)
            assert row.error < 1e-9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("x", [-2.3, -0.4, 0.0, 0.7, 3.0, 6.0])
def test_the_three_ways_agree_everywhere_for_every_member(kind: str, x: float) -> None:
    found = at(kind, x)
    worst = 1e-7 if kind == "hardsigmoid" else 1e-8
    activation = Activation.parse(kind)
    assert (found.slope.kink == "at") == (x in activation.kinks)
    assert (found.bend.kink == "at") == (x in (*activation.kinks, *activation.bends))
    for row, most in ((found.slope, worst), (found.bend, 1e-6)):
        if row.kink == "at":
            assert math.isnan(row.error)
        else:
            assert row.error <= (most if abs(row.autograd) > 1e-9 else FAINT)
    assert math.isfinite(found.f)


def test_at_a_kink_torchs_choice_is_said_and_the_difference_is_not_compared() -> None:
    found = at("relu", 0.0).slope
    assert (found.autograd, found.formula, found.kink) == (0.0, 0.0, "at")
    assert math.isnan(found.error), "there is no derivative to agree on"
    assert found.difference == pytest.approx(0.5)
    assert str(found.note) == "kink: torch takes f′ = 0; the difference reaches over it"
    assert "so near the kink at 0" in str(at("relu", 1e-6).slope.note)
    assert at("relu", 0.1).slope.note == ""


def test_where_torch_has_no_second_derivative_it_is_said() -> None:
    found = at("hardsigmoid", 1.0)
    assert str(found.bend.note).startswith("f″ not available for Hardsigmoid: derivative for aten::hardsigmoid")
    assert math.isnan(found.bend.autograd)
    assert (found.bend.formula, found.bend.difference, found.bend.error) == (0.0, 0.0, 0.0)
    assert found.slope.error == pytest.approx(2.98e-8, rel=0.01), "a sixth in single precision"
    drawn = curve(unit("hardsigmoid"), (-6.0, 6.0), 0.05, 101)
    assert np.isnan(drawn.bend).all()
    assert np.isfinite(drawn.slope).all()


def test_curves_are_those_of_calculus() -> None:
    one = curve(unit("sigmoid"), (-6.0, 6.0), 0.05, 401)
    s = 1 / (1 + np.exp(-one.x))
    np.testing.assert_allclose(one.f, s, rtol=1e-14)
    np.testing.assert_allclose(one.slope, s * (1 - s), rtol=1e-13)
    np.testing.assert_allclose(one.bend, s * (1 - s) * (1 - 2 * s), rtol=1e-10, atol=1e-16)
    assert one.kinks == ()


def test_both_sides_of_a_kink_are_drawn_and_its_choice_apart() -> None:
    one = curve(unit("leaky_relu", negative_slope=0.2), (-6.0, 6.0), 0.05, 401)
    jump = np.flatnonzero(np.abs(np.diff(one.slope)) > 0.5)
    assert len(jump) == 1
    assert one.x[jump[0] + 1] - one.x[jump[0]] < 1e-6
    assert 0.0 not in one.x
    assert [(k.x, k.f, k.slope) for k in one.kinks] == [(0.0, 0.0, 0.2)]


def test_saturation_begins_where_the_slope_goes_through_the_threshold() -> None:
    low, high = curve(unit("sigmoid"), (-6.0, 6.0), 0.05, 1601).saturated
    edge = math.log((1 - 2 * 0.05 + math.sqrt(1 - 4 * 0.05)) / (2 * 0.05))  # σ (1 − σ) = t solved for x
    assert (low[0], high[1]) == (-6.0, 6.0)
    assert (-low[1], high[0]) == pytest.approx((edge, edge), abs=1e-4)
    (flat,) = curve(unit("relu"), (-6.0, 6.0), 0.0, 401).saturated
    assert flat == pytest.approx((-6.0, 0.0), abs=1e-6)
    assert curve(unit("identity"), (-6.0, 6.0), 0.5, 101).saturated == ()
    assert curve(unit("identity"), (-6.0, 6.0), 1.5, 101).saturated == ((-6.0, 6.0),)


def test_the_bound_of_ten_sigmoids() -> None:
    deep = passage(unit("sigmoid"), Depth(layers=10, signal="renewed"))
    assert deep.bound[-1] == pytest.approx(0.25**10)
    assert f"{deep.bound[-1]:.1e}" == "9.5e-07"
    assert (deep.low <= deep.median).all()
    assert (deep.median <= deep.high).all()
    assert (deep.high <= deep.bound * (1 + 1e-12)).all()


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "gelu", "selu"])
def test_the_typical_product_is_what_many_networks_of_torch_show(kind: str) -> None:
    """An independent way: a wide random network, its gradient by backward, as a mean square over units."""
    depth, width = Depth(layers=4, signal="passed", spread=1.2, gain=1.1), 1500
    torch.manual_seed(0)
    x = (1.2 * torch.randn(64, width, dtype=torch.float64)).requires_grad_()
    f = Activation.parse(kind)
    a = f(x)
    for _ in range(3):
        weights = torch.randn(width, width, dtype=torch.float64) * (1.1 / width**0.5)
        a = f(a @ weights)
    a.backward(torch.randn_like(a))
    assert x.grad is not None
    typical = passage(unit(kind), depth).typical[-1]
    assert x.grad.square().mean().sqrt().item() * 1.1 == pytest.approx(typical, rel=0.05)
    assert a.std().item() == pytest.approx(passage(unit(kind), depth).spread[-1], rel=0.05)


def test_hes_gain_keeps_relu_and_the_signal() -> None:
    deep = passage(unit("relu"), Depth(layers=30, gain=math.sqrt(2)))
    np.testing.assert_allclose(deep.typical, 1, rtol=1e-3)
    np.testing.assert_allclose(deep.spread[1:], deep.spread[1], rtol=1e-3)
    halved = passage(unit("relu"), Depth(layers=10, signal="renewed")).typical
    np.testing.assert_allclose(halved, 0.5 ** (np.arange(11) / 2), rtol=1e-6)


def test_paths_follow_the_seed() -> None:
    one, other = (passage(unit("tanh"), Depth(seed=seed)).median for seed in (0, 1))
    assert not np.array_equal(one, other)
    assert np.array_equal(one, passage(unit("tanh"), Depth(seed=0)).median)


@pytest.mark.parametrize(("kind", "wanted"), [("sigmoid", 0.25), ("tanh", 1), ("exp", math.inf), ("identity", 1)])
def test_the_steepest_slope(kind: str, wanted: float) -> None:
    assert steepest(Activation.parse(kind)) == pytest.approx(wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_goes_through_depth_whatever_happens_to_its_signal(kind: str) -> None:
    deep = passage(unit(kind), Depth(layers=60, samples=100, spread=3.0, gain=2.0))
    assert len(deep.typical) == len(deep.spread) == 61
    assert deep.typical[0] == 1


def test_softmax_and_its_jacobian() -> None:
    found = softmax(Softmax(dtype="float64"))
    e = np.exp([1.0, 2.0, 3.0])
    p = e / e.sum()
    np.testing.assert_allclose(found.p, p, rtol=1e-15)
    np.testing.assert_allclose(found.jacobian, np.diag(p) - np.outer(p, p), atol=1e-16)
    np.testing.assert_allclose(np.diag(found.jacobian), [0.0819, 0.1848, 0.2227], atol=5e-5)
    assert (found.jacobian[~np.eye(3, dtype=bool)] < 0).all()
    np.testing.assert_allclose(found.jacobian.sum(axis=1), 0, atol=1e-15)
    assert found.error < 1e-9


@pytest.mark.parametrize("temperature", [1e-3, 0.1, 7.0, 1e3])
def test_softmax_holds_at_every_temperature(temperature: float) -> None:
    found = softmax(Softmax(temperature=temperature, logits=(0.1, 0.2, 0.3), dtype="float64"))
    z = np.array([0.1, 0.2, 0.3]) / temperature
    np.testing.assert_allclose(found.log_p, z - z.max() - np.log(np.exp(z - z.max()).sum()), rtol=1e-12)
    assert found.error < 1e-5


def test_the_logarithm_of_a_softmax_underflows_and_log_softmax_does_not() -> None:
    found = softmax(Softmax(logits=(-40.0, 20.0, 100.0), dtype="float32"))
    assert found.log_naive[0] == -math.inf
    np.testing.assert_allclose(found.log_p, [-140, -80, 0], atol=1e-5)
    assert np.isnan(found.naive[2])
    assert np.isfinite(softmax(Softmax(logits=(-40.0, 20.0, 100.0), dtype="float64")).log_naive).all()


@pytest.mark.parametrize("x", [-1.25, 0.0, 0.5, 3.0])
def test_a_derivation_has_the_numbers_of_the_point(x: float) -> None:
    found = derivation(unit("sigmoid"), x)
    assert found.written
    s = 1 / (1 + math.exp(-x))
    assert found.lines[0].value == pytest.approx(s)
    for line in found.lines[1:]:
        assert line.value == pytest.approx(s * (1 - s), rel=1e-12)
        assert line.numbers.text.endswith(repr(float(f"{line.value:.6g}")))
    assert f"{abs(x):g}" in found.lines[1].numbers.tex


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_has_a_place_for_its_derivation(kind: str) -> None:
    found = derivation(unit(kind), 0.75)
    slope = derivatives(Activation.parse(kind), np.array([0.75]))[1][0]
    assert len(found.lines) >= 2
    assert found.written == bool(Activation.family[kind].DERIVATION)  # type: ignore[attr-defined]
    assert found.lines[1].value == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize(
    ("page", "kinds"),
    [("curves", [Curves, Points, Rest, Curves]), ("depth", [Depths, Points, Rest, Depths]),
     ("softmax", [SoftmaxReading, Points]), ("derivation", [Derivation, Points])],
)  # fmt: skip
def test_each_page_has_its_pictures_coarse_then_at_rest_fine(page: Any, kinds: list[type]) -> None:
    pictures = list(inspect(ActivationSpec(), None, ActivationLook(page=page), None))
    assert [type(one) for one in pictures] == kinds
    if page in {"curves", "depth"}:
        assert [one.coarse for one in pictures if hasattr(one, "coarse")] == [True, False]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"x": math.nan}, "x"), ({"x": 1e9}, "x"), ({"domain": (1.0, 1.0)}, "domain"), ({"domain": (2.0, -2.0)}, "domain"),
     ({"h": 0.0}, "h"), ({"saturation": -1.0}, "saturation"), ({"units": ()}, "units"),
     ({"softmax": {"logits": (1.0,)}}, "logits"), ({"softmax": {"temperature": 0.0}}, "temperature"),
     ({"depth": {"layers": 0}}, "layers"), ({"depth": {"spread": math.inf}}, "spread"),
     ({"units": ({"id": "a"}, {"id": "a"})}, "two activations")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        ActivationSpec().replace(**changes)
    with pytest.raises(ValidationError, match=message):
        ActivationSpec(**changes)


@pytest.mark.parametrize("text", ["1/x", "log(x)", "sqrt(x)", "exp(exp(exp(x)))", "9^9^9^x", "0*x", "3", "abs(x)^0.5"])
def test_a_typed_formula_that_misbehaves_is_only_a_curve_with_gaps(text: str) -> None:
    one = unit("expression", text=text)
    spec = ActivationSpec(units=(one,), x=0.0)
    for page in ("curves", "depth", "derivation"):
        assert list(inspect(spec, None, ActivationLook(page=page), None))  # type: ignore[arg-type]
    assert outcomes(spec, None)


def test_add_brings_what_is_not_there_yet() -> None:
    spec = ActivationSpec()
    added = spec.new_part("units")
    assert added.activation.kind == "leaky_relu"
    assert with_changes(spec, {"units": (*spec.units, added)}).units[-1].id == "leaky-relu"


CLAIMS: dict[str, Callable[[dict[str, Any]], None]] = {}


def claim(check: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """Register what a preset's comment says."""
    CLAIMS[check.__name__.replace("_", "-")] = check
    return check


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry.name)
def test_it_shows_what_its_comment_says(entry: Any) -> None:
    CLAIMS[entry.name](outcomes(presets.load(entry.path).spec, None))


@claim
def sigmoid_slope(found: dict[str, Any]) -> None:
    assert found["units.sigmoid.slope"] == pytest.approx(0.1966, abs=5e-5)
    assert at("sigmoid", 0.0).slope.autograd == 0.25


@claim
def tanh_and_sigmoid(found: dict[str, Any]) -> None:
    for name in ("f", "slope", "bend"):
        assert found[f"units.tanh.{name}"] == pytest.approx(found[f"units.typed.{name}"], abs=1e-15)
    assert found["units.tanh.slope"] == pytest.approx(0.4200, abs=5e-5)


@claim
def relu_kink(found: dict[str, Any]) -> None:
    assert (found["units.relu.slope"], found["units.leaky-relu.slope"]) == (0.0, 0.01)
    assert found["units.relu.slope-difference"] == pytest.approx(0.5)
    assert math.isnan(found["units.relu.slope-error"])
    assert found["units.squared-relu.slope-error"] == 0
    assert Activation.parse("squared_relu").kinks == ()


@claim
def sigmoid_derivation(found: dict[str, Any]) -> None:
    assert found["units.sigmoid.slope"] == pytest.approx(0.2350, abs=5e-5)
    assert len(derivation(unit("sigmoid"), 0.5).lines) == 6


@claim
def softmax_jacobian(found: dict[str, Any]) -> None:
    assert [round(found[f"logits.{k}.softmax"], 4) for k in (1, 2, 3)] == [0.09, 0.2447, 0.6652]
    assert [round(found[f"logits.{k}.jacobian"][k - 1], 4) for k in (1, 2, 3)] == [0.0819, 0.1848, 0.2227]
    assert found["jacobian-error"] < 1e-9


@claim
def softmax_temperature(found: dict[str, Any]) -> None:
    assert [round(found[f"logits.{k}.softmax"], 3) for k in (2, 3)] == [0.018, 0.982]


@claim
def log_of_softmax(found: dict[str, Any]) -> None:
    assert found["logits.1.log-of-softmax"] == -math.inf
    assert found["logits.1.log-softmax"] == pytest.approx(-140)
    assert math.isnan(found["logits.3.naive"])


@claim
def vanishing_sigmoid(found: dict[str, Any]) -> None:
    assert f"{found['units.sigmoid.depth-bound']:.1e}" == "9.5e-07"
    assert f"{found['units.sigmoid.depth-product']:.1e}" == "1.8e-07"
    assert found["units.tanh.depth-product"] == pytest.approx(0.022, abs=5e-4)
    assert found["units.relu.depth-product"] == pytest.approx(2**-5, rel=1e-6)


@claim
def he_keeps_relu(found: dict[str, Any]) -> None:
    assert found["units.relu.depth-product"] == pytest.approx(1, rel=1e-3)
    assert found["units.relu.depth-high"] == 0
    assert found["units.sigmoid.depth-product"] < 1e-14


@claim
def selu_fixed_point(found: dict[str, Any]) -> None:
    assert found["units.selu.depth-spread"] == pytest.approx(1, abs=1e-3)
    assert max(found["units.elu.depth-spread"], found["units.tanh.depth-spread"]) < 0.2
    below = passage(unit("selu"), Depth(layers=40, spread=0.2)).spread[-1]
    assert below == pytest.approx(1, abs=0.05)


@claim
def no_second_derivative(found: dict[str, Any]) -> None:
    assert "not available" in found["units.hardsigmoid.bend"]
    assert found["units.hardsigmoid.slope-error"] == pytest.approx(3e-8, rel=0.02)
    assert found["units.hardswish.bend"] == pytest.approx(1 / 3)


@claim
def smooth_rectifiers(found: dict[str, Any]) -> None:
    slopes = [found[f"units.{name}.slope"] for name in ("relu", "gelu", "silu", "softplus", "mish", "elu")]
    assert slopes == pytest.approx([0, 0.5, 0.5, 0.5, 0.6, 1])
    for kind in ("gelu", "silu", "mish"):
        one = curve(unit(kind), (-4.0, 4.0), 0.05, 401)
        assert one.f.min() < 0
        assert one.slope.max() > 1


def test_every_preset_has_its_claim_checked() -> None:
    assert sorted(CLAIMS) == sorted(entry.name for entry in SHIPPED)
    assert len(SHIPPED) >= 8


def test_a_member_defined_at_run_time_is_complete() -> None:
    class Bent(Activation):
        r"""Two lines of its own. :math:`f(x) = 2 |x|`."""

        kind: Literal["bent_at_run_time"] = "bent_at_run_time"
        KINKS: ClassVar = (0.0,)
        steep: Real = Field(default=2.0, ge=0, description="slope")

        @property
        def formula(self) -> str:
            return f"{self.steep!r}*abs(x)"

    try:
        found = at("bent_at_run_time", -1.5, steep=3.0)
        assert (found.f, found.slope.autograd, found.slope.formula) == (4.5, -3.0, -3.0)
        one = unit("bent_at_run_time")
        assert curve(one, (-1.0, 1.0), 0.05, 11).slope[0] == -2
        assert passage(one, Depth(layers=3)).bound[-1] == 8
        assert not derivation(one, 1.0).written
        assert derivation(one, 1.0).lines[1].value == 2
    finally:
        del Activation.family["bent_at_run_time"]
