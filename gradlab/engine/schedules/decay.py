"""Schedules that multiply the learning rate by a factor as the run goes on; any of them can be combined."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from gradlab.engine.model import Real, Scale

from .base import Factor, Schedule, Ticks

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler


class Constant(Schedule):
    r"""The optimizer's own learning rate throughout. :math:`\eta_t=\eta`."""

    kind: Literal["constant"] = "constant"
    title = "No schedule"
    multiplies = True

    def build(self, optimizer: Optimizer) -> None:
        """Return None: there is nothing to step."""

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return a scheduler that changes nothing, as a part of a chain."""
        from torch.optim.lr_scheduler import ConstantLR as TorchConstantLR

        return TorchConstantLR(optimizer, factor=1.0, total_iters=1)


Gamma = Annotated[
    Real, Scale(step=0.05), Field(gt=0, le=10, description="factor of the learning rate at each of its changes")
]


class StepLR(Schedule):
    r"""Multiplies the learning rate by gamma every step_size steps.

    :math:`\eta_t=\eta\,\gamma^{\lfloor t/s\rfloor}`
    """

    kind: Literal["steplr"] = "steplr"
    multiplies = True

    step_size: Annotated[Ticks, Field(description="steps between two changes")] = 500
    gamma: Gamma = 0.1


class MultiStepLR(Schedule):
    r"""Multiplies the learning rate by gamma at each milestone.

    :math:`\eta_t=\eta\,\gamma^{\#\{i:\,m_i\le t\}}`
    """

    kind: Literal["multisteplr"] = "multisteplr"
    multiplies = True

    milestones: Annotated[
        tuple[Ticks, ...], Field(min_length=1, max_length=100, description="steps of the changes, in order")
    ] = (1000, 1500)
    gamma: Gamma = 0.1

    @field_validator("milestones")
    @classmethod
    def _rising(cls, milestones: tuple[int, ...]) -> tuple[int, ...]:
        for before, after in itertools.pairwise(milestones):
            if before >= after:
                raise ValueError(f"must rise, but {after} follows {before}")
        return milestones


class ConstantLR(Schedule):
    r"""A smaller learning rate for the first total_iters steps.

    :math:`\eta_t=\eta\,f` while :math:`t<T`, then :math:`\eta`
    """

    kind: Literal["constantlr"] = "constantlr"
    multiplies = True

    factor: Annotated[Factor, Field(description="share of the learning rate that is used at first")] = 1.0 / 3
    total_iters: Annotated[Ticks, Field(description="steps with the smaller rate")] = 5


class LinearLR(Schedule):
    r"""A straight line from one share of the learning rate to another.

    :math:`\eta_t=\eta\,\bigl(f_0+(f_1-f_0)\min(t,T)/T\bigr)`
    """

    kind: Literal["linearlr"] = "linearlr"
    multiplies = True

    start_factor: Annotated[Factor, Field(description="share of the learning rate at the start")] = 1.0 / 3
    end_factor: Annotated[
        Real, Scale(step=0.05), Field(ge=0, le=1, description="share of the learning rate at the end")
    ] = 1.0
    total_iters: Annotated[Ticks, Field(description="steps from the one to the other")] = 5


class ExponentialLR(Schedule):
    r"""Multiplies the learning rate by gamma at every step.

    :math:`\eta_t=\eta\,\gamma^{t}`
    """

    kind: Literal["exponentiallr"] = "exponentiallr"
    multiplies = True

    gamma: Annotated[
        Real, Scale(step=0.001), Field(gt=0, le=10, description="factor of the learning rate at each step")
    ] = 0.999


class PolynomialLR(Schedule):
    r"""Falls to zero as a power of the steps that are left.

    :math:`\eta_t=\eta\,(1-\min(t,T)/T)^{p}`
    """

    kind: Literal["polynomiallr"] = "polynomiallr"
    multiplies = True

    total_iters: Annotated[Ticks, Field(description="steps until the learning rate is zero")] = 5
    power: Annotated[Real, Scale(step=0.5), Field(gt=0, le=100, description="1 falls in a straight line")] = 1.0
