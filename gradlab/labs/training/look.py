"""How a training is looked at: what is drawn and in which way. Nothing here restarts a run."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from gradlab.engine.model import Frozen, Int

Flag = Annotated[bool, Strict()]
PerLayer = Literal["grad_norm", "weight_norm", "update_ratio"]
PerActivation = Literal["pre_std", "act_std", "dead", "saturated"]
Curve = Literal["loss", "accuracy", "lr", "grad_total", "sharpness", "noise_scale"]
Picture = Literal["map", "neurons", "samples", "backprop", "time", "histogram", "activations", "weights"]


class TrainingLook(Frozen):
    """What of a training is shown, and how."""

    PASSING: ClassVar = frozenset({"picture", "layer", "arm"})

    bars: PerLayer = Field(default="grad_norm", description="what the bars show, by layer")
    heat: PerLayer = Field(default="grad_norm", description="what the map of layer × step shows")
    curve: Curve = Field(default="loss", description="what the curves show")
    picture: Picture = Field(default="map", description="what is shown beside the curves")
    spread: PerActivation = Field(default="act_std", description="what is shown of the activations")
    linear: tuple[Curve, ...] = Field(default=("accuracy",), description="curves on a linear axis")
    smooth: Int = Field(default=1, ge=1, le=10_000, description="steps over which curves are averaged")
    recent: Int = Field(default=200, ge=1, le=10**6, description="steps whose range the bars show")
    layer: str = Field(default="", description="name of the layer that is looked at closely")
    arm: Literal["a", "b"] = Field(default="a", description="the arm that is looked at closely")
    tensors: Flag = Field(default=False, description="each layer opened to its tensors")
    held_out: Flag = Field(default=True, description="the data held out, beside those trained on")
