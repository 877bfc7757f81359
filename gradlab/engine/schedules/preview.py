"""The learning rates that a schedule gives, for plots of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .base import Schedule


def lrs(schedule: Schedule, lr: float, steps: int) -> np.ndarray:
    """Return the learning rates of the first ``steps`` updates of an optimizer with ``lr``, shape (steps,).

    They come from torch's own scheduler. One that asks for the loss sees it improve at every step.
    """
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = schedule.build(optimizer)
    rates = np.empty(steps)
    for step in range(steps):
        rates[step] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        if scheduler is not None:
            scheduler.step(*([-float(step)] if schedule.needs_metric else []))  # type: ignore[arg-type]
    return rates
