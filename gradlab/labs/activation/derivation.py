"""A derivation with the numbers put in: the written one beside a member, else what sympy finds."""

from __future__ import annotations

import math

from gradlab.engine.activations import Step
from gradlab.engine.expressions import Tree, parse
from gradlab.engine.expressions.nodes import Apply, Name, Node, Number
from gradlab.engine.expressions.plain import to_text

from .curves import flat, symbols
from .readings import Derivation, Formula, Line
from .spec import Unit

SHOWN = 6
"""Digits of x and of values in a line."""
LONGEST = 400


def derivation(unit: Unit, x: float) -> Derivation:
    """Return the lines of f′ at ``x``; without a formula or a derivation there are none."""
    steps = unit.activation.DERIVATION
    if steps:
        return Derivation(unit.id, x, tuple(_line(step, x) for step in steps), written=True)
    return Derivation(unit.id, x, tuple(_found(unit, x)), written=False)


def _line(step: Step, x: float) -> Line:
    tree = parse(step.text, ("x",))
    return Line(Formula(step.tex, to_text(tree.root)), _numbers(tree, x), tree.value({"x": x}), step.why)


def _found(unit: Unit, x: float) -> list[Line]:
    formula = unit.activation.formula
    if not formula:
        return []
    tree = parse(formula, ("x",))
    own = unit.activation.formula_tex()
    own = own if own and "ldots" not in own else flat(f"f(x) = {tree.latex()}")
    lines = [Line(Formula(own, formula), _numbers(tree, x), tree.value({"x": x}), "The formula.")]
    names = (("f'(x)", "Its derivative, by sympy."), ("f''(x)", "The second derivative, by sympy."))
    for (name, why), found in zip(names, symbols(formula), strict=True):
        if found is not None:
            letters = Formula(flat(f"{name} = {found.latex}"), f"{name} = {to_text(found.tree.root)}")
            lines.append(Line(letters, _numbers(found.tree, x), found.value({"x": x}), why))
    return [line for line in lines if len(line.letters.tex) <= LONGEST]


def _numbers(tree: Tree, x: float) -> Formula:
    """Return the line with x put in, and what it comes to."""
    value = tree.value({"x": x})
    put = _put(tree.root, Number(float(f"{x:.{SHOWN}g}")))
    short = float(f"{value:.{SHOWN}g}") if math.isfinite(value) else value
    sign, equals = ("=", "=") if short == value else (r"\approx", "≈")
    left, right = flat(Tree(put).latex()), Tree(Number(short)).latex()
    tex = f"{left} {sign} {right}" if len(left) <= LONGEST else right
    return Formula(tex, f"{to_text(put)} {equals} {short!r}")


def _put(node: Node, number: Number) -> Node:
    match node:
        case Name("x"):
            return number
        case Apply(op, args):
            return Apply(op, tuple(_put(a, number) for a in args))
        case _:
            return node
