"""One buffer for all parameters against one tensor each: every sort of layer, every optimizer; equal, or declared."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from gradlab.engine.datasets import Adding, Spirals, SyntheticImages
from gradlab.engine.errors import UserError
from gradlab.engine.flat import EVALUATIONS, _steps
from gradlab.engine.losses import CrossEntropyLoss, MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.engine.optimizers import Optimizer
from gradlab.labs.training import arm as arms
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.keep import vector
from gradlab.labs.training.spec import Clip, NoClip, NormClip, Probes, TrainingSpec, ValueClip

STEPS = 30
CLIPS: tuple[Clip, ...] = (NoClip(), NormClip(limit=0.1), ValueClip(limit=0.01))
DTYPES = ("float32", "float64")


def mlp(*blocks: dict[str, Any]) -> dict[str, Any]:
    made = (LayerBlock(id=f"block_{i}", **{"width": 4, **facts}) for i, facts in enumerate(blocks))
    return {"data": Spirals(count=12), "network": Mlp(blocks=tuple(made)), "loss": CrossEntropyLoss()}


def recurrent(cell: Any) -> dict[str, Any]:
    network = Recurrent(cell=cell, hidden=3)
    return {"data": Adding(count=5, length=4), "network": network, "loss": MSELoss()}


PICTURES = {"data": SyntheticImages(count=2), "network": Cnn(channels=(2,), hidden=3, norm="batch")}
LAYERS: dict[str, dict[str, Any]] = {
    "linear": mlp({"count": 2}),
    "blocks": mlp(
        {"activation": "prelu"},
        {"norm": "batch"},
        {"norm": "layer"},
        {"dropout": 0.3},
        {"residual": True},
        {"bias": False},
    ),
    "convolution": {**PICTURES, "loss": CrossEntropyLoss()},
    "channels last": {**PICTURES, "loss": CrossEntropyLoss(), "memory_format": "channels_last"},
    "rnn": recurrent("rnn"),
    "lstm": recurrent("lstm"),
    "gru": recurrent("gru"),
}
"""Every sort of layer; those of a perceptron but the plain one stand in one network, told apart by their tensors."""
FEW = Probes(norms=10, ratios=10, histograms=0, activations=0, metrics=0)
APART = {"adafactor", "newton", "damped_newton", "backtracking", "sparseadam", "muon"}
"""Optimizers that look at a tensor as a whole or search along a line: each is to say so of itself."""
FACTS: dict[str, dict[str, Any]] = {"lbfgs": {"max_iter": 2}}
"""So that a step is a few evaluations."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name()) for kind in Optimizer.items()])
def test_flat_equals_apart(kind: type[Optimizer], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sort of layer × clip × dtype, thirty steps each: the same bits, or a reason why it stays apart."""
    optimizer = kind(**FACTS.get(kind().kind, {}))
    for layer, clip, dtype in itertools.product(LAYERS, CLIPS, DTYPES):
        case = f"{layer}, {clip.kind}, {dtype}"
        facts = {**LAYERS[layer], "clip": clip, "dtype": dtype, "steps": STEPS, "held_out": 0.0, "probes": FEW}
        try:
            spec = TrainingSpec(**facts, optimizer=optimizer)
            flat = Arm(spec, "cpu")
        except (UserError, ValueError, RuntimeError):
            assert optimizer.kind in APART or (layer == "channels last" and optimizer.in_one_piece), case
            continue  # what the optimizer refuses it refuses either way
        assert bool(flat.apart) == (optimizer.kind in APART), case
        if not flat.apart:
            with monkeypatch.context() as patched:
                patched.setattr(arms, "why_not", lambda *_: "as a test asks")
                same(flat, Arm(spec, "cpu"), case)


def same(flat: Arm, apart: Arm, case: str) -> None:
    assert apart.apart
    one, other = flat.advance(0, STEPS), apart.advance(0, STEPS)
    assert np.isfinite(one["loss"]).all(), case
    np.testing.assert_array_equal(one["loss"], other["loss"], err_msg=case)
    for (name, mine), theirs in zip(flat.network.named_parameters(), apart.network.parameters(), strict=True):
        assert torch.equal(mine, theirs), f"{case}: {name}"
    np.testing.assert_array_equal(vector(flat.network), vector(apart.network), err_msg=case)
    np.testing.assert_allclose(one["tensor_grad"], other["tensor_grad"], rtol=1e-5, err_msg=case)
    np.testing.assert_allclose(one["update_ratio"], other["update_ratio"], rtol=1e-4, err_msg=case)


def test_kernels_with_their_channels_last_lie_so_in_the_buffer() -> None:
    facts = {**LAYERS["channels last"], "held_out": 0.0}
    kernels = []
    for memory_format in ("contiguous", "channels_last"):
        arm = Arm(TrainingSpec(**{**facts, "memory_format": memory_format}), "cpu")
        kernel = arm.parameters[0]
        flat = arm._flat
        assert flat is not None
        assert kernel.data_ptr() == flat.values.data_ptr()
        assert kernel.is_contiguous() == flat.in_order == (memory_format == "contiguous")
        kernels.append((kernel.detach().clone(), vector(arm.network, flat)[: len(flat.values)]))
    assert torch.equal(kernels[0][0], kernels[1][0])
    np.testing.assert_array_equal(kernels[0][1], kernels[1][1])


def test_a_search_of_many_evaluations_is_tried_for_a_few_steps() -> None:
    seen: list[int] = []

    class Counting(torch.optim.LBFGS):
        def step(self, closure: Any) -> Any:  # type: ignore[override]
            def counted() -> Any:
                seen.append(1)
                return closure()

            return super().step(counted)  # type: ignore[no-untyped-call]

    parameter = torch.nn.Parameter(torch.ones(3))
    _steps([parameter], Counting([parameter], lr=0.01, tolerance_grad=0, tolerance_change=0), torch.zeros(3))
    assert EVALUATIONS <= len(seen) < 2 * EVALUATIONS
