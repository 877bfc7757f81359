"""One derivative by three ways, autograd, formula and central difference, and how far they are apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .differences import central_difference
from .errors import UserError
from .expressions import parse, symbolic_gradient
from .expressions.kinks import Kinked
from .text import Text

if TYPE_CHECKING:
    from torch import Tensor

FAINT = 1e-6
"""A slope below this, times the size of the function's values, is compared as if it were this large."""
AGREE = 1e-5
"""The relative disagreement up to which ways are said to agree."""
NEAR = 10.0
"""Steps of a difference within which a kink spoils it."""


@dataclass(frozen=True, slots=True)
class Derivative3:
    """A derivative by ``name`` where it has ``value``, by every way there is.

    A way that does not exist is NaN. ``error`` is the largest relative disagreement of the ways that exist, NaN where
    one of them alone has no value. ``note`` says what is to be known about it. Kinks are excluded: ``near`` one the
    difference, which reaches over it, is shown and not compared; ``at`` one there is no derivative to agree on. With
    nothing to compare ``error`` is NaN.
    """

    name: str
    value: float
    autograd: float
    formula: float
    difference: float
    error: float
    note: Text | str = ""
    kink: Kinked = ""


def compared(
    name: str,
    value: float,
    autograd: float | None,
    difference: float,
    formula: float | None = None,
    *,
    scale: float = 1.0,
    note: Text | str = "",
    kink: Kinked = "",
) -> Derivative3:
    """Return the ways beside each other; None: there is no such way; ``scale``: the size of f's values there."""
    usable = {"": (autograd, formula, difference), "near": (autograd, formula), "at": ()}[kink]
    ways = [float(way) for way in usable if way is not None]
    error = max((disagreement(a, b, scale) for a, b in itertools.combinations(ways, 2)), key=_worst, default=math.nan)
    by_autograd, by_formula = (math.nan if way is None else float(way) for way in (autograd, formula))
    if not (note or math.isfinite(scale)):
        note = Text("the value is {value} here: it has no slope", {"value": f"{scale:g}"})
    elif not (note or autograd is None or math.isfinite(autograd)):
        note = Text("torch's slope is {slope} here", {"slope": f"{autograd:g}"})
    return Derivative3(name, float(value), by_autograd, by_formula, float(difference), error, note, kink)


def disagreement(a: float, b: float, scale: float = 1.0) -> float:
    """Return |a − b| / max(|a|, |b|), the divisor at least ``FAINT`` max(1, scale): noise about 0 is no disagreement.

    It is 0 where they are equal, also as infinities or NaN, and NaN where one alone is not finite.
    """
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.nan
    least = FAINT * max(1.0, abs(scale)) if math.isfinite(scale) else FAINT
    return abs(a - b) / max(abs(a), abs(b), least)


def elementwise(
    f: Callable[[Tensor], Tensor],
    points: Sequence[float],
    formula: str = "",
    *,
    kinks: Sequence[float] = (),
    bends: Sequence[float] = (),
    h: float | None = None,
) -> tuple[Derivative3, ...]:
    """Return f′ of a function of one tensor, element by element, at each of ``points``, in float64.

    ``formula`` is f in the expression language, of x; empty where there is none. At one of ``kinks`` the note says
    what torch takes; near one, or where f″ jumps, at one of ``bends``, the difference is not compared.
    """
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        x = torch.tensor([float(p) for p in points], dtype=torch.float64, requires_grad=True)
        y = f(x)
        slopes = torch.autograd.grad(y.sum(), x)[0] if y.requires_grad else torch.zeros_like(x)
    return tuple(
        compared(
            f"{point:.9g}",
            point,
            slope,
            float(central_difference(lambda at: _value(f, at), [point], h)[0]),
            symbolic(formula, float(point)),
            scale=value,
            note=_note(kink := _kink(point, kinks, bends, h), slope),
            kink=kink,
        )
        for point, slope, value in zip(points, slopes.tolist(), y.tolist(), strict=True)
    )


def symbolic(formula: str, x: float) -> float | None:
    """Return the derivative by x of a formula of x; None where there is none, or none can be found."""
    if not formula:
        return None
    try:
        return symbolic_gradient(parse(formula, ("x",)), ("x",))[0].value({"x": x})
    except UserError:
        return None


def _value(f: Callable[[Tensor], Tensor], at: np.ndarray) -> float:
    import torch

    with torch.no_grad():
        return float(f(torch.from_numpy(at.copy()))[0])


def _kink(point: float, kinks: Sequence[float], bends: Sequence[float], h: float | None) -> Kinked:
    reach = NEAR * (6e-6 * max(1.0, abs(point)) if h is None else h)
    near = any(abs(point - place) < reach for place in (*kinks, *bends))
    return "at" if point in kinks else "near" if near else ""


def _note(kink: Kinked, slope: float) -> Text | str:
    if kink == "near":
        return Text("so near a kink of f or f′ that the difference reaches over it, and is not compared")
    return Text("kink: torch takes {slope}", {"slope": f"{slope:g}"}) if kink else ""


def _worst(error: float) -> float:
    return math.inf if math.isnan(error) else error
