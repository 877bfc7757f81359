"""Schedules that act at once, each with a factor of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gradlab.engine.model import Part

from .base import Schedule, in_unit, with_own_ids
from .decay import Constant, ExponentialLR, LinearLR

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler


class FactorPart(Part):
    """One factor of a product."""

    schedule: Schedule = Field(default_factory=Constant, description="how this factor goes")


def _rise_and_decay() -> tuple[FactorPart, ...]:
    rise = LinearLR(start_factor=0.1, total_iters=100)
    return FactorPart(id="rise", schedule=rise), FactorPart(id="decay", schedule=ExponentialLR())


class Product(Schedule):
    r"""Applies several schedules at once, so that their factors multiply.

    :math:`\eta_t=\eta\,\prod_i \eta^{(i)}_t/\eta`
    Schedules that set the rate outright cannot be factors, and a cosine is one until it turns.
    """

    kind: Literal["product"] = "product"
    multiplies = True
    starts_anew = False

    parts: Annotated[tuple[FactorPart, ...], Field(min_length=1, max_length=32, description="the factors")] = Field(
        default_factory=_rise_and_decay
    )

    @field_validator("parts")
    @classmethod
    def _fits(cls, parts: tuple[FactorPart, ...], info: ValidationInfo) -> tuple[FactorPart, ...]:
        with_own_ids(parts)
        for part in parts:
            if not part.schedule.multiplies:
                raise ValueError(f"{part.schedule.name()} sets the learning rate outright, so it cannot be a factor")
        return in_unit(parts, info)

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return torch's ChainedScheduler."""
        from torch.optim.lr_scheduler import ChainedScheduler

        return ChainedScheduler([part.schedule.scheduler(optimizer) for part in self.parts], optimizer)
