"""How a function is looked at."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gradlab.engine.model import Frozen, Int, Real

Page = Literal["map", "slices", "directions", "chain", "autograd", "difference"]
Axis = Annotated[Int, Field(ge=0, le=99)]


class FunctionLook(Frozen):
    """Which page is open, and what is drawn on it."""

    PASSING: ClassVar = frozenset({"page", "camera"})

    page: Page = "map"
    slope: bool = Field(default=True, description="∂f beside f")
    bend: bool = Field(default=False, description="∂²f beside f")
    parabola: bool = Field(default=False, description="the osculating parabola")
    plane: bool = Field(default=True, description="the tangent plane on the surface")
    critical: bool = Field(default=True, description="the points where the gradient is zero")
    steps: bool = Field(default=False, description="where Newton's step and a gradient step lead")
    eigen: bool = Field(default=True, description="the eigenvectors of the Hessian")
    height: Literal["linear", "log", "rank"] = Field(default="log", description="how f becomes height and colour")
    color_map: Literal["viridis", "cividis", "magma", "grey"] = "viridis"
    axes: tuple[Axis, Axis] = Field(default=(0, 1), description="the two coordinates of the map of an n-D function")
    camera: tuple[Real, Real, Real] | None = Field(default=None, description="azimuth °, elevation °, zoom")

    def page_of(self, dimension: int) -> Page:
        """Return the page that is open: a function of one variable has no slices and no directions."""
        return "map" if dimension == 1 and self.page in {"slices", "directions"} else self.page

    def plane_of(self, dimension: int) -> tuple[int, int]:
        """Return the two coordinates that are drawn; the first two where those that are asked for do not exist."""
        first, second = self.axes
        return (first, second) if first != second and max(self.axes) < dimension else (0, 1)
