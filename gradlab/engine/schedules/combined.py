"""Schedules made of others, one after the other: chains, and a warm-up before another schedule."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gradlab.engine.model import Part

from .base import Factor, Schedule, Ticks, in_unit, with_own_ids
from .decay import Constant, LinearLR
from .paths import CosineAnnealingLR

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

Legs = tuple[tuple[Schedule, int | None], ...]


def _checked_leg(schedule: Schedule) -> None:
    if schedule.needs_metric:
        raise ValueError(
            f"{schedule.name()} cannot be chained: it asks for the loss, which torch's chain does not pass on"
        )
    if not schedule.starts_anew:
        raise ValueError(f"{schedule.name()} cannot be chained: torch's chain cannot start it anew")


class Sequence(Schedule):
    """What runs schedules one after the other; each starts from the optimizer's learning rate."""

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return torch's SequentialLR over all legs, however deep they were nested."""
        from torch.optim.lr_scheduler import SequentialLR

        legs = self.legs()
        ends = itertools.accumulate(steps or 0 for _, steps in legs[:-1])
        return SequentialLR(optimizer, [schedule.scheduler(optimizer) for schedule, _ in legs], list(ends))


class ChainPart(Part):
    """One schedule of a chain, and how long it runs."""

    schedule: Schedule = Field(default_factory=Constant, description="how lr goes in this part")
    steps: Annotated[Ticks, Field(description="steps until the next part; the last part goes on")] = 500


def _flat_then_cosine() -> tuple[ChainPart, ...]:
    return ChainPart(id="flat"), ChainPart(id="cosine", schedule=CosineAnnealingLR(T_max=1500), steps=1500)


class Chain(Sequence):
    r"""Runs schedules one after the other, each as if the run began with it.

    :math:`\eta_t=\eta^{(i)}_{t-t_i}` for :math:`t_i\le t<t_{i+1}`
    """

    kind: Literal["chain"] = "chain"

    parts: Annotated[tuple[ChainPart, ...], Field(min_length=1, max_length=32, description="what runs, in order")] = (
        Field(default_factory=_flat_then_cosine)
    )

    @field_validator("parts")
    @classmethod
    def _fits(cls, parts: tuple[ChainPart, ...], info: ValidationInfo) -> tuple[ChainPart, ...]:
        with_own_ids(parts)
        for part in parts:
            _checked_leg(part.schedule)
        return in_unit(parts, info)

    def legs(self) -> Legs:
        """Return the parts, chains among them taken apart; a part inside a part ends with it."""
        found: list[tuple[Schedule, int | None]] = []
        for index, part in enumerate(self.parts):
            left = part.steps if index < len(self.parts) - 1 else None
            found.extend(_cut(part.schedule.legs(), left))
        return tuple(found)


class Warmup(Sequence):
    r"""A linear rise from a share of the learning rate, then another schedule.

    :math:`\eta_t=\eta\,\bigl(f+(1-f)\,t/w\bigr)` while :math:`t<w`, then :math:`\eta'_{t-w}` (Goyal et al. 2017).
    """

    kind: Literal["warmup"] = "warmup"
    title = "Warm-up"

    steps: Annotated[Ticks, Field(description="steps of the rise")] = 100
    start_factor: Annotated[Factor, Field(description="share of the learning rate at the start")] = 0.01
    then: Annotated[Schedule, Field(description="how lr goes after the rise")] = Field(default_factory=Constant)

    @field_validator("then")
    @classmethod
    def _fits(cls, then: Schedule, info: ValidationInfo) -> Schedule:
        _checked_leg(then)
        return then.replace(unit=info.data.get("unit", then.unit))

    def legs(self) -> Legs:
        """Return the rise and what comes after it."""
        rise = LinearLR(start_factor=self.start_factor, end_factor=1.0, total_iters=self.steps)
        return ((rise, self.steps), *self.then.legs())


def _cut(legs: Legs, limit: int | None) -> Legs:
    """Return the legs as far as ``limit`` steps go; the last takes what is left."""
    found: list[tuple[Schedule, int | None]] = []
    for schedule, steps in legs:
        taken = steps if limit is None or (steps is not None and steps < limit) else limit
        found.append((schedule, taken))
        if limit is not None and taken is not None:
            limit -= taken
            if limit == 0:
                break
    return tuple(found)
