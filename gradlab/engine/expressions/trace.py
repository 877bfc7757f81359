"""A function's code as a formula: it runs once on stand-ins for coordinates, which write down what is done to them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .evaluate import OPERATIONS
from .functions import FUNCTIONS
from .nodes import Apply, Name, Node, Number
from .tree import Tree

GUARD = 1e-30
"""A floor this low keeps a gradient finite where a root is 0 and changes no value: it is left out of the formula."""
OTHERWISE = {
    "minimum": "min",
    "maximum": "max",
    "absolute": "abs",
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "power": "pow",
    "negative": "neg",
}
"""Methods and operators that a formula calls something else."""
NOT_METHODS = frozenset({"min", "max", "step", "cbrt", "ln"})
"""Functions of a formula that are no methods of a tensor, or mean something else there."""


def trace(f: Callable[..., Any], variables: Sequence[str]) -> Tree | None:
    """Return what ``f`` does to a tensor per variable as a formula; None where that is not made of its functions.

    Coordinates may be stacked, sliced, summed and multiplied together. What code does only for some values is not seen:
    compare the values before the formula is believed.
    """
    try:
        found = _lifted(f(*(Traced(_one(Name(name))) for name in variables)))
    except (TypeError, AttributeError, ValueError, RuntimeError, LookupError):
        return None
    return Tree(found.item()) if found.ndim == 0 else None


class Traced(NDArrayOperatorsMixin):
    """Stands for a tensor: an array of nodes, to which an operation is written down element by element."""

    __slots__ = ("nodes",)
    device = "cpu"

    def __init__(self, nodes: np.ndarray) -> None:
        self.nodes = nodes

    def __array_ufunc__(self, ufunc: Any, method: str, *values: Any, **kwargs: Any) -> Any:
        """Write down an operator, whichever side the stand-in is on; comparisons are not made of functions."""
        op = OTHERWISE.get(ufunc.__name__, ufunc.__name__)
        return _apply(op, *values) if op in OPERATIONS or op in FUNCTIONS else NotImplemented

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Write down a function of torch that is called with a stand-in among its arguments."""
        name, kwargs = func.__name__.strip("_"), kwargs or {}
        if name == "stack":
            return cls(np.stack([_lifted(one) for one in args[0]], *args[1:]))
        return getattr(cls(_lifted(args[0])), name)(*args[1:], **kwargs)

    def __getattr__(self, name: str) -> Any:
        """Return the tensor method of this name, where it is a function of the formula language."""
        op = OTHERWISE.get(name, name)
        if name in NOT_METHODS or (op not in FUNCTIONS and op not in OPERATIONS):
            raise AttributeError(name)
        return functools.partial(_apply, op, self)

    @property
    def dtype(self) -> Any:
        """The dtype of the constants that code makes for it."""
        import torch

        return torch.float64

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor that it stands for."""
        return self.nodes.shape

    def dim(self) -> int:
        """Return the number of axes."""
        return self.nodes.ndim

    def expand(self, *shape: int) -> Traced:
        """Repeat it along new axes."""
        return Traced(np.broadcast_to(self.nodes, shape))

    def sum(self, dim: int = 0) -> Traced:
        """Write down the sum along an axis."""
        return self._reduced("add", 0.0, dim)

    def prod(self, dim: int = 0) -> Traced:
        """Write down the product along an axis."""
        return self._reduced("mul", 1.0, dim)

    def mean(self, dim: int = 0) -> Traced:
        """Write down the mean along an axis."""
        return _apply("div", self.sum(dim), float(self.nodes.shape[dim]))

    def _reduced(self, op: str, of_none: float, dim: int) -> Traced:
        parts = [Traced(_one(part)) for part in np.moveaxis(self.nodes, dim, 0)]
        return functools.reduce(functools.partial(_apply, op), parts, Traced(_lifted(of_none)))

    def square(self) -> Traced:
        """Write down the square."""
        return _apply("pow", self, 2.0)

    def sinc(self) -> Traced:
        """Write down sin πx / πx."""
        turned = _apply("mul", self, math.pi)
        return _apply("div", _apply("sin", turned), turned)

    def clamp_min(self, least: float) -> Traced:
        """Write down a floor, unless it only guards a root."""
        return self if least <= GUARD else _apply("max", self, least)

    def __getitem__(self, place: Any) -> Traced:
        return Traced(_one(self.nodes[place]))

    def __len__(self) -> int:
        return len(self.nodes)


def _apply(op: str, *values: Any) -> Traced:
    known = FUNCTIONS.get(op)
    if known is not None and not known.takes(len(values)):
        raise TypeError(f"{op} takes other arguments")
    written = np.frompyfunc(lambda *args: _node(op, args), len(values), 1)
    return Traced(_one(written(*map(_lifted, values))))


def _node(op: str, args: tuple[Node, ...]) -> Node:
    """Return the operation; products with 1 and sums with 0 are left out, and x sgn x is |x|."""
    match op, args:
        case ("add", (Number(0.0), other)) | ("mul", (Number(1.0), other)):
            return other
        case ("add" | "sub", (other, Number(0.0))) | ("mul" | "div" | "pow", (other, Number(1.0))):
            return other
        case "mul", (one, Apply("sign", (other,))) if one == other:
            return Apply("abs", (one,))
        case _:
            return Apply(op, args)


def _lifted(value: Any) -> np.ndarray:
    """Return the nodes of a stand-in, or numbers as nodes."""
    if isinstance(value, Traced):
        return value.nodes
    numbers = np.asarray(value, dtype=float)
    return _one(np.frompyfunc(Number, 1, 1)(numbers + 0.0))


def _one(nodes: Any) -> np.ndarray:
    if isinstance(nodes, np.ndarray):
        return nodes
    made = np.empty((), dtype=object)
    made[()] = nodes
    return made
