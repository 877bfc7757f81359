"""Symbolic derivatives of formulas, each as a tree for its values and as LaTeX."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradlab.engine.errors import UserError

from .convert import from_sympy, to_sympy
from .nodes import Apply, Name, Node, names_in
from .parser import parse
from .simplest import simplest
from .tree import Tree

if TYPE_CHECKING:
    from torch import Tensor


MAX_GROWTH = 8000
"""Nodes that a gradient may have before like terms are gathered: what sympy does within a second or two."""


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
    if sum(_growth(_involving(root, v), v)[1] for v in variables) > MAX_GROWTH:
        raise UserError(f"the derivatives by {len(variables)} variables are too large to be written down")
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


@functools.lru_cache(maxsize=256)
def _differentiated(root: Node, by: tuple[str, ...]) -> Any:
    import sympy

    if not by:
        return to_sympy(root)
    part = _involving(root, by[0])
    inner = to_sympy(part) if len(by) == 1 else _differentiated(part, by[:-1])
    if _growth(part if len(by) == 1 else from_sympy(inner), by[-1])[1] > MAX_GROWTH:
        raise UserError("the derivative is too large to be written down")
    return simplest(sympy.diff(inner, sympy.Symbol(by[-1])))


def _involving(root: Node, name: str) -> Node:
    """Return ``root`` without the terms of a sum that hang on other names alone: of a hundred squares one is left."""
    terms = [(op, term) for op, term, names in _terms(root) if name in names or not names]
    if not terms or len(terms) == len(_terms(root)):
        return root
    first = terms[0][1] if terms[0][0] == "add" else Apply("neg", (terms[0][1],))
    return functools.reduce(lambda total, one: Apply(one[0], (total, one[1])), terms[1:], first)


@functools.lru_cache(maxsize=8)
def _terms(root: Node) -> tuple[tuple[str, Node, frozenset[str]], ...]:
    """Return the terms of a sum from left to right, each with its sign (add or sub) and the names in it."""
    terms: list[tuple[str, Node, frozenset[str]]] = []
    waiting: list[tuple[str, Node]] = [("add", root)]
    while waiting:
        sign, node = waiting.pop()
        if isinstance(node, Apply) and node.op in {"add", "sub"}:
            other = sign if node.op == "add" else "sub" if sign == "add" else "add"
            waiting += [(other, node.args[1]), (sign, node.args[0])]
        else:
            terms.append((sign, node, frozenset(names_in(node))))
    return tuple(terms)


def _growth(node: Node, by: str) -> tuple[int, int]:
    """Return the sizes of ``node`` and of its derivative as the rules of calculus write it."""
    if not isinstance(node, Apply):
        return 1, int(node == Name(by))
    sizes, slopes = zip(*(_growth(a, by) for a in node.args), strict=True)
    size = 1 + sum(sizes)
    if node.op in {"add", "sub", "neg"}:
        return size, sum(slopes)
    return size, sum(slope + size + 2 for slope in slopes if slope)
