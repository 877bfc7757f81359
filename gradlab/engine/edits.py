"""Changing one field of a spec by its path: from a tape, from the command line."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from .errors import UserError, quote
from .model import Frozen, at, leaves, with_changes

F = TypeVar("F", bound=Frozen)
EXACT = 2**53
"""Whole numbers up to here are what their floats say."""


def put(spec: F, path: str, value: Any) -> F:
    """Return ``spec`` with the field at ``path`` changed; raise ``UserError`` naming the path, and the nearest one."""
    try:
        return with_changes(spec, {path: value})
    except KeyError:
        raise _unknown(spec, path) from None
    except UserError as error:
        if error.message.startswith(f"{path}: "):
            raise
        owner = _owner(spec, path, error.message)
        if owner is None:
            raise UserError(f"{path}: {error}") from None
        raise UserError(f"{owner}.{error.message}".removeprefix("."), error.hint) from None


def put_text(spec: F, path: str, text: str) -> F:
    """Return ``spec`` with the field at ``path`` set as typed: a JSON value, or the text itself where that is no JSON.

    Text that reads as JSON and is refused as such is tried as it stands, so that ``5`` can be a formula.
    """
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return put(spec, path, text)
    try:
        return put(spec, path, value)
    except UserError as error:
        if isinstance(value, str):
            raise
        try:
            return put(spec, path, text)
        except UserError:
            raise error from None


def assign(spec: F, settings: Iterable[str]) -> F:
    """Return ``spec`` after settings of the form ``path=value``, in their order."""
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path.strip():
            raise UserError(f"{quote(setting)}: must be of the form path=value, as in steps=500")
        spec = put_text(spec, path.strip(), text.strip())
    return spec


def _owner(spec: Frozen, path: str, message: str) -> str | None:
    """Return the path of the part whose field a refusal names, at or above the one that was set; None: of none."""
    named = re.match(r"\w+(?=[:.\[])", message)
    while named and path:
        path = path.rpartition(".")[0]
        part = at(spec, path) if path else spec
        if named[0] in getattr(type(part), "model_fields", ()):
            return path
    return None


def paths(spec: Frozen) -> list[str]:
    """Return every path of ``spec``, those of its parts included."""
    found: dict[str, None] = {}
    for leaf in leaves(spec):
        names = leaf.split(".")
        found |= dict.fromkeys(".".join(names[:n]) for n in range(1, len(names) + 1))
    return list(found)


def _finite(text: str) -> float:
    """Return a number, a whole one where it is written without a point (1e4); raise ``ValueError`` for 1e999."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(value) if "." not in text and value.is_integer() and abs(value) <= EXACT else value


def _unknown(spec: Frozen, path: str) -> UserError:
    known = paths(spec)
    name = path.rpartition(".")[2]
    alike = [other for other in known if other.rpartition(".")[2] == name] or known
    near = difflib.get_close_matches(path, alike, n=1, cutoff=0.5) or alike[: len(alike) == 1]
    if near:
        return UserError(f"{quote(path)}: there is no such field; did you mean {near[0]!r}?")
    return UserError(f"{quote(path)}: there is no such field", f"known: {', '.join(known[:8])} …")
