"""A formula's LaTeX, as it was typed: nothing is simplified or put in another order."""

from __future__ import annotations

import math
import re

from .functions import CONSTANTS, FUNCTIONS
from .nodes import Apply, Name, Node, Number

GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|mu|nu|xi|rho|sigma|tau|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Sigma|Phi|Psi|Omega"
)
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
BINDS = {"add": SUM, "sub": SUM, "mul": PRODUCT, "div": PRODUCT, "neg": SIGN, "pow": POWER}


def to_latex(node: Node) -> str:
    """Return the LaTeX of ``node``."""
    match node:
        case Number(value):
            return _number(value)
        case Name(name):
            return _name(name)
        case Apply(op, args) if op in BINDS:
            return _operation(op, args)
        case Apply(op, args):
            tex = FUNCTIONS[op].tex
            return tex.replace("#", to_latex(args[0])) if "#" in tex else tex + _arguments(args)


def _binds(node: Node) -> int:
    if isinstance(node, Number):
        return SIGN if node.value < 0 else PRODUCT if "e" in repr(node.value) else ATOM
    return BINDS.get(node.op, ATOM) if isinstance(node, Apply) else ATOM


def _inside(node: Node, least: int) -> str:
    tex = to_latex(node)
    return tex if _binds(node) >= least else rf"\left({tex}\right)"


def _operation(op: str, args: tuple[Node, ...]) -> str:
    match op:
        case "neg":
            return f"-{_signed(args[0], PRODUCT)}"
        case "add":
            return f"{_inside(args[0], SUM)} + {_signed(args[1], SUM)}"
        case "sub":
            return f"{_inside(args[0], SUM)} - {_signed(args[1], PRODUCT)}"
        case "div":
            return rf"\frac{{{to_latex(args[0])}}}{{{to_latex(args[1])}}}"
        case "pow":
            return _power(args[0], args[1])
        case _:
            return _product(args[0], args[1])


def _signed(node: Node, least: int) -> str:
    """Return a later term: in brackets where it begins with a sign."""
    tex = _inside(node, least)
    return rf"\left({tex}\right)" if tex.startswith("-") else tex


def _product(left: Node, right: Node) -> str:
    first, second = _inside(left, PRODUCT), _signed(right, PRODUCT)
    if isinstance(right, Apply) and right.op == "mul":
        second = rf"\left({to_latex(right)}\right)"
    dot = second[0].isdigit() or (isinstance(left, Number) and second.startswith(r"\frac"))
    return rf"{first} \cdot {second}" if dot else f"{first} {second}"


def _power(base: Node, exponent: Node) -> str:
    if isinstance(base, Apply) and base.op in FUNCTIONS and "#" not in FUNCTIONS[base.op].tex:
        return rf"{FUNCTIONS[base.op].tex}^{{{to_latex(exponent)}}}{_arguments(base.args)}"
    return f"{_base(base)}^{{{to_latex(exponent)}}}"


def _base(base: Node) -> str:
    plain = isinstance(base, Name | Number) and _binds(base) == ATOM
    bars = isinstance(base, Apply) and base.op in {"abs", "floor", "ceil"}
    return to_latex(base) if plain or bars else rf"\left({to_latex(base)}\right)"


def _arguments(args: tuple[Node, ...]) -> str:
    return rf"\left({', '.join(to_latex(a) for a in args)}\right)"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return r"\mathrm{nan}" if math.isnan(value) else r"\infty" if value > 0 else r"-\infty"
    digits, _, power = repr(value).partition("e")
    digits = digits.removesuffix(".0")
    if not power:
        return digits
    ten = f"10^{{{int(power)}}}"
    return ten if digits == "1" else rf"{digits} \cdot {ten}"


def _name(name: str) -> str:
    if name in CONSTANTS:
        return r"\pi" if name == "pi" else name
    parts = re.fullmatch(r"([A-Za-z]+)_?([0-9A-Za-z]*)", name)
    if parts is None or ("_" not in name and not parts[2]):
        return _letters(name)
    return f"{_letters(parts[1])}_{{{parts[2]}}}" if parts[2] else _letters(parts[1])


def _letters(name: str) -> str:
    if GREEK.fullmatch(name):
        return "\\" + name
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', ' ')}}}"
