"""The shortest way to write a derivative, of the few that take no time to find."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .convert import from_sympy, number
from .tree import Tree

LONG, LONGEST = 40, 150
"""Operations up to which a polynomial is multiplied out and factored, and up to which common factors are taken out."""
MOST_NAMES = 4
PLACES = (-1.7, -1.0, 0.0, 0.3, 1.0, 2.6)
"""Where two ways of writing must agree, gaps included: what cancels a pole is another function."""


def simplest(found: Any) -> Any:
    """Return a sympy expression in the form with the fewest operations; as it is where no other has fewer."""
    found = _exact(found)
    size = found.count_ops()
    for other in _forms(found, size):
        if other.count_ops() < size and _same(found, other):
            found, size = other, other.count_ops()
    return found


def _exact(found: Any) -> Any:
    """Turn floats that are whole numbers, small fractions or multiples of π into them."""
    import sympy

    floats = {one: float(one) for one in found.atoms(sympy.Float)}
    return found.xreplace({one: number(value) for one, value in floats.items() if math.isfinite(value)})


def _forms(found: Any, size: int) -> Iterator[Any]:
    import sympy

    if len(found.free_symbols) > MOST_NAMES:
        return
    if 1 < size <= LONGEST:
        yield sympy.factor_terms(found)
    if 1 < size <= LONG and found.is_polynomial(*found.free_symbols):
        yield sympy.expand(found)
        if not found.has(sympy.Float):
            yield sympy.factor(found)


def _same(one: Any, other: Any) -> bool:
    names = sorted(symbol.name for symbol in one.free_symbols)
    trees = Tree(from_sympy(one)), Tree(from_sympy(other))
    for place in PLACES:
        values = {name: place * (1 + i / 7) for i, name in enumerate(names)}
        a, b = (tree.value(values) for tree in trees)
        if not (math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))):
            return False
    return True
