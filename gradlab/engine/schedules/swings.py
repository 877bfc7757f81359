"""Schedules that swing between two learning rates, and momentum the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from gradlab.engine.errors import UserError
from gradlab.engine.model import Advanced, Real, Scale

from .base import Rate, Schedule, Ticks
from .onecycle import OneCycle, scheduler_class

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

CycleMomentum = Annotated[
    bool,
    Field(
        strict=True,
        description="move momentum (or the first beta) against the learning rate, in optimizers that have one",
    ),
]
Fraction = Annotated[Real, Scale(step=0.05), Advanced(), Field(ge=0, lt=1)]


def _momentum_arguments(schedule: CyclicLR | OneCycleLR, optimizer: Optimizer) -> dict[str, Any]:
    """Return the arguments of the momentum cycle: off where the optimizer has nothing to move."""
    able = "momentum" in optimizer.defaults or "betas" in optimizer.defaults
    return {"cycle_momentum": schedule.cycle_momentum and able}


def _at_least_base(value: float, info: ValidationInfo) -> float:
    low = info.data.get("base_momentum", value)
    if value < low:
        raise ValueError(f"must be ≥ base_momentum, {low!r}, not {value!r}")
    return value


class CyclicLR(Schedule):
    r"""Goes up and down between two learning rates in straight lines.

    :math:`\eta_t=\eta_{\mathrm{base}}+(\eta_{\max}-\eta_{\mathrm{base}})\,s_c\,\triangle(t)`
    where the scale s is 1, halves at each cycle (triangular2), or is :math:`\gamma^t` (exp_range) (Smith 2017).
    torch asks for both rates; here max_lr is the optimizer's lr unless it is given, and base_lr a tenth of max_lr.
    """

    kind: Literal["cycliclr"] = "cycliclr"

    base_lr: Annotated[
        Rate | None, Field(description="the lower learning rate", json_schema_extra={"none": "max_lr / 10"})
    ] = None
    max_lr: Annotated[
        Rate | None, Field(description="the upper learning rate", json_schema_extra={"none": "the optimizer's lr"})
    ] = None
    step_size_up: Annotated[Ticks, Field(description="steps of a rise")] = 2000
    step_size_down: Annotated[
        Ticks | None, Field(description="steps of a fall", json_schema_extra={"none": "as the rise"})
    ] = None
    mode: Annotated[Literal["triangular", "triangular2", "exp_range"], Field(description="how high the cycles are")] = (
        "triangular"
    )
    gamma: Annotated[Real, Scale(step=0.001), Field(gt=0, le=1, description="factor per step of exp_range")] = 1.0
    cycle_momentum: CycleMomentum = True
    base_momentum: Annotated[Fraction, Field(description="momentum where the learning rate is highest")] = 0.8
    max_momentum: Annotated[Fraction, Field(description="momentum where the learning rate is lowest")] = 0.9

    _momenta = field_validator("max_momentum")(_at_least_base)

    @field_validator("max_lr")
    @classmethod
    def _at_least_base_lr(cls, value: float | None, info: ValidationInfo) -> float | None:
        low = info.data.get("base_lr")
        if low is not None and value is not None and value < low:
            raise ValueError(f"must be ≥ base_lr, {low!r}, not {value!r}")
        return value

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return torch's scheduler, each group with its own rates; ``UserError`` when the lower is the higher."""
        from torch.optim.lr_scheduler import CyclicLR as TorchCyclicLR

        asked = [group["initial_lr"] for group in optimizer.param_groups]
        tops = [lr if self.max_lr is None else self.max_lr for lr in asked]
        rates = {"max_lr": tops, "base_lr": [top / 10 if self.base_lr is None else self.base_lr for top in tops]}
        for group, low, top in zip(optimizer.param_groups, rates["base_lr"], tops, strict=True):
            if low > top:
                raise UserError(f"schedule.base_lr: must be ≤ the optimizer's lr, {top!r}, not {low!r}")
            group["initial_lr"] = low  # torch's constructor starts there
        made = TorchCyclicLR(optimizer, **self.arguments() | rates | _momentum_arguments(self, optimizer))
        for group, lr in zip(optimizer.param_groups, asked, strict=True):
            group["initial_lr"] = lr
        return made


class OneCycleLR(Schedule):
    r"""One rise to max_lr and one long fall to nearly nothing, with momentum the other way round.

    :math:`\eta_t:\;\eta_{\max}/d\;\nearrow\;\eta_{\max}\;\searrow\;\eta_{\max}/(d\,d_f)` (Smith and Topin 2019).
    After total_steps the last learning rate stays, where torch raises an error. torch asks for max_lr; here it is
    the optimizer's lr unless it is given.
    """

    kind: Literal["onecyclelr"] = "onecyclelr"

    max_lr: Annotated[
        Rate | None, Field(description="the top of the cycle", json_schema_extra={"none": "the optimizer's lr"})
    ] = None
    total_steps: Annotated[Ticks, Field(description="length of the cycle")] = 2000
    pct_start: Annotated[Real, Scale(step=0.05), Field(ge=0, le=1, description="share of the steps that rise")] = 0.3
    anneal_strategy: Annotated[Literal["cos", "linear"], Field(description="shape of the rise and of the fall")] = "cos"
    cycle_momentum: CycleMomentum = True
    base_momentum: Annotated[Fraction, Field(description="momentum where the learning rate is highest")] = 0.85
    max_momentum: Annotated[Fraction, Field(description="momentum where the learning rate is lowest")] = 0.95
    div_factor: Annotated[
        Real, Scale(log=True), Field(ge=1, le=1e12, description="max_lr over the learning rate at the start")
    ] = 25.0
    final_div_factor: Annotated[
        Real, Scale(log=True), Field(ge=1, le=1e12, description="learning rate at the start over the last one")
    ] = 1e4
    three_phase: Annotated[
        bool, Advanced(), Field(strict=True, description="fall back as slowly as it rose, then to the last rate")
    ] = False

    _momenta = field_validator("max_momentum")(_at_least_base)

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return gradlab's scheduler, each group with its own top."""
        tops = [group["initial_lr"] if self.max_lr is None else self.max_lr for group in optimizer.param_groups]
        arguments = self.arguments() | {"max_lr": tops} | _momentum_arguments(self, optimizer)
        return scheduler_class(OneCycle)(optimizer, **arguments)
