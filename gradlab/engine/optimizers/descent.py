"""Optimizers that follow the gradient itself: SGD with and without momentum, and averaged SGD."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator

from gradlab.engine.model import Real, Scale, Tunable

from .base import Optimizer
from .fields import Decay, Foreach, Fused, LearningRate, Maximize, Momentum, Nesterov, WeightDecay


class SGD(Optimizer):
    r"""Steps down the gradient, with a velocity when there is momentum.

    :math:`v_{t}=\mu v_{t-1}+(1-\tau)g_{t},\quad x_{t+1}=x_{t}-\eta v_{t}`
    with lr η, momentum μ and dampening τ (Polyak 1964; Nesterov's variant after Sutskever et al. 2013). The first
    velocity is the first gradient.
    """

    kind: Literal["sgd"] = "sgd"
    state_names = ("momentum_buffer",)
    momentum_name = "momentum_buffer"
    switches = ("foreach", "fused")

    lr: LearningRate = 1e-3
    momentum: Momentum = 0.0
    dampening: Annotated[
        Decay, Tunable(), Scale(step=0.05), Field(description="share of the gradient kept out of the velocity")
    ] = 0.0
    weight_decay: WeightDecay = 0.0
    nesterov: Nesterov = False
    maximize: Maximize = False
    implementation: Fused = None

    @field_validator("nesterov")
    @classmethod
    def _has_a_velocity(cls, nesterov: bool, info: ValidationInfo) -> bool:
        if nesterov and not (info.data.get("momentum", 1) > 0 and info.data.get("dampening", 0) == 0):
            raise ValueError("must be false unless momentum is > 0 and dampening is 0")
        return nesterov

    def edited(self, **changes: Any) -> Self:
        """Return what an editor's change makes of this; Nesterov's look-ahead brings the momentum that it needs."""
        merged = {"momentum": self.momentum, "nesterov": self.nesterov} | changes
        if changes.get("nesterov") is True:
            changes |= {"momentum": merged["momentum"] or 0.9, "dampening": 0.0}
        elif merged["nesterov"] and (merged["momentum"] == 0 or changes.get("dampening")):
            changes["nesterov"] = False
        return self.replace(**changes)


class ASGD(Optimizer):
    r"""SGD with a shrinking rate, which also keeps the average of its iterates.

    :math:`x_{t+1}=(1-\lambda\eta_{t})x_{t}-\eta_{t}g_{t},\quad \eta_{t}=\eta\,(1+\lambda\eta t)^{-\alpha}`
    with decay λ (lambd) and power α (Polyak and Juditsky 1992). torch works η out at the end of a step, so that a
    change of lr acts one step later than elsewhere, and keeps it in the default dtype.
    """

    kind: Literal["asgd"] = "asgd"
    state_names = ("ax",)
    switches = ("foreach",)

    lr: LearningRate = 1e-2
    lambd: Annotated[Real, Tunable(), Scale(log=True), Field(ge=0, le=1e3, description="decay term λ")] = 1e-4
    alpha: Annotated[Real, Tunable(), Field(ge=0, le=1, description="power with which the rate shrinks")] = 0.75
    t0: Annotated[
        Real,
        Tunable(),
        Scale(step=1, log=True),
        Field(ge=0, le=1e12, description="step at which averaging starts", json_schema_extra={"unit": "steps"}),
    ] = 1e6
    weight_decay: WeightDecay = 0.0
    maximize: Maximize = False
    implementation: Foreach = None
