"""The cloud of single gradients: taken together it equals the loop, and where it cannot be it comes in slices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradlab.engine.datasets import Adding, Spirals, SyntheticImages
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Recurrent
from gradlab.labs.training import cloud
from gradlab.labs.training.model import Model
from gradlab.labs.training.spec import TrainingSpec


def deep(**facts: Any) -> TrainingSpec:
    block = LayerBlock(id="hidden", count=12, width=24, **facts)
    return TrainingSpec(data=Spirals(count=200), network=Mlp(blocks=(block,)))


SEQUENCES = TrainingSpec(data=Adding(count=40), network=Recurrent(cell="gru", hidden=6), loss=MSELoss())


def looped(model: Model) -> np.ndarray:
    """Return the gradient of each sample by a backward pass of its own."""
    x, y = model.batch(cloud.SAMPLES)
    model.network.eval()
    rows = []
    for i in range(len(x)):
        slopes = torch.autograd.grad(model.loss(x[i : i + 1], y[i : i + 1]), list(model.network.parameters()))
        rows.append(torch.cat([slope.reshape(-1) for slope in slopes]).double().numpy())
    return np.stack(rows)


@pytest.mark.parametrize(
    "spec",
    [deep(), deep(norm="batch", dropout=0.3, residual=True), deep(norm="layer", activation="prelu"), SEQUENCES],
    ids=["mlp", "batchnorm", "layernorm", "gru"],
)
def test_single_gradients_equal_the_loop(spec: TrainingSpec) -> None:
    model = Model(spec)
    np.testing.assert_allclose(np.concatenate(list(cloud.slices(model))), looped(model), rtol=1e-5, atol=1e-5)


def test_samples_of_a_small_network_come_at_once() -> None:
    assert [len(some) for some in cloud.slices(Model(deep()))] == [cloud.SAMPLES]


def test_what_cannot_be_taken_at_once_comes_in_slices() -> None:
    found = list(cloud.sample_gradients("a", Model(SEQUENCES), 7))
    assert [len(one.at) for one in found] == [8, 16, 24, 32]
    assert {one.step for one in found} == {7}


def test_a_large_gradient_is_seen_in_some_directions_and_a_few_samples_at_a_time() -> None:
    model = Model(TrainingSpec(data=SyntheticImages(count=30), network=Cnn()))
    parts = list(cloud.slices(model))
    assert [part.shape for part in parts] == [(13, cloud.PARAMETERS), (11, cloud.PARAMETERS)]
    chosen = torch.randperm(145_578, generator=torch.Generator().manual_seed(0))[: cloud.PARAMETERS].numpy()
    np.testing.assert_allclose(np.concatenate(parts), looped(model)[:, chosen], rtol=1e-5, atol=1e-5)


def test_a_model_that_torch_cannot_take_at_once_is_looped_over() -> None:
    class Choosy(torch.nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) if x.sum() > 0 else -super().forward(x)

    model = Model(deep())
    model.network = Choosy(2, 2)
    found = list(cloud.slices(model))
    assert [len(some) for some in found] == [cloud.APART] * (cloud.SAMPLES // cloud.APART)
    np.testing.assert_allclose(np.concatenate(found), looped(model), rtol=1e-5, atol=1e-5)


def test_another_look_between_two_slices_changes_nothing() -> None:
    model = Model(SEQUENCES)
    wanted = looped(model)
    parts = cloud.slices(model)
    first = next(parts)
    model.load(np.zeros_like(model.start))
    model.network.train()
    np.testing.assert_allclose(np.concatenate([first, *parts]), wanted, rtol=1e-5, atol=1e-5)
