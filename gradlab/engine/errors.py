"""What goes wrong and how it is said: one clear line that names the field and the value."""

from __future__ import annotations

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
    details = error.errors(include_url=False)
    lines = [_line(detail) for detail in details[:limit]]
    if len(details) > limit:
        lines.append(f"and {len(details) - limit} more")
    return UserError("; ".join(lines))


def reason(detail: ErrorDetails) -> str:
    """Return what one refusal asks for, without the field's name."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "greater_than":
            return f"must be > {context['gt']}"
        case "greater_than_equal":
            return f"must be ≥ {context['ge']}"
        case "less_than":
            return f"must be < {context['lt']}"
        case "less_than_equal":
            return f"must be ≤ {context['le']}"
        case "finite_number":
            return "must be a finite number"
        case "float_type" | "float_parsing":
            return "must be a number"
        case "int_type" | "int_parsing" | "int_from_float":
            return "must be a whole number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a known field"
        case "literal_error":
            return f"must be {context['expected']}"
        case _:
            return detail["msg"].removeprefix("Value error, ")


def _line(detail: ErrorDetails) -> str:
    where = dotted(detail["loc"]) or "value"
    if detail["type"] in {"missing", "extra_forbidden", "value_error"}:
        return f"{where}: {reason(detail)}"
    return f"{where}: {reason(detail)}, not {quote(detail['input'])}"
