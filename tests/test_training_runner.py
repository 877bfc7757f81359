"""A training makes the steps of the bare torch loop, bit for bit; each arm equals itself alone; states come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from trainings import LAB, bare, column, trained

from gradlab.engine.datasets import Moons, Sine, Spirals, SyntheticImages
from gradlab.engine.flat import Flat, flattenable, why_not
from gradlab.engine.history import History
from gradlab.engine.losses import BCEWithLogitsLoss, MSELoss
from gradlab.engine.model import with_changes
from gradlab.engine.networks import Cnn, LayerBlock, Mlp
from gradlab.engine.optimizers import LBFGS, SGD, Adafactor, Adagrad, Adam, AdamW, Muon, Newton, Optimizer, RMSprop
from gradlab.engine.record import Change, Live, Record
from gradlab.engine.run import iterate
from gradlab.engine.schedules import ExponentialLR
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.feed import Feed
from gradlab.labs.training.keep import vector
from gradlab.labs.training.spec import Beside, NormClip, Probes, TrainingSpec, ValueClip

STEPS = 30
PICTURES = {"data": SyntheticImages(count=8), "network": Cnn(channels=(3, 4), hidden=5), "optimizer": Adam(lr=0.01)}


def mlp(**facts: Any) -> Mlp:
    return Mlp(blocks=(LayerBlock(id="hidden", **{"count": 3, "width": 16, **facts}),))


def spec_of(**facts: Any) -> TrainingSpec:
    return TrainingSpec(**{"data": Spirals(count=90), "steps": STEPS, "held_out": 0.0, "network": mlp(), **facts})


CASES = {
    "plain": spec_of(),
    "mini-batches": spec_of(batch=32),
    "single samples": spec_of(batch=1),
    "a last batch of one": spec_of(data=Spirals(count=65), batch=32, network=mlp(norm="batch")),
    "accumulated": spec_of(batch=16, accumulate=3),
    "dropout": spec_of(network=mlp(dropout=0.3), batch=32),
    "batch norm": spec_of(network=mlp(norm="batch"), batch=32),
    "layer norm, residual": spec_of(network=mlp(norm="layer", residual=True)),
    "prelu": spec_of(network=mlp(activation="prelu")),
    "sgd, norm clipped": spec_of(optimizer=SGD(lr=0.5), clip=NormClip(limit=0.05)),
    "momentum, value clipped": spec_of(optimizer=SGD(lr=0.1, momentum=0.9), clip=ValueClip(limit=0.01)),
    "adamw fused": spec_of(optimizer=AdamW(lr=0.01, implementation="fused")),
    "rmsprop": spec_of(optimizer=RMSprop(lr=0.01)),
    "adagrad": spec_of(optimizer=Adagrad(lr=0.01)),
    "adafactor": spec_of(optimizer=Adafactor(lr=0.01)),
    "l1": spec_of(l1=1e-3),
    "schedule": spec_of(schedule=ExponentialLR(gamma=0.9)),
    "float64": spec_of(dtype="float64", optimizer=Adam(lr=0.01, amsgrad=True)),
    "regression": spec_of(data=Sine(count=60), loss=MSELoss()),
    "binary": spec_of(data=Moons(count=60), loss=BCEWithLogitsLoss()),
    "pictures": spec_of(**PICTURES),
    "pictures, channels last": spec_of(**PICTURES, memory_format="channels_last", batch=4),
    "classes by mse": spec_of(data=Spirals(count=60, arms=3), loss=MSELoss()),
}


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in CASES.items()])
def test_losses_gradients_and_parameters_are_those_of_the_bare_loop(spec: TrainingSpec) -> None:
    losses, network, norms = bare(spec)
    history = trained(spec)
    np.testing.assert_array_equal(column(history, "a.loss")[:-1], losses)
    np.testing.assert_allclose(column(history, "a.tensor_grad")[:-1], norms, rtol=1e-5)
    found = history.snapshot("a.parameters")
    assert found is not None
    learned = sum(p.numel() for p in network.parameters())  # running means have seen the tip's batch already
    np.testing.assert_array_equal(found[1][:learned], vector(network)[:learned])


@pytest.mark.parametrize(
    ("optimizer", "whole"),
    [
        (Adam(), True),
        (SGD(momentum=0.9), True),
        (RMSprop(), True),
        (Adafactor(), False),
        (Muon(), False),
        (Newton(), False),
    ],
    ids=str,
)
def test_what_can_be_joined_is_found_by_trying(optimizer: Optimizer, whole: bool) -> None:
    assert flattenable(optimizer) == whole


def test_most_optimizers_share_one_buffer() -> None:
    together = [kind for kind in Optimizer.items() if flattenable(kind())]
    assert len(together) >= 10


def test_parameters_that_left_their_buffer_are_noticed() -> None:
    network = torch.nn.Linear(3, 2)
    network(torch.ones(1, 3)).sum().backward()
    flat = Flat(list(network.parameters()))
    flat.check()
    network.weight.data = network.weight.data.clone()
    with pytest.raises(RuntimeError, match="left the flat buffer"):
        flat.check()


def test_shared_and_unused_parameters_stay_apart() -> None:
    tied = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    tied[1].weight = tied[0].weight
    tied(torch.ones(1, 3)).sum().backward()
    assert "share" in why_not(tied, Adam())
    unused = torch.nn.Linear(3, 2)
    assert "no gradient" in why_not(unused, Adam())


def test_an_optimizer_that_searches_trains_too() -> None:
    losses = column(trained(spec_of(optimizer=LBFGS(lr=1.0), steps=10)), "a.loss")
    assert losses[-1] < losses[0] / 2


def test_two_arms_equal_each_alone() -> None:
    beside = Beside(name="other", network=mlp(dropout=0.2, norm="batch"), optimizer=SGD(lr=0.1))
    both = spec_of(batch=32, network=mlp(dropout=0.5), beside=beside)
    arms = both.arms()
    together = trained(both)
    for arm, own in arms.items():
        alone = trained(own)
        for name in ("loss", "grad_norm", "update_ratio", "weight_norm"):
            np.testing.assert_array_equal(column(together, f"{arm}.{name}"), column(alone, f"a.{name}"))


def test_a_run_leaves_torch_as_it_found_it() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    trained(spec_of(network=mlp(dropout=0.5)))
    assert torch.equal(torch.get_rng_state(), before)


def test_metrics_probes_and_spans_change_no_step() -> None:
    spec = spec_of(batch=32, network=mlp(dropout=0.2, norm="batch"), held_out=0.2)
    every = Probes(activations=1, metrics=1, noise=2)
    none = Probes(norms=0, ratios=0, histograms=0, activations=0, metrics=0)
    losses = [column(trained(spec.replace(probes=probes)), "a.loss") for probes in (Probes(), every, none)]
    np.testing.assert_array_equal(losses[0], losses[2])
    np.testing.assert_array_equal(losses[0], losses[1])


def test_sharpness_shares_the_training_gradient() -> None:
    spec = spec_of(network=mlp(activation="tanh"))
    plain, sharp = (column(trained(spec.replace(probes=Probes(sharpness=k))), "a.loss") for k in (0, 5))
    np.testing.assert_array_equal(plain, sharp)


def blocks_in_spans(spec: TrainingSpec, record: Record[Any], length: int) -> History:
    """Return the history of a run whose spans have this length."""
    history = History(LAB.load("columns")(spec))
    live = Live(record)
    live.allowance = length
    for block in LAB.load("run")(live.spec, live):
        history.extend(block)
    return history


def test_running_means_of_a_row_are_those_before_its_own_batch() -> None:
    """A second way: the bare loop, where a row is what it is before its batch goes through the network."""
    spec = spec_of(batch=32, network=mlp(norm="batch"), held_out=0.3, probes=Probes(metrics=1), steps=6)
    history = trained(spec)
    arm = Arm(spec, "cpu")
    x, y = arm.feed.test  # type: ignore[misc]
    torch.manual_seed(spec.seed)
    data = spec.data.sample(spec.seed)
    network = spec.network.build(data.shape, data.classes)
    feed, optimizer = Feed(data, spec, "cpu"), spec.optimizer.build(network.parameters())
    criterion = spec.loss.build()
    for row in range(spec.steps + 1):
        network.eval()
        with torch.no_grad():
            wanted = criterion(network(x), y).item()
        network.train()
        assert history.row(row)["a.test_loss"] == wanted, row
        state = vector(network)
        optimizer.zero_grad()
        inputs, targets = feed.next()
        criterion(network(inputs), targets).backward()
        optimizer.step()
    kept = history.snapshot("a.parameters")
    assert kept is not None
    assert kept[0] == spec.steps
    np.testing.assert_array_equal(kept[1], state)


def test_a_run_goes_on_from_any_keyframe_bit_for_bit() -> None:
    spec = spec_of(batch=32, network=mlp(dropout=0.3, norm="batch"), schedule=ExponentialLR(gamma=0.95), l1=1e-4)
    record: Record[Any] = Record(spec, tape=(Change(11, {"optimizer.lr": 0.03}), Change(17, {"l1": 1e-3})))
    live = Live(record)
    live.allowance = 4
    history = History(LAB.load("columns")(spec))
    for block in LAB.load("run")(live.spec, live):
        history.extend(block)
    for frame in live.keyframes[1:]:
        other = history.fork(frame.step)
        for block in iterate(LAB, spec, record=record, resume=frame):
            other.extend(block)
        for name in ("a.loss", "a.tensor_grad", "a.lr", "a.update_ratio", "a.accuracy"):
            np.testing.assert_array_equal(column(other, name), column(history, name), err_msg=f"{name} {frame.step}")


def test_the_length_of_spans_changes_nothing() -> None:
    spec = spec_of(batch=32, network=mlp(dropout=0.3))
    record: Record[Any] = Record(spec)
    one, many = blocks_in_spans(spec, record, 1), blocks_in_spans(spec, record, 7)
    for name in one.columns:
        np.testing.assert_array_equal(column(one, name), column(many, name), err_msg=name)


def test_a_live_learning_rate_acts_from_its_step_on() -> None:
    spec = spec_of(optimizer=SGD(lr=0.1))
    record: Record[Any] = Record(spec, tape=(Change(10, {"optimizer.lr": 0.4}),))
    lrs = column(trained(spec, record), "a.lr")
    assert lrs[:10].tolist() == [0.1] * 10
    assert lrs[10:].tolist() == [0.4] * 21
    assert with_changes(spec, {"optimizer.lr": 0.4}).optimizer.lr == 0.4


def test_a_training_that_blows_up_stops_where_it_did_and_says_where() -> None:
    spec = spec_of(optimizer=SGD(lr=1e6), data=Sine(count=60), loss=MSELoss(), steps=200)
    live: Live[Any] = Live(Record(spec))
    history = History(LAB.load("columns")(spec))
    for block in LAB.load("run")(spec, live):
        history.extend(block)
    last = history.row(history.rows - 1)
    ended = int(last["a.ended"])
    assert ended == history.rows - 1 < 200
    assert not np.isfinite(last["a.loss"]) or not np.isfinite(last["a.grad_total"])
    assert np.isfinite(column(history, "a.loss")[:-1]).all()
    assert str(ended) in str(live.diverged)
    assert any(name in str(live.diverged) for name in ("hidden_1", "hidden_2", "hidden_3", "output", "loss"))
    status = LAB.load("outcomes")(spec, history)["a.status"]
    assert status.startswith(f"diverged at step {ended}:")


def test_when_one_arm_blows_up_the_other_goes_on() -> None:
    beside = Beside(name="calm", optimizer=SGD(lr=0.01))
    spec = spec_of(optimizer=SGD(lr=1e6), data=Sine(count=60), loss=MSELoss(), steps=60, beside=beside)
    history = trained(spec)
    assert history.rows == 61
    assert np.isfinite(column(history, "b.loss")).all()
    assert not np.isnan(column(history, "a.ended")[-1])


def test_autocast_trains_in_bfloat16() -> None:
    plain, cast = trained(spec_of()), trained(spec_of(autocast="bfloat16"))
    a, b = column(plain, "a.loss"), column(cast, "a.loss")
    assert not np.array_equal(a, b)
    np.testing.assert_allclose(a, b, rtol=0.1)


def test_updates_and_weights_are_what_the_parameters_say() -> None:
    """A second way: parameters copied around each update, norms by numpy in float64."""
    spec = spec_of(steps=5)
    arm = Arm(spec, "cpu")
    for step in range(5):
        before = [p.detach().double().numpy().copy() for p in arm.parameters]
        columns = arm.advance(step, 1)
        after = [p.detach().double().numpy() for p in arm.parameters]
        for layer in range(len(arm.anatomy.layers)):
            owned = arm.anatomy.owned(layer)
            weight = np.sqrt(sum((before[i] ** 2).sum() for i in owned))
            moved = np.sqrt(sum(((after[i] - before[i]) ** 2).sum() for i in owned))
            assert columns["weight_norm"][0, layer] == pytest.approx(weight, rel=1e-5)
            assert columns["update_ratio"][0, layer] == pytest.approx(moved / weight, rel=1e-4)


def test_spirals_are_learned() -> None:
    spec = TrainingSpec(data=Spirals(count=300), network=mlp(count=2, width=32, activation="tanh"), steps=600)
    history = trained(spec.replace(optimizer=Adam(lr=0.02)))
    found = LAB.load("outcomes")(spec, history)
    assert found["a.test_accuracy"] > 0.95
    assert found["a.verdict"] == "converged"


def test_the_record_of_a_run_has_its_spec() -> None:
    record: Record[Any] = Record(spec_of())
    assert replace(record, threads=1).spec_at(3) == spec_of()
