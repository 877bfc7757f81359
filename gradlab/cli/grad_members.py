"""``gradlab grad`` of a member of the catalog: an activation at points, a loss of tables."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.edits import assign
from gradlab.engine.errors import UserError, quote

from . import output
from .codes import Code

if TYPE_CHECKING:
    from gradlab.engine.activations import Activation
    from gradlab.engine.derivatives import Derivative3
    from gradlab.engine.losses import Loss

MOST = 10_000
"""Points, or numbers of a table."""


def member_of(name: str, words: Sequence[str], tables: Mapping[str, str]) -> Activation | Loss | None:
    """Return the activation or loss that ``name`` means, its parameters as among ``words``; None for a formula.

    An activation has points among its words, a loss has tables; else ``name`` is a formula of one name.
    """
    from gradlab.engine.activations import Activation
    from gradlab.engine.losses import Loss

    if name in Loss.family and (tables or any(_name(word) in _inputs(name) for word in words)):
        loss = Loss.parse(name)
        return assign(loss, [word for word in words if _name(word) not in loss.inputs])
    if tables:
        _refuse_left_out(name)
        raise UserError(f"--input and --target are for a loss, not for {quote(name)}{_advice(name, Loss.family)}")
    if name in Activation.family and any("=" not in word for word in words):
        return assign(Activation.parse(name), [word for word in words if "=" in word])
    if any("=" not in word for word in words) and name.isidentifier():
        advice = _advice(name, Activation.family)
        if advice:
            raise UserError(f"{quote(name)} is no activation{advice}")
    return None


def grad_activation(activation: Activation, words: Sequence[str], *, json: bool) -> int:
    """Print f and f′ at the points among ``words``."""
    from gradlab.engine.derivatives import elementwise

    points = [number("point", word) for word in words if "=" not in word]
    if len(points) > MOST:
        raise UserError(f"there are {len(points)} points, at most {MOST}")
    rows = elementwise(activation, points, activation.formula, kinks=activation.kinks, bends=activation.bends)
    values = _values(activation, points)
    if json:
        found = [{"at": row.value, "value": value, **_ways(row)} for row, value in zip(rows, values, strict=True)]
        known = {"formula": activation.formula, "derivative": _derivative(activation.formula), "dtype": "float64"}
        output.say_json({"activation": activation.kind, **_parameters(activation), **known, "points": found})
        return Code.OK
    output.say(f"{activation.name()}: f(x) = {activation.formula or 'no formula'}")
    if activation.formula:
        slope = _derivative(activation.formula)
        output.say(f"f′(x) = {slope or 'too large to be written down'}")
        for line in _own_functions(activation.formula + slope):
            output.say(line)
    cells = [[output.exact(row.value), output.exact(v), *_cells(row)] for row, v in zip(rows, values, strict=True)]
    _print("x", "f", cells)
    return Code.OK


def grad_loss(loss: Loss, words: Sequence[str], tables: Mapping[str, str], *, json: bool) -> int:
    """Print the loss of the tables and its gradient by each input that has one; of ``none`` that of the sum."""
    from gradlab.engine.losses.ways import derivatives, gradient

    arrays = _arrays(loss, words, tables)
    loss.check(*arrays)
    value = gradient(loss, loss.reduction, arrays)[0]
    found = {loss.inputs[by]: (arrays[by].shape, derivatives(loss, arrays, by)) for by in loss.sloped(*arrays)}
    if json:
        slopes = {
            name: np.array([row.autograd for row in rows]).reshape(shape).tolist()
            for name, (shape, rows) in found.items()
        }
        elements = [{"name": row.name, "at": row.value, **_ways(row)} for _, rows in found.values() for row in rows]
        known = {"loss": loss.kind, **_parameters(loss), "value": value.tolist(), "dtype": "float64"}
        output.say_json({**known, "gradient": next(iter(slopes.values())), "gradients": slopes, "elements": elements})
        return Code.OK
    name = loss.reduction if loss.reduction != "none" else "none, gradient of the sum"
    shown = ", ".join(output.exact(float(one)) for one in value.reshape(-1))
    output.say(f"{loss.name()} ({name}) = {shown if value.ndim == 0 else f'[{shown}]'}")
    if loss.formula:
        output.say(f"each element: {loss.formula}")
    rows = [row for _, rows in found.values() for row in rows]
    _print("", "at", [[row.name, output.exact(row.value), *_cells(row)] for row in rows])
    return Code.OK


def number(name: str, text: str) -> float:
    """Return the finite number that a word is; raise ``UserError``."""
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"{name}: must be a number, not {quote(text)}") from None
    if not math.isfinite(value):
        raise UserError(f"{name}: must be a finite number, not {quote(text)[1:-1]}")
    return value


def table(name: str, text: str) -> np.ndarray:
    """Return the numbers of a table, rows parted by ``;`` and numbers by ``,``; raise ``UserError``."""
    rows = [[number(name, cell.strip()) for cell in row.split(",")] for row in text.strip(" ;").split(";")]
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise UserError(f"{name}: every row must have as many numbers; they have {', '.join(map(str, lengths))}")
    if sum(map(len, rows)) > MOST:
        raise UserError(f"{name}: there are {sum(map(len, rows))} numbers, at most {MOST}")
    return np.asarray(rows, dtype=float)


def _arrays(loss: Loss, words: Sequence[str], tables: Mapping[str, str]) -> tuple[np.ndarray, ...]:
    """Return a table for each input of the loss, from the options and from words ``name=table``."""
    given = {_name(word): word.partition("=")[2] for word in words if _name(word) in loss.inputs}
    for option, text in tables.items():
        place = ("input", "target").index(option)
        given.setdefault(option if option in loss.inputs else loss.inputs[min(place, len(loss.inputs) - 1)], text)
    missing = [name for name in loss.inputs if name not in given]
    if missing:
        raise UserError(f"{loss.kind}: takes {', '.join(loss.inputs)}; there is no {missing[0]}", f"{missing[0]}=1,0")
    arrays = [table(name, given[name]) for name in loss.inputs]
    if loss.COLUMN and arrays[-1].shape[0] == 1 and arrays[-1].shape != arrays[0].shape:
        arrays[-1] = arrays[-1].T  # classes written in one row are those of the samples
    return loss.shaped(*arrays)


def _values(activation: Activation, points: Sequence[float]) -> list[float]:
    import torch

    with torch.no_grad():
        values: list[float] = activation(torch.tensor(points, dtype=torch.float64)).tolist()
    return values


def _own_functions(text: str) -> list[str]:
    """Return what those functions in a formula are that stand in no table of elementary ones."""
    from gradlab.engine.expressions.functions import FUNCTIONS

    named = dict.fromkeys(re.findall(r"[a-z]\w*(?=\()", text))
    known = {name: FUNCTIONS[name] for name in named if name in FUNCTIONS}
    return [f"{name}(x): {function.summary}" for name, function in known.items() if function.formal != name]


def _derivative(formula: str) -> str:
    """Return the derivative of a formula of x as text; empty where there is none."""
    from gradlab.engine.expressions import parse, symbolic_gradient
    from gradlab.engine.expressions.plain import to_text

    try:
        return to_text(symbolic_gradient(parse(formula, ("x",)), ("x",))[0].tree.root) if formula else ""
    except UserError:
        return ""


def _parameters(member: Activation | Loss) -> dict[str, Any]:
    return {name: value for name, value in member.model_dump(mode="json").items() if name != "kind"}


def _ways(row: Derivative3) -> dict[str, Any]:
    found = {
        "autograd": row.autograd,
        "formula": None if math.isnan(row.formula) else row.formula,
        "central_difference": row.difference,
        "error": None if row.kink and math.isnan(row.error) else row.error,
    }
    return {**found, "note": str(row.note)} if row.note else found


def _cells(row: Derivative3) -> list[str]:
    formula = "–" if math.isnan(row.formula) else output.exact(row.formula)
    error = "kink" if row.kink and math.isnan(row.error) else f"{row.error:.1e}"
    return [output.exact(row.autograd), formula, output.exact(row.difference), error, str(row.note)]


def _print(first: str, second: str, cells: list[list[str]]) -> None:
    headings = [first, second, "autograd", "formula", "central difference", "error", ""]
    if not any(row[-1] for row in cells):
        headings, cells = headings[:-1], [row[:-1] for row in cells]
    output.print_table(headings, cells)
    output.say("float64; every digit is shown, and what differs in the last ones is rounding.")


def _name(word: str) -> str:
    return word.partition("=")[0].strip() if "=" in word else ""


def _inputs(kind: str) -> tuple[str, ...]:
    from gradlab.engine.losses import Loss

    return Loss.parse(kind).inputs


def _advice(name: str, family: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name.lower(), family, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _refuse_left_out(name: str) -> None:
    """Raise ``UserError`` with the reason where a name is that of one of torch's losses that are not here."""
    from gradlab.engine.losses import LEFT_OUT

    for left_out, why in LEFT_OUT.items():
        bare = left_out.lower()
        if name.lower().replace("_", "") in {bare, bare.removesuffix("loss")}:
            raise UserError(f"{left_out} is not here: {why}")
