"""A field of a spec as an editor sees it: its bare type, its bounds, and what the spec says about it."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from gradlab.engine.model import Advanced, Frozen, Scale, Tunable


class _Missing:
    def __repr__(self) -> str:
        return "no default"


MISSING: Any = _Missing()
"""Stands for the default of a field that has none."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The interval a number is taken from, or the length of a list; None is unbounded."""

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False

    def text(self) -> str:
        """Return the interval as people write it: ``> 0``, ``0 … 1``; empty when unbounded."""
        low = "" if self.low is None else f"{'>' if self.open_low else '≥'} {self.low!r}"
        high = "" if self.high is None else f"{'<' if self.open_high else '≤'} {self.high!r}"
        return ", ".join(part for part in (low, high) if part)


@dataclass(frozen=True, slots=True)
class Slot:
    """What an editor is chosen by and told.

    ``type`` is bare: no ``Annotated``, and no ``None``, which is told by ``optional``. ``none`` is what None is called.
    """

    name: str
    type: Any
    title: str = ""
    description: str = ""
    unit: str = ""
    optional: bool = False
    none: str = ""
    default: Any = MISSING
    bounds: Bounds = Bounds()
    size: Bounds = Bounds()
    scale: Scale | None = None
    advanced: bool = False
    tunable: bool = False
    section: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def inner(self, annotation: Any, name: str = "", title: str = "") -> Slot:
        """Return the slot of an element of this one, of type ``annotation``."""
        return slot_for(name or self.name, annotation, title=title, unit=self.unit, scale=self.scale)

    def required(self) -> Slot:
        """Return this slot without its None."""
        return replace(self, optional=False, default=MISSING if self.default is None else self.default)


def peel(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the bare type of ``annotation`` and all that it is annotated with."""
    marks: tuple[Any, ...] = ()
    while get_origin(annotation) is Annotated:
        annotation, *rest = get_args(annotation)
        marks = (*marks, *_unfold(rest))
    return annotation, marks


def _unfold(marks: list[Any]) -> list[Any]:
    found: list[Any] = []
    for mark in marks:
        found.extend(mark.metadata if isinstance(mark, FieldInfo) else [mark])
    return found


def slot_for(name: str, annotation: Any, marks: tuple[Any, ...] = (), **facts: Any) -> Slot:
    """Return the slot of a value of type ``annotation`` that is also marked with ``marks``."""
    bare, own = peel(annotation)
    optional = False
    if get_origin(bare) in (Union, types.UnionType):
        rest = tuple(part for part in get_args(bare) if part is not type(None))
        optional = len(rest) < len(get_args(bare))
        bare, inner = peel(rest[0]) if len(rest) == 1 else (Union[rest], ())  # noqa: UP007 - built from values
        own = (*own, *inner)
    facts = {"scale": None, **facts}
    return replace(_marked(Slot(name, bare, optional=optional, **facts), (*own, *marks)), optional=optional)


def _marked(slot: Slot, marks: tuple[Any, ...]) -> Slot:
    for mark in marks:
        match mark:
            case Scale():
                slot = replace(slot, scale=mark)
            case Advanced():
                slot = replace(slot, advanced=True)
            case Tunable():
                slot = replace(slot, tunable=True)
            case Ge() | Gt() | Le() | Lt():
                slot = replace(slot, bounds=_bounded(slot.bounds, mark))
            case Len() | MinLen() | MaxLen():
                slot = replace(slot, size=_sized(slot.size, mark))
    return slot


def _bounded(bounds: Bounds, mark: Any) -> Bounds:
    match mark:
        case Ge(ge=low):
            return replace(bounds, low=cast("float", low))
        case Gt(gt=low):
            return replace(bounds, low=cast("float", low), open_low=True)
        case Le(le=high):
            return replace(bounds, high=cast("float", high))
        case _:
            return replace(bounds, high=mark.lt, open_high=True)


def _sized(size: Bounds, mark: Any) -> Bounds:
    low = getattr(mark, "min_length", size.low)
    return replace(size, low=low, high=getattr(mark, "max_length", size.high))


@functools.lru_cache(maxsize=4096)
def slots(owner: type[Frozen]) -> dict[str, Slot]:
    """Return the slot of every field of ``owner`` that a user edits, in order: neither ``kind`` nor ``id``.

    A field marked ``stage`` is edited on the stage of its lab alone.
    """
    fields = {name: owner.model_fields[name] for name in owner.field_order() if name not in {"kind", "id"}}
    fields = {name: info for name, info in fields.items() if not _on_stage(info)}
    return {name: _slot_of(name, info) for name, info in fields.items()}


def _on_stage(info: FieldInfo) -> bool:
    return isinstance(info.json_schema_extra, dict) and bool(info.json_schema_extra.get("stage"))


def _slot_of(name: str, info: FieldInfo) -> Slot:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    default = MISSING if info.is_required() else info.get_default(call_default_factory=True, validated_data={})
    return slot_for(
        name,
        info.annotation,
        tuple(info.metadata),
        title=info.title or "",
        description=info.description or "",
        unit=str(extra.get("unit", "")),
        none=str(extra.get("none", "")),
        section=str(extra.get("section", "")),
        default=default,
        extra=extra,
    )
