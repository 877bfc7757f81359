"""What the Function lab draws: curves along a coordinate, the map, directions, critical points, the step's error."""

from __future__ import annotations

import functools
import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.lab import Rest
from gradlab.engine.landscape import CriticalPoint, Grid, critical_search, grid, value, value_and_gradient
from gradlab.engine.objectives import Objective

from .formulas import known, symbols
from .look import FunctionLook
from .point import central
from .spec import FunctionSpec

if TYPE_CHECKING:
    from torch import Tensor

TURN = 361
"""Directions of the polar plot, one a degree."""
DIRECTION_STEP = 6e-6
LADDER = np.logspace(-14, 0, 113)
"""Steps whose errors are drawn."""
NEIGHBOURS = 4
MAX_KEPT = 16
MOST_SEARCHED = 4
"""Coordinates up to which critical points are looked for."""
STARTS = {1: 400, 2: 400}


@dataclass(frozen=True, slots=True, eq=False)
class CurveReading:
    """f, ∂f and ∂²f along one coordinate through the point, shapes (n,)."""

    objective: Objective
    axis: int
    x: np.ndarray
    f: np.ndarray
    slope: np.ndarray
    bend: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """The function over a rectangle: the domain in two dimensions, a slice through the point in more."""

    objective: Objective
    grid: Grid
    axes: tuple[int, int]
    at: tuple[float, ...] | None

    def finer(self, other: Landscape | None) -> bool:
        """Tell whether this shows the same as ``other``, finer."""
        if other is None or (self.objective, self.axes, self.at) != (other.objective, other.axes, other.at):
            return False
        return len(self.grid.x) > len(other.grid.x)


@dataclass(frozen=True, slots=True, eq=False)
class DirectionReading:
    """The directional derivative in the plane of two coordinates; angles in degrees from the first to the second.

    ``slope`` is ∇f · u, ``difference`` the same by a central difference along u; ``norm`` is the greatest value, the
    length of ∇f in the plane, ``steepest`` its angle (NaN where ∇f is 0). ``slopes`` are D_u f over ``angles``.
    """

    objective: Objective
    point: tuple[float, ...]
    axes: tuple[int, int]
    angle: float
    slope: float
    difference: float
    norm: float
    steepest: float
    angles: np.ndarray
    slopes: np.ndarray

    @property
    def unit(self) -> tuple[float, float]:
        """The direction as a vector of length 1."""
        return math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))


@dataclass(frozen=True, slots=True)
class CriticalReading:
    """The critical points in the domain, the lowest first; ``searched`` False where there are too many coordinates."""

    objective: Objective
    points: tuple[CriticalPoint, ...]
    searched: bool = True

    def count(self, kind: str) -> int:
        """Return how many there are of a kind."""
        return sum(one.kind == kind for one in self.points)


@dataclass(frozen=True, slots=True, eq=False)
class StepErrors:
    """Relative errors[D, n] of the central difference against its step h[n].

    They are against the formula, else against autograd. ``typical``[D, n] is the worst among neighbours, since single
    steps hit by luck, and ``best``[D] the steps of its smallest value.
    """

    objective: Objective
    h: np.ndarray
    errors: np.ndarray
    typical: np.ndarray
    best: np.ndarray


@functools.lru_cache(maxsize=32)
def curve(objective: Objective, axis: int, through: tuple[float, ...] | None, size: int) -> CurveReading:
    """Return f and its derivatives along a coordinate, the others held as they are at ``through``."""
    x = np.linspace(*objective.domain[axis], size)
    points = np.tile(np.asarray(through or objective.start, dtype=float), (size, 1))
    points[:, axis] = x
    return CurveReading(objective, axis, x, *_derived(objective, points, axis))


def _derived(objective: Objective, points: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return f, ∂f and ∂²f along a coordinate at points[n, D], each [n]: one backward pass a derivative."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        coordinates = [torch.from_numpy(column.copy()) for column in points.T]
        x = coordinates[axis].requires_grad_()
        found = [objective(*coordinates)]
        for _ in range(2):
            found.append(_slope(found[-1], x))
    f, slope, bend = (one.detach().numpy() for one in found)
    return f, slope, bend


def _slope(y: Tensor, x: Tensor) -> Tensor:
    """Return dy/dx element by element, to be derived again; 0 where y does not hang on x."""
    import torch

    if not y.requires_grad:
        return torch.zeros_like(x)
    found = torch.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True, materialize_grads=True)
    return found[0]


@functools.lru_cache(maxsize=16)
def landscape(objective: Objective, axes: tuple[int, int], at: tuple[float, ...] | None, size: int) -> Landscape:
    """Return the function over its domain, or over the slice of it through ``at``."""
    box = (objective.domain[axes[0]], objective.domain[axes[1]])
    return Landscape(objective, grid(objective, box, size, axes=axes, at=at), axes, at)


_FOUND: dict[Objective, CriticalReading] = {}


def critical(objective: Objective) -> CriticalReading:
    """Return the critical points of the domain."""
    for _ in searched(objective):
        pass
    return _FOUND[objective]


def searched(objective: Objective) -> Iterator[Rest | CriticalReading]:
    """Yield the critical points of the domain, after every round of the search a place to leave it; they are kept."""
    if objective not in _FOUND:
        few = objective.dimension <= MOST_SEARCHED
        points = (yield from _search(objective)) if few else []
        while len(_FOUND) >= MAX_KEPT:
            del _FOUND[next(iter(_FOUND))]
        _FOUND[objective] = CriticalReading(objective, tuple(points), searched=few)
    yield _FOUND[objective]


def _search(objective: Objective) -> Generator[Rest, None, list[CriticalPoint]]:
    search = critical_search(objective, starts=STARTS.get(objective.dimension, 600))
    while True:
        try:
            with np.errstate(all="ignore"):
                next(search)
        except StopIteration as end:
            found: list[CriticalPoint] = end.value
            return found
        yield Rest()


def directions(spec: FunctionSpec, look: FunctionLook) -> DirectionReading:
    """Return the directional derivative at the point; without a direction of its own that along the gradient."""
    axes = look.plane_of(spec.objective.dimension)
    point = np.asarray(spec.point, dtype=float)
    gradient = value_and_gradient(spec.objective, point[None])[1][0][list(axes)]
    norm = math.hypot(*gradient)
    steepest = math.degrees(math.atan2(gradient[1], gradient[0])) if norm > 0 and math.isfinite(norm) else math.nan
    angle = spec.direction if spec.direction is not None else (0.0 if math.isnan(steepest) else steepest)
    angles = np.linspace(0.0, 360.0, TURN)
    turned = np.radians(angles)
    unit = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    with np.errstate(all="ignore"):
        slopes = gradient[0] * np.cos(turned) + gradient[1] * np.sin(turned)
        slope = float(gradient @ unit)
    difference = along(spec.objective, point, axes, unit)
    return DirectionReading(spec.objective, spec.point, axes, angle, slope, difference, norm, steepest, angles, slopes)


def along(objective: Objective, point: np.ndarray, axes: tuple[int, int], unit: np.ndarray) -> float:
    """Return the derivative of f along a direction in a plane, by a central difference."""
    way = np.zeros_like(point)
    way[list(axes)] = DIRECTION_STEP * max(1.0, float(np.abs(point).max())) * unit
    above, below = value(objective, np.stack([point + way, point - way]))
    with np.errstate(all="ignore"):
        return float((above - below) / (2 * math.hypot(*way)))


def step_errors(spec: FunctionSpec) -> StepErrors:
    """Return how wrong the central difference is for steps from 1e-14 to 1."""
    point = np.asarray(spec.point, dtype=float)
    true = value_and_gradient(spec.objective, point[None])[1][0]
    if known(spec.objective) and symbols(spec.objective).gradient:
        found = symbols(spec.objective)
        values = found.values(spec.objective.variables, spec.point)
        true = np.array([one.value(values) for one in found.gradient])
    with np.errstate(all="ignore"):
        apart = np.abs(central(spec.objective, point, LADDER) - true)
        errors = (apart / np.maximum(np.abs(true), 1e-6)).T
    filled = np.pad(np.where(np.isfinite(errors), errors, 1e300), ((0, 0), (NEIGHBOURS, NEIGHBOURS)), mode="edge")
    typical = np.lib.stride_tricks.sliding_window_view(filled, 2 * NEIGHBOURS + 1, axis=1).max(axis=2)
    return StepErrors(spec.objective, LADDER, errors, typical, LADDER[typical.argmin(axis=1)])
