"""The formula of a loss with the numbers of one element in it, as LaTeX; for losses of rows those of its row."""

from __future__ import annotations

import numpy as np

from gradlab.engine.expressions import parse
from gradlab.engine.expressions.evaluate import constant
from gradlab.engine.expressions.nodes import Apply, Name, Node, Number
from gradlab.engine.expressions.tree import Tree
from gradlab.engine.losses import Loss

from .written_rows import plain, row_written

DIGITS = 6
FOLDED = {"min", "max", "step"}
"""What is written as its value: which of its arguments it is, everyone sees."""


def with_numbers(loss: Loss, arrays: tuple[np.ndarray, ...], none: np.ndarray, element: int) -> str:
    """Return ``ℓ = formula with numbers = value`` of an element, or of its row where a row has one."""
    shape = arrays[0].shape
    place = tuple(int(i) for i in np.unravel_index(min(element, arrays[0].size - 1), shape))
    if loss.formula and none.shape == shape:
        known = {name: float(array[place]) for name, array in loss.known(*arrays).items()}
        tree = Tree(_filled(parse(loss.formula, tuple(known)).root, known))
        return rf"\ell_{{{','.join(map(str, place))}}} = {tree.latex()} = {plain(float(none[place]))}"
    losses = np.atleast_1d(none)
    row = min(place[0], len(losses) - 1)
    steps = row_written(loss, arrays, row)
    return " = ".join([rf"\ell_{{{row}}}", *([steps] if steps else []), plain(float(losses[row]))])


def _filled(node: Node, values: dict[str, float]) -> Node:
    if isinstance(node, Apply):
        made = Apply(node.op, tuple(_filled(arg, values) for arg in node.args))
        value = constant(made) if node.op in FOLDED else None
        return made if value is None or not np.isfinite(value) else _number(value)
    if isinstance(node, Name) and node.name in values:
        return _number(values[node.name])
    return node


def _number(value: float) -> Node:
    value = float(f"{value:.{DIGITS}g}")
    return Number(value) if value >= 0 else Apply("neg", (Number(-value),))
