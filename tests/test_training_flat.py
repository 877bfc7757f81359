"""One buffer for all parameters against one tensor each: every sort of layer, every optimizer; equal, or declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from gradlab.engine.datasets import Adding, Spirals, SyntheticImages
from gradlab.engine.losses import CrossEntropyLoss, MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.engine.optimizers import Optimizer
from gradlab.labs.training import arm as arms
from gradlab.labs.training.arm import Arm, vector
from gradlab.labs.training.spec import Clip, NoClip, NormClip, Probes, TrainingSpec, ValueClip

STEPS = 30
CLIPS: tuple[Clip, ...] = (NoClip(), NormClip(limit=0.1), ValueClip(limit=0.01))
DTYPES = ("float32", "float64")


def mlp(**facts: Any) -> dict[str, Any]:
    block = LayerBlock(id="hidden", **{"count": 2, "width": 7, **facts})
    return {"data": Spirals(count=31), "network": Mlp(blocks=(block,)), "loss": CrossEntropyLoss()}


def recurrent(cell: Any) -> dict[str, Any]:
    network = Recurrent(cell=cell, hidden=5)
    return {"data": Adding(count=9, length=6), "network": network, "loss": MSELoss()}


PICTURES = {"data": SyntheticImages(count=3), "network": Cnn(channels=(2, 3), hidden=5), "loss": CrossEntropyLoss()}
LAYERS: dict[str, dict[str, Any]] = {
    "linear": mlp(),
    "prelu": mlp(activation="prelu"),
    "batch norm": mlp(norm="batch"),
    "layer norm": mlp(norm="layer"),
    "dropout": mlp(dropout=0.3),
    "residual": mlp(residual=True),
    "no bias": mlp(bias=False),
    "convolution": PICTURES,
    "rnn": recurrent("rnn"),
    "lstm": recurrent("lstm"),
    "gru": recurrent("gru"),
}
EACH = 4
"""Sorts of layers that each optimizer is tried with, in turn."""
QUIET = Probes(activations=0, metrics=0)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name()) for kind in Optimizer.items()])
def test_flat_equals_apart(kind: type[Optimizer], monkeypatch: pytest.MonkeyPatch) -> None:
    joined, steps = 0, 3 if kind().kind == "lbfgs" else STEPS  # twenty evaluations make one of its steps
    first = EACH * list(Optimizer.items()).index(kind)
    for number in range(first, first + EACH):
        name = list(LAYERS)[number % len(LAYERS)]
        facts, clip, dtype = LAYERS[name], CLIPS[number % len(CLIPS)], DTYPES[number % len(DTYPES)]
        spec = TrainingSpec(**facts, optimizer=kind(), clip=clip, dtype=dtype, steps=steps, held_out=0.0, probes=QUIET)
        try:
            flat = Arm(spec, "cpu")
        except (ValueError, RuntimeError):
            continue  # what the optimizer refuses it refuses either way
        if flat.apart:
            continue
        joined += 1
        with monkeypatch.context() as patched:
            patched.setattr(arms, "why_not", lambda *_: "as a test asks")
            apart = Arm(spec, "cpu")
        assert apart.apart
        one, other = flat.advance(0, steps), apart.advance(0, steps)
        np.testing.assert_array_equal(one["loss"], other["loss"], err_msg=name)
        np.testing.assert_array_equal(vector(flat.network), vector(apart.network), err_msg=name)
        np.testing.assert_allclose(one["tensor_grad"], other["tensor_grad"], rtol=1e-5, err_msg=name)
        np.testing.assert_allclose(one["update_ratio"], other["update_ratio"], rtol=1e-4, err_msg=name)
    if kind().kind in {"adam", "adamw", "sgd", "rmsprop"}:
        assert joined == EACH
