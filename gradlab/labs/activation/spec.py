"""What the Activation lab asks: several activations, a point, a signal through depth, and logits."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gradlab.engine.activations import GELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from gradlab.engine.differences import STEP
from gradlab.engine.model import Frozen, Int, Part, Real, Scale, fresh_id

FARTHEST = 1e4
Place = Annotated[Real, Field(ge=-FARTHEST, le=FARTHEST)]
Logit = Annotated[Real, Field(ge=-1e6, le=1e6)]


class Unit(Part):
    """One activation on the bench."""

    activation: Activation = Field(default_factory=Sigmoid)


class Depth(Frozen):
    """A signal on its way through equal layers, and the product of slopes that a gradient takes on its way back."""

    layers: Int = Field(default=10, title="Layers", ge=1, le=200, description="layers that the signal passes")
    signal: Literal["renewed", "passed"] = Field(
        default="passed",
        title="Signal",
        description="renewed: every layer sees the same spread; passed: what a wide layer of random weights passes on",
    )
    spread: Annotated[Real, Scale(step=0.1)] = Field(
        default=1.0, gt=0, le=1e3, title="Spread σ", description="standard deviation of what the first layer sees"
    )
    gain: Annotated[Real, Scale(step=0.1)] = Field(
        default=1.0,
        title="Gain",
        gt=0,
        le=1e3,
        description="what the weights of a layer multiply by; 1 for Xavier, √2 for He",
    )
    samples: Int = Field(
        default=2000, title="Samples", ge=100, le=20_000, description="random paths through the layers"
    )
    seed: Int = Field(default=0, title="Seed", ge=0, le=2**31 - 1, description="seed of the random paths")


class Softmax(Frozen):
    """Logits that become probabilities."""

    logits: tuple[Logit, ...] = Field(
        default=(1.0, 2.0, 3.0),
        title="Logits",
        min_length=2,
        max_length=12,
        description="numbers, with commas between them",
    )
    temperature: Annotated[Real, Scale(step=0.1)] = Field(
        default=1.0,
        title="Temperature",
        ge=1e-3,
        le=1e3,
        description="logits are divided by it; high is even, low is winner takes all",
    )
    dtype: Literal["float64", "float32"] = Field(
        default="float32", title="Precision", description="precision it is computed in"
    )


def _units() -> tuple[Unit, ...]:
    return (
        Unit(id="sigmoid", activation=Sigmoid()),
        Unit(id="tanh", activation=Tanh()),
        Unit(id="relu", activation=ReLU()),
    )


AT_A_POINT = frozenset({"units", "x", "saturation", "h"})
USED = {
    "curves": AT_A_POINT | {"domain"},
    "depth": AT_A_POINT | {"depth"},
    "softmax": frozenset({"softmax"}),
    "derivation": AT_A_POINT,
}
"""The fields that each page shows something of; beside the pages but for softmax stand the numbers at the point."""


class ActivationSpec(Frozen):
    """Activations looked at closely."""

    units: tuple[Unit, ...] = Field(default_factory=_units, min_length=1, max_length=12, title="Activations")
    x: Annotated[Place, Scale(step=0.1)] = Field(default=1.0, title="Point x", description="where all are compared")
    domain: tuple[Place, Place] = Field(default=(-6.0, 6.0), title="Range", description="what is drawn of the x axis")
    saturation: Annotated[Real, Scale(step=0.01)] = Field(
        default=0.05, ge=0, le=1e3, title="Saturated below", description="|f′| below which a unit counts as saturated"
    )
    h: Annotated[Real, Scale(step=1, log=True)] = Field(
        default=STEP, gt=0, le=1.0, title="Difference step h", description="step of the central difference"
    )
    depth: Depth = Field(default_factory=Depth, title="Depth")
    softmax: Softmax = Field(default_factory=Softmax, title="Softmax")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        ids = [unit.id for unit in self.units]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"units: two activations have the id {name!r}")
        low, high = self.domain
        if not high - low >= 1e-6 * max(1.0, abs(low), abs(high)):
            raise ValueError(f"domain: must go from a low to a high number, not from {low!r} to {high!r}")
        return self

    def idle(self, look: Any) -> frozenset[str]:
        """Return what the page that is open shows nothing of."""
        return frozenset(type(self).model_fields) - USED[look.page]

    def new_part(self, path: str) -> Unit:
        """Return another activation: the first of the usual ones that is not there yet."""
        if path != "units":
            raise KeyError(path)
        there = {unit.activation.kind for unit in self.units}
        usual = (Sigmoid, Tanh, ReLU, LeakyReLU, GELU, SiLU, Softplus)
        chosen = next((one for one in usual if one.model_fields["kind"].default not in there), Sigmoid)
        activation = chosen()
        return Unit(
            id=fresh_id(activation.kind.replace("_", "-"), (unit.id for unit in self.units)), activation=activation
        )

    def unit(self, name: str | None) -> Unit:
        """Return the unit with this id; without one, or where it is gone, the first."""
        return next((unit for unit in self.units if unit.id == name), self.units[0])
