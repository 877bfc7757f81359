"""The nodes of a formula: numbers, names, and operations applied to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number, a float from the start: 9**9**9 is inf at once, 1/0 inf and no exception."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, a parameter, or one of the constants."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation (add, sub, mul, div, pow, neg) or a function on its arguments."""

    op: str
    args: tuple[Node, ...]


Node = Number | Name | Apply


def walk(node: Node) -> Iterator[Node]:
    """Yield ``node`` and all below it."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Apply):
            waiting.extend(reversed(node.args))


def names_in(root: Node) -> tuple[str, ...]:
    """Return the names in ``root``, constants too, each once, in order of appearance."""
    return tuple(dict.fromkeys(node.name for node in walk(root) if isinstance(node, Name)))
