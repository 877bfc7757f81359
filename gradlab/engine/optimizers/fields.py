"""Fields that optimizers share: one name for a type with its range, its editor's step and its description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from gradlab.engine.model import Advanced, Int, Real, Scale, Tunable

Flag = Annotated[bool, Strict()]
"""True or false; 0, 1 and text are refused."""
Decay = Annotated[Real, Field(ge=0, lt=1)]
"""A factor that an average keeps of its past at each step."""

LearningRate = Annotated[
    Real, Tunable(), Scale(log=True), Field(gt=0, le=1e6, description="learning rate: the size of a step")
]
Momentum = Annotated[
    Decay, Tunable(), Scale(step=0.05), Field(description="share of the velocity that is kept at each step")
]
Betas = Annotated[
    tuple[Decay, Decay],
    Tunable(),
    Scale(step=0.01),
    Field(description="decay of the running means: of the gradient, and of its square (or size)"),
]
Smoothing = Annotated[
    Decay, Tunable(), Scale(step=0.01), Field(description="decay of the running mean of the squared gradient")
]
Epsilon = Annotated[
    Real,
    Tunable(),
    Advanced(),
    Scale(step=1, log=True),
    Field(gt=0, le=1, description="keeps the denominator away from zero"),
]
WeightDecay = Annotated[
    Real, Tunable(), Scale(log=True), Field(ge=0, le=1e3, description="pull of the parameters towards zero")
]
Decoupled = Annotated[
    Flag,
    Tunable(),
    Advanced(),
    Field(description="decay the parameters themselves, as AdamW does, instead of adding to the gradient"),
]
Amsgrad = Annotated[
    Flag, Advanced(), Field(description="divide by the largest mean square so far, so that steps never grow back")
]
Nesterov = Annotated[Flag, Tunable(), Field(description="look ahead along the velocity; it needs momentum")]
Maximize = Annotated[Flag, Tunable(), Advanced(), Field(description="climb instead of descend")]
Count = Annotated[Int, Field(ge=1, le=1000)]

_LOOPS = Field(
    description="how torch runs an update; none for torch's own choice",
    json_schema_extra={"none": "torch's choice"},
)
Forloop = Annotated[Literal["forloop"] | None, Advanced(), _LOOPS]
Foreach = Annotated[Literal["forloop", "foreach"] | None, Advanced(), _LOOPS]
Fused = Annotated[Literal["forloop", "foreach", "fused"] | None, Advanced(), _LOOPS]
