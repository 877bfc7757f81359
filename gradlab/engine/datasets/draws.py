"""Data without meaning: normal numbers for the look at a network's first gradients, and pictures made up of waves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab.engine.model import Int

from .base import Array, Count, Data, Dataset, Form, NoiseLevel, Task, labelled, measured

if TYPE_CHECKING:
    from torch import Generator

Width = Annotated[Int, Field(ge=1, le=4096)]


class RandomNormal(Dataset):
    """Normal inputs and normal targets that have nothing to do with each other: how gradients flow before learning.

    The inputs are drawn first, then the targets, by torch, from its global generator once the network is built.
    """

    TASK: ClassVar[Task] = "regression"
    after_build: ClassVar[bool] = True
    kind: Literal["random_normal"] = "random_normal"
    title: ClassVar[str] = "Normal numbers"

    count: Count = 256
    inputs: Annotated[Width, Field(description="numbers in a sample")] = 64
    outputs: Annotated[Width, Field(description="numbers in a target")] = 1

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return the samples from ``stream``; without one, from a generator of their own that starts at ``seed``."""
        import torch

        stream = torch.Generator().manual_seed(seed) if stream is None else stream
        x = torch.randn(self.count, self.inputs, generator=stream, dtype=torch.float32)
        y = torch.randn(self.count, self.outputs, generator=stream, dtype=torch.float32)
        return measured(x.numpy(), y.numpy())


class SyntheticImages(Dataset):
    """Colour pictures of 32 × 32, a wave pattern per class: a stand-in for CIFAR-10 that needs no download.

    Each class has a direction, a wavelength and a colour of its own; a picture has its wave at a random phase.
    """

    FORM: ClassVar[Form] = "images"
    kind: Literal["synthetic_images"] = "synthetic_images"
    title: ClassVar[str] = "Wave pictures 3×32×32"

    count: Annotated[Int, Field(ge=2, le=20_000, description="pictures")] = 1000
    noise: NoiseLevel = 0.3
    patterns: Annotated[Int, Field(ge=2, le=20, description="patterns, a class each")] = 10

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return pictures ``[N, 3, 32, 32]`` of mean about 0 and spread about 1."""
        rng = self._rng(seed)
        classes = rng.permutation(np.arange(self.count) % self.patterns)
        pictures = self._waves(rng, classes) + self.noise * rng.standard_normal((self.count, 3, 32, 32), np.float32)
        return labelled(pictures, classes, self.patterns)

    def _waves(self, rng: np.random.Generator, classes: Array) -> Array:
        share = classes / self.patterns
        angle = np.pi * share + 0.1 * rng.standard_normal(self.count)
        frequency = 2 * np.pi * (2 + classes % 3) / 32
        phase = 2 * np.pi * rng.random(self.count)
        row, column = np.mgrid[:32, :32].astype(np.float32)
        along = np.cos(angle)[:, None, None] * column + np.sin(angle)[:, None, None] * row
        wave = np.sin(frequency[:, None, None] * along + phase[:, None, None])
        colour = 1 + np.cos(2 * np.pi * (share[:, None] + np.arange(3) / 3))
        waves: Array = colour[:, :, None, None] * wave[:, None]
        return waves
