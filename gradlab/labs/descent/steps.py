"""What a lone racer and a swarm share: building an optimizer, and live changes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from gradlab.engine.errors import UserError
from gradlab.engine.schedules import retune

from .spec import Racer

if TYPE_CHECKING:
    import torch

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


def step_schedule(racer: Racer, scheduler: Any, value: torch.Tensor) -> None:
    """Advance the schedule after an update, with the loss where it asks for one."""
    if racer.schedule.needs_metric:
        scheduler.step(value)
    else:
        scheduler.step()
