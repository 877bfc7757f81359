"""Optimizers that scale each component's step by its own history, without a first moment of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from gradlab.engine.model import Advanced, Real, Scale, Tunable

from .base import Optimizer
from .fields import Epsilon, Flag, Foreach, Fused, LearningRate, Maximize, Smoothing, WeightDecay


class RMSprop(Optimizer):
    r"""Divides the gradient by the root of the running mean of its square.

    :math:`x_{t}=x_{t-1}-\eta\,g_{t}/(\sqrt{v_{t}}+\epsilon),\quad v_{t}=\alpha v_{t-1}+(1-\alpha)g_{t}^2`
    with a velocity when there is momentum; centered subtracts the squared mean gradient from v (Hinton 2012;
    Graves 2013). torch lays the velocity down at the first step, so momentum is not for live changes.
    """

    kind: Literal["rmsprop"] = "rmsprop"
    state_names = ("square_avg", "momentum_buffer", "grad_avg")
    momentum_name = "momentum_buffer"
    switches = ("foreach",)

    lr: LearningRate = 1e-2
    alpha: Smoothing = 0.99
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    momentum: Annotated[
        Real, Scale(step=0.05), Field(ge=0, lt=1, description="share of the velocity that is kept at each step")
    ] = 0.0
    centered: Annotated[Flag, Advanced(), Field(description="divide by the standard deviation of the gradient")] = False
    maximize: Maximize = False
    implementation: Foreach = None


class Adagrad(Optimizer):
    r"""Divides the gradient by the root of the sum of all its squares so far.

    :math:`x_{t}=x_{t-1}-\frac{\eta}{1+(t-1)\tau}\,\frac{g_{t}}{\sqrt{s_{t}}+\epsilon},\quad s_{t}=s_{t-1}+g_{t}^2`
    with lr decay τ (Duchi, Hazan and Singer 2011).
    """

    kind: Literal["adagrad"] = "adagrad"
    state_names = ("sum",)
    switches = ("foreach", "fused")

    lr: LearningRate = 1e-2
    lr_decay: Annotated[
        Real, Tunable(), Scale(log=True), Field(ge=0, le=1e3, description="how fast the rate itself shrinks")
    ] = 0.0
    weight_decay: WeightDecay = 0.0
    initial_accumulator_value: Annotated[
        Real, Advanced(), Scale(log=True), Field(ge=0, le=1e12, description="the sum of squares at the start")
    ] = 0.0
    eps: Epsilon = 1e-10
    maximize: Maximize = False
    implementation: Fused = None


class Adadelta(Optimizer):
    r"""Scales the gradient by the ratio of two running root mean squares: of the updates and of the gradient.

    :math:`x_{t}=x_{t-1}-\eta\,\Delta_{t},\quad \Delta_{t}=\frac{\sqrt{u_{t-1}+\epsilon}}{\sqrt{v_{t}+\epsilon}}\,g_{t}`
    where u and v are running means of Δ² and g² with decay ρ (Zeiler 2012). It starts slowly: the first update has
    the size √ε.
    """

    kind: Literal["adadelta"] = "adadelta"
    state_names = ("square_avg", "acc_delta")
    switches = ("foreach",)

    lr: LearningRate = 1.0
    rho: Smoothing = 0.9
    eps: Epsilon = 1e-6
    weight_decay: WeightDecay = 0.0
    maximize: Maximize = False
    implementation: Foreach = None


Positive = Annotated[Real, Field(gt=0, le=1)]


class Adafactor(Optimizer):
    r"""Adam's second moment kept as one row and one column, with steps relative to the parameters' size.

    :math:`x_{t}=x_{t-1}-\alpha_t\,\frac{u_{t}}{\max(1,\mathrm{RMS}(u_{t})/d)},\quad
    u_{t}=\frac{g_{t}}{\sqrt{\hat v_{t}}},\quad \alpha_t=\max(\epsilon_2,\mathrm{RMS}(x_{t-1}))\min(\eta,1/\sqrt t)`
    where d clips the update (Shazeer and Stern 2018; lr and ε₁ as torch has them, which differs from the paper).
    """

    kind: Literal["adafactor"] = "adafactor"
    state_names = ("variance",)
    switches = ("foreach",)

    lr: LearningRate = 1e-2
    beta2_decay: Annotated[
        Real, Tunable(), Field(ge=-10, le=0, description="power of the step with which the second moment forgets less")
    ] = -0.8
    eps: Annotated[
        tuple[Positive | None, Annotated[Real, Field(ge=0, le=1)]],
        Tunable(),
        Advanced(),
        Scale(step=1, log=True),
        Field(description="least root mean square of the gradient (none: the dtype's resolution), and of a parameter"),
    ] = (None, 1e-3)
    d: Annotated[Real, Tunable(), Field(ge=1, le=1e6, description="root mean square where an update is clipped")] = 1.0
    weight_decay: WeightDecay = 0.0
    maximize: Maximize = False
    implementation: Foreach = None


class Rprop(Optimizer):
    r"""Moves each component by a step of its own, which grows while the gradient keeps its sign.

    :math:`x_{t}=x_{t-1}-\operatorname{sign}(g_{t})\,\delta_{t},\quad \delta_{t}=\delta_{t-1}\cdot\eta^{\pm}`
    with :math:`\eta^+` while the sign stays and :math:`\eta^-` when it changes (Riedmiller and Braun 1993). lr is
    the first step and is never read again, so neither a live change nor a schedule moves it.
    """

    kind: Literal["rprop"] = "rprop"
    state_names = ("prev", "step_size")
    switches = ("foreach",)

    lr: Annotated[Real, Scale(log=True), Field(gt=0, le=1e6, description="size of the first step")] = 1e-2
    etas: Annotated[
        tuple[Annotated[Real, Field(gt=0, lt=1)], Annotated[Real, Field(gt=1, le=100)]],
        Tunable(),
        Field(description="factors of a step: after the sign of the gradient changed, and while it stays"),
    ] = (0.5, 1.2)
    step_sizes: Annotated[
        tuple[Annotated[Real, Field(gt=0, le=1e6)], Annotated[Real, Field(gt=0, le=1e6)]],
        Tunable(),
        Scale(log=True),
        Field(description="smallest and largest step"),
    ] = (1e-6, 50.0)
    maximize: Maximize = False
    implementation: Foreach = None

    @field_validator("step_sizes")
    @classmethod
    def _ordered(cls, sizes: tuple[float, float]) -> tuple[float, float]:
        if sizes[0] >= sizes[1]:
            raise ValueError(f"the smallest must be < the largest, not {sizes[0]!r} and {sizes[1]!r}")
        return sizes
