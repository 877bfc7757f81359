"""The data of one arm: what is trained on, what is held out, and which samples come next."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.datasets.base import standardised

from .tasks import targets

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from gradlab.engine.datasets import Data

    from .spec import TrainingSpec


def parts(data: Data, held_out: float) -> tuple[int, int]:
    """Return how many samples are trained on and how many are held out."""
    kept = data.published or round(len(data) * held_out)
    return len(data) - kept, kept


def parted(data: Data, held_out: float, seed: int) -> tuple[Data, np.ndarray, np.ndarray]:
    """Return the data, the numbers of the samples to train on, and of those held out, each in rising order.

    A test part that the data come with is held out as it is. Features are standardised by what is trained on.
    """
    train, test = np.split(np.arange(len(data)), [parts(data, held_out)[0]])
    if not data.published and len(test):
        order = np.random.default_rng([seed, zlib.crc32(b"split")]).permutation(len(data))
        train, test = np.sort(order[len(test) :]), np.sort(order[: len(test)])
    if data.raw is not None:
        data = replace(data, x=standardised(data.raw, train))
    return data, train, test


class Feed:
    """Batches in an order of their own: a seed's order is the same for both arms, whatever else they draw.

    Each pass goes through all samples once, in a new order; a last batch of a single sample is left out, as
    normalisation over the batch has nothing to normalise by. Where the batch holds all samples, they come as they are.
    """

    def __init__(self, data: Data, spec: TrainingSpec, device: str) -> None:
        import torch

        data, train, test = parted(data, spec.held_out, spec.seed)
        dtype, wanted = getattr(torch, spec.dtype), targets(data, spec.loss)

        def tensors(chosen: np.ndarray) -> tuple[Tensor, Tensor]:
            y = torch.from_numpy(wanted[chosen])
            x = torch.from_numpy(data.x[chosen]).to(device, dtype)
            if spec.memory_format == "channels_last" and x.dim() == 4:
                x = x.contiguous(memory_format=torch.channels_last)
            return x, y.to(device, dtype if y.is_floating_point() else y.dtype)

        self.x, self.y = tensors(train)
        self.test = tensors(test) if len(test) else None
        self.labels = torch.from_numpy(data.y[train]).to(device) if data.classes else None
        self.test_labels = torch.from_numpy(data.y[test]).to(device) if data.classes and len(test) else None
        self.size = min(spec.batch, len(train)) or len(train)
        self._all = (self.x, self.y) if self.size == len(train) else None
        self.generator = torch.Generator().manual_seed(zlib.crc32(f"{spec.seed}/order".encode()))
        self._order: torch.Tensor | None = None
        self._place = 0

    @property
    def batches(self) -> int:
        """Batches of one pass over the data."""
        full, rest = divmod(len(self.x), self.size)
        return full + (rest > (1 if self.size > 1 else 0))

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: inputs and targets."""
        if self._all is not None:
            return self._all
        import torch

        if self._order is None or self._place == self.batches:
            self._order, self._place = torch.randperm(len(self.x), generator=self.generator), 0
        chosen = self._order[self._place * self.size : (self._place + 1) * self.size].to(self.x.device)
        self._place += 1
        return self.x[chosen], self.y[chosen]

    def state(self) -> Any:
        """Return where in the order it is."""
        return self.generator.get_state(), self._order, self._place

    def restore(self, state: Any) -> None:
        """Go back to a place in the order."""
        kept, self._order, self._place = state
        self.generator.set_state(kept)
