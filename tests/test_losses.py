"""Every loss is torch's, says what it takes, and its formula agrees with torch, value and slope."""

from __future__ import annotations

import inspect
import itertools
import random
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
import torch
import values
from pydantic import Field, ValidationError

from gradlab.engine.errors import UserError
from gradlab.engine.losses import (
    LEFT_OUT,
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    CTCLoss,
    GaussianNLLLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    Loss,
    MSELoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)
from gradlab.engine.losses.ways import derivatives, gradient
from gradlab.engine.model import Real

KINDS = list(Loss.family)
TORCHS = [kind for kind in KINDS if hasattr(torch.nn, Loss.member(kind).__name__)]
"""What torch has a class for; another one is its formula."""
DEPRECATED = {"size_average", "reduce"}


def example(loss: Loss) -> tuple[np.ndarray, ...]:
    """Return the member's own tables; a column of classes or signs is a vector."""
    tables = [np.array(table) for table in loss.EXAMPLE]
    last = tables[-1]
    if loss.COLUMN:
        tables[-1] = last[:, 0]
    return tuple(tables)


def grad(loss: Loss, *arrays: np.ndarray, by: int = 0) -> np.ndarray:
    """Return the gradient of the sum of the losses by an input."""
    tensors = loss.replace(reduction="sum").tensors(*arrays, dtype=torch.float64)
    tensors[by].requires_grad_()
    loss.replace(reduction="sum").build(torch.float64)(*tensors).backward()
    found = tensors[by].grad
    assert found is not None
    return found.numpy()


def test_every_loss_of_torch_is_there() -> None:
    """What is not here is named with its reason."""
    found = {*torch.nn.modules.loss.__all__, *(name for name in dir(torch.nn) if name.endswith("Loss"))}
    assert {Loss.member(kind).__name__ for kind in TORCHS} == found - set(LEFT_OUT)
    assert all(Loss.parse(kind).formula for kind in KINDS if kind not in TORCHS)
    assert set(LEFT_OUT) <= found
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("kind", TORCHS)
def test_parameters_and_defaults_are_torchs(kind: str) -> None:
    loss = Loss.parse(kind)
    asked = {n: p.default for n, p in inspect.signature(loss.torch_class()).parameters.items() if n not in DEPRECATED}
    assert set(type(loss).model_fields) - {"kind"} == set(asked)
    assert {name: getattr(loss, name) for name in asked} == asked
    assert type(loss.build()) is loss.torch_class()


@pytest.mark.parametrize("kind", TORCHS)
def test_its_inputs_are_named_as_torchs(kind: str) -> None:
    loss = Loss.parse(kind)
    names = [name for name in inspect.signature(loss.torch_class().forward).parameters if name != "self"]
    assert {"log_input": "input"}.get(names[0], names[0]) == loss.inputs[0]
    assert tuple(names[1 : len(loss.inputs)]) == loss.inputs[1:]
    assert len(loss.inputs) == len(loss.EXAMPLE)
    assert len(loss.names) == len(loss.inputs) or not loss.formula
    assert len(loss.tensors(*example(loss))) == len(names), "what torch also asks for is made of them"


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # torch, of kl_div
@pytest.mark.parametrize("kind", KINDS)
def test_what_it_says_of_itself_holds_on_its_example(kind: str) -> None:
    """At the defaults and at random parameters: value, slope and the mean's denominator against torch."""
    rng = random.Random(kind)
    plain = Loss.parse(kind)
    for loss in [plain, *(values.draw(type(plain), rng) for _ in range(20))]:
        assert isinstance(loss, Loss)
        arrays = example(loss)
        try:
            loss.check(*arrays)
        except UserError:
            assert loss != plain, "the example fits the defaults"
            continue
        tensors = loss.tensors(*arrays, dtype=torch.float64)
        with np.errstate(all="ignore"):
            total = loss.replace(reduction="sum").build(torch.float64)(*tensors)
            mean = loss.replace(reduction="mean").build(torch.float64)(*tensors)
            assert torch.isfinite(total)
            scale = loss.replace(reduction="mean").denominator(*arrays)
            assert float(mean) == pytest.approx(float(total) / scale, rel=1e-12)
            by_formula = loss.elements(*arrays)
            for by in loss.sloped(*arrays):
                slopes, wanted = loss.slopes(*arrays, by=by), grad(loss, *arrays, by=by)
                assert slopes is not None, "every loss has a declared formula"
                if by == 2 and isinstance(loss, GaussianNLLLoss):  # below eps torch has a slope where the loss has none
                    wanted = np.where(arrays[2] < loss.eps, 0.0, wanted)
                np.testing.assert_allclose(slopes, wanted, rtol=1e-9, atol=1e-12, err_msg=f"{loss!r} by {by}")
        each = loss.replace(reduction="none").build(torch.float64)(*tensors).numpy()
        np.testing.assert_allclose(np.asarray(by_formula, dtype=float), each, rtol=1e-9, atol=1e-12)


def rows_of(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return random tables for a loss of rows of scores or embeddings, no place of them at a kink."""
    scores, signs = rng.standard_normal((5, 4)), rng.choice([-1.0, 1.0], 5)
    listed = np.array([[3, 0, -1, 1], [1, 2, 3, 0], [-1, 0, 0, 0], [2, -1, 2, 2], [0, 3, 1, -1]])
    chances = rng.dirichlet(np.ones(4), 5)
    made: dict[str, tuple[np.ndarray, ...]] = {
        "cross_entropy": (scores, chances),
        "multi_margin": (scores, rng.integers(0, 4, 5)),
        "multilabel_margin": (scores, listed),
        "multilabel_soft_margin": (scores, chances),
        "cosine_embedding": (scores, rng.standard_normal((5, 4)), signs),
        "ctc": (rng.standard_normal((9, 4)), np.array([1, 1, 3])),
    }
    return made.get(kind) or (scores, rng.standard_normal((5, 4)), rng.standard_normal((5, 4)))


ROWS = [
    CrossEntropyLoss(weight=(1.0, 2.0, 0.5, 0.0), label_smoothing=0.2),
    MultiMarginLoss(p=2, margin=0.7, weight=(1.0, 2.0, 0.5, 3.0)),
    MultiLabelMarginLoss(),
    MultiLabelSoftMarginLoss(weight=(1.0, 2.0, 0.5, 3.0)),
    CosineEmbeddingLoss(margin=-0.2),
    TripletMarginLoss(p=3.0, swap=True),
    *(
        TripletMarginWithDistanceLoss.model_validate({"distance_function": name, "swap": swap, "margin": 2.0})
        for name in (None, "manhattan", "chebyshev", "cosine")
        for swap in (False, True)
    ),
    CTCLoss(),
    CTCLoss(blank=2),
]


@pytest.mark.parametrize("loss", ROWS, ids=repr)
def test_formulas_of_rows_are_torchs_at_random_tables_by_every_input(loss: Loss) -> None:
    for seed in range(5):
        arrays = rows_of(loss.kind, np.random.default_rng(seed))
        loss.check(*arrays)
        each = loss.replace(reduction="none").build(torch.float64)(*loss.tensors(*arrays, dtype=torch.float64))
        np.testing.assert_allclose(np.asarray(loss.elements(*arrays), dtype=float), each.numpy(), rtol=1e-9)
        for by in loss.sloped(*arrays):
            slopes = loss.slopes(*arrays, by=by)
            assert slopes is not None
            np.testing.assert_allclose(slopes, grad(loss, *arrays, by=by), rtol=1e-8, atol=1e-12)


def test_slopes_are_by_what_is_a_number_and_not_a_choice() -> None:
    by = {kind: Loss.parse(kind).sloped(*example(Loss.parse(kind))) for kind in KINDS}
    assert {kind for kind, places in by.items() if places == (0,)} == {
        "cross_entropy", "nll", "multi_margin", "multilabel_margin", "hinge_embedding", "soft_margin", "ctc",
    }  # fmt: skip
    assert {kind for kind, places in by.items() if places == (0, 1, 2)} == {
        "gaussian_nll", "triplet_margin", "triplet_margin_with_distance",
    }  # fmt: skip
    assert CrossEntropyLoss().sloped([[0.0, 1.0]], [[0.5, 0.5]]) == (0, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_three_ways_agree_by_every_input(kind: str) -> None:
    loss = Loss.parse(kind)
    arrays = example(loss)
    for by in loss.sloped(*arrays):
        for how in ("mean", "sum", "none"):
            rows = derivatives(loss.replace(reduction=how), arrays, by)
            assert len(rows) == arrays[by].size
            assert all(row.note or row.error < 1e-5 for row in rows), rows


def test_rows_moved_together_give_what_elements_moved_alone_give() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.01, 0.99, (6, 3)), rng.uniform(0, 1, (6, 3))
    x[2, 1] = 1.0
    loss = BCELoss(reduction="mean")
    rows = derivatives(loss, (x, y), 0, 1e-5)
    for place, row in zip(np.ndindex(x.shape), rows, strict=True):
        if place == (2, 1):
            assert "no central difference" in str(row.note), "torch takes no probability above 1"
            continue
        above, below = x.copy(), x.copy()
        above[place] += 1e-5
        below[place] -= 1e-5
        f = [float(loss.build(torch.float64)(torch.tensor(one), torch.tensor(y))) for one in (above, below)]
        assert row.difference == pytest.approx((f[0] - f[1]) / 2e-5, rel=1e-5)


def test_a_sequence_too_long_for_its_steps_is_infinite_or_nothing() -> None:
    x, y = np.zeros((2, 3)), np.array([1, 1])
    found = CTCLoss().elements(x, y)
    assert np.isinf(found)
    assert float(CTCLoss().build()(*CTCLoss().tensors(x, y))) == np.inf
    calm = CTCLoss(zero_infinity=True)
    assert float(calm.elements(x, y)) == 0.0 == float(calm.build()(*calm.tensors(x, y)))
    assert not np.any(calm.slopes(x, y))
    np.testing.assert_array_equal(grad(calm, x, y), np.zeros((2, 3)))
    assert {str(row.note) for row in derivatives(CTCLoss(), (x, y))} == {"the loss is inf here: it has no slope"}


def test_ctc_sums_over_every_way_to_read_the_labels() -> None:
    """Against all 3⁴ ways, written out."""
    scores = np.array(CTCLoss().EXAMPLE[0])
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    total = 0.0
    for way in itertools.product(range(3), repeat=4):
        said = [one for one, _ in itertools.groupby(way) if one != 0]
        total += float(np.prod(p[np.arange(4), way])) if said == [1, 2] else 0.0
    assert float(CTCLoss().elements(scores, [1, 2])) == pytest.approx(-np.log(total), rel=1e-12)


def test_the_numbers_of_the_notes() -> None:
    x, y = [[0.9, 0.1]], [[1.0, 0.0]]
    mse, cross = MSELoss(), CrossEntropyLoss()
    assert np.allclose(np.array(mse.slopes(x, y)) / mse.denominator(x, y), [[-0.1, 0.1]])
    assert np.allclose(np.array(cross.slopes(x, y)) / cross.denominator(x, y), [[-0.310026, 0.310026]], atol=5e-7)
    assert float(cross.build()(*cross.tensors(x, y))) == pytest.approx(0.371101, abs=5e-7)
    x, y = [[1.0, 2.0, 3.0]], [[1.0, 2.0, 5.0]]
    for loss, value in ((L1Loss(), 0.666667), (MSELoss(), 1.333333), (HuberLoss(), 0.5), (SmoothL1Loss(), 0.5)):
        assert float(loss.build()(*loss.tensors(x, y))) == pytest.approx(value, abs=5e-7)


def test_the_weighted_mean_divides_by_the_weights_of_the_kept_targets() -> None:
    loss = CrossEntropyLoss(weight=(1.0, 2.0, 1.0))
    x, y = [[0.1, 0.2, 0.3], [1.0, -1.0, 0.0]], [1, 1]
    rows = loss.replace(reduction="none").build(torch.float64)(*loss.tensors(x, y, dtype=torch.float64))
    assert loss.denominator(x, y) == 4.0
    value = float(loss.build(torch.float64)(*loss.tensors(x, y, dtype=torch.float64)))
    assert value == pytest.approx(float(rows.sum()) / 4)
    kept = loss.replace(ignore_index=2)
    assert kept.denominator(x, [1, 2]) == 2.0


def test_a_variance_for_each_row_is_that_of_its_entries() -> None:
    x, y = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[0.0, 2.5], [3.0, 1.0]])
    loss, var = GaussianNLLLoss(), np.array([0.5, 2.0])
    loss.check(x, y, var)
    np.testing.assert_allclose(loss.slopes(x, y, var), (x - y) / var[:, None], rtol=1e-12)
    np.testing.assert_allclose(loss.slopes(x, y, var), grad(loss, x, y, var), rtol=1e-12)


def test_a_variance_that_a_step_makes_negative_has_no_difference() -> None:
    arrays = np.array([1.0]), np.array([2.0]), np.array([1e-7])
    (row,) = derivatives(GaussianNLLLoss(eps=1e-9), arrays, by=2)
    assert np.isnan(row.difference)
    assert row.autograd == pytest.approx(0.5 / 1e-7 - 0.5 / 1e-14)
    assert "at the edge" in str(row.note)


def test_a_column_of_classes_is_one_for_each_row_even_of_a_single_score() -> None:
    scores, column = np.array([[-0.5], [-0.25]]), np.zeros((2, 1))
    loss = NLLLoss(reduction="sum")
    arrays = loss.shaped(scores, column)
    loss.check(*arrays)
    assert gradient(loss, "sum", arrays)[0] == pytest.approx(0.75)
    assert CrossEntropyLoss().shaped(scores, column)[1].shape == (2, 1)  # of the input's shape: probabilities


def test_where_a_variance_is_held_at_eps_torch_shows_a_slope_that_is_not_there() -> None:
    (row,) = derivatives(GaussianNLLLoss(eps=0.5), (np.array([[1.0]]), np.array([[3.0]]), np.array([[0.1]])), 2)
    assert (row.formula, row.difference) == (0.0, 0.0)
    assert row.autograd == pytest.approx((1 / 0.5 - 4 / 0.25) / 2)
    assert row.error == 1.0, "the disagreement is shown"


def test_the_labels_of_a_soft_margin_are_in_the_last_of_any_number_of_dimensions() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 4, 3)), rng.integers(0, 2, (2, 4, 3))
    loss = MultiLabelSoftMarginLoss(weight=(1.0, 2.0, 3.0))
    loss.check(x, y)
    np.testing.assert_allclose(loss.slopes(x, y), grad(loss, x, y), rtol=1e-9)
    with pytest.raises(UserError, match="weight: it has 1 entries, but there are 3 classes"):
        loss.replace(weight=(1.0,)).check(x, y)


REFUSED = [
    (
        MSELoss(),
        ([[1.0, 2.0]], [[1.0]]),
        "target: its shape is (1, 1), that of input (1, 2); they only fit by broadcast",
    ),
    (MSELoss(), ([1.0, 2.0, 3.0], [[1.0], [2.0], [3.0]]), "its shape is (3, 1), that of input (3,)"),
    (L1Loss(), ([1.0, 2.0, 3.0], [1.0, 2.0]), "its shape is (2,), that of input (3,); both must"),
    (HuberLoss(), ([], []), "input: it is empty"),
    (MSELoss(), ([1.0],), "mse: takes input, target, not 1 inputs"),
    (BCELoss(), ([0.5, 1.2], [1.0, 0.0]), "input[1]: a probability lies between 0 and 1"),
    (BCELoss(), ([0.5], [2.0]), "target[0]: a probability"),
    (BCELoss(weight=(1.0, 1.0)), ([0.5], [1.0]), "weight: it has 2 entries, but there are 1"),
    (BCEWithLogitsLoss(pos_weight=(1.0,)), ([[0.5, 1.0]], [[1.0, 0.0]]), "pos_weight: it has 1 entries"),
    (CrossEntropyLoss(), ([[1.0, 2.0]], [2]), "target[0]: a class is a whole number from 0 to 1, not 2"),
    (CrossEntropyLoss(), ([[1.0, 2.0]], [0.5]), "a whole number from 0 to 1, not 0.5"),
    (CrossEntropyLoss(), ([[1.0, 2.0]], [-1]), "not -1"),
    (CrossEntropyLoss(), ([[1.0, 2.0]], [0, 1]), "target: its shape is (2,), not (1,)"),
    (CrossEntropyLoss(), ([[1.0, 2.0]], [[0.5, 0.4]]), "target[0]: probabilities sum to 1, not to 0.9"),
    (CrossEntropyLoss(), ([[1.0, 2.0]], [[1.5, -0.5]]), "between 0 and 1, not 1.5"),
    (CrossEntropyLoss(weight=(1.0,)), ([[1.0, 2.0]], [0]), "weight: it has 1 entries, but there are 2 classes"),
    (CrossEntropyLoss(ignore_index=1), ([[1.0, 2.0]], [[0.5, 0.5]]), "ignore_index: 1 is for classes"),
    (CrossEntropyLoss(), (1.0, 0), "input: its shape is ()"),
    (NLLLoss(), ([[0.3, 0.7]], [0]), "input[0, 0]: a log-probability is at most 0"),
    (KLDivLoss(), ([[0.3, 0.7]], [[0.5, 0.5]]), "a log-probability is at most 0"),
    (KLDivLoss(), ([[-1.0, -1.0]], [[0.5, 0.4]]), "probabilities sum to 1, not to 0.9"),
    (GaussianNLLLoss(), ([1.0], [1.0], [-1.0]), "var[0]: a variance is not negative"),
    (GaussianNLLLoss(), ([[1.0, 2.0]], [[1.0, 2.0]], [[1.0], [2.0]]), "var: its shape is (2, 1)"),
    (PoissonNLLLoss(), ([1.0], [-1.0]), "a count is not negative"),
    (SoftMarginLoss(), ([1.0], [0.0]), "target[0]: it must be -1 or 1, not 0"),
    (MultiMarginLoss(), ([[[1.0]]], [0]), "input: its shape is (1, 1, 1)"),
    (MultiLabelMarginLoss(), ([[1.0, 2.0]], [[2.0, -1.0]]), "from 0 to 1, not 2"),
    (MultiLabelSoftMarginLoss(weight=(1.0,)), ([[1.0, 2.0]], [[1.0, 0.0]]), "weight: it has 1 entries"),
    (CosineEmbeddingLoss(), ([[1.0, 0.0]], [[1.0, 0.0]], [[1.0]]), "target: its shape is (1, 1), not (1,)"),
    (CTCLoss(), ([1.0, 2.0], [1]), "log_probs: its shape is (2,)"),
    (CTCLoss(), ([[1.0, 2.0]], [0]), "targets: 0 is the blank and no label"),
    (CTCLoss(), ([[1.0, 2.0]], [2]), "targets[0]: a class is a whole number from 0 to 1, not 2"),
    (CTCLoss(), ([[1.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]]), "targets: its shape is (2, 2)"),
    (CTCLoss(blank=2), ([[1.0, 2.0]], [1]), "blank: a class is a whole number from 0 to 1, not 2"),
    (TripletMarginWithDistanceLoss(), ([[1.0]], [[1.0]], [[1.0, 2.0]]), "negative: its shape is (1, 2)"),
]


@pytest.mark.parametrize(("loss", "arrays", "told"), REFUSED)
def test_what_does_not_fit_is_named_in_one_line(loss: Loss, arrays: tuple[object, ...], told: str) -> None:
    with pytest.raises(UserError) as caught:
        loss.check(*arrays)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("cross_entropy", "label_smoothing", 1.5),
        ("cross_entropy", "weight", (1.0, -1.0)),
        ("cross_entropy", "weight", (1.0, float("nan"))),
        ("huber", "delta", 0.0),
        ("smooth_l1", "beta", -1.0),
        ("multi_margin", "p", 3),
        ("mse", "reduction", "average"),
        ("l1", "reduction", "batchmean"),
        ("triplet_margin", "margin", float("inf")),
    ],
)
def test_parameters_out_of_range_are_refused(kind: str, field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        Loss.parse({"kind": kind, field: value})


def test_tensors_are_checked_too_and_their_graph_is_left_alone() -> None:
    x = torch.zeros(2, 3, requires_grad=True)
    CrossEntropyLoss().check(x, torch.tensor([0, 2]))
    with pytest.raises(UserError, match="0 to 2, not 3"):
        CrossEntropyLoss().check(x, torch.tensor([0, 3]))


def test_a_loss_that_is_a_formula_alone_is_complete() -> None:
    """One class, of which torch has nothing: value, slope, reduction and parameters against plain numbers."""

    class Rounded(Loss):
        r"""Absolute far off, squared near by. :math:`\ell = \sqrt{(x - y)^2 + w^2} - w`."""

        kind: Literal["rounded_at_run_time"] = "rounded_at_run_time"
        FORMULA: ClassVar[str] = "sqrt((x - y)^2 + width^2) - width"
        EXAMPLE: ClassVar[Any] = (((1.0, 2.0, 3.0),), ((1.0, 2.0, 5.0),))
        width: Real = Field(default=1.5, gt=0, description="where it bends")

    try:
        loss = Rounded()
        arrays = example(loss)
        each, slope = gradient(loss, "none", arrays)
        np.testing.assert_allclose(each, [[0.0, 0.0, 1.0]], atol=1e-15)
        np.testing.assert_allclose(slope, [[0.0, 0.0, -0.8]], atol=1e-15)
        assert float(gradient(loss, "mean", arrays)[0]) == pytest.approx(1 / 3)
        assert float(gradient(loss.replace(width=1e-9), "sum", arrays)[0]) == pytest.approx(2.0)
        assert max(row.error for row in derivatives(loss, arrays)) < 1e-8
    finally:
        del Loss.family["rounded_at_run_time"]
