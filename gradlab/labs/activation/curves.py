"""f, f′ and f″ of activations by autograd, formula and differences; kinks, and where a unit is saturated."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.activations import Activation
from gradlab.engine.derivatives import NEAR, compared
from gradlab.engine.errors import UserError
from gradlab.engine.expressions import Derivative, parse, symbolic_gradient, symbolic_hessian
from gradlab.engine.expressions.kinks import Kinked
from gradlab.engine.expressions.plain import to_text
from gradlab.engine.text import Text

from .readings import Formula, Kink, UnitCurve, UnitPoint
from .spec import ActivationSpec, Unit

if TYPE_CHECKING:
    from torch import Tensor

BESIDE = 1e-9
"""How far from a kink, relative to the range, its two sides are drawn."""
LONGEST_TEX = 260
DIGITS = 6
"""Digits of the numbers in a formula on screen; its plain text has all of them."""


def slopes(activation: Activation, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return f and f′ at ``x`` by autograd in float64."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = activation(at)
        return _numpy(y), _numpy(_grad(y, at))


def derivatives(activation: Activation, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, Text | str]:
    """Return f, f′ and f″ at ``x`` by autograd in float64, and why there is no f″ (NaN) where torch has none."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = activation(at)
        slope = _grad(y, at, again=True)
        try:
            bend, reason = _grad(slope, at), ""
        except RuntimeError as error:
            return _numpy(y), _numpy(slope), np.full(x.shape, math.nan), _reason(activation, error)
    return _numpy(y), _numpy(slope), _numpy(bend), reason


def _numpy(values: Tensor) -> np.ndarray:
    return np.asarray(values.detach().numpy())


def _grad(y: Tensor, at: Tensor, *, again: bool = False) -> Tensor:
    import torch

    if not y.requires_grad:  # a slope that does not depend on x
        return torch.zeros_like(at)
    return torch.autograd.grad(y.sum(), at, create_graph=again)[0]


def _reason(activation: Activation, error: RuntimeError) -> Text:
    return Text("f″ not available for {name}: {why}", {"name": activation.name(), "why": str(error).split("\n")[0]})


@functools.lru_cache(maxsize=64)
def curve(unit: Unit, domain: tuple[float, float], threshold: float, size: int) -> UnitCurve:
    """Return the curves of one activation over the domain, with both sides of every kink and bend in it."""
    drawn, kinks, beside = _drawn(unit.activation, domain, size)
    zones = tuple(
        (_snapped(one, kinks, 2 * beside), _snapped(other, kinks, 2 * beside))
        for one, other in saturated(drawn.x, drawn.slope, threshold)
    )
    return replace(drawn, unit=unit.id, saturated=zones)


@functools.lru_cache(maxsize=64)
def _drawn(activation: Activation, domain: tuple[float, float], size: int) -> tuple[UnitCurve, list[float], float]:
    """Return what of the curves hangs on no threshold, the kinks in sight, and how far beside them is drawn."""
    low, high = domain
    kinks = [k for k in activation.kinks if low <= k <= high]
    places = [*kinks, *(b for b in activation.bends if low <= b <= high)]
    beside = BESIDE * max(1.0, high - low, abs(low), abs(high))
    grid = np.concatenate([np.linspace(low, high, size), [p + d for p in places for d in (-beside, beside)]])
    x = np.unique(grid[~np.isin(grid, places)])
    f, slope, bend, reason = derivatives(activation, x)
    at = derivatives(activation, np.array(kinks, dtype=float)) if kinks else None
    found = tuple(Kink(k, float(at[0][i]), float(at[1][i])) for i, k in enumerate(kinks)) if at is not None else ()
    return UnitCurve("", x, f, slope, bend, reason, (), found), kinks, beside


def _snapped(end: float, kinks: list[float], reach: float) -> float:
    return next((k for k in kinks if abs(end - k) <= reach), end)


def saturated(x: np.ndarray, slope: np.ndarray, threshold: float) -> tuple[tuple[float, float], ...]:
    """Return the ranges of ``x`` where |f′| is below ``threshold``, their ends interpolated where |f′| goes through it.

    A flat 0 is saturated too, whatever the threshold; NaN is not.
    """
    size = np.abs(slope)
    inside = (size < threshold) | (size == 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    return tuple(
        (_crossing(x, size, first, first - 1, threshold), _crossing(x, size, end - 1, end, threshold))
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    )


def _crossing(x: np.ndarray, size: np.ndarray, inner: int, outer: int, threshold: float) -> float:
    if not 0 <= outer < len(x) or not np.isfinite(size[outer]) or size[outer] == size[inner]:
        return float(x[inner])
    part = min(1.0, max(0.0, (threshold - size[inner]) / (size[outer] - size[inner])))
    return float(x[inner] + part * (x[outer] - x[inner]))


def point(spec: ActivationSpec, unit: Unit) -> UnitPoint:
    """Return one activation at the point, its derivatives by three ways, kinks left out of the comparison."""
    return _point(unit, spec.x, spec.h * max(1.0, abs(spec.x)), spec.saturation)


@functools.lru_cache(maxsize=64)
def _point(unit: Unit, x: float, h: float, threshold: float) -> UnitPoint:
    activation = unit.activation
    with np.errstate(all="ignore"):
        f, slope, bend, reason = derivatives(activation, np.array([x - h, x, x + h]))
        differences = (f[2] - f[0]) / (2 * h), (slope[2] - slope[0]) / (2 * h)
    symbolic = symbols(activation.formula)
    first, second = (_value(one, x) for one in symbolic)
    kinks = [k for k in activation.kinks if abs(x - k) < NEAR * h]
    bends = kinks or [k for k in activation.bends if abs(x - k) < NEAR * h]
    scale = float(f[1])
    rows = (
        compared(
            "f′",
            scale,
            slope[1],
            differences[0],
            first,
            scale=scale,
            note=_kink(kinks, x, slope[1]),
            kink=_where(kinks, x) or ("near" if bends else ""),
        ),
        compared(
            "f″",
            scale,
            None if reason else bend[1],
            differences[1],
            second,
            scale=scale,
            note=reason or _bend(bends),
            kink=_where(bends, x),
        ),
    )
    low = abs(slope[1]) < threshold or slope[1] == 0
    return UnitPoint(unit.id, x, float(f[1]), *rows, bool(low), (written(symbolic[0]), written(symbolic[1])))


def _where(near: list[float], x: float) -> Kinked:
    return "" if not near else "at" if x in near else "near"


def _kink(near: list[float], x: float, slope: float) -> Text | str:
    if not near:
        return ""
    if x in near:
        return Text("kink: torch takes f′ = {slope}; the difference reaches over it", {"slope": f"{slope:g}"})
    return Text("so near the kink at {kink} that the difference reaches over it", {"kink": f"{near[0]:g}"})


def _bend(near: list[float]) -> Text | str:
    text = "no f″ at {place}, where it jumps: each way takes what it likes, and they are not compared"
    return Text(text, {"place": f"{near[0]:g}"}) if near else ""


@functools.lru_cache(maxsize=64)
def symbols(formula: str) -> tuple[Derivative | None, Derivative | None]:
    """Return f′ and f″ by sympy; None for what there is no formula of, or what grows too large."""
    if not formula:
        return None, None
    tree = parse(formula, ("x",))
    first = _found(lambda: symbolic_gradient(tree, ("x",))[0])
    return first, _found(lambda: symbolic_hessian(tree, ("x",))[0][0])


def _found(derive: Callable[[], Derivative]) -> Derivative | None:
    try:
        return derive()
    except UserError:
        return None


def _value(symbol: Derivative | None, x: float) -> float | None:
    return None if symbol is None else symbol.value({"x": x})


@functools.lru_cache(maxsize=128)
def written(symbol: Derivative | None) -> Formula:
    """Return a derivative as it is shown, its numbers rounded; nothing where it is too long to be read."""
    if symbol is None or len(symbol.latex) > LONGEST_TEX:
        return Formula()
    tex, text = flat(symbol.latex), to_text(symbol.tree.root)
    short = re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.{DIGITS}g}", tex)
    return Formula(tex if short == tex else rf"\approx {short}", text)


def flat(tex: str) -> str:
    """Return LaTeX with brackets of one size: each nesting of growing ones doubles the time of typesetting."""
    return tex.replace(r"\left(", "(").replace(r"\right)", ")")
