"""A training that stands still, paused or at its end, shows all of its state, and goes on as if it had not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from trainings import LAB, trained

from gradlab.engine.datasets import Moons
from gradlab.engine.history import History
from gradlab.engine.initializers import NormalInit
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import SGD
from gradlab.engine.run import Phase, Run
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.spec import Beside, Probes, TrainingSpec

SELDOM = ("accuracy", "test_loss", "test_accuracy", "pre_std", "act_std", "dead", "saturated")


def spec_of(probes: Probes | None = None, **facts: Any) -> TrainingSpec:
    layer = {name: facts.pop(name) for name in list(facts) if name in LayerBlock.model_fields}
    network = Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8, **layer),))
    chosen = probes or Probes(activations=5, metrics=4)
    return TrainingSpec(data=Moons(count=60), network=network, steps=11, probes=chosen, **facts)


CASES = {
    "all samples": spec_of(),
    "mini-batches": spec_of(batch=20),
    "dropout": spec_of(batch=20, dropout=0.5),
    "batch norm": spec_of(batch=20, norm="batch"),
    "several batches": spec_of(batch=10, accumulate=3, dropout=0.2),
    "random slopes, L1": spec_of(activation="rrelu", l1=0.01),
    "bfloat16": spec_of(autocast="bfloat16"),
    "two arms": spec_of(beside=Beside(batch=10)),
}


def turned(run: Run, phase: Phase, history: History | None = None) -> History:
    """Let a run take its turns until it stands still."""
    while run.turn() is not None:
        pass
    assert run.status.phase is phase
    history = history or History(run.columns or ())
    history.extend(*run.drain())
    return history


@pytest.mark.parametrize("name", list(CASES))
def test_the_last_state_is_measured_whole(name: str) -> None:
    spec = CASES[name]
    last = trained(spec).row(11)
    wanted = trained(spec.replace(probes=Probes(activations=1, metrics=1))).row(11)
    for column, values in wanted.items():
        np.testing.assert_array_equal(last[column], values, err_msg=column)
    assert np.isfinite([float(np.max(last[f"a.{column}"])) for column in SELDOM if column != "saturated"]).all()


@pytest.mark.parametrize("deferred", [False, True])
@pytest.mark.parametrize("name", list(CASES))
def test_a_rest_changes_nothing(name: str, deferred: bool) -> None:
    spec = CASES[name].arms()["a"]
    rested, other = Arm(spec, "cpu", deferred=deferred), Arm(spec, "cpu", deferred=deferred)
    for first in (0, 3, 6, 9):
        found, wanted = rested.advance(first, 3), other.advance(first, 3)
        for column, values in wanted.items():
            np.testing.assert_array_equal(found[column], values, err_msg=column)
        tip = rested.rest(first + 3)
        assert all(len(values) == 1 for values in tip.values())
        assert np.isfinite(tip["test_loss"]).all()
    for kind, values in other.heavy().items():
        np.testing.assert_array_equal(rested.heavy()[kind] if kind == "parameters" else values, values)
    for mine, its in zip(rested.network.buffers(), other.network.buffers(), strict=True):
        assert mine.equal(its)


@pytest.mark.parametrize("name", ["dropout", "two arms"])
def test_a_paused_run_shows_its_state_and_goes_on_bit_for_bit(name: str) -> None:
    spec = CASES[name]
    run = Run(LAB, spec, paused=True)
    history = turned(run, Phase.PAUSED)
    for step in range(1, 8):
        run.step()
        turned(run, Phase.PAUSED, history)
        assert history.rows == step + 1
        assert np.isfinite(history.row(step)["a.test_accuracy"])
        assert np.isnan(history.row(step - 1)["a.test_accuracy"]) == bool((step - 1) % 4), "what is past is as asked"
    run.go()
    turned(run, Phase.FINISHED, history)
    straight = trained(spec)
    assert history.rows == straight.rows == 12
    for column in history.columns:
        np.testing.assert_array_equal(history.read(0, 12)[column], straight.read(0, 12)[column], err_msg=column)


def test_more_steps_go_on_from_the_end_as_if_it_had_been_none() -> None:
    spec = CASES["dropout"]
    run = Run(LAB, spec.replace(steps=6))
    history = turned(run, Phase.FINISHED)
    assert np.isfinite(history.row(6)["a.accuracy"])
    run.change({"steps": 11})
    turned(run, Phase.FINISHED, history)
    for column in history.columns:
        np.testing.assert_array_equal(history.read(0, 12)[column], trained(spec).read(0, 12)[column], err_msg=column)


def test_what_is_off_stays_off_and_an_arm_that_blew_up_is_not_looked_at() -> None:
    off = trained(spec_of(Probes(activations=0, metrics=0))).row(11)
    assert all(np.isnan(off[f"a.{column}"]).all() for column in SELDOM)
    deep = Mlp(blocks=(LayerBlock(id="hidden", count=6, width=24, initializer=NormalInit(std=2.0)),))
    history = trained(spec_of().replace(network=deep, optimizer=SGD(lr=1e6), steps=200))
    assert np.isfinite(history.row(history.rows - 1)["a.ended"])
    assert np.isnan(history.row(history.rows - 1)["a.test_loss"])
