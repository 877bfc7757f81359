"""Norms and exponents of all gradients in one pass: over one flat buffer where there is one, else tensor by tensor."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from gradlab.engine.flat import Flat

    from .anatomy import Anatomy

BINS = 256
"""Bins of a histogram: bin b counts the components with 2^(b − 127) ≤ |g| < 2^(b − 126); bin 0 holds the zeros and all
that is smaller than 2^−126, bin 255 what is not finite."""
TINY, HUGE = 1e-30, 1e36
"""Squared norms beyond these have left the range of float32 and are taken again in float64."""


class Meter(ABC):
    """Measures the gradients, weights and updates of one network: squared norms, as numbers or as a float64 tensor."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy

    @abstractmethod
    def norms(self) -> list[float] | Tensor:
        """Return the squared norm of the gradient of each tensor, then that of the parameters of each layer."""

    @abstractmethod
    def remember(self) -> None:
        """Keep the parameters, so that ``updates`` can tell how far they went."""

    @abstractmethod
    def updates(self) -> list[float] | Tensor:
        """Return the squared norm, by layer, of how far the parameters went since ``remember``."""

    @abstractmethod
    def count(self) -> None:
        """Add the exponents of the gradient's components to ``counted``."""

    @abstractmethod
    def total(self) -> float | Tensor:
        """Return the norm of the whole gradient as it is now."""

    @abstractmethod
    def counted(self) -> np.ndarray:
        """Return a copy of what was counted, shape (layers, BINS)."""

    @abstractmethod
    def recount(self, counted: np.ndarray | None = None) -> None:
        """Go on counting from zero, or from what ``counted`` had returned."""

    def take_histogram(self) -> np.ndarray:
        """Return what was counted since the last call, shape (layers, BINS)."""
        taken = self.counted()
        self.recount()
        return taken


def meter(anatomy: Anatomy, parameters: Sequence[Tensor], flat: Flat | None, *, deferred: bool = False) -> Meter:
    """Return what measures these parameters fastest; ``deferred``: without waiting for the device they are on."""
    if flat is None or deferred:
        return TensorMeter(anatomy, parameters)
    return FlatMeter(anatomy, flat)


class FlatMeter(Meter):
    """Reads numpy views of the flat buffers. numpy's dot is faster and more exact here than torch's norm."""

    def __init__(self, anatomy: Anatomy, flat: Flat) -> None:
        super().__init__(anatomy)
        self._values, self._slopes = flat.values.detach().numpy(), flat.slopes.numpy()
        self._before, self._scratch = self._values.copy(), np.empty_like(self._values)
        ends = np.cumsum(anatomy.sizes()).tolist()
        cuts = [0, *(ends[start - 1] for start in anatomy.starts[1:]), ends[-1]]
        slopes = [self._slopes[low:high] for low, high in itertools.pairwise([0, *ends])]
        self._views = [*slopes, *(self._values[low:high] for low, high in itertools.pairwise(cuts))]
        self._moves = [self._scratch[low:high] for low, high in itertools.pairwise(cuts)]
        self._integers, self._shift, self._mask = self._exponents()
        self._offset = np.repeat(np.arange(len(cuts) - 1, dtype=np.int32) * BINS, np.diff(cuts))
        self._bins = np.empty(len(self._offset), dtype=self._integers.dtype)
        self._counts = np.zeros((len(anatomy.layers), BINS), dtype=np.int64)

    def _exponents(self) -> tuple[np.ndarray, int, int]:
        if self._slopes.dtype == np.float32:
            return self._slopes.view(np.int32), 23, 0xFF
        return self._slopes.view(np.int64), 52, 0x7FF

    def norms(self) -> list[float]:
        """Return the squared norms of the gradients by tensor and of the parameters by layer."""
        return _squares(self._views)

    def remember(self) -> None:
        """Keep the parameters."""
        np.copyto(self._before, self._values)

    def updates(self) -> list[float]:
        """Return the squared norm of the update of each layer."""
        np.subtract(self._values, self._before, out=self._scratch)
        return _squares(self._moves)

    def count(self) -> None:
        """Read the exponent bits and count them with one bincount for all layers."""
        bins = self._bins
        np.right_shift(self._integers, self._shift, out=bins)
        np.bitwise_and(bins, self._mask, out=bins)
        if self._mask != 0xFF:
            bins -= 1023 - 127
            np.clip(bins, 0, 0xFF, out=bins)
        bins += self._offset
        self._counts += np.bincount(bins, minlength=self._counts.size).reshape(self._counts.shape)

    def total(self) -> float:
        """Return the norm of the whole gradient."""
        return math.sqrt(square(self._slopes))

    def counted(self) -> np.ndarray:
        """Return what was counted."""
        return self._counts.copy()

    def recount(self, counted: np.ndarray | None = None) -> None:
        """Go on counting from ``counted``."""
        self._counts[:] = 0 if counted is None else counted


class TensorMeter(Meter):
    """Goes from tensor to tensor, in float64, on any device; nothing crosses from there until it is asked for."""

    def __init__(self, anatomy: Anatomy, parameters: Sequence[Tensor]) -> None:
        import torch

        super().__init__(anatomy)
        self._parameters = list(parameters)
        self._before: list[Tensor] = []
        device = self._parameters[0].device
        self._layers = torch.zeros((len(anatomy.layers), len(anatomy.tensors)), dtype=torch.float64, device=device)
        for layer in range(len(anatomy.layers)):
            self._layers[layer, list(anatomy.owned(layer))] = 1.0
        self._counts = torch.zeros(len(anatomy.layers) * BINS, dtype=torch.int64, device=device)

    def _squares(self, tensors: Sequence[Tensor | None]) -> Tensor:
        import torch

        there = [t.detach() for t in tensors if t is not None]
        if not there:
            return self._layers.new_zeros(len(tensors))
        norms = torch.stack(torch._foreach_norm(there, dtype=torch.float64))
        if len(there) == len(tensors):
            return norms * norms
        places = [place for place, t in enumerate(tensors) if t is not None]
        squares = self._layers.new_zeros(len(tensors))
        squares[places] = norms * norms
        return squares

    def norms(self) -> Tensor:
        """Return the squared norms of the gradients by tensor, 0 where there is none, and of parameters by layer."""
        import torch

        return torch.cat([self._slopes(), torch.mv(self._layers, self._squares(self._parameters))])

    def _slopes(self) -> Tensor:
        return self._squares([p.grad for p in self._parameters])

    def remember(self) -> None:
        """Keep the parameters."""
        self._before = [p.detach().clone() for p in self._parameters]

    def updates(self) -> Tensor:
        """Return the squared norm of the update of each layer."""
        import torch

        moves = torch._foreach_sub([p.detach() for p in self._parameters], self._before)
        return torch.mv(self._layers, self._squares(moves))

    def count(self) -> None:
        """Count the exponents of every gradient."""
        import torch

        for layer in range(len(self.anatomy.layers)):
            for number in self.anatomy.owned(layer):
                slope = self._parameters[number].grad
                if slope is not None:
                    bits = (slope.detach().float().reshape(-1).view(torch.int32) >> 23) & 0xFF
                    self._counts.index_add_(0, bits + layer * BINS, torch.ones_like(bits, dtype=torch.int64))

    def total(self) -> Tensor:
        """Return the norm of the whole gradient."""
        return self._slopes().sum().sqrt()

    def counted(self) -> np.ndarray:
        """Return what was counted."""
        counts: np.ndarray = self._counts.cpu().numpy().reshape(-1, BINS).copy()
        return counts

    def recount(self, counted: np.ndarray | None = None) -> None:
        """Go on counting from ``counted``."""
        import torch

        if counted is None:
            self._counts.zero_()
        else:
            self._counts.copy_(torch.from_numpy(counted.reshape(-1)))


def _squares(views: Sequence[np.ndarray]) -> list[float]:
    found: list[Any] = [view.dot(view) for view in views]
    if sum(found) < HUGE and min(found) > TINY:
        return found
    return [square(view) for view in views]


def square(view: np.ndarray) -> float:
    """Return the squared norm; what float32 cannot hold is taken in float64."""
    with np.errstate(over="ignore"):
        found = float(view.dot(view))
    if TINY < found < HUGE or view.dtype != np.float32:
        return found
    wide = view.astype(np.float64)
    return float(wide.dot(wide))
