"""What a lone racer and a swarm share: building an optimizer, its updates, and live changes."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

from gradlab.engine.errors import UserError
from gradlab.engine.schedules import retune

from .spec import Racer

if TYPE_CHECKING:
    import torch

    from .closure import Closure
    from .spec import Noise


def refuse(racer: Racer, shape: tuple[int, ...]) -> None:
    """Raise ``UserError`` when the racer's optimizer cannot work on a parameter of this shape."""
    reason = racer.optimizer.unavailable(shape)
    if reason:
        raise UserError(f"racers.{racer.id}.optimizer: {racer.optimizer.name()} cannot run here: {reason}")


def stream(noise: Noise, racer: Racer) -> int:
    """Return the seed of a racer's own stream: racers that come and go leave the others' noise alone."""
    return zlib.crc32(f"{getattr(noise, 'seed', 0)}/{racer.id}".encode())


def tune(optimizer: torch.optim.Optimizer, scheduler: Any, before: Racer, after: Racer) -> None:
    """Write the hyperparameters of ``after`` into a running optimizer; the schedule keeps its course."""
    after.optimizer.apply(optimizer)
    if after.optimizer.lr != before.optimizer.lr:
        retune(optimizer, scheduler, 0, after.optimizer.lr)


def update(racer: Racer, optimizer: torch.optim.Optimizer, scheduler: Any, closure: Closure) -> bool:
    """Make one update, as the bare torch loop does, and evaluate f where it leads; tell whether there was one.

    Solvers raise on what is not finite: that is divergence. The schedule gets the loss before the update.
    """
    value = closure.value
    try:
        optimizer.step(closure)  # type: ignore[arg-type]
    except ZeroDivisionError:
        if optimizer.param_groups[0]["lr"] != 0:
            raise
        # WORKAROUND torch 2.13: the strong Wolfe search of L-BFGS divides by the step, and at lr 0 there is none
    except (RuntimeError, ArithmeticError):
        if math.isfinite(closure.value.item()):
            raise
        return False
    if scheduler is not None:
        scheduler.step(*([value] if racer.schedule.needs_metric else []))
    closure.evaluate()
    return True
