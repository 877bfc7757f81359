"""What the editors of one form are told from outside, by path: names of cells, reasons, new parts, decorations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gradlab.engine.catalog import Item
from gradlab.engine.model import Frozen

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoration:
    """How a part of a list is shown: its colour (number of a trace, or ``#rrggbb``), its name, and whether plots do."""

    color: int | str
    name: str = ""
    visible: bool = True


@dataclass(slots=True)
class Context:
    """Shared by all editors of a form; a ``*`` in a path stands for any one name."""

    spec: Callable[[], Frozen | None] = lambda: None
    hints: dict[str, str] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fallbacks: dict[str, Any] = field(default_factory=dict)
    decorations: dict[str, Decoration] = field(default_factory=dict)
    refusals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    relabel: Callable[[str, tuple[str, ...]], None] = lambda _path, _labels: None
    decorate: Callable[[str, str, object], None] = lambda _id, _field, _value: None

    def refusal(self, path: str, member: type[Item]) -> str:
        """Return why ``member`` cannot be chosen at ``path``; empty when it can."""
        found = (look_up(self.refusals, path) or {}).get(member.model_fields["kind"].default, "")
        spec = self.spec()
        return found or (spec.refusal(path, member) if spec is not None else "")

    def new_part(self, path: str) -> Any:
        """Return what the spec wants added at ``path``; None when it has no wish."""
        spec = self.spec()
        try:
            return spec.new_part(path) if spec is not None else None
        except KeyError:
            return None


def matches(pattern: str, path: str) -> bool:
    """Tell whether ``path`` is meant by ``pattern``, as ``racers.adam.start`` by ``racers.*.start``."""
    names, wanted = path.split("."), pattern.split(".")
    return len(names) == len(wanted) and all(w in ("*", n) for w, n in zip(wanted, names, strict=True))


def look_up(table: Mapping[str, T], path: str) -> T | None:
    """Return what ``table`` says about ``path``: the exact entry before a pattern."""
    if path in table:
        return table[path]
    return next((value for pattern, value in table.items() if matches(pattern, path)), None)
