"""JSON from outside, read without mercy: what is doubtful is refused with the place where it stands."""

from __future__ import annotations

import codecs
import json
import math
import unicodedata
from collections.abc import Iterator
from typing import Any, NoReturn

from gradlab.engine.errors import UserError, dotted, quote

DEPTH_LIMIT = 64
VALUES_LIMIT = 100_000
INT_DIGITS = 300
"""Digits of a whole number; a longer one is taken as a float, which it is too large for."""
LINE_WIDTH = 100
UTF_16_32 = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
Place = tuple[str | int, ...]


class _Unfit:
    """Stands in the parsed tree for what JSON allows or Python takes, and no preset may hold."""

    def __init__(self, why: str) -> None:
        self.why = why


def parse(data: bytes | str) -> Any:
    """Return the value of a JSON text; raise ``UserError`` with the line, or the path, of what is wrong with it."""
    text = decode(data) if isinstance(data, bytes) else data
    if not text.strip():
        raise UserError("is empty")
    try:
        tree = json.loads(
            text, parse_float=_float, parse_int=_int, parse_constant=_not_finite, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        near = f" at {quote(text[error.pos : error.pos + 20])}" if error.pos < len(text) else " at the end"
        why = error.msg.removesuffix(" at")
        raise UserError(f"line {error.lineno}, column {error.colno}: not JSON: {why}{near}") from None
    except RecursionError:
        raise UserError(f"is nested more than {DEPTH_LIMIT} deep") from None
    _check(tree)
    return tree


def decode(data: bytes) -> str:
    """Return UTF-8 as text, with or without a byte order mark; raise ``UserError`` naming what else it is."""
    for mark, name in UTF_16_32.items():
        if data.startswith(mark):
            raise UserError(f"is {name}, not UTF-8", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"line {line}: byte 0x{error.object[error.start]:02x} is not UTF-8 text") from None


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    keys = [key for key, _ in pairs]
    return _Unfit(f"key {quote(next(key for key in keys if keys.count(key) > 1))} appears twice")


def _float(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text)


def _int(text: str) -> Any:
    return int(text) if len(text) <= INT_DIGITS else _float(text)


def _not_finite(text: str) -> _Unfit:
    return _Unfit(f"must be a finite number, not {quote(text)[1:-1]}")


def _check(tree: Any) -> None:
    """Walk the tree without recursion and refuse the first thing that is unfit."""
    stack: list[tuple[Place, Any]] = [((), tree)]
    for _ in range(VALUES_LIMIT):
        if not stack:
            return
        place, value = stack.pop()
        if isinstance(value, _Unfit):
            _refuse(place, value.why)
        elif isinstance(value, str):
            _check_text(place, value)
        elif isinstance(value, dict | list):
            if len(place) >= DEPTH_LIMIT:
                _refuse(place[:4], f"is nested more than {DEPTH_LIMIT} deep")
            stack += reversed([((*place, name), child) for name, child in _children(place, value)])
    if stack:
        raise UserError(f"has more than {VALUES_LIMIT:,} values")


def _children(place: Place, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, list):
        yield from enumerate(value)
        return
    for name, child in value.items():
        _check_text(place, name)
        yield name, child


def _check_text(place: Place, text: str) -> None:
    if text.isascii() and text.isprintable():
        return
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in "\n\t") or character in BIDI_CONTROLS:
            _refuse(place, f"must not contain the character U+{ord(character):04X}")


def _refuse(place: Place, why: str) -> NoReturn:
    where = dotted([quote(name)[1:-1] if isinstance(name, str) else name for name in place])
    raise UserError(f"{where}: {why}" if where else why)


def pretty(value: Any) -> str:
    """Return ``value`` as JSON for people: one line for what fits in one, floats as they read back exactly."""
    return _pretty(value, 0) + "\n"


def _pretty(value: Any, indent: int) -> str:
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or not value or (indent and indent + len(flat) <= LINE_WIDTH):
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        lines = [f"{json.dumps(name, ensure_ascii=False)}: {_pretty(child, inner)}" for name, child in value.items()]
        opening, closing = "{", "}"
    else:
        lines = [_pretty(child, inner) for child in value]
        opening, closing = "[", "]"
    pad = "\n" + " " * inner
    return f"{opening}{pad}{f',{pad}'.join(lines)}\n{' ' * indent}{closing}"
