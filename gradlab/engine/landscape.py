"""A function around a point and over a box: values, gradients, Hessians, grids, and what a stationary point is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import torch

    from gradlab.engine.objectives import Objective

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]


@dataclass(frozen=True, slots=True)
class Grid:
    """A function over a rectangle: x (n,), y (n,), and z (n, n) with z[j, i] = f(x[i], y[j])."""

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray


def value_and_gradient(
    objective: Objective, points: np.ndarray, dtype: str = "float64"
) -> tuple[np.ndarray, np.ndarray]:
    """Return f (N,) and ∇f (N, D) at points (N, D), computed in ``dtype``; what is not finite is as torch has it."""
    import torch

    x = _leaf(points, dtype)
    value = objective(*x.unbind(-1))
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return _floats(value), _floats(gradient)


def hessian(objective: Objective, points: np.ndarray, dtype: str = "float64") -> np.ndarray:
    """Return the Hessians (N, D, D) at points (N, D), by two backward passes over all points at once."""
    import torch

    x = _leaf(points, dtype)
    (gradient,) = torch.autograd.grad(objective(*x.unbind(-1)).sum(), x, create_graph=True)
    rows = []
    for index in range(x.shape[-1]):
        part = gradient[:, index].sum()
        row = torch.autograd.grad(part, x, retain_graph=True, allow_unused=True)[0] if part.requires_grad else None
        rows.append(torch.zeros_like(x) if row is None else row)
    return _floats(torch.stack(rows, dim=-2))


def grid(
    objective: Objective,
    box: Sequence[tuple[float, float]],
    n: int,
    axes: tuple[int, int] = (0, 1),
    at: np.ndarray | None = None,
    dtype: str = "float64",
) -> Grid:
    """Return f over a rectangle of two coordinates, the others as they are at ``at`` (the start when None)."""
    import torch

    x, y = (np.linspace(low, high, n) for low, high in box)
    rest = np.asarray(objective.start if at is None else at, dtype=float)
    kind = getattr(torch, dtype)
    coordinates = [torch.full((n, n), float(value), dtype=kind) for value in rest]
    ys, xs = torch.meshgrid(torch.from_numpy(y).to(kind), torch.from_numpy(x).to(kind), indexing="ij")
    coordinates[axes[0]], coordinates[axes[1]] = xs, ys
    with torch.no_grad():
        return Grid(x, y, _floats(objective(*coordinates)))


def line(
    objective: Objective, box: tuple[float, float], n: int, axis: int = 0, at: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, f and ∂f/∂x (n,) along one coordinate, the others as they are at ``at`` (the start when None)."""
    x = np.linspace(*box, n)
    points = np.tile(np.asarray(objective.start if at is None else at, dtype=float), (n, 1))
    points[:, axis] = x
    value, gradient = value_and_gradient(objective, points)
    return x, value, gradient[:, axis]


def classify(matrix: np.ndarray) -> Kind:
    """Return what a stationary point with this Hessian (D, D) is, by the signs of its eigenvalues."""
    if not np.isfinite(matrix).all():
        return "degenerate"
    values = np.linalg.eigvalsh(matrix)
    tolerance = 1e-8 * max(float(np.abs(values).max()), 1e-30)
    if (values > tolerance).all():
        return "minimum"
    if (values < -tolerance).all():
        return "maximum"
    return "saddle" if values.min() < -tolerance and values.max() > tolerance else "degenerate"


def _leaf(points: np.ndarray, dtype: str) -> torch.Tensor:
    import torch

    return torch.tensor(np.atleast_2d(points), dtype=getattr(torch, dtype), requires_grad=True)


def _floats(tensor: torch.Tensor) -> np.ndarray:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=float)
