"""What a function is as a formula: of an expression what was typed, of a published function what its code computes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.expressions import Derivative, Tree, symbolic_gradient
from gradlab.engine.expressions.trace import trace
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


@functools.lru_cache(maxsize=MAX_KEPT)
def tree_of(objective: Objective) -> Tree | None:
    """Return the formula; None where the code is not one."""
    if isinstance(objective, Expression):
        return objective.tree
    tree = trace(objective, objective.variables)
    return tree if tree is not None and _same(tree, objective) else None


def parameters_of(objective: Objective) -> dict[str, float]:
    """Return what names of the formula stand for that are no variables."""
    return dict(objective.parameters) if isinstance(objective, Expression) else {}


def no_formula(objective: Objective) -> Text:
    """Return what is said of a function whose code is not one."""
    return Text("{name} has no formula of single operations", {"name": objective.name()})


def names_at(objective: Objective, point: tuple[float, ...]) -> dict[str, float]:
    """Return what every name of the formula stands for at a point."""
    return {**parameters_of(objective), **dict(zip(objective.variables, point, strict=True))}


def _symbols(objective: Objective) -> Symbols:
    tree, parameters = tree_of(objective), parameters_of(objective)
    if tree is None:
        return Symbols(reason=no_formula(objective))
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
