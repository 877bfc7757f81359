"""How a loss is looked at."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gradlab.engine.model import Frozen, Int, Real

Page = Literal["values", "curves", "outlier", "surface", "entropy", "logit", "kink"]


class LossLook(Frozen):
    """Which page is in front, and what is drawn on it."""

    PASSING: ClassVar = frozenset({"page", "element", "by", "camera"})

    page: Page = Field(default="values", description="the page in front")
    element: Annotated[Int, Field(ge=0, description="the element whose formula is written with numbers")] = 0
    by: Annotated[Int, Field(ge=0, le=2, description="the input by which slopes are shown, by its place")] = 0
    hidden: tuple[str, ...] = Field(default=(), max_length=20, description="losses whose curves are not drawn")
    height: Literal["linear", "log"] = Field(default="linear", description="how the loss becomes height and colour")
    camera: tuple[Real, Real, Real] | None = Field(default=None, description="azimuth °, elevation °, zoom")

    def toggled(self, loss: str) -> LossLook:
        """Return the look with a loss drawn, or no longer."""
        hidden = set(self.hidden) ^ {loss}
        return self.replace(hidden=tuple(sorted(hidden)))
