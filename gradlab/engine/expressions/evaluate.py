"""A formula's numbers: its nodes as closures over torch, everything constant computed beforehand."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from .functions import CONSTANTS, FUNCTIONS
from .nodes import Apply, Name, Node, Number, names_in

if TYPE_CHECKING:
    from torch import Tensor

Evaluate: TypeAlias = "Callable[[tuple[Tensor, ...]], Tensor]"
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "neg": operator.neg,
}


@lru_cache(maxsize=256)
def bind(root: Node, variables: tuple[str, ...], parameters: tuple[tuple[str, float], ...] = ()) -> Evaluate:
    """Return the function of a tuple of tensors, one per variable, that computes ``root``.

    Its result has the variables' shape and dtype and hangs on every one of them: where the formula does not depend on
    one its gradient is 0. Raises ``KeyError`` for a name that is neither a variable nor a parameter.
    """
    places = {name: i for i, name in enumerate(variables)}
    main = _compile(root, places, {**CONSTANTS, **dict(parameters)})
    idle = [places[name] for name in places if name not in names_in(root)]
    if callable(main) and not idle:
        return main

    def attached(v: tuple[Tensor, ...]) -> Tensor:
        total: Any = main(v) if callable(main) else main
        for i in idle:
            total = v[i].sign() * 0 + total  # an exact 0 with gradient 0, also where the variable is infinite
        return total  # type: ignore[no-any-return]

    return attached


def constant(root: Node) -> float | None:
    """Return the value of a node without variables, in float64; None for another."""
    return None if set(names_in(root)) - set(CONSTANTS) else float(_compile(root, {}, CONSTANTS))  # type: ignore[arg-type]


def _compile(node: Node, places: Mapping[str, int], constants: Mapping[str, float]) -> float | Evaluate:
    """Return a closure for what depends on a variable, and the value of what does not."""
    match node:
        case Number(value):
            return value
        case Name(name):
            return operator.itemgetter(places[name]) if name in places else constants[name]
        case Apply(op, args):
            parts = [_compile(a, places, constants) for a in args]
            f = OPERATIONS.get(op) or FUNCTIONS[op].torch
            return _compose(f, parts) if any(callable(p) for p in parts) else _fold(f, parts)


def _fold(f: Callable[..., Any], values: Sequence[Any]) -> float:
    """Return f of plain numbers as torch computes it: 1/0 is inf and √−1 NaN, nothing raises."""
    import torch

    return float(f(*(torch.tensor(v, dtype=torch.float64) for v in values)).item())


def _compose(f: Callable[..., Any], parts: Sequence[Any]) -> Evaluate:
    match parts:
        case [a]:
            return lambda v: f(a(v))
        case [a, b] if callable(a) and callable(b):
            return lambda v: f(a(v), b(v))
        case [a, b] if callable(a):
            return lambda v: f(a(v), b)
        case [a, b]:
            return lambda v: f(a, b(v))
        case _:
            return lambda v: f(*(p(v) if callable(p) else p for p in parts))
