"""Pictures of a gradient: the curve with its derivatives, and the gradient at the point by two ways."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlab.engine.differences import relative_error
from gradlab.engine.landscape import hessian, value_and_gradient
from gradlab.engine.objectives import Objective

from .look import FunctionLook
from .spec import FunctionSpec

COARSE, FINE = 101, 1201


@dataclass(frozen=True, slots=True)
class CurveReading:
    """f, ∂f and ∂²f along one coordinate through the point, shapes (n,)."""

    x: np.ndarray
    f: np.ndarray
    slope: np.ndarray
    bend: np.ndarray


@dataclass(frozen=True, slots=True)
class Partial:
    """One partial derivative: by autograd, by central difference with the step asked for, and how far apart."""

    variable: str
    value: float
    autograd: float
    difference: float
    error: float


@dataclass(frozen=True, slots=True)
class PointReading:
    """The function at the point: value, partial derivatives, and the second derivative along the drawn coordinate."""

    point: tuple[float, ...]
    axis: int
    f: float
    partials: tuple[Partial, ...]
    bend: float


def inspect(
    spec: FunctionSpec, row: Any = None, look: FunctionLook | None = None, step: int | None = None
) -> Iterator[CurveReading | PointReading]:
    """Yield the numbers at the point first, then the curve, coarse and fine."""
    yield point_reading(spec)
    for size in (COARSE, FINE):
        through = None if spec.objective.dimension == 1 else spec.point
        yield curve(spec.objective, spec.axis, through, size)


@functools.lru_cache(maxsize=16)
def curve(objective: Objective, axis: int, through: tuple[float, ...] | None, size: int) -> CurveReading:
    """Return f and its derivatives along a coordinate, the others held as they are at ``through``."""
    x = np.linspace(*objective.domain[axis], size)
    points = np.tile(np.asarray(through or objective.start, dtype=float), (size, 1))
    points[:, axis] = x
    f, gradient = value_and_gradient(objective, points)
    return CurveReading(x, f, gradient[:, axis], hessian(objective, points)[:, axis, axis])


def point_reading(spec: FunctionSpec) -> PointReading:
    """Return the numbers at the point."""
    point = np.asarray(spec.point, dtype=float)
    f, gradient = value_and_gradient(spec.objective, point[None])
    differences = central(spec.objective, point, spec.h)
    partials = tuple(
        Partial(
            name, float(point[i]), float(gradient[0, i]), float(differences[i]), _error(gradient[0, i], differences[i])
        )
        for i, name in enumerate(spec.objective.variables)
    )
    bend = float(hessian(spec.objective, point[None])[0, spec.axis, spec.axis])
    return PointReading(spec.point, spec.axis, float(f[0]), partials, bend)


def central(objective: Objective, point: np.ndarray, h: float) -> np.ndarray:
    """Return (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for every coordinate, all evaluated in one batch."""
    size = len(point)
    shifts = h * np.concatenate([np.eye(size), -np.eye(size)])
    values = value_and_gradient(objective, point + shifts)[0]
    with np.errstate(all="ignore"):
        return np.asarray((values[:size] - values[size:]) / (2 * h))


def _error(one: float, other: float) -> float:
    return float(relative_error(float(one), float(other)))
