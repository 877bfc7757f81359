"""What a function is as a formula: of an expression what was typed, of a published function what its code computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.expressions import Derivative, Tree, symbolic_gradient
from gradlab.engine.expressions.functions import FUNCTIONS
from gradlab.engine.expressions.nodes import Apply, Name, Node, Number
from gradlab.engine.landscape import value_and_gradient
from gradlab.engine.objectives import Expression, Objective
from gradlab.engine.text import Text

TRUSTED = 1e-9
"""Relative difference up to which a formula read off the code is taken for the function."""
MAX_KEPT = 64


@dataclass(frozen=True, slots=True)
class Symbols:
    """A function's tree and its partial derivatives; empty, with the reason, where there are none."""

    tree: Tree | None = None
    gradient: tuple[Derivative, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    reason: Text | str = ""

    def values(self, names: tuple[str, ...], point: tuple[float, ...]) -> dict[str, float]:
        """Return what every name of the formula stands for at a point."""
        return {**self.parameters, **dict(zip(names, point, strict=True))}


_KEPT: dict[Objective, Symbols] = {}


def known(objective: Objective) -> bool:
    """Tell whether ``symbols`` answers at once."""
    return objective in _KEPT


def symbols(objective: Objective) -> Symbols:
    """Return the function as a formula with its derivatives; what was found once is kept."""
    if objective not in _KEPT:
        while len(_KEPT) >= MAX_KEPT:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[objective] = _symbols(objective)
    return _KEPT[objective]


def tree_of(objective: Objective) -> Tree | None:
    """Return the formula; None where the code is not one, as where it stacks its coordinates."""
    if isinstance(objective, Expression):
        return objective.tree
    try:
        root = _written(objective(*(Traced(Name(name)) for name in objective.variables)))
    except (TypeError, AttributeError, ValueError, RuntimeError):
        return None
    tree = Tree(root)
    return tree if _same(tree, objective) else None


def _symbols(objective: Objective) -> Symbols:
    tree = tree_of(objective)
    if tree is None:
        return Symbols(reason=Text("{name} has no formula of single operations", {"name": objective.name()}))
    parameters = dict(objective.parameters) if isinstance(objective, Expression) else {}
    try:
        return Symbols(tree, symbolic_gradient(tree, objective.variables), parameters)
    except UserError as error:
        return Symbols(tree, (), parameters, str(error))


def _same(tree: Tree, objective: Objective) -> bool:
    """Tell whether a formula gives the function's values at its start and at two thirds of its domain."""
    places = [objective.start, tuple(low + (high - low) * 2 / 3 for low, high in objective.domain)]
    wanted = value_and_gradient(objective, np.asarray(places))[0]
    found = [tree.value(dict(zip(objective.variables, place, strict=True))) for place in places]
    return bool(np.allclose(found, wanted, rtol=TRUSTED, atol=TRUSTED))


def _written(value: Any) -> Node:
    if isinstance(value, Traced):
        return value.node
    return Number(float(value))


class Traced:
    """Stands for a coordinate while a function's code runs, and writes down what is done to it."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __getattr__(self, name: str) -> Any:
        """Return the tensor method of this name, where it is a function of the formula language."""
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return lambda *others: self._apply(name, self, *others)

    def square(self) -> Traced:
        """Write down the square."""
        return self._apply("pow", self, 2.0)

    @staticmethod
    def _apply(op: str, *values: Any) -> Traced:
        return Traced(Apply(op, tuple(_written(value) for value in values)))

    def __neg__(self) -> Traced:
        return self._apply("neg", self)

    def __add__(self, other: Any) -> Traced:
        return self._apply("add", self, other)

    def __radd__(self, other: Any) -> Traced:
        return self._apply("add", other, self)

    def __sub__(self, other: Any) -> Traced:
        return self._apply("sub", self, other)

    def __rsub__(self, other: Any) -> Traced:
        return self._apply("sub", other, self)

    def __mul__(self, other: Any) -> Traced:
        return self._apply("mul", self, other)

    def __rmul__(self, other: Any) -> Traced:
        return self._apply("mul", other, self)

    def __truediv__(self, other: Any) -> Traced:
        return self._apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Traced:
        return self._apply("div", other, self)

    def __pow__(self, other: Any) -> Traced:
        return self._apply("pow", self, other)

    def __rpow__(self, other: Any) -> Traced:
        return self._apply("pow", other, self)
