"""Frozen, validated values: the base of every spec, every part of one, and every catalog item."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, Strict, ValidationError

from .errors import explain

Real = Annotated[float, Strict(), AllowInfNan(False)]
"""A finite float; whole numbers are taken as floats, text and booleans are refused."""
Int = Annotated[int, Strict()]
"""A whole number; text, booleans and 3.0 are refused."""


@dataclass(frozen=True, slots=True)
class Tunable:
    """Marks a field that acts on a run under way, at its next step."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """Marks a field that a form shows folded away."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a field's editor steps: ``log`` multiplies by ten to the ``step``, else adds ``step``."""

    step: float = 0.1
    log: bool = False


os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or it looks through every installed package for some


class Frozen(BaseModel):
    """An immutable value that is changed only by making another one."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, ser_json_inf_nan="constants", defer_build=True
    )

    def replace(self, **changes: Any) -> Self:
        """Return a validated copy with ``changes`` applied; raise ``UserError`` where one is refused."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        try:
            return type(self).model_validate({**fields, **changes})
        except ValidationError as error:
            raise explain(error) from None

    def edited(self, **changes: Any) -> Self:
        """Return what an editor's change makes of this value; a spec may adapt other fields so that it fits."""
        return self.replace(**changes)

    def cell_names(self) -> dict[str, tuple[str, ...]]:
        """Return what the entries of tuples are called in a form, by path; ``*`` stands for any part of a list."""
        return {}

    def stand_ins(self) -> dict[str, Any]:
        """Return what stands in for values that are None, by path; a form shows it in their place."""
        return {}

    def idle(self, look: Any) -> frozenset[str]:
        """Return the fields that nothing in sight depends on while this is looked at so; a form leaves them out."""
        del look
        return frozenset()

    @classmethod
    def field_order(cls) -> tuple[str, ...]:
        """Return the names of the fields in the order of a form."""
        return tuple(cls.model_fields)

    def new_part(self, path: str) -> Frozen:
        """Return what "Add" adds to the list at ``path``."""
        raise KeyError(path)

    def refusal(self, path: str, member: type[Frozen]) -> str:
        """Return why a member of a family cannot be chosen at ``path``; empty when it can."""
        return ""

    PASSING: ClassVar[frozenset[str]] = frozenset()
    """Fields of a look that say where the eye is, not how an experiment looks: a change of them is no edit."""

    def lasting(self, spec: Any) -> Self:
        """Return, of a look at ``spec``, what is worth a question before it is lost."""
        fields = type(self).model_fields
        return self.replace(**{name: fields[name].get_default(call_default_factory=True) for name in self.PASSING})

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show what differs from the defaults; a log line and a run's title stay short."""
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            if name == "kind" or (not info.is_required() and value == info.get_default(call_default_factory=True)):
                continue
            yield name, value


F = TypeVar("F", bound=Frozen)


class Part(Frozen):
    """A thing in a list that a user edits: it has an id, so that a path to it survives its neighbours."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


def fresh_id(wanted: str, taken: Iterable[str]) -> str:
    """Return ``wanted`` as an id, numbered when it is taken."""
    base = "".join(c if c.isascii() and c.isalnum() else "-" for c in wanted.lower()).strip("-")[:32] or "part"
    used, name, n = set(taken), base, 1
    while name in used:
        n += 1
        name = f"{base}-{n}"
    return name


def _children(value: Any) -> dict[str, Any] | None:
    """Return the parts that a path can go into, by their names in it; None for a leaf."""
    if isinstance(value, Frozen):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, tuple) and value and all(isinstance(item, Part) for item in value):
        return {part.id: part for part in value}
    return None


def leaves(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return every leaf of a spec by its dotted path, as in ``racers.adam.optimizer.lr``."""
    children = _children(value)
    if children is None:
        return {prefix: value}
    found: dict[str, Any] = {}
    for name, child in children.items():
        found |= leaves(child, f"{prefix}.{name}" if prefix else name)
    return found


def changes(before: Any, after: Any, prefix: str = "") -> dict[str, Any]:
    """Return what differs by path: leaves where the shape is the same, else the whole of what changed."""
    if before == after:
        return {}
    old, new = _children(before), _children(after)
    if old is None or new is None or type(before) is not type(after) or list(old) != list(new):
        return {prefix: after}
    found: dict[str, Any] = {}
    for name in new:
        found |= changes(old[name], new[name], f"{prefix}.{name}" if prefix else name)
    return found


def at(value: Any, path: str) -> Any:
    """Return what stands at ``path``; raise ``KeyError`` with the part of the path that is not there."""
    for name in path.split("."):
        children = _children(value)
        if children is None or name not in children:
            raise KeyError(name)
        value = children[name]
    return value


def with_changes(spec: F, values: Mapping[str, Any]) -> F:
    """Return ``spec`` with the value at each path replaced, validated again."""
    for path, value in values.items():
        spec = _put(spec, path.split("."), value)
    return spec


def _put(owner: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    children = _children(owner)
    if children is None or name not in children:
        raise KeyError(name)
    child = _put(children[name], rest, value) if rest else value
    if isinstance(owner, tuple):
        return tuple(child if part.id == name else part for part in owner)
    return owner.replace(**{name: child})


def is_tunable(spec: Frozen, path: str) -> bool:
    """Tell whether the field at ``path`` may change while a run is under way."""
    *way, name = path.split(".")
    owner = at(spec, ".".join(way)) if way else spec
    field = type(owner).model_fields.get(name) if isinstance(owner, Frozen) else None
    return field is not None and any(isinstance(mark, Tunable) for mark in field.metadata)
