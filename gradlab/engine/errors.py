"""What goes wrong and how it is said: one clear line that names the field and the value."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

VALUE_LIMIT = 80
"""Characters of a value that a message quotes."""


class UserError(Exception):
    """Something the user can mend: a one-line message, and a hint when there is one."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """An unexpected exception as plain text: what the error box and the log show."""

    summary: str
    details: str

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Return the report of ``error``, its traceback included."""
        summary = " ".join(f"{type(error).__name__}: {error}".split())
        return cls(summary, "".join(traceback.format_exception(error)))


def quote(value: Any) -> str:
    """Return ``value`` as one short line of plain text."""
    text = " ".join(value.split()) if isinstance(value, str) else repr(value)
    shown = text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"
    return repr(shown) if isinstance(value, str) else shown


def dotted(path: Sequence[str | int]) -> str:
    """Return a location as people write it: ``("racers", 0, "lr")`` → ``racers[0].lr``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def explain(error: ValidationError, limit: int = 3) -> UserError:
    """Return the refusals of pydantic as one line: field, value, and what is allowed."""
    details = _causes(error.errors(include_url=False))
    lines = [_line(detail) for detail in details[:limit]]
    if len(details) > limit:
        lines.append(f"and {len(details) - limit} more")
    return UserError("; ".join(lines))


def _causes(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where that is so only because an entry of it was refused."""
    within = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in within]


BOUNDS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", "≥"),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "≤"),
}
LENGTHS = {
    "too_short": ("min_length", "at least", "part"),
    "too_long": ("max_length", "at most", "part"),
    "string_too_short": ("min_length", "at least", "character"),
    "string_too_long": ("max_length", "at most", "character"),
}
WANTED = {
    "must be a finite number": ("finite_number",),
    "must be a number": ("float_type", "float_parsing"),
    "must be a whole number": ("int_type", "int_parsing", "int_from_float"),
    "must be true or false": ("bool_type", "bool_parsing"),
    "must be a text": ("string_type",),
    "must be a list": ("tuple_type", "list_type"),
    "must be an object": ("dict_type", "model_type", "model_attributes_type"),
    "is missing": ("missing",),
    "is not a known field": ("extra_forbidden",),
}
REASONS = {kind: words for words, kinds in WANTED.items() for kind in kinds}


OWN_FIELD = re.compile(r"[a-z_]\w*: ")
"""How a refusal begins that names a field of the part it is of."""


def reason(detail: ErrorDetails) -> str:
    """Return what one refusal asks for, without the field's name."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in BOUNDS:
        name, sign = BOUNDS[kind]
        return f"must be {sign} {context[name]}"
    if kind in LENGTHS:
        name, words, noun = LENGTHS[kind]
        return f"must have {words} {context[name]} {noun}" + ("" if context[name] == 1 else "s")
    if kind == "literal_error":
        return f"must be {context['expected']}"
    if kind == "string_pattern_mismatch":
        return f"must match {context['pattern']}"
    return REASONS.get(kind) or detail["msg"].removeprefix("Value error, ")


def _line(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error" and not detail["loc"]:
        return reason(detail)
    where = dotted(detail["loc"]) or "value"
    if detail["type"] == "value_error" and OWN_FIELD.match(reason(detail)):
        return f"{where}.{reason(detail)}"
    if detail["type"] in {"missing", "extra_forbidden", "value_error"}:
        return f"{where}: {reason(detail)}"
    return f"{where}: {reason(detail)}, not {quote(detail['input'])}"
