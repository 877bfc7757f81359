"""A training starts from a checkpoint: what was saved at a step is what the next run begins with, or it is refused."""

from __future__ import annotations

import json
import pickle
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from trainings import LAB, column, trained

from gradlab.cli import main
from gradlab.engine import own_files
from gradlab.engine.datasets import Adding, Spirals, SyntheticImages
from gradlab.engine.errors import UserError
from gradlab.engine.files import shown
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.engine.optimizers import SGD
from gradlab.engine.record import Notes
from gradlab.engine.run import resolve
from gradlab.labs.training.checkpoint import packed, start_from
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.model import Model
from gradlab.labs.training.pins import Pin
from gradlab.labs.training.readings import Nothing, Weights
from gradlab.labs.training.spec import Beside, Probes, TrainingSpec
from gradlab.labs.training.start import Start

STEPS, KEPT = 12, 7


def mlp(**facts: Any) -> Mlp:
    return Mlp(blocks=(LayerBlock(id="hidden", **{"count": 2, "width": 8, **facts}),))


def spec_of(**facts: Any) -> TrainingSpec:
    return TrainingSpec(**{"data": Spirals(count=60), "network": mlp(), "steps": STEPS, "held_out": 0.0, **facts})


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in (("_code", set), ("_chosen", set), ("_folders", dict)):
        monkeypatch.setattr(own_files, name, kind())


def saved(spec: TrainingSpec, folder: Path, row: int | None = None) -> Path:
    """Train, save a checkpoint, and return its file."""
    path = folder / "net.safetensors"
    path.write_bytes(packed(spec, trained(spec), row)[1])
    return path


CASES = {
    "mlp": spec_of(),
    "batch norm, prelu": spec_of(network=mlp(norm="batch", activation="prelu", residual=True)),
    "layer norm": spec_of(network=mlp(norm="layer", bias=False)),
    "cnn": spec_of(data=SyntheticImages(count=12), network=Cnn()),
    "lstm": spec_of(data=Adding(count=20, length=5), network=Recurrent(cell="lstm", hidden=6), loss=MSELoss()),
    "other seed": spec_of(seed=3),
}


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in CASES.items()])
def test_a_run_begins_where_another_was_saved(spec: TrainingSpec, tmp_path: Path) -> None:
    spec = spec.replace(probes=Probes(metrics=1))
    until = spec.replace(steps=KEPT)
    path = saved(until, tmp_path)
    before = trained(spec)
    after = trained(start_from(spec, str(path)))
    assert column(after, "a.loss")[0] == column(before, "a.loss")[KEPT] != column(before, "a.loss")[0]
    for name in ("a.grad_norm", "a.accuracy"):
        np.testing.assert_array_equal(column(after, name)[0], column(before, name)[KEPT])


def test_a_run_in_float64_is_saved_and_begun_in_float64(tmp_path: Path) -> None:
    spec = spec_of(dtype="float64", optimizer=SGD(lr=0.1), network=mlp(norm="batch"))
    before = trained(spec)
    path = saved(spec.replace(steps=KEPT), tmp_path)
    kept = load_file(path)
    assert {tensor.dtype for tensor in kept.values()} == {torch.float64}
    again = start_from(spec, str(path)).replace(pins=(Pin(tensor="output.bias", index=(0,), value=0.1),))
    (found,) = (one for one in LAB.load("inspect")(again, None, TrainingLook(layer="output"), None) if is_weights(one))
    assert found.values[1][0, 0] == 0.1, "not the nearest number in float32"
    np.testing.assert_array_equal(found.values[0], kept["output.weight"].numpy())
    after = column(trained(again.replace(pins=())), "a.loss")
    np.testing.assert_array_equal(after[: STEPS - KEPT + 1], column(before, "a.loss")[KEPT:])


def is_weights(reading: Any) -> bool:
    return isinstance(reading, Weights)


def test_a_second_network_that_starts_from_no_checkpoint_says_so(tmp_path: Path) -> None:
    pins = (Pin(tensor="output.bias", index=(0,), value=0.1),)
    spec = start_from(spec_of(), str(saved(spec_of(), tmp_path))).replace(pins=pins)
    said = {}
    for beside in (Beside(optimizer=SGD()), Beside(network=mlp(width=9))):
        notes = next(iter(LAB.load("inspect")(spec.replace(beside=beside), None, TrainingLook(), None)))
        said[beside.network is None] = {
            name: str(text) for name, text in notes.texts.items() if name in {"start", "pins"}
        }
    assert said[True] == {}
    assert said[False] == {
        "start": "B has a network of its own, and starts from random weights",
        "pins": "B has a network of its own, and none of them",
    }


def test_a_run_without_memory_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    """Plain descent depends on nothing but the weights: both runs are one."""
    spec = spec_of(optimizer=SGD(lr=0.1))
    path = saved(spec.replace(steps=KEPT), tmp_path)
    before, after = column(trained(spec), "a.loss"), column(trained(start_from(spec, str(path))), "a.loss")
    np.testing.assert_array_equal(after[: STEPS - KEPT + 1], before[KEPT:])


def test_what_torch_saved_is_read_in_any_precision_with_its_counters(tmp_path: Path) -> None:
    spec = spec_of(network=mlp(norm="batch"))
    torch.manual_seed(99)
    other = spec.network.build((2,), 2).to(torch.bfloat16)
    path = tmp_path / "net.safetensors"
    save_file(other.state_dict(), path)
    model = Model(start_from(spec, str(path)))
    for name, tensor in model.network.state_dict().items():
        if tensor.is_floating_point():
            assert torch.equal(tensor, other.state_dict()[name].float()), name


def test_a_weight_set_by_hand_comes_after_the_checkpoint(tmp_path: Path) -> None:
    pinned = spec_of(pins=(Pin(value=5.0),))
    started = start_from(pinned, str(saved(spec_of(), tmp_path)))
    assert started.pins == ()
    assert Model(started.replace(pins=pinned.pins)).network.state_dict()["output.bias"][0].item() == 5.0


def test_two_arms_come_from_a_file_of_two(tmp_path: Path) -> None:
    other = mlp(width=5)
    both = spec_of(beside=Beside(network=other))
    path = saved(both, tmp_path)
    started = start_from(both, str(path))
    wanted = trained(both).row(STEPS)
    assert trained(started).row(0)["a.loss"] == wanted["a.loss"]
    assert started.arms()["b"].start == Start(), "another network starts from none"
    alone = start_from(spec_of(network=other, start=Start(arm="b")), str(path))
    assert trained(alone).row(0)["a.loss"] == wanted["b.loss"]
    same = spec_of(beside=Beside(optimizer=SGD(lr=0.1)), start=started.start)
    assert same.arms()["b"].start == started.start


SHAPES = {"hidden_1.linear.weight": (8, 2), "hidden_1.linear.bias": (8,), "output.weight": (2, 8), "output.bias": (2,)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"output.weight": (3, 8)}, "output.weight is 3×8, and the network's 2×8"),
        ({"output.weight": None}, "has no output.weight; the network's is 2×8"),
        ({"deep.weight": (4, 4)}, "holds 'deep.weight' of 4×4; the network has none"),
        ({"output.bias": ()}, "output.bias is a single number, and the network's 2"),
    ],
)
def test_what_does_not_fit_is_told_by_tensor_and_shape(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    shapes = {name: shape for name, shape in {**SHAPES, **changed}.items() if shape is not None}
    path = tmp_path / "net.safetensors"
    save_file({name: torch.zeros(shape) for name, shape in shapes.items()}, path)
    spec = spec_of(network=mlp(count=1))
    broken = start_from(spec, str(path))
    with pytest.raises(UserError) as caught:
        trained(broken)
    assert str(caught.value) == f"start: {shown(path)}: {said}"
    note, nothing = list(LAB.load("inspect")(broken, None, TrainingLook(), None))
    assert isinstance(note, Notes)
    assert isinstance(nothing, Nothing)
    assert list(note.texts) == ["start"]


BROKEN = {
    "empty": b"",
    "text": b"weights",
    "pickle": pickle.dumps({"output.weight": [1.0]}),
    "zip": b"PK\x03\x04" + bytes(60),
    "a header without end": (1 << 60).to_bytes(8, "little") + b"{",
    "no JSON": (4).to_bytes(8, "little") + b"{{{{",
    "beyond its end": (71).to_bytes(8, "little")
    + b'{"output.weight":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}    ',
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in BROKEN.items()])
def test_what_is_no_checkpoint_is_refused_in_one_line(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"is no checkpoint in the safetensors format") as caught:
        start_from(spec_of(), str(path))
    assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match=r"is no checkpoint in the safetensors format"):
        trained(spec_of().edited(start=Start().edited(file=str(path))))


def test_a_file_is_opened_where_the_user_picked_it_and_only_as_it_was(tmp_path: Path) -> None:
    path = saved(spec_of(), tmp_path)
    typed = spec_of(start=Start(file=str(path)))
    with pytest.raises(UserError, match="was not chosen in this session"):
        trained(typed)
    started = start_from(spec_of(), str(path))
    assert len(started.start.sha256) == 64
    there = pickle.dumps(started)
    own_files._chosen.clear()
    assert trained(pickle.loads(there)).rows > 1, "the consent goes along into a run's own process"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(UserError, match=r"^start: .* is not the file that was saved with this setting"):
        trained(started)
    assert started.start.edited(file="") == Start()
    with pytest.raises(UserError, match=r"No such file|cannot be read"):
        start_from(spec_of(), str(tmp_path / "gone.safetensors"))


def test_a_network_for_other_data_starts_from_none(tmp_path: Path) -> None:
    started = start_from(spec_of(data=SyntheticImages(count=12), network=Cnn()), str(saved(CASES["cnn"], tmp_path)))
    assert started.edited(data=Spirals()).start == Start()


def test_the_command_line_and_the_script_start_there_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = spec_of()
    wanted = trained(spec).row(STEPS)["a.loss"]
    path = saved(spec, tmp_path)
    preset = tmp_path / "presets" / "t.gradlab.json"
    preset.parent.mkdir()
    document = {"schema": 1, "lab": "training", "title": "t", "spec": spec.model_dump(mode="json")}
    preset.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["run", str(preset), "--json", "--set", "start.file=net.safetensors", "--set", "steps=1"]
    assert main([*words, "--set", "optimizer.lr=1e-30"]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["a.loss"] == wanted
    assert main([*words, "--set", "network.blocks.hidden.width=9"]) == 2
    told = capsys.readouterr().err
    assert "hidden_1.linear.weight is 8×2, and the network's 9×2" in told
    assert told.count("\n") == 1
    source = LAB.load("script")(resolve(LAB, start_from(spec, str(path))))
    own_files._chosen.clear()
    (tmp_path / "run.py").write_text(source, encoding="utf-8")
    runpy.run_path(str(tmp_path / "run.py"))
    assert float(capsys.readouterr().out.splitlines()[0].split()[-1]) == pytest.approx(wanted, rel=1e-12)
