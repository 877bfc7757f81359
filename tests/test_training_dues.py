"""How often each thing is measured: as a spec says, and the metrics so that their passes are a small part of a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from trainings import trained

from gradlab.engine.datasets import Adding, Digits, Spirals, SyntheticImages
from gradlab.engine.history import History
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.engine.record import Block, Column
from gradlab.labs.training import dues
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.dues import SHARE, settled
from gradlab.labs.training.inspect import notes
from gradlab.labs.training.measurement import columns, latest
from gradlab.labs.training.metrics import passes
from gradlab.labs.training.spec import Beside, Probes, TrainingSpec

WAVES = TrainingSpec(data=SyntheticImages(count=400), network=Cnn(), batch=32)


def wide(width: int, **facts: Any) -> TrainingSpec:
    network = Mlp(blocks=(LayerBlock(id="hidden", count=2, width=width),))
    return TrainingSpec(data=Digits(), network=network, **facts)


EVERY = {
    "a toy": (TrainingSpec(), 10),
    "a toy on single samples": (TrainingSpec(batch=1), 10),
    "cells that go step by step": (TrainingSpec(data=Adding(), network=Recurrent(), loss=MSELoss(), batch=32), 10),
    "a perceptron that sees pictures": (wide(64, batch=32), 30),
    "a wide one": (wide(512, batch=32), 210),
    "a wide one on all at once": (wide(512), 10),
    "convolutions": (WAVES, 130),
    "convolutions on few pictures at once": (WAVES.replace(batch=8), 490),
    "convolutions on all at once": (WAVES.replace(batch=0), 10),
    "several batches to an update": (WAVES.replace(accumulate=4), 40),
    "nothing held out": (WAVES.replace(held_out=0.0), 130),
}


@pytest.mark.parametrize("name", list(EVERY))
def test_the_metrics_are_measured_as_often_as_their_passes_are_cheap(name: str) -> None:
    spec, every = EVERY[name]
    assert settled(spec) == Probes(metrics=every)
    assert {c.every for c in columns(spec) if c.name.endswith("accuracy")} == {every}
    assert str(notes(spec).texts["probes.metrics"]) == f"every {every} steps here"


@pytest.fixture
def only_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that needs time for multiplications alone."""
    monkeypatch.setattr(dues, "CALL", 0)
    monkeypatch.setattr(dues, "UPDATE", 0)


@pytest.mark.usefixtures("only_products")
def test_the_passes_of_a_measurement_keep_within_their_share() -> None:
    for batch in (8, 32, 100):
        spec = WAVES.replace(batch=batch)
        forward_passes_of_a_step = 2 * batch
        every = settled(spec).metrics
        assert every is not None
        assert sum(passes(spec)) / forward_passes_of_a_step / every <= SHARE


def test_what_the_user_says_holds() -> None:
    for every in (0, 1, 7):
        spec = WAVES.replace(probes=Probes(metrics=every))
        assert settled(spec) == spec.probes
        assert "probes.metrics" not in notes(spec).texts
    seldom = TrainingSpec(steps=9, probes=Probes(norms=2, ratios=3, histograms=0, activations=4, metrics=5))
    known = {column.name: column.every for column in columns(seldom)}
    assert known["a.loss"] == known["a.lr"] == known["a.ended"] == 1
    assert (known["a.grad_norm"], known["a.update_ratio"], known["a.dead"], known["a.test_loss"]) == (2, 3, 4, 5)
    rows = trained(seldom).read(0, 9)
    assert np.isfinite(trained(TrainingSpec(steps=2, probes=Probes(norms=0))).row(1)["a.update_ratio"]).all()
    for name, every in known.items():
        if name.partition(".")[2] in {"grad_norm", "update_ratio", "dead", "test_loss", "accuracy"}:
            there = ~np.isnan(rows[name]).reshape(len(rows), -1).all(1)
            assert np.flatnonzero(there).tolist() == list(range(0, 9, every)), name


def test_both_arms_are_measured_at_the_same_steps() -> None:
    spec = wide(8, batch=32).replace(beside=Beside(network=wide(512).network))
    assert settled(spec.arms()["a"]) != settled(spec.arms()["b"]) == settled(spec)
    assert {c.every for c in columns(spec) if c.name.endswith("test_loss")} == {210}


def test_the_row_last_measured_is_found_however_seldom_that_is() -> None:
    history = History((Column("x", "x", every=300), Column("y", "y")))
    values = np.arange(1000.0)
    seldom = np.where(values % 300 == 0, values, np.nan)
    history.extend(Block(0, {"x": seldom, "y": np.append(values[:-1], np.nan)}))
    for row, due in ((0, 0), (299, 0), (300, 300), (899, 600), (999, 900)):
        assert history.latest("x", row) == due
    assert history.latest("y", 999) == 998, "the tip lacks what its update adds"
    history.extend(Block(999, {"x": np.array([999.0]), "y": np.array([5.0])}))
    assert history.latest("x", 999) == 999


def test_an_arm_that_has_ended_stays_as_it_was() -> None:
    history = History((Column("a.loss", ""), Column("a.ended", "")))
    loss = np.where(np.arange(500) < 100, 2.0, np.nan)
    history.extend(Block(0, {"a.loss": loss, "a.ended": np.where(np.arange(500) < 100, np.nan, 100.0)}))
    assert latest(history, "a.loss", 50) == latest(history, "a.loss", 499) == 2.0


@pytest.mark.usefixtures("only_products")
def test_an_arm_measures_at_the_steps_that_were_settled() -> None:
    spec = TrainingSpec(data=Spirals(count=50), batch=10)
    assert settled(spec).metrics == 50 / 20 / SHARE
    rows = Arm(spec, "cpu").advance(0, 81)
    assert np.flatnonzero(np.isfinite(rows["accuracy"])).tolist() == [0, 50]
