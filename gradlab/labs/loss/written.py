"""The formula of a loss with the numbers of one element in it, as LaTeX."""

from __future__ import annotations

import numpy as np

from gradlab.engine.expressions import parse
from gradlab.engine.expressions.evaluate import constant
from gradlab.engine.expressions.nodes import Apply, Name, Node, Number
from gradlab.engine.expressions.tree import Tree
from gradlab.engine.losses import CrossEntropyLoss, Loss

DIGITS = 6
FOLDED = {"min", "max", "step"}
"""What is written as its value: which of its arguments it is, everyone sees."""
MOST_TERMS = 6


def with_numbers(loss: Loss, arrays: tuple[np.ndarray, ...], none: np.ndarray, element: int) -> str:
    """Return ``ℓ = formula with numbers = value`` of an element; for cross-entropy and others that of its row."""
    shape = arrays[0].shape
    place = tuple(int(i) for i in np.unravel_index(min(element, arrays[0].size - 1), shape))
    if loss.formula and none.shape == shape:
        known = {name: float(array[place]) for name, array in loss.known(*arrays).items()}
        tree = Tree(_filled(parse(loss.formula, tuple(known)).root, known))
        return rf"\ell_{{{','.join(map(str, place))}}} = {tree.latex()} = {_plain(float(none[place]))}"
    if isinstance(loss, CrossEntropyLoss) and loss.indices(*arrays) and not loss.label_smoothing:
        return _cross_entropy(loss, arrays, none, place[0])
    return _row(none, place[0])


def _row(none: np.ndarray, row: int) -> str:
    """Return the loss of a row alone."""
    losses = np.atleast_1d(none)
    row = min(row, len(losses) - 1)
    return rf"\ell_{{{row}}} = {_plain(float(losses[row]))}"


def _cross_entropy(loss: CrossEntropyLoss, arrays: tuple[np.ndarray, ...], none: np.ndarray, row: int) -> str:
    scores, target = arrays[0][row], int(arrays[1][row])
    if target == loss.ignore_index or len(scores) > MOST_TERMS:
        return _row(none, row)
    powers = [f"e^{{{_plain(float(score))}}}" for score in scores]
    weight = "" if loss.weight is None else rf"{_plain(loss.weight[target])} \cdot "
    fraction = rf"\frac{{{powers[target]}}}{{{' + '.join(powers)}}}"
    return rf"\ell_{{{row}}} = -{weight}\ln{fraction} = {_plain(float(np.atleast_1d(none)[row]))}"


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


def _plain(value: float) -> str:
    if not np.isfinite(value):
        return r"\infty" if value > 0 else r"-\infty" if value < 0 else r"\mathrm{nan}"
    mantissa, _, power = f"{value:.{DIGITS + 1}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if power else mantissa
