"""Schedules that follow a path of their own: cosines, and the plateau of the loss."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gradlab.engine.model import Advanced, Int, Real, Scale

from .base import Floor, Schedule, Ticks


class CosineAnnealingLR(Schedule):
    r"""Falls from the learning rate to eta_min along half a cosine, and rises again after T_max steps.

    :math:`\eta_t=\eta_{\min}+\tfrac12(\eta-\eta_{\min})\bigl(1+\cos(\pi t/T_{\max})\bigr)`
    (Loshchilov and Hutter 2017).
    """

    kind: Literal["cosineannealinglr"] = "cosineannealinglr"
    multiplies = True

    T_max: Annotated[Ticks, Field(description="steps from the top to the bottom")] = 2000
    eta_min: Floor = 0.0


class CosineAnnealingWarmRestarts(Schedule):
    r"""Falls along half a cosine again and again, from the top each time.

    :math:`\eta_t=\eta_{\min}+\tfrac12(\eta-\eta_{\min})\bigl(1+\cos(\pi\,t_{\mathrm{cur}}/T_i)\bigr)`
    where the period T grows T_mult times at each restart (Loshchilov and Hutter 2017).
    """

    kind: Literal["cosineannealingwarmrestarts"] = "cosineannealingwarmrestarts"

    T_0: Annotated[Ticks, Field(description="steps until the first restart")] = 500
    T_mult: Annotated[Int, Field(ge=1, le=100, description="growth of the period at each restart")] = 1
    eta_min: Floor = 0.0


class ReduceLROnPlateau(Schedule):
    r"""Multiplies the learning rate by factor when the loss has not improved for more than patience steps.

    :math:`\eta\leftarrow\max(\eta\,f,\,\eta_{\min})`
    """

    kind: Literal["reducelronplateau"] = "reducelronplateau"
    needs_metric = True

    mode: Annotated[Literal["min", "max"], Advanced(), Field(description="whether smaller or larger is better")] = "min"
    factor: Annotated[Real, Scale(step=0.05), Field(gt=0, lt=1, description="factor of a reduction")] = 0.1
    patience: Annotated[
        Int,
        Field(ge=0, le=10**9, description="steps without progress to put up with", json_schema_extra={"unit": "steps"}),
    ] = 10
    threshold: Annotated[
        Real, Scale(log=True), Field(ge=0, le=1e12, description="change of the loss that counts as progress")
    ] = 1e-4
    threshold_mode: Annotated[
        Literal["rel", "abs"], Advanced(), Field(description="whether the threshold is a share of the best loss")
    ] = "rel"
    cooldown: Annotated[
        Int, Field(ge=0, le=10**9, description="steps to wait after a reduction", json_schema_extra={"unit": "steps"})
    ] = 0
    min_lr: Floor = 0.0
    eps: Annotated[
        Real, Advanced(), Scale(step=1, log=True), Field(ge=0, le=1, description="a smaller reduction is left out")
    ] = 1e-8
