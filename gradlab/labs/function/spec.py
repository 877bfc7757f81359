"""What the Function lab asks: a function, a point, a direction, and the steps that are tried from there."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gradlab.engine.model import Frozen, Int, Real, Scale
from gradlab.engine.objectives import Objective, Quartic


class FunctionSpec(Frozen):
    """A gradient looked at closely."""

    objective: Objective = Field(default_factory=Quartic, title="Function")
    at: tuple[Real, ...] | None = Field(
        default=None, title="Point", json_schema_extra={"none": "the function's own start"}
    )
    axis: Int = Field(
        default=0, ge=0, le=99, title="Coordinate", description="the coordinate along which curves are drawn, from 0"
    )
    direction: Annotated[Real, Scale(step=5)] | None = Field(
        default=None,
        title="Direction °",
        ge=-360,
        le=360,
        description="direction of the directional derivative, in degrees from the coordinate drawn across",
        json_schema_extra={"none": "along ∇f"},
    )
    h: Annotated[Real, Scale(step=1, log=True)] = Field(
        default=6e-6, ge=1e-15, le=1.0, title="Difference step h", description="step of the central difference"
    )
    lr: Annotated[Real, Scale(step=1, log=True)] = Field(
        default=0.01, gt=0, le=1e6, title="Step of descent", description="lr of the gradient step beside Newton's"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wanted = self.objective.dimension
        if self.at is not None and len(self.at) != wanted:
            raise ValueError(f"at: {self.objective.name()} takes {wanted} coordinates, not {len(self.at)}")
        if self.axis >= wanted:
            raise ValueError(f"axis: {self.objective.name()} has the coordinates 0 to {wanted - 1}, not {self.axis}")
        return self

    def edited(self, **changes: Any) -> Self:
        """Return the spec with an edit; another function is looked at where it starts."""
        objective = changes.get("objective", self.objective)
        if objective.kind != self.objective.kind or objective.dimension != self.objective.dimension:
            changes = {"at": None, "axis": 0, "direction": None} | changes
        return self.replace(**changes)

    def idle(self, look: Any) -> frozenset[str]:
        """Return what the open page does not show; the table below every page has a slider of its own for h."""
        page = look.page_of(self.objective.dimension)
        used = {"map": {"lr"}, "directions": {"direction"}, "autograd": {"axis"}, "difference": {"axis", "h"}}
        single = {"axis"} if self.objective.dimension == 1 else set()
        return frozenset({"axis", "direction", "h", "lr"} - used.get(page, set()) | single)

    def cell_names(self) -> dict[str, tuple[str, ...]]:
        """Name the coordinates of the point."""
        return {"at": self.objective.variables}

    def stand_ins(self) -> dict[str, Any]:
        """Show the point that is looked at where none is set."""
        return {"at": self.objective.start}

    @property
    def point(self) -> tuple[float, ...]:
        """The point that is looked at."""
        return self.at or self.objective.start
