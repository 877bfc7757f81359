"""Pieces that objectives share: the coordinates as one tensor, its constants, and roots with a finite gradient."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gradlab.engine.expressions.functions import absolute

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["TINY", "absolute", "ladder", "root", "root_abs", "spectrum", "stacked"]

TINY = 1e-36
"""Below this a square root takes its argument for 0: inside float32's range, and 1e-18 away from a kink in x."""


def stacked(coordinates: tuple[Tensor, ...]) -> Tensor:
    """Return the coordinates as one tensor, the coordinate its first axis."""
    import torch

    return torch.stack(coordinates)


def ladder(v: Tensor, power: float = 1.0) -> Tensor:
    """Return i^power for i = 1 … n along the first axis of ``v``, broadcast over the others."""
    return _constant(tuple(float(i) ** power for i in range(1, v.shape[0] + 1)), v.dim() - 1, v.dtype, v.device)


def spectrum(v: Tensor, condition: float) -> Tensor:
    """Return ``condition``^((i − 1)/(n − 1)) for i = 1 … n along the first axis of ``v``: from 1 to ``condition``."""
    last = v.shape[0] - 1
    return _constant(tuple(condition ** (i / last) for i in range(last + 1)), v.dim() - 1, v.dtype, v.device)


@lru_cache(maxsize=64)
def _constant(values: tuple[float, ...], dims: int, dtype: object, device: object) -> Tensor:
    import torch

    with torch.inference_mode(False):  # a constant made in inference mode could not be saved for a backward pass later
        flat = torch.tensor(values, dtype=dtype, device=device)  # type: ignore[arg-type]
        return flat.reshape((-1,) + (1,) * dims)


def root(square: Tensor) -> Tensor:
    """Return √square for square ≥ 0, with gradient 0 instead of NaN at 0, where a cone has its tip."""
    return square.clamp_min(TINY).sqrt()


def root_abs(u: Tensor) -> Tensor:
    """Return √|u| with the subgradient 0 at its cusp u = 0."""
    return absolute(u).clamp_min(TINY).sqrt()
