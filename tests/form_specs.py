"""A spec that holds a field of every kind, made up for the tests of the forms; its families stay out of the catalog."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, Strict, field_validator, model_validator

from gradlab.engine.catalog import FAMILIES, Item
from gradlab.engine.model import Advanced, Frozen, Int, Part, Real, Scale, Tunable, fresh_id

Flag = Annotated[bool, Strict()]
Share = Annotated[Real, Field(ge=0, lt=1)]


class FormTool(Item):
    """Something to work with."""

    family: ClassVar[dict[str, type[Item]]] = {}


class Hammer(FormTool):
    """Drives nails. It is heavy."""

    kind: Literal["hammer"] = "hammer"
    lr: Annotated[Real, Tunable(), Scale(log=True), Field(gt=0, le=100, description="learning rate")] = 1e-3
    momentum: Annotated[Share, Scale(step=0.05)] = 0.0
    betas: tuple[Share, Share] = (0.9, 0.999)
    nesterov: Flag = False
    eps: Annotated[Real, Advanced(), Scale(step=1, log=True), Field(gt=0)] = 1e-8
    implementation: Annotated[
        Literal["forloop", "foreach"] | None, Advanced(), Field(json_schema_extra={"none": "own choice"})
    ] = None


class Saw(FormTool):
    """Cuts <b>wood</b> & more."""

    kind: Literal["saw"] = "saw"
    title: ClassVar[str] = "Hand saw"
    lr: Annotated[Real, Tunable(), Scale(log=True), Field(gt=0)] = 0.5
    teeth: Int = Field(default=12, ge=1, le=100)


class Plane(FormTool):
    """Makes flat."""

    kind: Literal["plane"] = "plane"


class FormNoise(Item):
    """A disturbance."""

    family: ClassVar[dict[str, type[Item]]] = {}


class Quiet(FormNoise):
    """None at all."""

    kind: Literal["quiet"] = "quiet"


class Loud(FormNoise):
    """A lot."""

    kind: Literal["loud"] = "loud"
    sigma: Real = Field(default=1.0, ge=0, title="σ", description="size of the noise")


for _name in ("formtool", "formnoise"):
    FAMILIES.pop(_name)


class Worker(Part):
    """One of several."""

    tool: FormTool = Field(default_factory=Hammer)
    noise: FormNoise = Field(default_factory=Quiet)
    start: tuple[Real, ...] | None = Field(default=None, json_schema_extra={"none": "same as all"})


class Inner(Frozen):
    """A value in a value."""

    count: Int = Field(default=0, ge=0, le=1000, description="how many")
    layout: Literal["grid", "random"] = "grid"


def _workers() -> tuple[Worker, ...]:
    return (Worker(id="a"), Worker(id="b", tool=Hammer(momentum=0.5)))


class Everything(Frozen):
    """A field of every kind."""

    tool: FormTool = Field(default_factory=Saw, title="Function")
    workers: tuple[Worker, ...] = Field(
        default_factory=_workers, min_length=1, max_length=4, title="Workers", json_schema_extra={"item": "worker"}
    )
    start: tuple[Real, ...] | None = Field(default=None, title="Start", json_schema_extra={"none": "its own"})
    text: str = Field(default="(w*x+b)**2", title="Formula")
    parameters: dict[str, Real] = Field(default={"w": 2.0, "b": 1.0}, title="Parameters")
    inner: Inner = Field(default_factory=Inner, title="Inner")
    tools: tuple[FormTool, ...] = Field(default=(Hammer(),), min_length=0, max_length=3)
    low: Real = Field(default=0.0, json_schema_extra={"section": "Range", "unit": "m"})
    high: Real = Field(default=1.0, json_schema_extra={"section": "Range"})
    point: tuple[Real, ...] = (1.0, 2.0)
    names: tuple[str, ...] = ("w", "b")
    milestones: tuple[Int, ...] = (30, 80)
    box: tuple[tuple[Real, Real], ...] = ((-1.0, 1.0), (0.0, 2.0))
    flag: Flag = True
    maybe: Real | None = Field(default=None, json_schema_extra={"none": "off"})
    steps: Annotated[Int, Tunable()] = Field(default=2000, ge=1, le=10**9, description="step <budget>")
    dtype: Annotated[Literal["float64", "float32"], Advanced()] = "float64"
    odd: Annotated[int | str, Advanced()] = 3

    @field_validator("text")
    @classmethod
    def _reads(cls, text: str) -> str:
        if "foo" in text:
            raise ValueError(f"unknown name 'foo', column {text.index('foo') + 1}")
        return text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low must be below high")
        if self.milestones and self.milestones[-1] > self.steps:
            raise ValueError("milestones: the last one must be within the steps")
        return self

    def cell_names(self) -> dict[str, tuple[str, ...]]:
        return {"start": ("x", "y"), "workers.*.start": ("x", "y"), "box": ("x", "y"), "point": ("x", "y")}

    def new_part(self, path: str) -> Frozen:
        if path != "workers":
            raise KeyError(path)
        return Worker(id=fresh_id("saw", (worker.id for worker in self.workers)), tool=Saw())

    def refusal(self, path: str, member: type[Frozen]) -> str:
        return "needs a workshop" if member is Plane else ""
