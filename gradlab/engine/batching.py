"""Whether many starts of one optimizer can share a tensor or an instance: tried on runs that move, never listed."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from .optimizers import Optimizer

Way = Literal["tensor", "parameters", "loop"]

STEPS = 60
MOVED = 1e-3
"""Distance that every point has to go for a run to prove anything."""
TRIALS = ((0.01, "float64"), (0.1, "float32"), (1.0, "float64"), (0.001, "float32"), (10.0, "float64"))
"""Learning rates and dtypes that are tried until two runs have moved."""
ALONE = 3
"""Points that go alone as well, to compare with: the first ones."""
STARTS = (
    (-4.0, -2.9),
    (3.4, -2.9),
    (0.7, 1.3),
    (math.nan, math.nan),
    (-1.5, 1.3),
    (-4.0, 1.3),
    (0.7, -2.9),
    (3.4, 1.3),
)
"""Where the points start. One has diverged before the others begin, which must not touch them."""


def how_to_batch(optimizer: Optimizer) -> Way:
    """Return how starts that must not touch each other can go together.

    ``tensor``: as the rows of one parameter, shape (N, D). ``parameters``: as N parameters of shape (D,) in one
    instance. ``loop``: only one by one.
    """
    if batchable(optimizer):
        return "tensor"
    return "parameters" if separate(optimizer) else "loop"


def batchable(optimizer: Optimizer) -> bool:
    """Tell whether a parameter of shape (N, D) goes, bit for bit, where N runs on its rows go.

    Kept per kind and hyperparameters, lr apart.
    """
    return _agrees(optimizer.replace(lr=1.0), True)


def separate(optimizer: Optimizer) -> bool:
    """Tell whether one instance over N parameters of shape (D,) goes, bit for bit, where N instances go."""
    return _agrees(optimizer.replace(lr=1.0), False)


@functools.lru_cache(maxsize=512)
def _agrees(optimizer: Optimizer, whole: bool) -> bool:
    """Tell whether two runs that move are the same together and apart; torch's random numbers are as before."""
    import torch

    moved = 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for lr, dtype in TRIALS:
            try:
                outcome = _compare(optimizer.replace(lr=lr), getattr(torch, dtype), whole)
            except Exception:  # noqa: BLE001 - other people's optimizers raise anything; that one goes alone
                return False
            if outcome == "differs":
                return False
            moved += outcome == "moved"
            if moved == 2:
                return True
    return False


def _compare(optimizer: Optimizer, dtype: torch.dtype, whole: bool) -> Literal["moved", "differs", "idle"]:
    """Make the same steps together and apart, side by side, and stop where they part."""
    import torch

    starts = torch.tensor(STARTS if whole else STARTS[: ALONE + 1], dtype=dtype)
    apart = [_Run(optimizer, [start.clone()]) for start in starts[:ALONE]]
    together = _Run(optimizer, [starts.clone()] if whole else [start.clone() for start in starts])
    for _ in range(STEPS):
        values, slopes = evaluate(together.points())
        together.step(values.sum(), slopes)
        for run, value, slope in zip(apart, values, slopes, strict=False):
            run.step(value, slope)
        alone = torch.cat([run.points() for run in apart])
        if not alone.isfinite().all():
            return "idle"
        if not torch.equal(together.points()[:ALONE], alone):
            return "differs"
    return "moved" if bool(((alone - starts[:ALONE]).norm(dim=1) > MOVED).all()) else "idle"


def evaluate(points: Tensor) -> tuple[Tensor, Tensor]:
    """Return f, shape (N,), and its gradient, shape (N, 2), at points of shape (N, 2), worked out by hand.

    f = h / (1 + h/100), where h is Himmelblau's function: hills, basins and gradients of many sizes, and nothing
    runs away.
    """
    import torch

    x, y = points.unbind(-1)
    a, b = x * x + y - 11, x + y * y - 7
    height = a * a + b * b
    share = 1 / (1 + height * 0.01)
    slope = 2 * share * share
    return height * share, torch.stack([slope * (2 * x * a + b), slope * (a + 2 * y * b)], dim=-1)


class _Run:
    """One optimizer over some parameters, and its closure: the first evaluation of a step is given, others are made."""

    def __init__(self, optimizer: Optimizer, points: Sequence[Tensor]) -> None:
        self.parameters = [point.requires_grad_() for point in points]
        self.optimizer = optimizer.build(self.parameters)
        self._given: tuple[Tensor, Tensor] | None = None

    def step(self, value: Tensor, slope: Tensor) -> None:
        """Make one step from where f and its gradient are known."""
        self._given = value, slope
        self.optimizer.step(self)  # type: ignore[arg-type]

    def points(self) -> Tensor:
        """Return where the points are, shape (N, 2)."""
        import torch

        return torch.cat([parameter.detach().view(-1, 2) for parameter in self.parameters])

    def loss(self) -> Tensor:
        """Return the sum of f over the points, with its graph."""
        import torch

        points = torch.cat([parameter.view(-1, 2) for parameter in self.parameters])
        return evaluate(points)[0].sum()

    def __call__(self) -> Tensor:
        """Return the sum of f, and leave its gradient in ``.grad``."""
        if self._given is None:
            values, slopes = evaluate(self.points())
            self._given = values.sum(), slopes
        value, slopes = self._given
        self._given = None
        parts = slopes.view(len(self.parameters), -1)
        for parameter, part in zip(self.parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter)
        return value
