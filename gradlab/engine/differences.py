"""Gradients three ways: by autograd, by symbol, and by central differences, each beside the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import UserError
from .expressions import Derivative, Tree, is_reserved, parse, symbolic_gradient
from .expressions.plain import to_text

Array: TypeAlias = NDArray[np.float64]

STEP = 6e-6
"""The step of a central difference at |x| ≤ 1: the cube root of the rounding error, where the two errors meet."""


@dataclass(frozen=True, slots=True)
class Partial:
    """One partial derivative of a formula: by autograd, by symbol and by central difference, in float64.

    Where the formula is too large to be differentiated symbolically, ``symbolic`` is NaN, ``latex`` empty and
    ``reason`` says why.
    """

    name: str
    at: float
    autograd: float
    symbolic: float
    difference: float
    latex: str
    reason: str = ""
    formula: str = ""
    """The symbolic derivative as a line of text; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Partials:
    """The value of a formula, its LaTeX, and a row for each variable; iterating gives the rows."""

    value: float
    latex: str
    rows: tuple[Partial, ...]

    def __iter__(self) -> Iterator[Partial]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def central_difference(f: Callable[[Array], float], point: ArrayLike, h: ArrayLike | None = None) -> Array:
    """Return the gradient[D] of ``f`` at ``point``[D] as (f(x + h) − f(x − h)) / 2h, one coordinate at a time.

    The step ``h`` is one number or one per coordinate; without it, 6e-6 max(1, |x|). The divisor is what lies between
    the two points after rounding. NaN and infinity are results.
    """
    x = np.asarray(point, np.float64)
    steps = np.broadcast_to(STEP * np.maximum(1.0, np.abs(x)) if h is None else np.asarray(h, float), x.shape)
    gradient = np.empty_like(x)
    with np.errstate(all="ignore"):
        for i in range(x.size):
            above, below = x.copy(), x.copy()
            above[i] += steps[i]
            below[i] -= steps[i]
            gradient[i] = np.subtract(f(above), f(below)) / (above[i] - below[i])
    return gradient


def partials(text: str, values: Mapping[str, float]) -> Partials:
    """Return the value and the partial derivatives of the formula ``text`` by every name of ``values``, there.

    Raises ``UserError`` where the formula cannot be read or a name in it has no value.
    """
    import torch

    for name in filter(is_reserved, values):
        raise UserError(f"{name!r} means something else in a formula")
    tree = parse(text, values)
    points = {name: torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for name, v in values.items()}
    with torch.inference_mode(False), torch.enable_grad():
        f = tree.torch(points)
        slopes = torch.autograd.grad(f, list(points.values())) if points else ()
    differences = central_difference(
        lambda x: tree.value(dict(zip(values, x.tolist(), strict=True))), [*values.values()]
    )
    rows = tuple(
        _row(name, float(values[name]), slope.item(), float(difference), _symbol(tree, name), values)
        for name, slope, difference in zip(values, slopes, differences, strict=True)
    )
    return Partials(tree.value(values), tree.latex(), rows)


def _symbol(tree: Tree, name: str) -> Derivative | str:
    """Return the symbolic derivative, or why there is none."""
    try:
        return symbolic_gradient(tree, (name,))[0]
    except UserError as error:
        return str(error)


def _row(
    name: str, at: float, slope: float, difference: float, symbol: Derivative | str, values: Mapping[str, float]
) -> Partial:
    if isinstance(symbol, str):
        return Partial(name, at, slope, math.nan, difference, "", symbol)
    return Partial(name, at, slope, symbol.value(values), difference, symbol.latex, "", to_text(symbol.tree.root))
