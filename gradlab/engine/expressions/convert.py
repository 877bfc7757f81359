"""From a tree to sympy objects and back.

Text never reaches sympy: its objects are built with their constructors. Constants are folded to floats before, and
powers of powers are bounded, since sympy would write 2**99999999 out.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any

from gradlab.engine.errors import UserError

from .evaluate import OPERATIONS, constant
from .formal import formal_functions
from .functions import FUNCTIONS
from .nodes import Apply, Name, Node, Number

MAX_RESULT = 4000
"""Nodes of a derivative."""
MAX_POWER = 1000.0
"""The largest power that constant exponents on top of one another may make."""
DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 9, 10)
"""Fractions that are kept exact: an exponent of 1/3 or a factor of 0.1 is written as a fraction."""


def to_sympy(root: Node) -> Any:
    """Return ``root`` as a sympy expression; ``UserError`` for too high powers and constants that are not finite."""
    if _power(root) > MAX_POWER:
        raise UserError(f"the powers are too high for a symbolic derivative, at most {MAX_POWER:g}")
    return _forward(root)


def from_sympy(found: Any) -> Node:
    """Return a sympy expression, made of what ``to_sympy`` and differentiation make, as a tree."""
    if size(found) > MAX_RESULT:
        raise UserError("the derivative is too large to be written down")
    return _back(found)


def size(found: Any) -> int:
    """Return the number of nodes of a sympy expression, counted no further than just beyond the limit."""
    import sympy

    count = 0
    for _ in sympy.preorder_traversal(found):
        count += 1
        if count > MAX_RESULT:
            break
    return count


def _power(node: Node) -> float:
    """Return the highest power that the constant exponents in ``node`` make when they are multiplied out."""
    if not isinstance(node, Apply):
        return 1.0
    exponent = constant(node.args[1]) if node.op == "pow" else None
    if exponent is None:
        return max(_power(a) for a in node.args)
    return _power(node.args[0]) * max(1.0, abs(exponent))


def _forward(node: Node) -> Any:
    import sympy

    match node:
        case Number(value):
            return number(value)
        case Name("pi"):
            return sympy.pi
        case Name("e"):
            return sympy.E
        case Name(name):
            return sympy.Symbol(name)
        case Apply(op, args):
            folded = None if op in {"add", "sub", "mul", "neg"} else constant(node)
            return _applied(op, args) if folded is None else number(folded)


def _applied(op: str, args: tuple[Node, ...]) -> Any:
    import sympy

    values = [_forward(a) for a in args]
    if op in OPERATIONS:
        return OPERATIONS[op](*values)
    formal = FUNCTIONS[op].formal
    f = formal_functions().get(formal) or getattr(sympy, formal)
    return functools.reduce(f, values) if len(values) > 2 else f(*values)


def number(value: float) -> Any:
    """Return a small fraction, or one times π or 1/π, exactly, else the float; ``UserError`` where it is not finite."""
    import sympy

    if not math.isfinite(value):
        raise UserError("a constant in the formula is not finite, so there is no symbolic derivative")
    for unit, symbol in ((1.0, sympy.Integer(1)), (math.pi, sympy.pi), (1 / math.pi, 1 / sympy.pi)):
        for denominator in DENOMINATORS if abs(value) < 1e6 else ():
            whole = round(value / unit * denominator)
            if whole / denominator * unit == value:
                return sympy.Rational(whole, denominator) * symbol
    return sympy.Float(value)


def _back(found: Any) -> Node:
    import sympy

    if found in (sympy.pi, sympy.E):
        return Name("pi" if found == sympy.pi else "e")
    if found.is_Symbol:
        return Name(found.name)
    if found.is_number and not found.args:
        return Number(float(found) if found.is_extended_real else math.nan)  # i and the complex infinity have no value
    if found.is_Add:
        return _chain("add", found.args)
    if found.is_Mul:
        return _product(found)
    if found.is_Pow:
        return _raised(found)
    return Apply(_by_formal()[type(found).__name__], tuple(_back(a) for a in found.args))


def _chain(op: str, args: Iterable[Any]) -> Node:
    return functools.reduce(lambda a, b: Apply(op, (a, b)), map(_back, args))


def _product(found: Any) -> Node:
    """Return a product as numerator over denominator, so that 1/x is not x to the power −1."""
    above = [a for a in found.args if not _below(a)]
    under = [1 / a for a in found.args if _below(a)]
    top = _chain("mul", above) if above else Number(1.0)
    return Apply("div", (top, _chain("mul", under))) if under else top


def _below(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.exp.is_Number and factor.exp.is_negative)


def _raised(found: Any) -> Node:
    import sympy

    if _below(found):
        return Apply("div", (Number(1.0), _back(1 / found)))
    if found.exp == sympy.Rational(1, 2):
        return Apply("sqrt", (_back(found.base),))
    return Apply("pow", (_back(found.base), _back(found.exp)))


@functools.lru_cache(maxsize=1)
def _by_formal() -> dict[str, str]:
    return {function.formal: name for name, function in reversed(FUNCTIONS.items())}
