"""Optimizers for gradients or parameters of a special form: sparse ones, and weight matrices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gradlab.engine.model import Advanced, Real, Tunable

from .base import Optimizer
from .fields import Epsilon, Forloop, LearningRate, Maximize, Momentum, Nesterov, WeightDecay
from .moments import Moments


class SparseAdam(Moments):
    r"""Adam that updates only the entries that a sparse gradient names.

    :math:`x_{t}=x_{t-1}-\eta\,\hat m_{t}/(\sqrt{\hat v_{t}}+\epsilon)` on those entries; the moments of the others
    do not decay (torch's variant of Kingma and Ba 2015). It takes sparse gradients only, as embeddings give.
    """

    kind: Literal["sparseadam"] = "sparseadam"

    maximize: Maximize = False
    implementation: Forloop = None


class Muon(Optimizer):
    r"""Momentum made orthogonal by a few Newton–Schulz iterations; for weight matrices only.

    :math:`b_{t}=\mu b_{t-1}+(1-\mu)g_{t},\quad X_{t+1}=X_{t}-\eta\,\gamma\,\mathrm{NS}(b_{t})`
    with γ from the matrix's shape (Jordan et al. 2024).
    """

    kind: Literal["muon"] = "muon"
    state_names = ("momentum_buffer",)
    momentum_name = "momentum_buffer"

    lr: LearningRate = 1e-3
    weight_decay: WeightDecay = 0.1
    momentum: Momentum = 0.95
    nesterov: Nesterov = True
    ns_coefficients: Annotated[
        tuple[Real, Real, Real],
        Tunable(),
        Advanced(),
        Field(description="coefficients a, b, c of the Newton–Schulz polynomial ax + bx³ + cx⁵"),
    ] = (3.4445, -4.775, 2.0315)
    eps: Epsilon = 1e-7
    ns_steps: Annotated[
        int, Tunable(), Advanced(), Field(strict=True, ge=1, lt=100, description="Newton–Schulz iterations per step")
    ] = 5
    adjust_lr_fn: Annotated[
        Literal["original", "match_rms_adamw"] | None,
        Tunable(),
        Advanced(),
        Field(
            description="how lr follows the matrix's shape: the original rule, or one that matches AdamW's step",
            json_schema_extra={"none": "original"},
        ),
    ] = None
    implementation: Forloop = None
