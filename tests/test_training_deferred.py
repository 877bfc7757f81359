"""A span that waits for nothing, against the same one made step by step: every number, and where it stops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradlab.engine.datasets import Sine, Spirals, SyntheticImages
from gradlab.engine.losses import CrossEntropyLoss, MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp
from gradlab.engine.optimizers import LBFGS, SGD, Adam
from gradlab.engine.schedules import ReduceLROnPlateau
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.spec import NormClip, Probes, TrainingSpec

STEPS = 20
PROBES = Probes(norms=1, ratios=2, histograms=1, activations=3, metrics=4, sharpness=9, noise=7)
PLAIN = TrainingSpec(data=Spirals(count=40), network=Mlp(), loss=CrossEntropyLoss(), probes=PROBES)
BLOCKS = (
    LayerBlock(id="a", width=5, norm="batch", dropout=0.2),
    LayerBlock(id="b", width=5, activation="tanh"),
)
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "fused": {"optimizer": Adam(implementation="fused")},
    "batches": {"network": Mlp(blocks=BLOCKS), "batch": 7, "clip": NormClip(limit=0.1), "l1": 1e-4},
    "accumulated": {"batch": 7, "accumulate": 2, "dtype": "float64"},
    "plateau": {"schedule": ReduceLROnPlateau(patience=0, threshold=0.5)},
    "a search": {"optimizer": LBFGS(max_iter=2)},
    "pictures": {"data": SyntheticImages(count=6), "network": Cnn(channels=(2,), hidden=3), "batch": 2},
}
LINE = {"data": Sine(count=30), "loss": MSELoss(), "optimizer": SGD(lr=1e6)}
STIFF: dict[str, dict[str, Any]] = {"all": LINE, "batches": {**LINE, "network": Mlp(blocks=BLOCKS), "batch": 7}}


def step_by_step(arm: Arm) -> dict[str, np.ndarray]:
    """Return the columns of ``STEPS`` spans of one step each, as one span has them."""
    parts = [arm.advance(step, 1) for step in range(STEPS)]
    return {name: np.concatenate([*(p[name][:1] for p in parts), parts[-1][name][1:]]) for name in parts[0]}


def same(whole: Arm, single: Arm) -> None:
    """Advance both and compare all that they tell; a step on its own is measured where it happens."""
    one, other = whole.advance(0, STEPS), step_by_step(single)
    end = STEPS if whole.ended is None else whole.ended
    for name, values in one.items():
        np.testing.assert_array_equal(values[: end + 1], other[name][: end + 1], err_msg=name)
    assert whole.ended == single.ended
    assert whole.loss == single.loss or np.isnan(whole.loss)
    kept = single.heavy()
    for kind, values in whole.heavy().items():
        np.testing.assert_array_equal(values, kept[kind], err_msg=kind)


@pytest.mark.parametrize("name", list(CASES))
def test_a_span_that_waits_for_nothing_tells_what_single_steps_do(name: str) -> None:
    spec = PLAIN.replace(**CASES[name])
    same(Arm(spec, "cpu", deferred=True), Arm(spec, "cpu", deferred=True))


@pytest.mark.parametrize("name", list(CASES))
def test_it_goes_where_a_run_that_is_watched_at_every_step_goes(name: str) -> None:
    spec = PLAIN.replace(**CASES[name])
    one, other = Arm(spec, "cpu", deferred=True).advance(0, STEPS), Arm(spec, "cpu").advance(0, STEPS)
    np.testing.assert_array_equal(one["loss"], other["loss"])
    for column, values in one.items():
        np.testing.assert_allclose(values, other[column], rtol=1e-4, atol=1e-9, err_msg=column)


@pytest.mark.parametrize("name", list(STIFF))
def test_it_stops_at_the_first_row_that_is_not_finite(name: str) -> None:
    spec = PLAIN.replace(**STIFF[name])
    whole, watched = Arm(spec, "cpu", deferred=True), Arm(spec, "cpu")
    same(whole, Arm(spec, "cpu", deferred=True))
    assert whole.ended is not None
    assert 0 < whole.ended < STEPS
    watched.advance(0, STEPS)
    assert whole.ended == watched.ended
    for column in ("ended", "ended_in", "ended_at"):
        np.testing.assert_array_equal(whole.tip.plain[column], watched.tip.plain[column], err_msg=column)


def test_a_longer_span_waits_no_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is on by default, and every way that a tensor has to hand out its numbers."""
    waits: list[str] = []

    def counted(name: str) -> Any:
        plain = getattr(torch.Tensor, name)

        def way(*given: Any, **facts: Any) -> Any:
            waits.append(name)
            return plain(*given, **facts)

        return way

    arm = Arm(PLAIN.replace(probes=Probes(), optimizer=Adam(implementation="fused")), "cpu", deferred=True)
    arm.advance(0, 2)
    for name in ("item", "tolist", "cpu", "numpy", "__float__", "__bool__", "__int__", "__index__"):
        monkeypatch.setattr(torch.Tensor, name, counted(name))
    found = []
    for first, count in ((2, 5), (7, 40)):
        arm.advance(first, count)
        found.append(sorted(waits))
        waits.clear()
    assert found[0] == found[1]
    assert found[0].count("cpu") == 2, "the rows, and the counts at the start"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", ["plain", "fused", "pictures"])
def test_a_gpu_tells_what_the_processor_does(name: str) -> None:
    spec = PLAIN.replace(**CASES[name], dtype="float64")
    one, other = Arm(spec, "cuda").advance(0, STEPS), Arm(spec, "cpu").advance(0, STEPS)
    for column in ("loss", "grad_norm", "weight_norm", "update_ratio", "act_std"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-6, atol=1e-9, err_msg=column)
