"""Pictures of one state of a descent: the landscape around it, and the curvature under each racer."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradlab.engine.landscape import Grid, grid, hessian, line, value_and_gradient
from gradlab.engine.objectives import Objective
from gradlab.engine.optimizers import Optimizer
from gradlab.engine.record import Notes
from gradlab.engine.text import Text

from .look import DescentLook
from .spec import DescentSpec
from .status import Standing, nearest, standing
from .swarm import LOOP_LIMIT, way

COARSE, FINE = 41, 201
PROFILE = 801
FIELD = 17


@dataclass(frozen=True, slots=True)
class Landscape:
    """The function over a rectangle: the whole domain in two dimensions, a slice through the iterate in more."""

    objective: Objective
    grid: Grid
    axes: tuple[int, int]
    at: tuple[float, ...] | None

    def coarser(self, other: Landscape) -> bool:
        """Tell whether ``other`` shows the same, finer."""
        same = (self.objective, self.axes, self.at) == (other.objective, other.axes, other.at)
        return same and len(self.grid.x) < len(other.grid.x)


@dataclass(frozen=True, slots=True)
class Field:
    """Gradients on a coarse grid: where (N, 2), and ∇f there (N, 2)."""

    at: np.ndarray
    gradient: np.ndarray


@dataclass(frozen=True, slots=True)
class Profile:
    """A function of one variable, with its derivative."""

    x: np.ndarray
    f: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True, slots=True)
class Curvature:
    """What one racer's iterate is like: value, gradient, Hessian, and how far the nearest known minimum is.

    ``condition`` is |λ|max / |λ|min; ``bound`` the largest stable lr of plain descent, 2 / λmax, NaN where λmax ≤ 0.
    """

    racer: str
    x: np.ndarray
    f: float
    gradient: np.ndarray
    hessian: np.ndarray
    eigenvalues: np.ndarray
    condition: float
    bound: float
    minimum: int
    distance: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Curvatures:
    """The curvature under every racer at one row; ``row`` is None for the start."""

    row: int | None
    racers: tuple[Curvature, ...]


Reading = Landscape | Field | Profile | Curvatures | Notes


def inspect(
    spec: DescentSpec, row: Mapping[str, np.ndarray] | None, look: DescentLook, step: int | None = None
) -> Iterator[Reading]:
    """Yield the pictures of a state, coarse then fine; a landscape that has not changed is the same object again."""
    points = np.array([spec.start_of(racer) for racer in spec.racers]) if row is None else row["x"]
    yield curvatures(spec, points, row, step)
    yield from _landscapes(spec, look, points, row)
    yield notes(spec)


def _landscapes(
    spec: DescentSpec, look: DescentLook, points: np.ndarray, row: Mapping[str, np.ndarray] | None
) -> Iterator[Landscape | Field | Profile]:
    objective = spec.objective
    if objective.dimension == 1:
        yield profile(objective)
        return
    axes, at = (0, 1), None
    if objective.dimension > 2:
        axes = look.axes if max(look.axes) < objective.dimension and look.axes[0] != look.axes[1] else (0, 1)
        at = _through(spec, look, points, row)
    for size in (COARSE, FINE):
        yield landscape(objective, axes, at, size)
    if look.field:
        yield field(objective, axes, at)


@functools.lru_cache(maxsize=16)
def notes(spec: DescentSpec) -> Notes:
    """Return how each racer's swarm is run, where it is not one tensor, and which optimizers cannot race here."""
    refused = {"racers.*.optimizer": refusals(spec.objective.dimension)}
    if not spec.swarm.count:
        return Notes({}, refused)
    texts = {
        "parameters": Text("its swarm runs as one optimizer over {n} parameters", {"n": spec.swarm.count}),
        "loop": Text("its swarm runs one by one, {n} starts of it", {"n": min(LOOP_LIMIT, spec.swarm.count)}),
    }
    ways = {racer.id: way(racer) for racer in spec.racers}
    return Notes({f"racers.{name}.optimizer": texts[way] for name, way in ways.items() if way in texts}, refused)


@functools.lru_cache(maxsize=16)
def refusals(dimension: int) -> Mapping[str, str]:
    """Return why optimizers cannot race in so many dimensions, by kind; those that can are left out."""
    found = ((member().kind, member().unavailable((dimension,))) for member in Optimizer.items())
    return {kind: why for kind, why in found if why}


def _focus(spec: DescentSpec, look: DescentLook) -> int:
    ids = [racer.id for racer in spec.racers]
    return ids.index(look.focus) if look.focus in ids else 0


def _through(
    spec: DescentSpec, look: DescentLook, points: np.ndarray, row: Mapping[str, np.ndarray] | None
) -> tuple[float, ...]:
    """Return the point a slice goes through: the iterate in focus; its start once it has diverged."""
    index = _focus(spec, look)
    lost = row is not None and bool(np.isfinite(row["ended"][index]))
    return spec.start_of(spec.racers[index]) if lost else tuple(points[index].tolist())


@functools.lru_cache(maxsize=16)
def landscape(objective: Objective, axes: tuple[int, int], at: tuple[float, ...] | None, size: int) -> Landscape:
    """Return the function over its domain, or over the slice of it through ``at``."""
    box = (objective.domain[axes[0]], objective.domain[axes[1]])
    return Landscape(objective, grid(objective, box, size, axes=axes, at=at), axes, at)


@functools.lru_cache(maxsize=16)
def field(objective: Objective, axes: tuple[int, int], at: tuple[float, ...] | None) -> Field:
    """Return the gradient on a coarse grid over the domain, or over the slice of it through ``at``."""
    sides = [np.linspace(*objective.domain[axis], FIELD + 2)[1:-1] for axis in axes]
    points = np.tile(np.zeros(objective.dimension) if at is None else np.array(at), (FIELD * FIELD, 1))
    points[:, list(axes)] = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    gradient = value_and_gradient(objective, points)[1]
    return Field(points[:, list(axes)], gradient[:, list(axes)])


@functools.lru_cache(maxsize=16)
def profile(objective: Objective) -> Profile:
    """Return a function of one variable over its domain."""
    return Profile(*line(objective, objective.domain[0], PROFILE))


def curvatures(
    spec: DescentSpec, points: np.ndarray, row: Mapping[str, np.ndarray] | None, step: int | None
) -> Curvatures:
    """Return the curvature under every racer, at points of shape (R, D)."""
    with np.errstate(all="ignore"):  # a racer that diverged has numbers to be shown, not to be warned of
        return _curvatures(spec, points, row, step)


def _curvatures(
    spec: DescentSpec, points: np.ndarray, row: Mapping[str, np.ndarray] | None, step: int | None
) -> Curvatures:
    values, gradients = value_and_gradient(spec.objective, points, dtype=spec.dtype)
    hessians = hessian(spec.objective, points, dtype=spec.dtype)
    found = []
    for index, racer in enumerate(spec.racers):
        ended = None if row is None or np.isnan(row["ended"][index]) else int(row["ended"][index])
        found.append(_curvature(spec, racer.id, points[index], values[index], gradients[index], hessians[index], ended))
    return Curvatures(step, tuple(found))


def _curvature(
    spec: DescentSpec, racer: str, x: np.ndarray, f: float, gradient: np.ndarray, h: np.ndarray, ended: int | None
) -> Curvature:
    finite = bool(np.isfinite(h).all())
    eigenvalues = np.linalg.eigvalsh(h) if finite else np.full(len(x), np.nan)
    sizes = np.abs(eigenvalues)
    condition = float(sizes.max() / sizes.min()) if finite and sizes.min() > 0 else float("inf" if finite else "nan")
    bound = float(2 / eigenvalues[-1]) if finite and eigenvalues[-1] > 0 else float("nan")
    minimum, distance = nearest(x, spec.objective.minima)
    verdict = standing(float(f), math.hypot(*gradient), h if finite else None, ended)
    return Curvature(racer, x, float(f), gradient, h, eigenvalues, condition, bound, minimum, distance, verdict)
