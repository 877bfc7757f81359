"""Slices: a plane of values, a line of values and slopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradlab.engine.objectives import Objective

from .fields import Array, DType, value_and_gradient

Side = tuple[float, float]

CHUNK = 1 << 18
"""Numbers that a grid hands to torch at once; keeps the memory of a large grid bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Values on a plane: z[j, i] = f(x_i, y_j)."""

    x: Array
    y: Array
    z: Array

    @property
    def missing(self) -> int:
        """The number of cells without a finite value."""
        return int(self.z.size - np.isfinite(self.z).sum())


def grid(
    objective: Objective,
    box: tuple[Side, Side],
    n: int,
    axes: tuple[int, int] = (0, 1),
    at: Sequence[float] | None = None,
    dtype: DType = "float64",
) -> Grid:
    """Return f on n × n points of ``box`` in the plane of two ``axes``; the other coordinates stay as in ``at``.

    Without ``at`` they stay at the objective's start. Raises ``ValueError`` for axes that the objective lacks.
    """
    import torch

    if len({a for a in axes if 0 <= a < objective.dimension}) != 2:
        raise ValueError(f"a plane needs two of the {objective.dimension} coordinates, not {axes}")
    x, y = (np.linspace(low, high, n, dtype=dtype) for low, high in box)
    z = np.empty((n, n), dtype)
    rows = max(1, CHUNK // (n * objective.dimension))
    across, up = torch.from_numpy(x), torch.from_numpy(y)
    rest = [torch.tensor(c, dtype=across.dtype) for c in at or objective.start]
    with torch.no_grad():
        for j in range(0, n, rows):
            part = up[j : j + rows, None]
            shape = (len(part), n)
            rest[axes[0]], rest[axes[1]] = across, part
            z[j : j + rows] = objective(*(c.expand(shape) for c in rest)).numpy()
    return Grid(x, y, z)


def line(
    objective: Objective, side: Side, n: int, axis: int = 0, at: Sequence[float] | None = None, dtype: DType = "float64"
) -> tuple[Array, Array, Array]:
    """Return x[n], f[n] and ∂f/∂x[n] along one ``axis``; the other coordinates stay as in ``at``, else at the start."""
    points = np.tile(np.asarray(at or objective.start, dtype), (n, 1))
    points[:, axis] = np.linspace(*side, n)
    f, gradient = value_and_gradient(objective, points, dtype)
    return points[:, axis], f, gradient[:, axis]
