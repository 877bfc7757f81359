"""What ``gradlab run`` writes of a training: a checkpoint that torch loads, events, and refusals in one line."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from trainings import column, trained

from gradlab.cli import formats, main
from gradlab.engine.datasets import Spirals
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.labs.training import anatomy
from gradlab.labs.training.checkpoint import checkpoint
from gradlab.labs.training.inspect import inspect
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.model import Model
from gradlab.labs.training.spec import Beside, TrainingSpec

SPEC = TrainingSpec(
    data=Spirals(count=60), network=Mlp(blocks=(LayerBlock(id="hidden", width=8, norm="batch"),)), steps=20
)


def preset(folder: Path) -> Path:
    path = folder / "spirals.gradlab.json"
    document = {"schema": 1, "lab": "training", "title": "Spirals", "spec": SPEC.model_dump(mode="json")}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def run(*words: str) -> int:
    """Return the exit code of the command line."""
    return main(["run", *words])


def test_torch_loads_the_checkpoint_and_it_answers_alike(tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    assert run(str(preset(tmp_path)), "--quiet", "--out", str(out)) == 0
    network = SPEC.network.build((2,), 2)
    missing, unexpected = network.load_state_dict(load_file(out), strict=False)
    assert set(missing) <= {"hidden_1.norm.num_batches_tracked"}
    assert not unexpected
    history = trained(SPEC)
    model = Model(SPEC)
    found = history.snapshot("a.parameters")
    assert found is not None
    model.load(found[1])
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    with torch.no_grad():
        np.testing.assert_array_equal(network.eval()(torch.from_numpy(x)).numpy(), model.answers(x))


def test_a_checkpoint_is_made_of_the_record_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SPEC.replace(beside=Beside(network=Mlp(blocks=(LayerBlock(id="wide", width=9),))))
    history = trained(spec)
    anatomy.sample.cache_clear()
    for owner, method in ((Mlp, "build"), (Spirals, "sample")):
        monkeypatch.setattr(owner, method, lambda *_: pytest.fail("a window has no torch for that"))
    step, found = checkpoint(spec, history)
    assert step == 20
    assert found["a.hidden_1.norm.running_var"].shape == (8,)
    assert found["b.wide_1.linear.weight"].shape == (9, 2)
    (_, vector), whole = (
        history.snapshot("b.parameters") or (0, np.empty(0)),
        [v for k, v in found.items() if k[0] == "b"],
    )
    np.testing.assert_array_equal(np.concatenate([part.ravel() for part in whole]), vector)


def test_each_row_of_the_table_names_its_arm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = preset(tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["spec"]["network"]["blocks"][0]["count"] = 2
    document["spec"]["beside"] = {"name": "SGD", "optimizer": {"kind": "sgd", "lr": 0.1}}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run(str(path)) == 0
    rows = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert {"a", "b", "a.grad_norm", "b.grad_norm", "a.weight_grad", "b.weight_grad"} <= rows


def test_a_checkpoint_of_two_arms_names_them() -> None:
    from gradlab.labs.training.spec import Beside

    spec = SPEC.replace(beside=Beside(network=Mlp(blocks=())))
    names = set(checkpoint(spec, trained(spec))[1])
    assert {"a.hidden_1.linear.weight", "b.output.weight"} <= names
    assert list(inspect(spec, None, TrainingLook(), None))


def messages(data: bytes) -> list[bytes]:
    """Return the messages of a TFRecord file, lengths and checksums taken as the format has them."""
    found, place = [], 0
    while place < len(data):
        (size,) = struct.unpack_from("<Q", data, place)
        message = data[place + 12 : place + 12 + size]
        assert struct.unpack_from("<I", data, place + 8)[0] == formats._masked(data[place : place + 8])
        assert struct.unpack_from("<I", data, place + 12 + size)[0] == formats._masked(message)
        found.append(message)
        place += size + 16
    return found


def test_events_hold_every_number() -> None:
    history, file = trained(SPEC), io.BytesIO()
    formats.write_events(history, file)
    found = messages(file.getvalue())
    assert len(found) == history.rows + 1
    assert b"brain.Event:2" in found[0]
    loss = column(history, "a.loss")
    for row, message in enumerate(found[1:]):
        value = message[message.index(b"a.loss") + len(b"a.loss") + 1 :][:4]
        assert struct.unpack("<f", value)[0] == np.float32(loss[row])


def test_the_checksum_is_crc32c() -> None:
    """The check value of CRC-32C (RFC 3720) is 0xE3069283, before it is masked."""
    crc = 0xE3069283
    assert formats._masked(b"123456789") == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_an_ending_that_is_not_known_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(preset(tmp_path)), "--out", str(tmp_path / "net.pt")) != 0
    assert ".safetensors" in capsys.readouterr().err
