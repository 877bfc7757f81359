"""``gradlab grad``: value and gradient of a formula, an activation or a loss, by three ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradlab.engine.activations import Activation
from gradlab.engine.errors import UserError, quote

from . import output
from .codes import Code
from .grad_members import grad_activation, grad_loss, member_of, number

if TYPE_CHECKING:
    from gradlab.engine.differences import Partials


def grad(
    expression: str,
    words: Sequence[str],
    *,
    json: bool,
    tables: Mapping[str, str | None] | None = None,
    reduction: str | None = None,
) -> int:
    """Print the value of ``expression`` where each of ``words`` (name=value) holds, and its partial derivatives.

    The name of an activation takes points as its words; that of a loss takes ``tables`` (input, target).
    """
    given = {name: text for name, text in (tables or {}).items() if text is not None}
    settings = [*words, f"reduction={reduction}"] if reduction is not None else words
    member = member_of(expression.strip(), settings, given)
    if isinstance(member, Activation):
        return grad_activation(member, words, json=json)
    if member is not None:
        return grad_loss(member, words, given, json=json)
    if reduction is not None:
        raise UserError(f"--reduction is for a loss, not for {quote(expression)}")
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
        values[name] = number(name, text)
    return values


def as_json(expression: str, found: Partials) -> dict[str, Any]:
    """Return the result as plain data; a derivative that there is no symbol for has a ``reason``."""
    rows = {
        row.name: {
            "at": row.at,
            "autograd": row.autograd,
            "symbolic": None if row.reason else row.symbolic,
            "central_difference": row.difference,
            "formula": row.formula,
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
        rows.append([f"∂/∂{row.name}", *numbers, row.formula])
    if rows:
        output.print_table(["", "at", "autograd", "symbolic", "central difference", "derivative"], rows)
    output.say("float64; every digit is shown, and what differs in the last ones is rounding.")
