"""A formula as one line of plain text that reads back as the same formula."""

from __future__ import annotations

import math

from .nodes import Apply, Name, Node, Number

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
BINDS = {"add": SUM, "sub": SUM, "mul": PRODUCT, "div": PRODUCT, "neg": SIGN, "pow": POWER}
MINUS_ONE = Number(-1.0)


def to_text(node: Node) -> str:
    """Return ``node`` as text, as in ``2*x*(b + w*x)``; powers are written ``^``."""
    match node:
        case Number(value):
            return _number(value)
        case Name(name):
            return name
        case Apply("neg", (only,)):
            return f"-{_inside(only, PRODUCT)}"
        case Apply("add", (left, right)):
            return _sum(_inside(left, SUM), _inside(right, SUM), right)
        case Apply("sub", (left, right)):
            return f"{_inside(left, SUM)} - {_inside(right, PRODUCT)}"
        case Apply("mul", (left, right)) if left == MINUS_ONE:
            return f"-{_inside(right, PRODUCT)}"
        case Apply("mul", (left, right)):
            return f"{_first(left)}*{_inside(right, SIGN)}"
        case Apply("div", (left, right)):
            return f"{_first(left)}/{_inside(right, POWER)}"
        case Apply("pow", (left, right)):
            return f"{_inside(left, ATOM)}^{_inside(right, ATOM)}"
        case Apply(op, args):
            return f"{op}({', '.join(to_text(a) for a in args)})"


def _sum(left: str, right: str, node: Node) -> str:
    """Return a sum; a later term that begins with a sign is taken off."""
    if right.startswith("-") and not (isinstance(node, Apply) and node.op in {"add", "sub"}):
        return f"{left} - {right[1:]}"
    return f"{left} + {right}"


def _binds(node: Node) -> int:
    if isinstance(node, Number):
        return ATOM if node.value >= 0 and math.isfinite(node.value) else SIGN
    if not isinstance(node, Apply):
        return ATOM
    return SIGN if node.op == "mul" and node.args[0] == MINUS_ONE else BINDS.get(node.op, ATOM)


def _first(node: Node) -> str:
    """Return the first factor, whose sign needs no brackets."""
    return to_text(node) if _binds(node) >= PRODUCT else f"({to_text(node)})"


def _inside(node: Node, least: int) -> str:
    text = to_text(node)
    bare = _binds(node) >= least and not (least == PRODUCT and text.startswith("-"))
    return text if bare else f"({text})"


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")
