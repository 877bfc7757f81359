"""The accuracy read off the answers of a step, against a pass of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlab.engine.datasets import Spirals
from gradlab.engine.losses import CrossEntropyLoss
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.labs.training import instruments, metrics
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.spec import Probes, TrainingSpec

STEPS = 6


def spec_of(*, held_out: float = 0.0, batch: int = 0, autocast: Any = "none", **layer: Any) -> TrainingSpec:
    return TrainingSpec(
        data=Spirals(count=50),
        network=Mlp(blocks=(LayerBlock(id="hidden", width=8, **layer),)),
        loss=CrossEntropyLoss(),
        probes=Probes(activations=0, metrics=2),
        held_out=held_out,
        batch=batch,
        autocast=autocast,
    )


CASES = {
    "all samples": (spec_of(), 0),
    "held out": (spec_of(held_out=0.2), 1),
    "mini-batches": (spec_of(batch=10), 1),
    "dropout": (spec_of(dropout=0.5), 1),
    "batch norm": (spec_of(norm="batch"), 1),
    "random slopes": (spec_of(activation="rrelu"), 1),
    "bfloat16": (spec_of(autocast="bfloat16"), 1),
}
"""A training, and the passes that one measurement makes beside those of the steps."""


@pytest.mark.parametrize("name", list(CASES))
def test_a_pass_is_made_where_the_step_has_not_given_the_answers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, extra = CASES[name]
    arm, passes = Arm(spec, "cpu"), [0]
    handle = arm.network.register_forward_hook(lambda *_: passes.__setitem__(0, passes[0] + 1))
    found = arm.advance(0, STEPS)
    handle.remove()
    assert passes[0] == STEPS + extra * STEPS // 2
    monkeypatch.setattr(instruments, "shares", lambda *_: False)
    wanted = Arm(spec, "cpu").advance(0, STEPS)
    for column in ("loss", "accuracy", "test_loss", "test_accuracy"):
        np.testing.assert_array_equal(found[column], wanted[column], err_msg=column)
    assert np.isfinite(found["accuracy"][::2]).all()


def test_samples_go_through_in_slices_and_count_as_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(held_out=0.2, batch=10).replace(data=Spirals(count=500))
    whole = Arm(spec, "cpu").advance(0, STEPS)
    monkeypatch.setattr(metrics, "NUMBERS", 2 * 70)
    arm, seen = Arm(spec, "cpu"), list[int]()
    arm.network.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))
    sliced = arm.advance(0, STEPS)
    assert [count for count in seen if count != 10] == [*[70] * 5, 50, 70, 30] * (STEPS // 2)
    for column in ("accuracy", "test_loss", "test_accuracy"):
        np.testing.assert_allclose(sliced[column], whole[column], rtol=1e-6, err_msg=column)
