"""torch's autograd on the function, tried out: what returns, what raises, and what stands in ``.grad`` afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.expressions import symbolic_gradient
from gradlab.engine.text import Text

from .formulas import names_at, tree_of
from .spec import FunctionSpec

if TYPE_CHECKING:
    from torch import Tensor

HIGHEST = 5
NAMED = 3
"""Variables that are named in a call; more are written ``x``."""
SPREAD = (-1.0, 0.0, 1.0)
"""Points of the vector example, around the point, in steps of a tenth of the domain."""


@dataclass(frozen=True, slots=True)
class Act:
    """One call: the code, what it gives or raises, the ``.grad`` of every variable after it, and why that is so.

    Of a call that raises, ``raises`` is the kind of the error. A gradient that is None is None.
    """

    code: str
    gives: str
    grad: tuple[float | None, ...]
    why: Text | str
    raises: str = ""


@dataclass(frozen=True, slots=True)
class Higher:
    """A derivative of higher order along one coordinate; NaN and ``note`` where it cannot be had."""

    order: int
    autograd: float
    formula: float
    latex: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class AutogradReading:
    """The calls in their order, and the higher derivatives along ``variable``."""

    variables: tuple[str, ...]
    acts: tuple[Act, ...]
    variable: str
    higher: tuple[Higher, ...]


def autograd_reading(spec: FunctionSpec, *, formulas: bool = True) -> AutogradReading:
    """Try autograd on the function at the point; without ``formulas`` there are no symbols beside it."""
    name = spec.objective.variables[spec.axis]
    return AutogradReading(spec.objective.variables, _Trial(spec).acts(), name, higher(spec, formulas=formulas))


class _Trial:
    """The variables as leaves, and a call after the other on them."""

    def __init__(self, spec: FunctionSpec) -> None:
        import torch

        self.torch, self.f = torch, spec.objective
        names = spec.objective.variables
        self.point = np.asarray(spec.point, dtype=float)
        self.names = ", ".join(names) if len(names) <= NAMED else "*x"
        self.first = names[0] if len(names) <= NAMED else "x[0]"
        self.leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in spec.point]
        width = spec.objective.domain[0][1] - spec.objective.domain[0][0]
        self.several = [float(f"{self.point[0] + width / 10 * part:.6g}") for part in SPREAD]

    def acts(self) -> tuple[Act, ...]:
        """Return every call with what came of it."""
        with self.torch.inference_mode(False), self.torch.enable_grad():
            return tuple(self._acts())

    def _acts(self) -> list[Act]:
        return [*self._returned(), *self._filled(), self._no_grad(), self._detached(), *self._vector(), self._whole()]

    def _returned(self) -> list[Act]:
        """Return what autograd.grad does, twice on one graph."""
        y = self._graph()
        given = f"({self.names},)" if len(self.leaves) == 1 else f"({self.names})"
        code = f"torch.autograd.grad(y, {given})"

        def call() -> Any:
            return self.torch.autograd.grad(y, self.leaves, allow_unused=True)

        return [
            self._try(f"y = f({self.names})", lambda: y, Text("the forward pass records a graph; .grad is None")),
            self._try(code, call, Text("grad returns the gradient and leaves .grad alone")),
            self._try(
                f"{code}  # again",
                call,
                Text("the first call freed the graph's buffers; retain_graph=True keeps them"),
                Text("nothing was saved in this graph, so it serves again"),
            ),
        ]

    def _filled(self) -> list[Act]:
        """Return what backward does to .grad, three times without zeroing, and after it."""
        code = f"f({self.names}).backward()"
        acts = [
            self._backward(code, Text("backward returns nothing and fills .grad")),
            self._backward(f"{code}  # 2nd", Text("a new graph, but .grad is added to: twice as much")),
            self._backward(f"{code}  # 3rd", Text("three times as much: nobody called zero_grad()")),
        ]
        self._zero()
        acts.append(self._backward(f"zero_grad(); {code}", Text("set to None before, .grad is the gradient again")))
        self._zero()
        return acts

    def _graph(self) -> Tensor:
        y: Tensor = self.f(*self.leaves)
        return y

    def _zero(self) -> None:
        for leaf in self.leaves:
            leaf.grad = None

    def _try(self, code: str, call: Callable[[], Any], why: Text, otherwise: Text | None = None) -> Act:
        """Make a call; ``otherwise`` says why it went well where ``why`` is said of an error."""
        try:
            gives, raises = _words(call()), ""
        except RuntimeError as error:
            gives, raises = _short(error), type(error).__name__
        grads = tuple(None if leaf.grad is None else float(leaf.grad) for leaf in self.leaves)
        return Act(code, gives, grads, otherwise if otherwise is not None and not raises else why, raises)

    def _backward(self, code: str, why: Text) -> Act:
        return self._try(code, lambda: self.torch.autograd.backward(self._graph()), why)

    def _no_grad(self) -> Act:
        def call() -> None:
            with self.torch.no_grad():
                y = self._graph()
            self.torch.autograd.backward(y)

        return self._try(
            f"with no_grad(): y = f({self.names})\ny.backward()",
            call,
            Text("nothing was recorded: there is no way back"),
        )

    def _detached(self) -> Act:
        rest = [*self.names.split(", ")[1:]] if self.names != "*x" else ["…"]
        others = ", ".join([f"{self.first}.detach()", *rest])
        act = self._try(
            f"f({others}).backward()",
            lambda: self.torch.autograd.backward(self.f(self.leaves[0].detach(), *self.leaves[1:])),
            Text("detach cuts {name} off: nothing flows back to it", {"name": self.first}),
        )
        self._zero()
        return act

    def _vector(self) -> list[Act]:
        """Return what backward does with several values at once, along the first variable."""
        torch = self.torch
        first = torch.tensor(self.several, dtype=torch.float64, requires_grad=True)
        rest = [leaf.detach().expand(len(self.several)) for leaf in self.leaves[1:]]
        shown = ", ".join(f"{value:g}" for value in self.several)
        others = ", …" if rest else ""
        code = f"y = f(tensor([{shown}]){others})\n"
        scalar = self._try(
            code + "y.backward()",
            lambda: torch.autograd.backward(self.f(first, *rest)),
            Text("backward starts from one number"),
        )

        def summed() -> Tensor:
            first.grad = None
            torch.autograd.backward(self.f(first, *rest).sum())
            found: Tensor | None = first.grad
            assert found is not None
            return found

        return [
            scalar,
            self._try(code + "y.sum().backward()", summed, Text("the sum's gradient: the derivative at each point")),
        ]

    def _whole(self) -> Act:
        return self._try(
            "torch.full([1], 2).requires_grad_()",
            lambda: self.torch.full([1], 2).requires_grad_(),
            Text("2 makes whole numbers, which have no slope: write 2.0"),
        )


def higher(spec: FunctionSpec, *, formulas: bool = True) -> tuple[Higher, ...]:
    """Return the derivatives of orders 1 … 5 along the coordinate of the spec, by autograd and by symbol."""
    import torch

    name = spec.objective.variables[spec.axis]
    values = names_at(spec.objective, spec.point)
    written = _formulas(spec, name) if formulas else []
    rows: list[Higher] = []
    with torch.inference_mode(False), torch.enable_grad():
        leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in spec.point]
        y: Tensor | None = spec.objective(*leaves)
        for order in range(1, HIGHEST + 1):
            note, value = "", math.nan
            try:
                y = _derived(y, leaves[spec.axis])
                value = 0.0 if y is None else float(y.detach()) + 0.0
            except RuntimeError as error:
                note, y = _short(error), None
            formula = written[order - 1] if order <= len(written) else None
            rows.append(
                Higher(
                    order, value, formula.value(values) if formula else math.nan, formula.latex if formula else "", note
                )
            )
            if note:
                break
    return tuple(rows)


def _derived(y: Tensor | None, x: Tensor) -> Tensor | None:
    """Return dy/dx, to be derived again; None where y does not hang on x any more: it is 0."""
    import torch

    if y is None or not y.requires_grad:
        return None
    return torch.autograd.grad(y, x, create_graph=True, allow_unused=True)[0]


def _formulas(spec: FunctionSpec, name: str) -> list[Any]:
    tree, found = tree_of(spec.objective), []
    try:
        for _ in range(HIGHEST if tree is not None else 0):
            assert tree is not None
            found.append(symbolic_gradient(tree, (name,))[0])
            tree = found[-1].tree
    except UserError:
        pass
    return found


def _words(value: Any) -> str:
    """Return what a call gave as a few numbers."""
    if value is None:
        return "None"
    if isinstance(value, tuple | list):
        return f"({', '.join(_words(one) for one in value)})"
    numbers = [f"{one:.9g}" for one in value.detach().reshape(-1).tolist()]
    return numbers[0] if value.dim() == 0 else f"[{', '.join(numbers)}]"


def _short(error: Exception) -> str:
    """Return the first sentence of an error."""
    text = " ".join(str(error).split())
    return text.split(" (", maxsplit=1)[0].split(". ", maxsplit=1)[0].rstrip(".")
