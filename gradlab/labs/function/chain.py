"""The chain rule on a formula: its pieces, their local derivatives, and how these multiply to the gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradlab.engine.errors import UserError
from gradlab.engine.expressions import Tree, symbolic_gradient
from gradlab.engine.expressions.evaluate import constant
from gradlab.engine.expressions.latex import to_latex
from gradlab.engine.expressions.nodes import Apply, Name, Node, Number, walk
from gradlab.engine.expressions.plain import to_text
from gradlab.engine.text import Text

from .formulas import names_at, no_formula, tree_of
from .spec import FunctionSpec

LETTERS = "uvsthkq"
MOST_PATHS = 4
"""Ways from f to a variable that are written out as products; more are summed piece by piece."""
MOST_PIECES = 60
LONGEST = 6
"""Factors of a product that is written out."""


@dataclass(frozen=True, slots=True)
class Local:
    """The derivative of one piece by one of its arguments: its formula and its value."""

    by: str
    latex: str
    value: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One operation: its name, what it does with pieces before it, its value, ∂f/∂ it, and its local derivatives."""

    name: str
    text: str
    latex: str
    value: float
    slope: float
    locals: tuple[Local, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """∂f/∂variable as the chain rule writes it: symbols, numbers, and the value."""

    variable: str
    symbols: str
    numbers: str
    value: float


@dataclass(frozen=True, slots=True)
class ChainReading:
    """The pieces from the innermost to f, and a product for each variable; ``reason`` says why there are none."""

    pieces: tuple[Piece, ...] = ()
    products: tuple[Product, ...] = ()
    reason: Text | str = ""


def chain_reading(spec: FunctionSpec) -> ChainReading:
    """Return the function at the point, taken apart."""
    tree = tree_of(spec.objective)
    if tree is None:
        return ChainReading(reason=no_formula(spec.objective))
    values = names_at(spec.objective, spec.point)
    if not isinstance(tree.root, Apply):
        return ChainReading(reason=Text("there is nothing to take apart in {formula}", {"formula": to_text(tree.root)}))
    if sum(isinstance(node, Apply) for node in walk(tree.root)) > MOST_PIECES:
        return ChainReading(reason=Text("the formula has more than {n} operations", {"n": MOST_PIECES}))
    try:
        return _Chain(tree.root, spec.objective.variables, values).reading()
    except UserError as error:
        return ChainReading(reason=str(error))


class _Chain:
    """Gives every operation of a formula a name, the same one where it occurs again, and goes forward and back."""

    def __init__(self, root: Node, variables: tuple[str, ...], values: dict[str, float]) -> None:
        self.variables = variables
        self.letter = next(c for c in LETTERS if not any(name[0] == c and name[1:].isdigit() for name in values))
        self.names: dict[Node, str] = {}
        self.steps: dict[str, Apply] = {}
        self.values = dict(values)
        self.top = self._name(root)
        self.values["f"] = self.values[self.top]
        self.locals = {name: tuple(self._locals(step)) for name, step in self.steps.items()}
        self.slopes = self._backward()

    def _name(self, node: Node) -> str:
        """Return the name of a piece, made with all below it; a constant has none and is empty."""
        if isinstance(node, Name):
            return node.name if node.name in self.values else ""
        if isinstance(node, Number) or constant(node) is not None or not isinstance(node, Apply):
            return ""
        if node not in self.names:
            args = tuple(self._reference(arg) for arg in node.args)
            name = f"{self.letter}{len(self.steps) + 1}"
            self.names[node] = name
            self.steps[name] = Apply(node.op, args)
            self.values[name] = Tree(self.steps[name]).value(self.values) + 0.0
        return self.names[node]

    def _reference(self, node: Node) -> Node:
        name = self._name(node)
        return Name(name) if name else node

    def _locals(self, step: Apply) -> Iterator[Local]:
        for by in dict.fromkeys(arg.name for arg in step.args if isinstance(arg, Name) and self._counts(arg.name)):
            one = symbolic_gradient(Tree(step), (by,))[0]
            yield Local(by, to_latex(one.tree.root), one.value(self.values))

    def _counts(self, name: str) -> bool:
        return name in self.variables or name in self.steps

    def _backward(self) -> dict[str, float]:
        slopes = dict.fromkeys([*self.variables, *self.steps], 0.0)
        slopes[self.top] = 1.0
        for name in reversed(self.steps):
            for local in self.locals[name]:
                slopes[local.by] += slopes[name] * local.value
        return slopes

    def reading(self) -> ChainReading:
        pieces = tuple(
            Piece(
                name,
                to_text(step),
                f"{_tex(name)} = {to_latex(step)}",
                self.values[name],
                self.slopes[name],
                self.locals[name],
            )
            for name, step in self.steps.items()
        )
        return ChainReading(pieces, tuple(self._product(variable) for variable in self.variables))

    def _product(self, variable: str) -> Product:
        ways = list(self._ways(variable, MOST_PATHS + 1))
        if len(ways) > MOST_PATHS or any(len(way) > LONGEST for way in ways):
            ways = []
        terms = [[(over, local) for over, local in way] for way in ways]
        if terms:
            names = [" ".join(_fraction(over, local.by) for over, local in way) for way in terms]
            numbers = [r" \cdot ".join(_number(local.value) for _, local in way) for way in terms]
        else:
            users = [(name, local) for name in self.steps for local in self.locals[name] if local.by == variable]
            names = [f"{_fraction('f', name)} {_fraction(name, variable)}" for name, _ in users]
            numbers = [rf"{_number(self.slopes[name])} \cdot {_number(local.value)}" for name, local in users]
        left = _fraction("f", variable)
        total = self.slopes[variable]
        return Product(
            variable,
            f"{left} = {' + '.join(names) or '0'}",
            f"= {' + '.join(numbers) or '0'} = {_number(total, last=True)}",
            total,
        )

    def _ways(self, variable: str, most: int) -> Iterator[list[tuple[str, Local]]]:
        """Yield the ways from f down to a variable, each as local derivatives, at most ``most``."""
        waiting: list[tuple[str, list[tuple[str, Local]]]] = [(self.top, [])]
        count = tries = 0
        while waiting and count < most and tries < 10_000:
            tries += 1
            name, way = waiting.pop()
            if name == variable:
                count += 1
                yield way
                continue
            over = "f" if name == self.top else name
            waiting += [(local.by, [*way, (over, local)]) for local in reversed(self.locals.get(name, ()))]


def _tex(name: str) -> str:
    return "f" if name == "f" else to_latex(Name(name))


def _fraction(over: str, under: str) -> str:
    return rf"\frac{{\partial {_tex(over)}}}{{\partial {_tex(under)}}}"


def _number(value: float, *, last: bool = False) -> str:
    text = to_latex(Number(float(f"{value:.6g}")))
    return rf"\left({text}\right)" if text.startswith("-") and not last else text
