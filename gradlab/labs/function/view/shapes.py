"""What the pages draw around the point, from readings: tangents, parabolas, arrows. Plain functions of values."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gradlab.engine.landscape import CriticalPoint
from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.pictures import CurveReading
from gradlab.labs.function.point import PointReading, StepReading
from gradlab.ui.plots.values import Curve, Path, Spot, Vector

ARROW, AXIS = 0.2, 0.13
"""Lengths of the gradient's arrow and of the eigenvectors, as parts of the map's width."""
GRADIENT, EIGEN, NEWTON, DESCENT, DIRECTION = 0, 1, 3, 2, 4
"""Trace colours."""
CHORDS = ("descent", "newton")
IN_SLICE = 0.01
ROOM = 0.35
"""How far beyond the curve's range a parabola is drawn."""
NOTHING = np.empty(0)


def tangent(point: PointReading, axes: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the line through the point along which f does not change to first order."""
    plane = point.gradient[list(axes)]
    norm = math.hypot(*plane)
    if not norm or not math.isfinite(norm):
        return NOTHING, NOTHING
    low, high = point.objective.domain[axes[0]]
    way = np.array([-plane[1], plane[0]]) / norm * (high - low) / 4
    ends = np.array([point.point[axis] for axis in axes]) + np.outer([-1, 1], way)
    return ends[:, 0], ends[:, 1]


def gradient_arrow(point: PointReading, axes: tuple[int, int]) -> Iterator[Vector]:
    """Yield the gradient in the plane, as a direction of one length with its own in letters."""
    plane = point.gradient[list(axes)]
    norm = math.hypot(*plane)
    if norm and math.isfinite(norm):
        dx, dy = plane / norm * _reach(point, axes, ARROW)
        yield Vector(point.point[axes[0]], point.point[axes[1]], float(dx), float(dy), GRADIENT, f"∇f {norm:.4g}")


def eigen_arrows(point: PointReading, axes: tuple[int, int]) -> Iterator[Vector]:
    """Yield the Hessian's eigenvectors where the map shows all coordinates, with their eigenvalues."""
    if len(point.point) != 2 or not np.isfinite(point.eigenvalues).all():
        return
    for value, vector in zip(point.eigenvalues, point.eigenvectors.T, strict=True):
        x, y = (point.point[axis] for axis in axes)
        middle = np.array([sum(point.objective.domain[axis]) / 2 for axis in axes])
        inwards = 1 if vector[list(axes)] @ (middle - [x, y]) >= 0 else -1
        dx, dy = vector[list(axes)] * _reach(point, axes, AXIS) * inwards
        yield Vector(x, y, float(dx), float(dy), EIGEN, f"λ {value:.4g}")


def _reach(point: PointReading, axes: tuple[int, int], part: float) -> float:
    return part * min(point.objective.domain[axis][1] - point.objective.domain[axis][0] for axis in axes)


def step_arrows(point: PointReading, steps: StepReading, axes: tuple[int, int]) -> Iterator[Vector]:
    """Yield the gradient step and Newton's as they are."""
    x = np.asarray(point.point)
    for end, tone, name in ((steps.descent, DESCENT, "−lr ∇f"), (steps.newton, NEWTON, "Newton")):
        if end is not None and np.isfinite(end).all():
            dx, dy = (end - x)[list(axes)]
            yield Vector(float(x[axes[0]]), float(x[axes[1]]), float(dx), float(dy), tone, name)


def step_chords(curve: CurveReading, point: PointReading, steps: StepReading) -> Iterator[Curve]:
    """Yield where the gradient step and Newton's lead on a curve, as lines from the point to those in the domain."""
    newton = steps.newton if steps.newton is not None else np.full(1, math.nan)
    found = ((steps.descent, steps.descent_f, DESCENT, "−lr ∇f"), (newton, steps.newton_f, NEWTON, "Newton"))
    for key, (end, f, tone, name) in zip(CHORDS, found, strict=True):
        ends = sorted([(point.point[0], point.f), (float(end[0]), f)])
        if np.isfinite(ends).all() and curve.x[0] <= ends[0][0] and ends[1][0] <= curve.x[-1]:
            x, y = np.array(ends).T
            yield Curve(key, x, y, tone, name)


def chord_ends(chords: list[Curve], point: PointReading) -> list[Spot]:
    """Return a ring where each step leads."""
    ends = [(one, -1 if one.x[0] == point.point[0] else 0) for one in chords]
    return [Spot(float(one.x[end]), float(one.y[end]), "ring", one.name) for one, end in ends]


def newton_path(steps: StepReading, axes: tuple[int, int]) -> Path:
    """Return Newton's way as a path."""
    return Path("newton", steps.way[:, axes[0]], steps.way[:, axes[1]], NEWTON, "Newton", stopped=not steps.arrived)


def spots(points: tuple[CriticalPoint, ...], axes: tuple[int, ...], point: PointReading) -> list[Spot]:
    """Return the marks of critical points that lie in the plane drawn."""
    domain = point.objective.domain
    rest = [axis for axis in range(len(point.point)) if axis not in axes]
    found = []
    for one in points:
        apart = [abs(one.point[axis] - point.point[axis]) / (domain[axis][1] - domain[axis][0]) for axis in rest]
        if all(part <= IN_SLICE for part in apart):
            y = one.f if len(axes) == 1 else one.point[axes[1]]
            found.append(Spot(one.point[axes[0]], y, one.kind, one.kind))
    return found


def curves(reading: CurveReading, look: FunctionLook) -> Iterator[Curve]:
    """Yield f and the derivatives that are wanted."""
    yield Curve("f", reading.x, reading.f, 1, "f")
    if look.slope:
        yield Curve("slope", reading.x, reading.slope, 0, "∂f")
    if look.bend:
        yield Curve("bend", reading.x, reading.bend, 2, "∂²f")


def parabola(reading: CurveReading, x: float, f: float, slope: float, bend: float) -> Curve | None:
    """Return the osculating parabola around x, no higher than the curve's own range and a little."""
    finite = reading.f[np.isfinite(reading.f)]
    if not finite.size or not np.isfinite([x, f, slope, bend]).all():
        return None
    room = ROOM * (float(finite.max() - finite.min()) or 1.0)
    with np.errstate(all="ignore"):
        y = f + slope * (reading.x - x) + bend / 2 * (reading.x - x) ** 2
    inside = (y >= finite.min() - room) & (y <= finite.max() + room)
    near = int(np.abs(reading.x - x).argmin())
    if not inside[near]:
        return None
    outside = np.flatnonzero(~inside)
    low = int(outside[outside < near].max(initial=-1)) + 1
    high = int(outside[outside > near].min(initial=len(y)))
    return Curve("parabola", reading.x[low:high], y[low:high], 3, "parabola", dash=(5.0, 2.5))
