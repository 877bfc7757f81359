"""The Loss lab's readings: the numbers of the notes, losses beside torch, refusals, and what other losses bring."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch.nn import functional

from gradlab.engine import presets
from gradlab.engine.errors import UserError
from gradlab.engine.lab import lab_of
from gradlab.engine.losses import CrossEntropyLoss, HuberLoss, L1Loss, Loss, MSELoss
from gradlab.labs.loss import curves, fit
from gradlab.labs.loss.curves import CurvesReading, OutlierReading
from gradlab.labs.loss.entropy import EntropyReading
from gradlab.labs.loss.fit import SurfaceReading
from gradlab.labs.loss.inspect import inspect
from gradlab.labs.loss.look import LossLook, Page
from gradlab.labs.loss.outcomes import outcomes
from gradlab.labs.loss.spec import LossSpec, refusal
from gradlab.labs.loss.values import ValuesReading, values_reading
from gradlab.labs.loss.ways import KinkReading, LogitReading
from gradlab.labs.loss.written import with_numbers


def read(spec: LossSpec, page: Page = "values") -> object:
    """Return the last picture of a page."""
    return list(inspect(spec, None, LossLook(page=page)))[-1]


def values(spec: LossSpec) -> ValuesReading:
    found = read(spec)
    assert isinstance(found, ValuesReading)
    return found


def shipped(name: str) -> LossSpec:
    spec = presets.load(presets.find(name)).spec
    assert isinstance(spec, LossSpec)
    return spec


def near(found: object, wanted: object, tolerance: float = 5e-7) -> bool:
    return bool(
        np.allclose(np.asarray(found, float).ravel(), np.asarray(wanted, float).ravel(), atol=tolerance, rtol=0)
    )


def test_the_mean_squared_error_has_the_slope_over_n() -> None:
    found = values(shipped("mse-of-two"))
    assert near(found.mean, 0.01)
    assert near(found.pull_mean, (-0.1, 0.1))
    assert near(found.pull, (-0.2, 0.2))


def test_cross_entropy_takes_logits() -> None:
    found = values(shipped("cross-entropy-of-logits"))
    assert near(found.mean, 0.371101)
    assert near(found.pull_mean, (-0.310026, 0.310026))


def test_the_norms_of_an_error() -> None:
    found = outcomes(shipped("sum-mean-and-norm"), None)
    assert (found["sum"], round(found["norm"], 4), round(found["mean"], 4)) == (14.0, 3.7417, 4.6667)


def test_three_numbers_under_l1_mse_huber_and_smooth_l1() -> None:
    l1, mse = values(shipped("l1-of-three")), values(shipped("mse-of-three"))
    assert near(l1.none, (0, 0, 2))
    assert (round(l1.mean, 6), l1.total) == (0.666667, 2.0)
    assert near(l1.pull_mean, (0, 0, -1 / 3))
    assert near(mse.none, (0, 0, 4))
    assert (round(mse.mean, 6), mse.total) == (1.333333, 4.0)
    assert near(mse.pull_mean, (0, 0, -4 / 3))
    for kind in ("huber", "smooth_l1"):
        assert near(values(shipped("mse-of-three").edited(loss=Loss.parse(kind))).mean, 0.5)


def test_a_kink_is_noted_with_what_torch_takes_there() -> None:
    notes = [str(one.note) for one in values(shipped("l1-of-three")).derivatives]
    assert notes == ["kink: torch takes 0", "kink: torch takes 0", ""]
    assert not any(str(one.note) for one in values(shipped("mse-of-three").replace(h=0.5)).derivatives)


def test_cross_entropy_station_by_station() -> None:
    found = read(shipped("cross-entropy-one-class"), "entropy")
    assert isinstance(found, EntropyReading)
    assert near(found.softmax, (0.300610, 0.332225, 0.367165))
    assert near(found.mean, 1.101943)
    assert near(found.slope, (0.3006, -0.6678, 0.3672), 5e-5)
    assert found.nll == pytest.approx(found.mean, rel=1e-14)


def test_the_weighted_mean_divides_by_the_weights_of_the_kept_targets() -> None:
    spec = shipped("weighted-mean")
    found = read(spec, "entropy")
    assert isinstance(found, EntropyReading)
    assert near((found.mean, found.per_sample, found.divisor), (1.537164, 2.305746, 3.0))
    assert isinstance(spec.loss, CrossEntropyLoss)
    ignored = read(spec.replace(loss=spec.loss.replace(ignore_index=0)), "entropy")
    assert isinstance(ignored, EntropyReading)
    assert near((ignored.mean, ignored.divisor), (1.101943, 2.0))
    bare = read(LossSpec(loss=CrossEntropyLoss(ignore_index=0), input=spec.input, target=spec.target), "entropy")
    assert isinstance(bare, EntropyReading)
    assert near((bare.mean, bare.per_sample), (1.101943, 0.550971))


def test_label_smoothing_costs() -> None:
    spec = shipped("label-smoothing")
    assert round(values(spec).mean, 4) == 0.5910
    assert round(values(spec.replace(loss=CrossEntropyLoss())).mean, 4) == 0.5143


def test_log_of_softmax_underflows_where_log_softmax_does_not() -> None:
    found = read(shipped("log-softmax-underflow"), "entropy")
    assert isinstance(found, EntropyReading)
    assert found.naive[0, 3] == -math.inf
    assert found.log_softmax[0, 3] == pytest.approx(-112.3)
    assert (found.mean, found.nll) == pytest.approx((112.3, 112.3))
    assert np.isfinite(found.gap_stable).all()
    first = found.gaps[np.isinf(found.gap_naive)][0]
    assert 103 < first < 105, "float32 ends at e^-103.97"
    logits = shipped("log-softmax-underflow").input[0]
    lower = (*logits[:7], 80.0, *logits[8:])
    again = read(shipped("log-softmax-underflow").replace(input=(lower,)), "entropy")
    assert isinstance(again, EntropyReading)
    assert again.naive[0, 3] == pytest.approx(again.log_softmax[0, 3], rel=1e-6)


def test_a_target_that_only_fits_by_broadcasting_is_refused_with_both_shapes() -> None:
    spec = shipped("broadcast-refused")
    told = values(spec).refusal
    assert "(1, 1)" in told
    assert "(1, 2)" in told
    assert "broadcasting" in told
    assert outcomes(spec, None)["refused"] == told
    assert not values(spec.replace(target=((1.0, 1.0),))).refusal


def test_one_wrong_logit() -> None:
    found = read(shipped("one-wrong-logit"), "logit")
    assert isinstance(found, LogitReading)
    assert (round(found.slopes[0], 5), round(found.slopes[1], 5)) == (-0.00067, -0.99966)
    sigma = 1 / (1 + math.exp(8))
    assert found.slopes[0] == pytest.approx(2 * (sigma - 1) * sigma * (1 - sigma), rel=1e-12)


def test_descent_on_a_kink_never_settles() -> None:
    found = read(shipped("kink-never-settles"), "kink")
    assert isinstance(found, KinkReading)
    ways = {way.key: way for way in found.ways}
    assert np.allclose(np.abs(ways["l1"].x[3:]), 0.05)
    assert (np.diff(np.sign(ways["l1"].x[3:])) != 0).all()
    assert ways["l1"].swing == pytest.approx(0.1)
    assert np.allclose(ways["mse"].x, 0.25 * 0.8 ** np.arange(41), rtol=1e-12)
    assert np.allclose(ways["huber"].x, 0.25 * 0.9 ** np.arange(41), rtol=1e-12)


def test_surrogates_of_the_zero_one_loss() -> None:
    found = read(shipped("surrogates"), "curves")
    assert isinstance(found, CurvesReading)
    lines = {line.key: line for line in found.lines}
    assert (lines["hinge"].value_at, lines["squared"].value_at) == (2.0, 4.0)
    assert round(lines["logistic"].value_at, 4) == 1.8946
    assert not lines["zero_one"].slope.any()
    for key in ("hinge", "logistic", "squared"):
        assert (lines[key].loss >= lines["zero_one"].loss - 1e-12).all(), "it lies above"
    below = lines["cross_entropy"].loss < lines["zero_one"].loss
    assert found.x[below].min() > -0.55
    assert found.x[below].max() <= 0


@pytest.mark.parametrize("loss", [L1Loss(), MSELoss(), HuberLoss(delta=0.5)])
def test_curves_are_those_of_torch_with_the_chosen_parameters(loss: Loss) -> None:
    found = read(LossSpec(loss=loss, truth=0.5, prediction=-1.0), "curves")
    assert isinstance(found, CurvesReading)
    line = next(line for line in found.lines if line.key == loss.kind)
    x = torch.tensor(found.x, requires_grad=True)
    wanted = loss.replace(reduction="none").build()(x, torch.full_like(x, 0.5))
    wanted.sum().backward()
    assert x.grad is not None
    assert np.array_equal(line.loss, wanted.detach().numpy())
    assert np.array_equal(line.slope, x.grad.numpy())


def test_an_outlier_moves_the_mean_and_not_the_median() -> None:
    for place in (8.0, -15.0, 0.3):
        found = read(LossSpec(outlier=place), "outlier")
        assert isinstance(found, OutlierReading)
        best = {one.key: one.best for one in found.estimates}
        assert best["mse"] == pytest.approx(np.mean([*curves.SAMPLE, place]), abs=1e-9)
        assert best["l1"] == pytest.approx(np.median([*curves.SAMPLE, place]), abs=1e-9)
    last = read(LossSpec(), "outlier")
    assert isinstance(last, OutlierReading)
    for one in last.estimates:
        assert one.least <= one.loss.min() + 1e-12
        if one.key != "mse":
            assert np.ptp(one.way) < 0.5
    assert round(curves.middle(HuberLoss(reduction="none"), np.array([[*curves.SAMPLE, 8.0]]))[0], 4) == 0.1429


def test_the_surface_has_its_least_at_the_least_squares() -> None:
    found = read(shipped("surface-of-a-line"), "surface")
    assert isinstance(found, SurfaceReading)
    design = np.column_stack([fit.X, np.ones_like(fit.X)])
    best = np.linalg.lstsq(design, fit.Y, rcond=None)[0]
    assert np.abs(np.array(found.best) - best).max() <= 10 / (fit.SIZE - 1)
    errors = design @ np.array([-1.0, 2.0]) - fit.Y
    assert found.loss == pytest.approx(np.mean(errors**2))
    assert found.slopes == pytest.approx(tuple(2 * design.T @ errors / len(fit.X)))
    j, i = 40, 80
    assert found.z[j, i] == pytest.approx(np.mean((found.w[i] * fit.X + found.b[j] - fit.Y) ** 2))


def test_cross_entropy_on_a_line_is_that_of_its_logit() -> None:
    cross = read(LossSpec(loss=CrossEntropyLoss()), "surface")
    binary = read(LossSpec(loss=Loss.parse("bce_with_logits"), input=((0.0,),), target=((1.0,),)), "surface")
    assert isinstance(cross, SurfaceReading)
    assert isinstance(binary, SurfaceReading)
    assert np.allclose(cross.z, binary.z, rtol=1e-12)


def line(kind: str, **fields: object) -> SurfaceReading:
    found = read(LossSpec().edited(loss=Loss.parse({"kind": kind, **fields})), "surface")
    assert isinstance(found, SurfaceReading)
    return found


def test_every_loss_has_a_surface_or_says_why_not() -> None:
    none = {kind for kind in Loss.family if line(kind).refusal}
    assert none == {"cosine_embedding", "triplet_margin", "triplet_margin_with_distance", "ctc"}
    assert "compares vectors" in line("triplet_margin").refusal
    assert "sequence" in line("ctc").refusal


def test_surfaces_are_the_mean_over_the_points_written_out() -> None:
    """At the line −x + 2, where the lab starts."""
    z, yes = 2 - fit.X, fit.YES
    sigma, sign = 1 / (1 + np.exp(-z)), 2 * yes - 1
    nll = -yes * np.log(sigma) - (1 - yes) * np.log(1 - sigma)
    q = fit.SHARES
    wanted = {
        "bce": nll,
        "nll": nll,
        "kl_div": q * np.log(q / sigma) + (1 - q) * np.log((1 - q) / (1 - sigma)),
        "gaussian_nll": (np.log(0.25) + (z - fit.Y) ** 2 / 0.25) / 2,
        "hinge_embedding": np.where(yes == 1, np.abs(z), np.maximum(0, 1 - np.abs(z))),
        "margin_ranking": np.maximum(0, -sign * z),
        "multi_margin": np.maximum(0, 1 - sign * z) / 2,
        "multilabel_margin": np.maximum(0, 1 - sign * z) / 2,
        "poisson_nll": np.exp(z) - fit.COUNTS * z,
    }
    for kind, losses in wanted.items():
        assert line(kind).loss == pytest.approx(losses.mean(), rel=1e-9), kind
    rate = line("poisson_nll", log_input=False)
    assert rate.loss == pytest.approx((np.exp(z) - fit.COUNTS * z).mean(), rel=1e-6)
    assert line("kl_div", log_target=True).loss == pytest.approx(line("kl_div").loss, rel=1e-12)


def test_what_is_left_out_of_a_surface_is_said() -> None:
    plain, weighted = line("cross_entropy"), line("cross_entropy", weight=(1.0, 2.0, 1.0), ignore_index=0)
    assert weighted.loss == plain.loss
    assert "weight, ignore_index: left out" in weighted.words
    assert "left out" not in plain.words


def test_of_large_tables_the_gradients_come_before_their_comparison() -> None:
    large = LossSpec(loss=MSELoss(), input=((1.0,) * 20,) * 20, target=((0.5,) * 20,) * 20)
    first, last = (found for found in inspect(large, None, LossLook()) if isinstance(found, ValuesReading))
    assert not first.derivatives
    assert len(last.derivatives) == 400
    assert np.array_equal(first.pull_mean, last.pull_mean)
    assert len(list(inspect(LossSpec(), None, LossLook()))) == 1


def test_slopes_are_by_the_input_that_is_looked_at() -> None:
    spec = shipped("loss-below-zero")
    for by, wanted in enumerate(((0, -1, -2), (0, 1, 2), (50, 0.5, -1.5))):
        found = values_reading(spec, by)
        assert (found.by, found.sloped) == (by, (0, 1, 2))
        assert near(found.pull, wanted)
        assert near(found.pull_mean, np.array(wanted) / 3)
        assert [one.name for one in found.derivatives] == [f"{spec.loss.inputs[by]}[0, {k}]" for k in range(3)]
    assert values_reading(shipped("cross-entropy-one-class"), 1).by == 0, "a class has no slope"
    named = outcomes(spec, None)
    assert named["gradient.var.sum"] == pytest.approx((50, 0.5, -1.5))
    assert named["error"] < 1e-5


@pytest.mark.parametrize("kind", Loss.family)
def test_every_loss_opens_on_every_page(kind: str) -> None:
    """Another loss brings tables that it takes; a page that is not for it says so in one line."""
    spec = LossSpec().edited(loss=Loss.parse(kind))
    assert not refusal(spec)
    for page in ("values", "curves", "outlier", "surface", "entropy", "logit", "kink"):
        found = read(spec, page)
        assert "\n" not in getattr(found, "refusal", "")
    known = values(spec)
    assert math.isfinite(known.mean)
    for one in known.derivatives:
        assert one.error < 1e-5 or one.note, (kind, one)
    assert outcomes(spec, None)["mean"] == known.mean
    with_numbers(spec.loss, spec.arrays(), known.none, 0)


def test_a_loss_that_takes_the_tables_keeps_them() -> None:
    spec = LossSpec(loss=MSELoss(), input=((1.0, 2.0),), target=((3.0, 4.0),))
    assert spec.edited(loss=L1Loss()).input == ((1.0, 2.0),)
    other = spec.edited(loss=Loss.parse("triplet_margin"))
    assert other.third is not None
    assert other.edited(loss=L1Loss()).third is None


def test_the_formula_with_numbers() -> None:
    mse = shipped("sum-mean-and-norm")
    text = with_numbers(mse.loss, mse.arrays(), values(mse).none, 2)
    assert text == r"\ell_{0,2} = \left(3 - 0\right)^{2} = 9"
    cross = shipped("cross-entropy-one-class")
    text = with_numbers(cross.loss, cross.arrays(), values(cross).none, 0)
    assert r"\frac{e^{0.2}}{e^{0.1} + e^{0.2} + e^{0.3}}" in text
    assert text.endswith("= 1.101943")
    pairs = LossSpec().edited(loss=Loss.parse("triplet_margin"))
    assert with_numbers(pairs.loss, pairs.arrays(), values(pairs).none, 0).startswith(r"\ell_{0} = ")
    huber = shipped("mse-of-three").edited(loss=HuberLoss())
    text = with_numbers(huber.loss, huber.arrays(), values(huber).none, 2)
    assert "min" not in text, "what is the smaller is written as its value"
    assert text.endswith("= 1.5")


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("multi_margin", r"\frac{1}{3}\left(\max(0, 1 - 0.2 + 0.1) + \max(0, 1 - 0.2 + 0.3)\right) = 0.6666667"),
        ("multilabel_margin", r"\frac{1}{4}\left(0.4 + 0.6 + 1.1 + 1.3\right) = 0.85"),
        ("multilabel_soft_margin", r"\frac{1}{3}\left(1.313262 + 0.974077 + 0.126928\right) = 0.8047556"),
        ("cosine_embedding", r"1 - \frac{1}{1 \cdot 1.414214} = 0.2928932"),
        ("triplet_margin", r"\max(0, 0.7071054 - 1.019803 + 1) = 0.6873026"),
        ("nll", "-(-1.101943) = 1.101943"),
    ],
)
def test_a_row_is_written_with_its_numbers(kind: str, wanted: str) -> None:
    spec = LossSpec().edited(loss=Loss.parse(kind))
    assert with_numbers(spec.loss, spec.arrays(), values(spec).none, 0) == rf"\ell_{{0}} = {wanted}"


def test_a_target_of_shares_is_written_with_what_each_class_takes() -> None:
    spec = shipped("label-smoothing")
    text = with_numbers(spec.loss, spec.arrays(), values(spec).none, 0)
    assert r"\left(0.03333333 \ln 0.2686636 + 0.9333333 \ln 0.5979219" in text
    assert text.endswith("= 0.5909617")


def test_kl_divergence_does_not_warn_and_is_torchs() -> None:
    spec = LossSpec().edited(loss=Loss.parse("kl_div"))
    x, y = (torch.tensor(array) for array in spec.arrays())
    assert values(spec).mean == pytest.approx(float(functional.kl_div(x, y, reduction="sum")) / x.numel())


HOSTILE = [
    ({"input": ((1.0, 2.0), (3.0,))}, "input: every row must have as many numbers; they have 2, 1"),
    ({"input": ()}, "input"),
    ({"input": ((),)}, "input"),
    ({"input": ((math.nan,),)}, "finite"),
    ({"input": ((math.inf,),)}, "finite"),
    ({"input": (("1",),)}, "number"),
    ({"input": ((1e300,),)}, "1000000000000"),
    ({"input": ((1.0,) * 33,)}, "at most 32"),
    ({"input": ((1.0,),) * 65}, "at most 64"),
    ({"h": 0.0}, "h: must be > 0"),
    ({"lr": math.nan}, "lr"),
    ({"steps": 10**9}, "steps"),
    ({"outlier": 1e9}, "outlier"),
    ({"weights": (1.0,)}, "weights"),
]


@pytest.mark.parametrize(("fields", "told"), HOSTILE)
def test_hostile_values_are_refused_in_one_line(fields: dict[str, object], told: str) -> None:
    with pytest.raises(UserError) as caught:
        LossSpec().replace(**fields)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValidationError):
        LossSpec.model_validate(fields)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (LossSpec(target=((3.0,),)), "target[0]: a class is a whole number from 0 to 2, not 3"),
        (LossSpec(target=((0.5, 0.4, 0.0),)), "probabilities sum to 1, not to 0.9"),
        (LossSpec(loss=CrossEntropyLoss(weight=(1.0,))), "weight: it has 1 entries, but there are 3 classes"),
        (LossSpec(loss=Loss.parse("triplet_margin")), "triplet_margin: takes anchor, positive, negative, not 2 inputs"),
        (LossSpec(loss=Loss.parse("bce")), "they only fit by broadcasting"),
    ],
)
def test_what_the_loss_cannot_take_is_said_and_nothing_is_lost(spec: LossSpec, told: str) -> None:
    found = values_reading(spec)
    assert told in found.refusal
    assert not found.derivatives


def test_huge_numbers_are_results() -> None:
    spec = LossSpec(loss=Loss.parse("poisson_nll"), input=((1e6, 0.0),), target=((1.0, 1.0),))
    found = values(spec)
    assert math.isinf(found.mean)
    far = LossSpec(loss=MSELoss(), input=((1e12,),), target=((-1e12,),))
    assert values(far).mean == 4e24


def test_the_lab_is_instant_and_knows_its_parts() -> None:
    lab = lab_of("loss")
    assert lab.on_change == "instant"
    assert not lab.run
    assert lab.order == 40
