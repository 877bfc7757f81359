"""The Adam family: a running mean of the gradient over the root of one of its square."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gradlab.engine.model import Real, Scale, Tunable

from .base import Optimizer
from .fields import (
    Amsgrad,
    Betas,
    Decoupled,
    Epsilon,
    Foreach,
    Fused,
    LearningRate,
    Maximize,
    WeightDecay,
)


class Moments(Optimizer):
    """What keeps a first and a second moment of the gradient."""

    state_names: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")
    momentum_name: ClassVar[str] = "exp_avg"

    betas: Betas = (0.9, 0.999)
    eps: Epsilon = 1e-8


class Adam(Moments):
    r"""Divides a running mean of the gradient by the root of the running mean of its square.

    :math:`x_{t}=x_{t-1}-\eta\,\hat m_{t}/(\sqrt{\hat v_{t}}+\epsilon),\quad
    m_{t}=\beta_1 m_{t-1}+(1-\beta_1)g_{t},\quad v_{t}=\beta_2 v_{t-1}+(1-\beta_2)g_{t}^2`
    where a hat divides by 1 − βᵗ (Kingma and Ba 2015; amsgrad after Reddi et al. 2018).
    """

    kind: Literal["adam"] = "adam"
    state_names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    switches = ("foreach", "fused")

    weight_decay: WeightDecay = 0.0
    amsgrad: Amsgrad = False
    decoupled_weight_decay: Decoupled = False
    maximize: Maximize = False
    implementation: Fused = None


class AdamW(Moments):
    r"""Adam whose weight decay acts on the parameters themselves, not on the gradient.

    :math:`x_{t}=(1-\eta\lambda)x_{t-1}-\eta\,\hat m_{t}/(\sqrt{\hat v_{t}}+\epsilon)`
    with weight decay λ and the moments of Adam (Loshchilov and Hutter 2019).
    """

    kind: Literal["adamw"] = "adamw"
    state_names = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    switches = ("foreach", "fused")

    weight_decay: WeightDecay = 1e-2
    amsgrad: Amsgrad = False
    maximize: Maximize = False
    implementation: Fused = None


class Adamax(Moments):
    r"""Adam with the largest recent gradient in place of the root mean square.

    :math:`x_{t}=x_{t-1}-\frac{\eta}{1-\beta_1^t}\,\frac{m_{t}}{u_{t}},\quad
    u_{t}=\max(\beta_2 u_{t-1},\,|g_{t}|+\epsilon)` (Kingma and Ba 2015, section 7).
    """

    kind: Literal["adamax"] = "adamax"
    state_names = ("exp_avg", "exp_inf")
    switches = ("foreach",)

    lr: LearningRate = 2e-3
    weight_decay: WeightDecay = 0.0
    maximize: Maximize = False
    implementation: Foreach = None


class NAdam(Moments):
    r"""Adam with Nesterov's look-ahead.

    :math:`x_{t}=x_{t-1}-\eta\,\bar m_{t}/(\sqrt{\hat v_{t}}+\epsilon),\quad
    \bar m_{t}=\frac{\mu_{t+1}m_{t}}{1-\prod_{i\le t+1}\mu_i}+\frac{(1-\mu_{t})g_{t}}{1-\prod_{i\le t}\mu_i},\quad
    \mu_{t}=\beta_1(1-\tfrac12\,0.96^{t\psi})`
    with momentum decay ψ (Dozat 2016). torch keeps the product in the default dtype.
    """

    kind: Literal["nadam"] = "nadam"
    switches = ("foreach",)

    lr: LearningRate = 2e-3
    weight_decay: WeightDecay = 0.0
    momentum_decay: Annotated[
        Real,
        Tunable(),
        Scale(log=True),
        Field(ge=0, le=1e3, description="how fast the look-ahead grows to its full size"),
    ] = 4e-3
    decoupled_weight_decay: Decoupled = False
    maximize: Maximize = False
    implementation: Foreach = None


class RAdam(Moments):
    r"""Adam that goes without the second moment until enough steps make it reliable.

    :math:`x_{t}=x_{t-1}-\eta\,\hat m_{t}\,r_{t}/(\sqrt{\hat v_{t}}+\epsilon)` once
    :math:`\rho_t=\rho_\infty-2t\beta_2^t/(1-\beta_2^t)>5`, else :math:`x_{t}=x_{t-1}-\eta\,\hat m_{t}`
    (Liu et al. 2020).
    """

    kind: Literal["radam"] = "radam"
    switches = ("foreach",)

    weight_decay: WeightDecay = 0.0
    decoupled_weight_decay: Decoupled = False
    maximize: Maximize = False
    implementation: Foreach = None
