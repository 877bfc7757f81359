"""A declared formula in numbers: its value and its slope by a name, element by element."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.expressions import parse, symbolic_gradient

from .checks import Array

if TYPE_CHECKING:
    from torch import Tensor


def evaluated(formula: str, known: Mapping[str, Array]) -> Array:
    """Return the value of ``formula`` where each name has its array, all of one shape; float64."""
    return np.asarray(parse(formula, tuple(known)).torch(_tensors(known)).numpy())


def derived(formula: str, known: Mapping[str, Array], by: str = "") -> Array:
    """Return its symbolic derivative by a name, else by the first, in their shape."""
    slope = symbolic_gradient(parse(formula, tuple(known)), (by or next(iter(known)),))[0]
    return np.asarray(slope.torch(_tensors(known)).numpy())


@functools.lru_cache(maxsize=256)
def derived_tex(formula: str, names: tuple[str, ...], by: str) -> str:
    """Return the symbolic derivative by a name as LaTeX, with the letters that papers use."""
    text = symbolic_gradient(parse(formula, names), (by,))[0].latex
    return text.replace("margin", "m").replace("eps", r"\epsilon")


def symbol(name: str) -> str:
    """Return a name such as x1 as LaTeX."""
    return f"{name[0]}_{{{name[1:]}}}" if name[1:] else name


def _tensors(known: Mapping[str, Array]) -> dict[str, Tensor]:
    import torch

    return {name: torch.tensor(np.array(value), dtype=torch.float64) for name, value in known.items()}
