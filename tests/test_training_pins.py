"""Weights set by hand: they start where told, in every arm that has them, and what is not there is said."""

from __future__ import annotations

import contextlib
import io
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
from trainings import LAB, bare, column, trained

from gradlab.engine.datasets import Spirals
from gradlab.engine.errors import UserError
from gradlab.engine.history import History
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import SGD, Adam
from gradlab.engine.presets import Preset, dumps, loads
from gradlab.engine.record import Change, Live, Notes, Record
from gradlab.engine.run import iterate, resolve
from gradlab.labs.training import readings
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.feed import Feed
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.pins import Pin, with_pin
from gradlab.labs.training.readings import Nothing
from gradlab.labs.training.spec import Beside, TrainingSpec

NET = Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8, activation="tanh"),))
SPEC = TrainingSpec(data=Spirals(count=80), network=NET, steps=6, held_out=0.0)
PINS = (Pin(tensor="hidden_2.weight", index=(3, 5), value=2.5), Pin(tensor="output.bias", index=(1,), value=-1.0))


def test_a_run_starts_from_the_weights_that_are_set() -> None:
    plain, pinned = Arm(SPEC, "cpu"), Arm(SPEC.replace(pins=PINS), "cpu")
    for before, after in zip(plain.parameters, pinned.parameters, strict=True):
        wanted = before.detach().clone()
        if wanted.shape == (8, 8):
            wanted[3, 5] = 2.5
        if after is pinned.parameters[-1]:
            wanted[1] = -1.0
        assert torch.equal(after.detach(), wanted)
    assert column(trained(SPEC.replace(pins=PINS)), "a.loss")[0] != column(trained(SPEC), "a.loss")[0]


def test_without_pins_the_losses_are_those_of_the_bare_loop() -> None:
    losses, _, _ = bare(SPEC)
    assert column(trained(SPEC), "a.loss")[: SPEC.steps].tolist() == losses


def test_a_second_arm_has_them_unless_its_network_is_another() -> None:
    spec = SPEC.replace(pins=PINS, beside=Beside(optimizer=SGD(lr=0.1)))
    assert spec.arms()["b"].pins == PINS
    assert spec.replace(beside=Beside(network=Mlp())).arms()["b"].pins == ()


def test_a_weight_set_twice_is_pinned_once() -> None:
    again = Pin(tensor="output.bias", index=(1,), value=4.0)
    assert with_pin(PINS, again) == (PINS[0], again)
    assert with_pin(PINS, again.replace(index=(0,))) == (*PINS, again.replace(index=(0,)))


def test_a_weight_set_to_the_number_that_it_was_set_to_is_set_again() -> None:
    twice = with_pin(PINS, PINS[0])
    assert twice == (PINS[0].replace(times=2), PINS[1])
    assert with_pin(twice, PINS[0])[0].times == 3
    arm = Arm(SPEC.replace(pins=PINS), "cpu")
    weight = next(p for p in arm.parameters if p.shape == (8, 8))
    arm.advance(0, 2)
    assert weight[3, 5].item() != 2.5, "two updates have moved it"
    arm.tune(SPEC.replace(pins=twice), 2)
    assert weight[3, 5].item() == 2.5


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        (Pin(tensor="hidden_9.weight", index=(0, 0)), "pins: there is no tensor 'hidden_9.weight'; there are hidden_1"),
        (Pin(tensor="output.bias", index=(3,)), "pins: output.bias[3] is outside of its shape 2"),
        (Pin(tensor="output.weight", index=(1,)), "pins: output.weight[1] is outside of its shape 2×8"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(pin: Pin, said: str) -> None:
    spec = SPEC.replace(pins=(pin,))
    with pytest.raises(UserError) as caught:
        trained(spec)
    assert str(caught.value).startswith(said)
    note, nothing = list(LAB.load("inspect")(spec, None, TrainingLook(), None))
    assert isinstance(note, Notes)
    assert isinstance(nothing, Nothing)
    assert list(note.texts) == ["pins"]


@pytest.mark.parametrize(
    ("facts", "said"), [({"index": (-1,)}, "index"), ({"value": float("nan")}, "value"), ({"value": "1"}, "value")]
)
def test_a_pin_refuses_what_is_no_place_and_no_number(facts: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Pin().replace(**facts)


def test_a_look_at_a_layer_says_what_it_starts_from() -> None:
    spec = SPEC.replace(pins=PINS)
    look = TrainingLook(layer="hidden_2")
    (found,) = [one for one in LAB.load("inspect")(spec, None, look, None) if isinstance(one, readings.Weights)]
    assert found.tensors == ("hidden_2.weight", "hidden_2.bias")
    assert found.shapes == ((8, 8), (8,))
    weight, bias = Arm(spec, "cpu").parameters[2:4]
    np.testing.assert_array_equal(found.values[0], weight.detach().numpy())
    np.testing.assert_array_equal(found.values[1][:, 0], bias.detach().numpy())
    assert found.values[0][3, 5] == 2.5


def test_a_look_at_a_layer_of_a_run_says_what_it_has_come_to() -> None:
    history, look = trained(SPEC), TrainingLook(layer="hidden_2")
    kept = history.snapshot("a.parameters")
    assert kept is not None
    row = {"a.parameters": kept[1]}
    (found,) = [one for one in LAB.load("inspect")(SPEC, row, look, 6) if isinstance(one, readings.Weights)]
    assert found.step == 6
    start = 2 * 8 + 8  # hidden_1 comes first
    np.testing.assert_array_equal(found.values[0].reshape(-1), kept[1][start : start + 64])


def test_the_script_sets_them_too(tmp_path: Path) -> None:
    spec = SPEC.replace(pins=PINS)
    path = tmp_path / "run.py"
    path.write_text(LAB.load("script")(resolve(LAB, spec)), encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(str(path))
    first = float(said.getvalue().splitlines()[0].split()[-1])
    assert first == pytest.approx(column(trained(spec), "a.loss")[0], rel=1e-12)


LATER = (Pin(tensor="hidden_1.bias", index=(2,), value=3.0), Pin(tensor="output.weight", index=(0, 4), value=-2.0))
ALL = NET.replace(blocks=(NET.blocks[0].replace(dropout=0.3, norm="batch"),))
LIVE = {
    "plain": SPEC,
    "adam, mini-batches, dropout, batch norm": SPEC.replace(network=ALL, batch=16, optimizer=Adam(lr=0.02)),
    "each tensor on its own": SPEC.replace(optimizer=SGD(lr=0.1, momentum=0.9, implementation="foreach")),
}


def by_hand(spec: TrainingSpec, at: int, l1: float = 0.0) -> tuple[list[float], np.ndarray]:
    """Return losses and last state of the plain loop: before update ``at`` ``LATER`` are set and L1 begins."""
    torch.manual_seed(spec.seed)
    data = spec.data.sample(spec.seed)
    network = spec.network.build(data.shape, data.classes)
    feed, optimizer, criterion = Feed(data, spec, "cpu"), spec.optimizer.build(network.parameters()), spec.loss.build()
    losses: list[float] = []
    for step in range(spec.steps):
        if step == at:
            with torch.no_grad():
                state = network.state_dict(keep_vars=True)
                state["hidden_1.linear.bias"][2] = 3.0
                state["output.weight"][0, 4] = -2.0
        x, y = feed.next()
        loss = criterion(network(x), y)
        if l1 and step >= at:
            loss = loss + l1 * sum(p.abs().sum() for p in network.parameters())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, torch.cat([p.detach().reshape(-1) for p in network.parameters()]).numpy()


def record_of(spec: TrainingSpec) -> Record[TrainingSpec]:
    return Record(spec, tape=(Change(3, {"pins": LATER}),))


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in LIVE.items()])
def test_a_weight_set_in_a_run_acts_from_its_step_on_as_in_the_plain_loop(spec: TrainingSpec) -> None:
    losses, state = by_hand(spec, at=3)
    history = trained(spec, record_of(spec))
    assert column(history, "a.loss")[: spec.steps].tolist() == losses
    assert losses[3] != column(trained(spec), "a.loss")[3]
    kept = history.snapshot("a.parameters")
    assert kept is not None
    np.testing.assert_array_equal(kept[1][: len(state)], state)


def test_l1_of_a_run_acts_from_its_step_on_as_in_the_plain_loop() -> None:
    losses, _ = by_hand(SPEC, at=3, l1=0.01)
    tape = (Change(3, {"pins": LATER, "l1": 0.01}),)
    found = column(trained(SPEC, Record(SPEC, tape=tape)), "a.loss")[: SPEC.steps]
    np.testing.assert_allclose(found, losses, rtol=1e-6)
    assert found[:3].tolist() == losses[:3]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_it_is_replayed_bit_for_bit_in_any_spans_and_from_any_keyframe(length: int) -> None:
    spec = LIVE["adam, mini-batches, dropout, batch norm"]
    wanted = trained(spec, record_of(spec))
    live: Live[TrainingSpec] = Live(record_of(spec))
    live.allowance = length
    history = History(LAB.load("columns")(spec))
    for block in LAB.load("run")(spec, live):
        history.extend(block)
    for frame in live.keyframes:
        other = history.fork(frame.step)
        for block in iterate(LAB, spec, record=record_of(spec), resume=frame):
            other.extend(block)
        for name in ("a.loss", "a.tensor_grad", "a.update_ratio", "a.accuracy"):
            np.testing.assert_array_equal(column(other, name), column(wanted, name), err_msg=f"{name} {frame.step}")


def test_a_run_with_weights_set_in_it_is_kept_in_a_file() -> None:
    preset = Preset("training", SPEC, "set", "", None, record_of(SPEC).tape)
    again = loads(dumps(preset))
    assert again.changes == preset.changes
    np.testing.assert_array_equal(
        column(trained(SPEC, Record(SPEC, tape=again.changes)), "a.loss"),
        column(trained(SPEC, record_of(SPEC)), "a.loss"),
    )


def test_a_weight_that_is_not_there_leaves_a_run_as_it_is() -> None:
    tape = (Change(3, {"pins": (LATER[0], Pin(tensor="hidden_7.weight"))}),)
    found = column(trained(SPEC, Record(SPEC, tape=tape)), "a.loss")
    np.testing.assert_array_equal(found, column(trained(SPEC), "a.loss"))


def test_the_script_sets_it_at_its_step(tmp_path: Path) -> None:
    spec = LIVE["adam, mini-batches, dropout, batch norm"]
    path = tmp_path / "run.py"
    path.write_text(LAB.load("script")(record_of(spec)), encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(str(path))
    told = [float(line.split()[-1]) for line in said.getvalue().splitlines()]
    assert told == pytest.approx(column(trained(spec, record_of(spec)), "a.loss")[: spec.steps].tolist(), rel=1e-6)
