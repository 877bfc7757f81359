"""How a descent is looked at: what is drawn and in which colours. Nothing here restarts a run."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, Strict

from gradlab.engine.model import Frozen, Int, Part, Real

Color = Annotated[int, Strict(), Field(ge=0, le=99)] | Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Axis = Annotated[Int, Field(ge=0, le=99)]
Quantity = Literal["f", "grad_norm", "step_length", "effective_lr", "lr"]


class RacerLook(Part):
    """How one racer is drawn; None takes the next colour, or the optimizer's name."""

    color: Color | None = Field(default=None, description="number of a trace colour, or #rrggbb")
    name: str | None = Field(default=None, max_length=60)
    visible: bool = True


class DescentLook(Frozen):
    """What of a descent is shown, and how."""

    PASSING: ClassVar = frozenset({"focus", "camera"})

    focus: str | None = Field(default=None, description="id of the racer that the reading pane follows")
    racers: tuple[RacerLook, ...] = ()
    height: Literal["linear", "log", "rank"] = Field(default="log", description="how f becomes height and colour")
    color_map: Literal["viridis", "cividis", "magma", "grey"] = "viridis"
    curves: tuple[Quantity, ...] = Field(default=("f", "grad_norm"), min_length=2, max_length=2)
    linear: tuple[Quantity, ...] = Field(default=(), description="curves on a linear axis; the others are logarithmic")
    minima: bool = Field(default=True, description="crosses at the known minima")
    field: bool = Field(default=False, description="arrows of −∇f on a grid")
    tangent: bool = Field(default=False, description="level set and tangent at the iterate")
    vectors: bool = Field(default=False, description="gradient, momentum and update of the step")
    axes: tuple[Axis, Axis] = Field(default=(0, 1), description="the two coordinates of the slice of an n-D function")
    camera: tuple[Real, Real, Real] | None = Field(default=None, description="azimuth °, elevation °, zoom")

    def lasting(self, spec: Any) -> Self:
        """Return the look without where the eye is, and without racers that are no longer in the race."""
        return super().lasting(spec).replace(racers=tuple(self.of(racer.id) for racer in spec.racers))

    def of(self, racer: str) -> RacerLook:
        """Return how the racer with this id is drawn."""
        return next((look for look in self.racers if look.id == racer), None) or RacerLook(id=racer)

    def with_racer(self, look: RacerLook) -> DescentLook:
        """Return this look with one racer drawn as ``look``."""
        others = tuple(other for other in self.racers if other.id != look.id)
        return self.replace(racers=(*others, look))
