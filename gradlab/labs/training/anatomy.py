"""What the arms of a training are made of, found without drawing a random number or moving one."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gradlab.engine.probes import Anatomy

from .spec import TrainingSpec
from .tasks import outputs

if TYPE_CHECKING:
    from torch import nn

    from gradlab.engine.datasets import Data, Dataset
    from gradlab.engine.losses import Loss
    from gradlab.engine.networks import Network


Shapes = Mapping[str, tuple[int, ...]]
STEADY = {
    "torch.nn.modules.container",
    "torch.nn.modules.conv",
    "torch.nn.modules.flatten",
    "torch.nn.modules.linear",
    "torch.nn.modules.pooling",
    "torch.nn.modules.activation",
}
"""Where torch keeps the modules that do the same in both modes; of the activations RReLU and attention do not."""


@functools.lru_cache(maxsize=8)
def sample(dataset: Dataset, seed: int) -> Data:
    """Return the samples of a data set for a look at them; a run of the same seed sees the same ones.

    Samples that a run draws once its network is built come from a stream of their own here: right in shape alone.
    """
    if not dataset.after_build:
        return dataset.sample(seed)
    import torch

    return dataset.sample(seed, torch.Generator().manual_seed(seed))


def anatomies(spec: TrainingSpec) -> Mapping[str, Anatomy]:
    """Return what each arm is made of, by its name."""
    return {name: _known(arm.data, arm.network, arm.loss, arm.seed)[0] for name, arm in spec.arms().items()}


def states(spec: TrainingSpec) -> Mapping[str, Shapes]:
    """Return what the vector of an arm's state is made of, by the arm's name: torch's names and their shapes."""
    return {name: _known(arm.data, arm.network, arm.loss, arm.seed)[2] for name, arm in spec.arms().items()}


def steady(spec: TrainingSpec) -> bool:
    """Tell whether the network of an arm is known to say the same, bit for bit, in training and in evaluation mode."""
    return _known(spec.data, spec.network, spec.loss, spec.seed)[1]


@functools.lru_cache(maxsize=32)
def _known(dataset: Dataset, network: Network, loss: Loss, seed: int) -> tuple[Anatomy, bool, Shapes]:
    module = blank(network, sample(dataset, seed), loss)
    kinds = {type(part) for part in module.modules()}
    same = all(kind.__module__ in STEADY and kind.__name__ not in {"RReLU", "MultiheadAttention"} for kind in kinds)
    buffers = [(name, buffer) for name, buffer in module.named_buffers() if buffer.is_floating_point()]
    shapes = {name: tuple(part.shape) for name, part in [*module.named_parameters(), *buffers]}
    return Anatomy.of(module), same, shapes


def blank(network: Network, data: Data, loss: Loss) -> nn.Module:
    """Return a network that has shapes and no numbers: built on torch's meta device, which draws nothing."""
    import torch

    wanted = data.shape, outputs(data, loss), data.answers
    try:
        with torch.device("meta"):
            return network.build(*wanted)
    except (NotImplementedError, RuntimeError):  # an own model that looks at its numbers is built for real
        with torch.random.fork_rng(devices=[]):
            return network.build(*wanted)
