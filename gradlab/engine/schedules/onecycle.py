"""The one-cycle course, number for number torch's, that can be part of a chain and does not end the run."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    Scheduler = LRScheduler
else:
    Scheduler = object


@functools.cache
def scheduler_class(scheduler: type[Scheduler]) -> type[LRScheduler]:
    """Return ``scheduler`` with torch's scheduler as its base; torch is imported here and not before."""
    from torch.optim.lr_scheduler import LRScheduler

    return type(scheduler.__name__, (scheduler, LRScheduler), {"__doc__": scheduler.__doc__})


class OneCycle(Scheduler):
    """torch's OneCycleLR with its rates in lists of its own.

    torch keeps them in the groups and overwrites ``initial_lr``, from which the other parts of a chain start; and it
    raises after ``total_steps``, where the last rate stays here.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        *,
        max_lr: list[float],
        total_steps: int,
        pct_start: float,
        anneal_strategy: str,
        cycle_momentum: bool,
        base_momentum: float,
        max_momentum: float,
        div_factor: float,
        final_div_factor: float,
        three_phase: bool,
    ) -> None:
        self.optimizer = optimizer
        self.max_lrs = list(max_lr)
        self.initial_lrs = [rate / div_factor for rate in max_lr]
        self.min_lrs = [rate / final_div_factor for rate in self.initial_lrs]
        self.momenta = (max_momentum, base_momentum) if cycle_momentum else None
        self.cosine = anneal_strategy == "cos"
        self.three_phase = three_phase
        rise = float(pct_start * total_steps) - 1
        fall = [float(2 * pct_start * total_steps) - 2] if three_phase else []
        self.ends = (rise, *fall, float(total_steps - 1))
        if self.momenta:
            for group in optimizer.param_groups:
                group["max_momentum"], group["base_momentum"] = self.momenta
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:  # type: ignore[override]
        """Return the rate of each group at ``last_epoch``, and set its momentum."""
        phase, share = self._place()
        if self.momenta:
            high, low = self.momenta
            corners = (high, low, high, high) if self.three_phase else (high, low, high)
            for group in self.optimizer.param_groups:
                _set_momentum(group, self._between(corners[phase], corners[phase + 1], share))
        middle = [self.initial_lrs] if self.three_phase else []
        courses = [self.initial_lrs, self.max_lrs, *middle, self.min_lrs]
        pairs = zip(courses[phase], courses[phase + 1], strict=True)
        return [self._between(start, end, share) for start, end in pairs]

    def _place(self) -> tuple[int, float]:
        """Return the phase of the cycle, and the share of it that is over."""
        step = min(self.last_epoch, int(self.ends[-1]))
        starts = (0.0, *self.ends)
        for phase, (start, end) in enumerate(itertools.pairwise(starts)):
            if step <= end or phase == len(self.ends) - 1:
                return phase, (step - start) / (end - start) if end != start else 1.0
        raise AssertionError

    def _between(self, start: float, end: float, share: float) -> float:
        if self.cosine:
            return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
        return (end - start) * share + start


def _set_momentum(group: dict[str, object], value: float) -> None:
    betas = group.get("betas")
    if isinstance(betas, tuple):
        group["betas"] = (value, *betas[1:])
    else:
        group["momentum"] = value
