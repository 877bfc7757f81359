"""Symbolic derivatives of formulas, each as a tree for its values and as LaTeX."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab.engine.errors import UserError

from .convert import from_sympy, to_sympy
from .functions import CONSTANTS
from .nodes import Apply, Name, Node
from .parser import parse
from .tree import Tree

if TYPE_CHECKING:
    from torch import Tensor


MAX_GROWTH = 8000
"""Nodes that a derivative may have before like terms are gathered: what sympy does within a second or two."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """A partial derivative: by which variables, its tree and its LaTeX."""

    by: tuple[str, ...]
    tree: Tree
    latex: str

    def torch(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return its value where every name has its tensor; the shape and dtype of the tensors."""
        return self.tree.torch(values)

    def value(self, values: Mapping[str, float]) -> float:
        """Return its value at plain numbers, in float64; NaN or infinite where it has none."""
        return self.tree.value(values)


def symbolic_gradient(formula: str | Tree, variables: Sequence[str]) -> tuple[Derivative, ...]:
    """Return ∂f/∂v for each of ``variables``; other names are constants. ``UserError`` where it grows too large."""
    root = _root(formula)
    return tuple(_derivative(root, (v,)) for v in variables)


def symbolic_hessian(formula: str | Tree, variables: Sequence[str]) -> tuple[tuple[Derivative, ...], ...]:
    """Return ∂²f/∂v∂w as rows in the order of ``variables``. ``UserError`` where it grows too large."""
    root, order = _root(formula), list(variables)
    return tuple(tuple(_derivative(root, tuple(sorted((v, w), key=order.index))) for w in order) for v in order)


def _root(formula: str | Tree) -> Node:
    return (parse(formula) if isinstance(formula, str) else formula).root


@functools.lru_cache(maxsize=256)
def _derivative(root: Node, by: tuple[str, ...]) -> Derivative:
    import sympy

    try:
        found = _differentiated(root, by)
        tree = Tree(from_sympy(found))
        return Derivative(by, tree, str(sympy.latex(found, ln_notation=True, inv_trig_style="full")))
    except RecursionError:
        raise UserError("the formula is too deep for a symbolic derivative") from None


@functools.lru_cache(maxsize=64)
def _differentiated(root: Node, by: tuple[str, ...]) -> Any:
    import sympy

    if not by:
        return to_sympy(root)
    inner = _differentiated(root, by[:-1])
    if _growth(root if len(by) == 1 else from_sympy(inner))[1] > MAX_GROWTH:
        raise UserError("the derivative is too large to be written down")
    return sympy.diff(inner, sympy.Symbol(by[-1]))


def _growth(node: Node) -> tuple[int, int]:
    """Return the sizes of ``node`` and of its derivative by all its variables as the rules of calculus write it."""
    if not isinstance(node, Apply):
        return 1, int(isinstance(node, Name) and node.name not in CONSTANTS)
    sizes, slopes = zip(*(_growth(a) for a in node.args), strict=True)
    size = 1 + sum(sizes)
    if node.op in {"add", "sub", "neg"}:
        return size, sum(slopes)
    return size, sum(slope + size + 2 for slope in slopes if slope)
