"""How activations are looked at: which page, which of them in front, in which colours."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, Strict

from gradlab.engine.model import Frozen, Part

Color = Annotated[int, Strict(), Field(ge=0, le=99)] | Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Page = Literal["curves", "depth", "softmax", "derivation"]


class UnitLook(Part):
    """How one activation is drawn; None takes its place's colour, or its own name."""

    color: Color | None = Field(default=None, description="number of a trace colour, or #rrggbb")
    name: str | None = Field(default=None, max_length=60)
    visible: bool = True


class ActivationLook(Frozen):
    """What is shown of the activations, and how."""

    PASSING: ClassVar = frozenset({"page", "focus"})

    page: Page = "curves"
    focus: str | None = Field(default=None, description="id of the activation that the reading pane follows")
    units: tuple[UnitLook, ...] = ()
    log: bool = Field(default=True, description="the product of slopes on a logarithmic axis")

    def lasting(self, spec: Any) -> Self:
        """Return the look without where the eye is, and without units that are no longer there."""
        return super().lasting(spec).replace(units=tuple(self.of(unit.id) for unit in spec.units))

    def of(self, unit: str) -> UnitLook:
        """Return how the unit with this id is drawn."""
        return next((look for look in self.units if look.id == unit), UnitLook(id=unit))

    def with_unit(self, look: UnitLook) -> ActivationLook:
        """Return this look with one unit drawn as ``look``."""
        others = tuple(other for other in self.units if other.id != look.id)
        return self.replace(units=(*others, look))
