"""A learning rate changed while a run is under way, without disturbing the course of its schedule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradlab.engine.errors import UserError, quote

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

PER_GROUP = ("base_lrs", "initial_lrs", "max_lrs", "min_lrs", "_last_lr")
"""Lists in schedulers that hold one learning rate for each group."""
SHARED = ("eta_min", "eps")
"""Learning rates, or differences of them, that a scheduler has once for all groups."""


def retune(optimizer: Optimizer, scheduler: LRScheduler | None, group: int, lr: float) -> None:
    """Make ``lr`` the learning rate that group number ``group`` of ``optimizer`` was asked for.

    What the schedule still has before it, floors and tops included, is multiplied by new/old; without a schedule the
    rate is simply set. Asking for the rate it has changes nothing. It goes through nested schedulers, and leaves
    lists that were handed out as they are. Raises ``UserError`` for a rate that is not positive and finite, and
    for one group of several where a scheduler has one floor for all of them.
    """
    if not (math.isfinite(lr) and lr > 0):
        raise UserError(f"lr: must be > 0 and finite, not {quote(lr)}")
    values = optimizer.param_groups[group]
    asked = values.get("initial_lr", values["lr"])
    if lr == asked:
        return
    if scheduler is None:
        values["lr"] = lr
        values.update({"initial_lr": lr} if "initial_lr" in values else {})
        return
    parts = list(_parts(scheduler))
    if len(optimizer.param_groups) > 1:
        _refuse_shared(parts)
    for part in parts:
        _scale(part, group, lr / asked)
    values["lr"] *= lr / asked
    values["initial_lr"] = lr


def _parts(scheduler: Any) -> Iterator[Any]:
    """Give out a scheduler and all that it is made of."""
    yield scheduler
    for part in getattr(scheduler, "_schedulers", ()):
        yield from _parts(part)


def _refuse_shared(parts: list[Any]) -> None:
    for part in parts:
        for name in SHARED:
            if vars(part).get(name):
                kind = type(part).__name__
                raise UserError(f"lr: cannot change for one group of several, as {kind} has one {name} for all")


def _scale(part: Any, group: int, ratio: float) -> None:
    for name in PER_GROUP:
        if name in vars(part):
            rates = list(getattr(part, name))
            rates[group] *= ratio
            setattr(part, name, rates)
    for name in SHARED:
        if name in vars(part):
            setattr(part, name, getattr(part, name) * ratio)
