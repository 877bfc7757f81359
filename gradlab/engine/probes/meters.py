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
    """Measures the gradients, weights and updates of one network; squared norms, float64."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self.histogram = np.zeros((len(anatomy.layers), BINS), dtype=np.int64)

    @abstractmethod
    def gradients(self) -> list[float]:
        """Return the squared norm of the gradient of each tensor."""

    @abstractmethod
    def weights(self) -> list[float]:
        """Return the squared norm of the parameters of each layer."""

    @abstractmethod
    def remember(self) -> None:
        """Keep the parameters, so that ``updates`` can tell how far they went."""

    @abstractmethod
    def updates(self) -> list[float]:
        """Return the squared norm, by layer, of how far the parameters went since ``remember``."""

    @abstractmethod
    def count(self) -> None:
        """Add the exponents of the gradient's components to ``histogram``."""

    @abstractmethod
    def total(self) -> float:
        """Return the norm of the whole gradient as it is now."""

    def take_histogram(self) -> np.ndarray:
        """Return what was counted since the last call, shape (layers, BINS)."""
        taken = self.histogram
        self.histogram = np.zeros_like(taken)
        return taken


def meter(anatomy: Anatomy, parameters: Sequence[Tensor], flat: Flat | None) -> Meter:
    """Return what measures these parameters fastest."""
    if flat is not None and flat.values.device.type == "cpu":
        return FlatMeter(anatomy, flat)
    return TensorMeter(anatomy, parameters)


class FlatMeter(Meter):
    """Reads numpy views of the flat buffers. numpy's dot is faster and more exact here than torch's norm."""

    def __init__(self, anatomy: Anatomy, flat: Flat) -> None:
        super().__init__(anatomy)
        self._values, self._slopes = flat.values.detach().numpy(), flat.slopes.numpy()
        self._before, self._scratch = self._values.copy(), np.empty_like(self._values)
        sizes = anatomy.sizes()
        ends = np.cumsum(sizes)
        cuts = [0, *(int(ends[start - 1]) for start in anatomy.starts[1:]), int(ends[-1])]
        tensors = [slice(int(end - size), int(end)) for size, end in zip(sizes, ends, strict=True)]
        layers = [slice(low, high) for low, high in itertools.pairwise(cuts)]
        self._slope_views = [self._slopes[part] for part in tensors]
        self._value_views = [self._values[part] for part in layers]
        self._moves = [self._scratch[part] for part in layers]
        self._integers, self._shift, self._mask = self._exponents()
        number = np.repeat(np.arange(len(layers), dtype=np.int32) * BINS, np.diff(cuts))
        self._offset, self._bins = number, np.empty(len(number), dtype=self._integers.dtype)

    def _exponents(self) -> tuple[np.ndarray, int, int]:
        if self._slopes.dtype == np.float32:
            return self._slopes.view(np.int32), 23, 0xFF
        return self._slopes.view(np.int64), 52, 0x7FF

    def gradients(self) -> list[float]:
        """Return the squared norm of the gradient of each tensor."""
        return _squares(self._slope_views)

    def weights(self) -> list[float]:
        """Return the squared norm of the parameters of each layer."""
        return _squares(self._value_views)

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
        self.histogram += np.bincount(bins, minlength=self.histogram.size).reshape(self.histogram.shape)

    def total(self) -> float:
        """Return the norm of the whole gradient."""
        return math.sqrt(square(self._slopes))


class TensorMeter(Meter):
    """Goes from tensor to tensor, on any device: for parameters that no flat buffer holds."""

    def __init__(self, anatomy: Anatomy, parameters: Sequence[Tensor]) -> None:
        super().__init__(anatomy)
        self._parameters = list(parameters)
        self._before: list[Tensor] = []

    def _by_tensor(self, tensors: Sequence[Tensor | None]) -> np.ndarray:
        import torch

        there = [t.detach() for t in tensors if t is not None]
        quick = torch.stack(torch._foreach_norm(there)).double().cpu().tolist() if there else []
        norms = (n if TINY < n * n < HUGE else t.double().norm().item() for n, t in zip(quick, there, strict=True))
        return np.array([0.0 if t is None else next(norms) ** 2 for t in tensors])

    def _by_layer(self, squares: np.ndarray) -> list[float]:
        summed: list[float] = np.add.reduceat(squares, self.anatomy.starts).tolist()
        return summed

    def gradients(self) -> list[float]:
        """Return the squared norm of the gradient of each tensor; 0 where there is none."""
        squares: list[float] = self._by_tensor([p.grad for p in self._parameters]).tolist()
        return squares

    def weights(self) -> list[float]:
        """Return the squared norm of the parameters of each layer."""
        return self._by_layer(self._by_tensor(self._parameters))

    def remember(self) -> None:
        """Keep the parameters."""
        self._before = [p.detach().clone() for p in self._parameters]

    def updates(self) -> list[float]:
        """Return the squared norm of the update of each layer."""
        return self._by_layer(self._by_tensor([p - q for p, q in zip(self._detached(), self._before, strict=True)]))

    def _detached(self) -> list[Tensor]:
        return [p.detach() for p in self._parameters]

    def count(self) -> None:
        """Count the exponents of every gradient."""
        for layer in range(len(self.anatomy.layers)):
            for number in self.anatomy.owned(layer):
                slope = self._parameters[number].grad
                if slope is not None:
                    self.histogram[layer] += _exponents(slope.detach().cpu().numpy())

    def total(self) -> float:
        """Return the norm of the whole gradient."""
        return math.sqrt(sum(self.gradients()))


def _squares(views: Sequence[np.ndarray]) -> list[float]:
    found: list[Any] = [view.dot(view) for view in views]
    if min(found) > TINY and max(found) < HUGE:
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


def _exponents(values: np.ndarray) -> np.ndarray:
    """Return the counts (BINS,) of the exponents of floats."""
    single = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)
    return np.bincount((single.view(np.int32) >> 23) & 0xFF, minlength=BINS)
