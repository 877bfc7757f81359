"""``gradlab grad``: a formula's value and gradient by autograd, by symbol and by central difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradlab.engine.errors import UserError, quote

from . import output
from .codes import Code

if TYPE_CHECKING:
    from gradlab.engine.differences import Partials


def grad(expression: str, words: Sequence[str], *, json: bool) -> int:
    """Print the value of ``expression`` where each of ``words`` (name=value) holds, and its partial derivatives."""
    values = parse_values(words)
    from gradlab.engine.differences import partials

    found = partials(expression, values)
    if json:
        output.say_json(as_json(expression, found))
    else:
        _print(expression, found)
    return Code.OK


def parse_values(words: Sequence[str]) -> dict[str, float]:
    """Return the values by name; raise ``UserError`` for one that is no finite number or is given twice."""
    values: dict[str, float] = {}
    for word in words:
        name, equals, text = (part.strip() for part in word.partition("="))
        if not equals or not name:
            raise UserError(f"{quote(word)}: must be of the form name=value, as in x=3")
        if name in values:
            raise UserError(f"{name} is given twice")
        values[name] = _number(name, text)
    return values


def as_json(expression: str, found: Partials) -> dict[str, Any]:
    """Return the result as plain data; a derivative that there is no symbol for has a ``reason``."""
    rows = {
        row.name: {
            "at": row.at,
            "autograd": row.autograd,
            "symbolic": None if row.reason else row.symbolic,
            "central_difference": row.difference,
            "latex": row.latex,
            **({"reason": row.reason} if row.reason else {}),
        }
        for row in found
    }
    return {"expression": expression, "value": found.value, "latex": found.latex, "dtype": "float64", "partials": rows}


def _print(expression: str, found: Partials) -> None:
    output.say(f"{expression} = {output.exact(found.value)}")
    rows = []
    for row in found:
        symbolic = row.reason or output.exact(row.symbolic)
        numbers = [output.exact(row.at), output.exact(row.autograd), symbolic, output.exact(row.difference)]
        rows.append([f"∂/∂{row.name}", *numbers, row.latex])
    if rows:
        output.print_table(["", "at", "autograd", "symbolic", "central difference", "formula (LaTeX)"], rows)
    output.say("float64; every digit is shown, and what differs in the last ones is rounding.")


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"{name}: must be a number, not {quote(text)}") from None
    if not math.isfinite(value):
        raise UserError(f"{name}: must be a finite number, not {quote(text)[1:-1]}")
    return value
