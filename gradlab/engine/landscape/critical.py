"""Critical points: Newton's method on ∇f = 0 from many starts at once, and what each of them is."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gradlab.engine.objectives import Objective

from .fields import Array, expansion, hessian
from .slices import Side

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]

FLAT = 1e-10
"""An eigenvalue this small beside the largest counts as 0."""
FAINT = 1e-8
"""A slope or curvature this small beside what is usual for the function counts as 0."""
ROUNDS = 60
LONGEST = 0.1
"""The longest step, as a part of the box's width: Newton's method leaps where the Hessian is nearly singular."""
SAME = 1e-6
"""Points closer than this part of the box are one."""
ARRIVED, CLOSE = 1e-13, 1e-8
"""A step shorter than these parts of the box ends the search; or is good enough where rounding keeps it longer."""
SMALL = 1e-6
"""How steep it may still be there, beside the steepest start."""


class CriticalPoint(NamedTuple):
    """Where the gradient vanishes: the point, the value there, and what it is."""

    point: tuple[float, ...]
    f: float
    kind: Kind


def classify(matrix: ArrayLike, scale: float = 0.0) -> Kind:
    """Return what a critical point with this Hessian[D, D] is, by the signs of its eigenvalues.

    Eigenvalues below ``FLAT`` of the largest count as 0, and so do those below ``FAINT`` of ``scale``, a curvature that
    is usual for the function. With one of them the point is degenerate: the Hessian does not tell.
    """
    h = np.asarray(matrix, float)
    if not np.isfinite(h).all():
        return "degenerate"
    values = np.linalg.eigvalsh((h + h.T) / 2)
    least = max(FLAT * float(np.abs(values).max()), FAINT * scale)
    if (np.abs(values) <= least).any():
        return "degenerate"
    return "minimum" if (values > 0).all() else "maximum" if (values < 0).all() else "saddle"


def critical_points(
    objective: Objective, box: Sequence[Side] | None = None, starts: int = 400, seed: int = 0, limit: int = 500
) -> list[CriticalPoint]:
    """Return the points of ``box`` (else the domain) where ∇f = 0 that Newton's method finds, the lowest first.

    It starts on a grid of about ``starts`` points in one and two dimensions, at random ones (``seed``) in more, and at
    the known minima. What it returns is stationary, but a point may be missed; plateaus are left out.
    """
    search = critical_search(objective, box, starts, seed, limit)
    try:
        while True:
            next(search)
    except StopIteration as end:
        found: list[CriticalPoint] = end.value
        return found


def critical_search(
    objective: Objective, box: Sequence[Side] | None = None, starts: int = 400, seed: int = 0, limit: int = 500
) -> Generator[None, None, list[CriticalPoint]]:
    """Return what ``critical_points`` does; it yields after every round, where it may be left."""
    sides = np.asarray(box if box is not None else objective.domain, float)
    low, width = sides[:, 0], np.ptp(sides, axis=1)
    x = low + width * _starts(len(sides), starts, seed)
    if objective.minima:
        x = np.vstack([x, objective.minima])
    _, slope, bend, bent = _scaled(objective, x, width)
    steep, curved, scale = _usual(slope), _usual(bend), _usual(bent)
    steepest = float(slope[np.isfinite(slope)].max(initial=0))
    x = yield from _newton(objective, x, low, width)
    f, slope, bend, _ = _scaled(objective, x, width)
    beside = _scaled(objective, x + 1e-3 * width, width)[1]
    reached = (
        np.abs(_step(objective, x) / width).max(1) <= CLOSE
    )  # nan where f, its slope or its curvature is not finite
    good = reached & (slope <= SMALL * steepest) & np.isfinite(f)
    good &= (bend > FAINT * curved) | (beside > FAINT * steep)  # else it lies on a plateau
    x, f = x[good], f[good]
    chosen = _distinct(x / width, f)[:limit]
    kinds = [classify(h, scale) for h in hessian(objective, x[chosen])]
    return [CriticalPoint(tuple(x[i].tolist()), float(f[i]), kind) for i, kind in zip(chosen, kinds, strict=True)]


def _scaled(objective: Objective, x: Array, width: Array) -> tuple[Array, Array, Array, Array]:
    """Return f[N], the largest component of slope and curvature in units of the box's widths, and of the Hessian."""
    f, g, h = expansion(objective, x)
    h = np.abs(h)
    return f, np.abs(g * width).max(1), (h * np.outer(width, width)).max((1, 2)), h.max((1, 2))


def _usual(sizes: Array) -> float:
    """Return the median of the finite sizes above 0; 0 where there is none."""
    finite = sizes[np.isfinite(sizes) & (sizes > 0)]
    return float(np.median(finite)) if finite.size else 0.0


def _starts(dimension: int, count: int, seed: int) -> Array:
    """Return points of the unit cube: cell centres of a grid, or random ones."""
    if dimension > 2:
        return np.random.default_rng(seed).random((count, dimension))
    side = (np.arange(round(count ** (1 / dimension))) + 0.5) / round(count ** (1 / dimension))
    return np.stack([axis.ravel() for axis in np.meshgrid(*[side] * dimension)], axis=1)


def _newton(objective: Objective, x: Array, low: Array, width: Array) -> Generator[None, None, Array]:
    """Return where the method arrived from the points ``x`` inside the box; the others are left out."""
    arrived = []
    for _ in range(ROUNDS):
        if not len(x):
            break
        yield
        step = _step(objective, x)
        length = np.abs(step / width).max(1)
        x = x + step * np.minimum(1, LONGEST / np.maximum(length, 1e-300))[:, None]
        still = length < ARRIVED
        arrived.append(x[still])
        x = x[~still & np.isfinite(x).all(1) & (np.abs((x - low) / width - 0.5) < 1).all(1)]
    found = np.vstack([*arrived, x])
    return found[((found - low >= -SAME * width) & (found - low <= (1 + SAME) * width)).all(1)]


def _step(objective: Objective, x: Array) -> Array:
    """Return −H⁻¹∇f, with the pseudo-inverse where H is singular; NaN where it is not finite."""
    _, g, h = expansion(objective, x)
    step = np.full_like(g, np.nan)
    good = np.isfinite(g).all(1) & np.isfinite(h).all((1, 2))
    if good.any():
        with np.errstate(all="ignore"):
            step[good] = -np.einsum("nij,nj->ni", np.linalg.pinv(h[good], hermitian=True), g[good])
    return step


def _distinct(x: Array, f: Array) -> list[int]:
    """Return the indices of points that are not the same as a lower one, the lowest first."""
    kept: list[int] = []
    for i in np.argsort(f, kind="stable"):
        if not kept or np.abs(x[kept] - x[i]).max(1).min() > SAME:
            kept.append(int(i))
    return kept
