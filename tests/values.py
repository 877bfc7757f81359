"""Random valid items and specs, drawn from what their fields declare: type, bounds and choices."""

from __future__ import annotations

import math
import random
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gradlab.engine.catalog import Item
from gradlab.engine.model import Frozen

TRIES = 30


def draw(cls: type[Frozen], rng: random.Random, share: float = 0.6) -> Frozen:
    """Return a valid ``cls`` in which about ``share`` of the fields differ from their defaults."""
    for attempt in range(TRIES):
        chosen = {}
        for name, info in cls.model_fields.items():
            if name not in {"kind", "id"} and rng.random() < share * (1 - attempt / TRIES):
                chosen[name] = _value(info.annotation, info.metadata, rng, info.get_default(call_default_factory=True))
        try:
            return cls(**chosen)
        except ValidationError:
            continue
    return cls()


def _value(annotation: Any, metadata: list[Any], rng: random.Random, default: Any) -> Any:
    metadata = [m for mark in metadata for m in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _value(inner, [*metadata, *marks], rng, default)
    if get_origin(annotation) in {Union, types.UnionType}:
        return _value(rng.choice(get_args(annotation)), metadata, rng, default)
    if get_origin(annotation) is Literal:
        return rng.choice(get_args(annotation))
    if get_origin(annotation) is tuple:
        return _entries(get_args(annotation), rng, default)
    return _plain(annotation, metadata, rng, default)


def _entries(wanted: tuple[Any, ...], rng: random.Random, default: Any) -> Any:
    if Ellipsis not in wanted:
        known = default if isinstance(default, tuple) else (None,) * len(wanted)
        return tuple(_value(one, [], rng, old) for one, old in zip(wanted, known, strict=True))
    if not isinstance(default, tuple) or any(isinstance(one, Frozen) for one in default):
        return default
    return tuple(_value(wanted[0], [], rng, old) for old in default)


def _plain(annotation: Any, metadata: list[Any], rng: random.Random, default: Any) -> Any:
    if annotation is bool:
        return rng.random() < 0.5
    if annotation is float:
        return _number(metadata, rng)
    if annotation is int:
        return math.floor(_number(metadata, rng))
    if isinstance(annotation, type) and issubclass(annotation, Item):
        return draw(rng.choice(annotation.items()), rng)
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        return draw(annotation, rng)
    return None if annotation is types.NoneType else default


def _number(metadata: list[Any], rng: random.Random) -> float:
    low = max([-1e3, *(v for m in metadata for v in (getattr(m, "ge", None), getattr(m, "gt", None)) if v is not None)])
    high = min([1e3, *(v for m in metadata for v in (getattr(m, "le", None), getattr(m, "lt", None)) if v is not None)])
    if high < low:  # the bounds lie beyond the usual range
        return float(low)
    if low >= 0 and high > 1 and rng.random() < 0.5:
        return float(math.exp(rng.uniform(math.log(max(low, 1e-6)), math.log(high))))
    return float(rng.uniform(low, high))
