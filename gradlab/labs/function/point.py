"""The function at the point: every partial derivative by three ways, the Hessian, and the steps tried from there."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from gradlab.engine.derivatives import AGREE, Derivative3, compared
from gradlab.engine.expressions.kinks import kinked
from gradlab.engine.landscape import classify, expansion, hessian, value, value_and_gradient
from gradlab.engine.objectives import Objective
from gradlab.engine.text import Text

from .formulas import Symbols, names_at, symbols, tree_of
from .spec import FunctionSpec

ROUNDS, FEWEST = 60, 8
BACKWARDS = 400
"""Rows of Hessians that Newton's method may ask for: with many coordinates it takes fewer rounds."""
ARRIVED = 1e-7
"""Length of a Newton step, beside the point's, that is as good as none."""
RUNAWAY = 1e12
SLOW = 0.2
"""Newton's steps that shrink to no less than this part lead to where the Hessian is singular."""
ROUNDING = 1e-14
"""An eigenvalue this small beside the largest is 0."""


@dataclass(frozen=True, slots=True, eq=False)
class PointReading:
    """Value, partial derivatives, gradient[D], Hessian[D, D] and its eigenvalues[D] with eigenvectors (columns)[D, D].

    ``latex`` are the derivatives' formulas, as far as there are any; where there are none ``reason`` says why.
    ``condition`` is |λ|max / |λ|min; ``kind`` is what a critical point with this Hessian is.
    """

    objective: Objective
    point: tuple[float, ...]
    axis: int
    f: float
    rows: tuple[Derivative3, ...]
    gradient: np.ndarray
    hessian: np.ndarray
    eigenvalues: np.ndarray
    eigenvectors: np.ndarray
    condition: float
    kind: str
    latex: tuple[str, ...] = ()
    reason: Text | str = ""

    @property
    def norm(self) -> float:
        """The length of the gradient."""
        return math.hypot(*self.gradient)


@dataclass(frozen=True, slots=True, eq=False)
class StepReading:
    """A gradient step and Newton's from the point: where they lead and what f is there.

    ``way``[n + 1, D] is Newton's method until it stands still, ``arrived`` whether it does and ``kind`` where;
    ``reason`` says why there is no Newton step.
    """

    lr: float
    descent: np.ndarray
    descent_f: float
    newton: np.ndarray | None
    newton_f: float
    way: np.ndarray
    way_f: float
    arrived: bool
    kind: str
    reason: Text | str = ""


def point_reading(spec: FunctionSpec, *, formulas: bool = True) -> PointReading:
    """Return the numbers at the point; without ``formulas`` those that need no symbols, which may take a second."""
    objective, point = spec.objective, np.asarray(spec.point, dtype=float)
    f, gradient, curvature = expansion(objective, point[None])
    gradient, h = gradient + 0.0, curvature[0] + 0.0  # no −0
    differences = central(objective, point, spec.h)
    found = symbols(objective) if formulas else Symbols()
    values = found.values(objective.variables, spec.point)
    rows = tuple(
        _row(spec, i, float(f[0]), float(gradient[0, i]), float(differences[i]), formula)
        for i, formula in enumerate([one.value(values) for one in found.gradient] or [None] * len(point))
    )
    eigenvalues, eigenvectors = eigen(h)
    return PointReading(
        objective,
        spec.point,
        spec.axis,
        float(f[0]),
        rows,
        gradient[0],
        h,
        eigenvalues,
        eigenvectors,
        condition(eigenvalues),
        classify(h),
        tuple(one.latex for one in found.gradient),
        found.reason,
    )


def _row(
    spec: FunctionSpec, axis: int, f: float, slope: float, difference: float, formula: float | None
) -> Derivative3:
    """Return a partial derivative by its three ways; where they disagree because of a kink, that is said."""
    name, value = spec.objective.variables[axis], spec.point[axis]
    row = compared(f"∂f/∂{name}", value, slope, difference, formula, scale=f)
    if row.error <= AGREE:
        return row
    tree = tree_of(spec.objective)
    values = names_at(spec.objective, spec.point)
    kink = kinked(tree, values, name, spec.h) if tree is not None else ""
    note: Text | str = ""
    if not math.isfinite(slope):
        note = Text("the gradient has no finite value here")
    elif kink == "near":
        note = Text("a kink lies within h of {at}: the difference is not compared", {"at": f"{name} = {value:g}"})
    elif kink == "at":
        note = Text("a kink at {at}: autograd takes {slope}", {"at": f"{name} = {value:g}", "slope": f"{slope:g}"})
    return compared(row.name, value, slope, difference, formula, scale=f, note=note, kink=kink)


def central(objective: Objective, point: np.ndarray, h: float | np.ndarray) -> np.ndarray:
    """Return (f(x + h eᵢ) − f(x − h eᵢ)) / 2h[…, D] for every coordinate and every step h[…], in one batch.

    The divisor is what lies between the two points after rounding.
    """
    size, steps = len(point), np.asarray(h, dtype=float)
    shift = steps[..., None, None] * np.eye(size)
    above, below = point + shift, point - shift
    stacked = np.concatenate([above.reshape(-1, size), below.reshape(-1, size)])
    values = value(objective, stacked)
    up, down = values.reshape(2, *steps.shape, size)
    with np.errstate(all="ignore"):
        return np.asarray((up - down) / (above - below).sum(axis=-1))


def eigen(h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues, ascending, and eigenvectors (columns) of a symmetric matrix, NaN where not finite."""
    if not np.isfinite(h).all():
        return np.full(len(h), np.nan), np.full(h.shape, np.nan)
    values, vectors = np.linalg.eigh((h + h.T) / 2)
    return values, vectors


def condition(eigenvalues: np.ndarray) -> float:
    """Return |λ|max / |λ|min: infinite where an eigenvalue is 0, up to rounding."""
    sizes = np.abs(eigenvalues)
    if not np.isfinite(sizes).all():
        return float("nan")
    return float(sizes.max() / sizes.min()) if sizes.min() > ROUNDING * sizes.max() else float("inf")


def step_reading(spec: FunctionSpec) -> StepReading:
    """Return where a gradient step and Newton's method lead from the point."""
    objective, x = spec.objective, np.asarray(spec.point, dtype=float)
    with np.errstate(all="ignore"):
        descent = x - spec.lr * value_and_gradient(objective, x[None])[1][0]
    descent_f = float(value(objective, descent[None])[0])
    way, arrived, reason = newton(objective, spec.point)
    first = way[1] if len(way) > 1 else None
    values = value(objective, way)
    kind = _kind(objective, way) if arrived else ""
    first_f = float(values[1]) if first is not None else float("nan")
    return StepReading(spec.lr, descent, descent_f, first, first_f, way, float(values[-1]), arrived, kind, reason)


def _kind(objective: Objective, way: np.ndarray) -> str:
    """Return what lies at the end of Newton's way: degenerate where its last steps shrank by no more than a factor."""
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    if len(lengths) > 2 and lengths[-1] > SLOW * lengths[-2]:
        return "degenerate"
    return classify(hessian(objective, way[-1:])[0])


@functools.lru_cache(maxsize=64)
def newton(objective: Objective, start: tuple[float, ...]) -> tuple[np.ndarray, bool, Text | str]:
    """Return Newton's way[n + 1, D] from ``start``, whether it comes to rest, and why it ends where it does not."""
    way = [np.asarray(start, dtype=float)]
    rounds = max(FEWEST, min(ROUNDS, BACKWARDS // len(start)))
    for _ in range(rounds):
        x = way[-1]
        _, (gradient,), (h,) = expansion(objective, x[None])
        if not (np.isfinite(gradient).all() and np.isfinite(h).all()):
            return np.array(way), False, Text("the gradient or the Hessian is not finite")
        try:
            step = -np.linalg.solve(h, gradient)
        except np.linalg.LinAlgError:
            return np.array(way), not gradient.any(), "" if not gradient.any() else Text("the Hessian is singular")
        if math.hypot(*step) <= ARRIVED * max(1.0, math.hypot(*x)):
            return np.array(way), True, ""
        if not np.isfinite(step).all() or np.abs(x + step).max() > RUNAWAY:
            return np.array(way), False, Text("Newton's method runs away")
        way.append(x + step)
    return np.array(way), False, Text("no rest within {n} steps", {"n": rounds})
