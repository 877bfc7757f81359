"""What a lone racer and a swarm share: building an optimizer, live changes, and exact copies of its state."""

from __future__ import annotations

import copy
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


def keep_optimizer(optimizer: torch.optim.Optimizer) -> Any:
    """Return an exact copy of an optimizer's state; ``state_dict`` would come back with dtypes of its own."""
    groups = [{k: copy.deepcopy(v) for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return groups, [copy.deepcopy(optimizer.state.get(parameter, {})) for parameter in parameters]


def restore_optimizer(optimizer: torch.optim.Optimizer, kept: Any) -> None:
    """Take an optimizer back to a copied state."""
    groups, states = copy.deepcopy(kept)
    for group, values in zip(optimizer.param_groups, groups, strict=True):
        group.update(values)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for parameter, state in zip(parameters, states, strict=True):
        optimizer.state[parameter] = state
