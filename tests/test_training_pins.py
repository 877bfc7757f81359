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
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import SGD
from gradlab.engine.record import Notes
from gradlab.engine.run import resolve
from gradlab.labs.training import readings
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.pins import Pin, with_pin
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
    (note,) = list(LAB.load("inspect")(spec, None, TrainingLook(), None))
    assert isinstance(note, Notes)
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


def test_the_script_sets_them_too(tmp_path: Path) -> None:
    spec = SPEC.replace(pins=PINS)
    path = tmp_path / "run.py"
    path.write_text(LAB.load("script")(resolve(LAB, spec)), encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(str(path))
    first = float(said.getvalue().splitlines()[0].split()[-1])
    assert first == pytest.approx(column(trained(spec), "a.loss")[0], rel=1e-12)
