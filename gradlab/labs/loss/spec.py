"""What the Loss lab asks: a loss, the tables that it compares, and where its curves are looked at."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from gradlab.engine.errors import UserError
from gradlab.engine.losses import CrossEntropyLoss, Loss
from gradlab.engine.model import Frozen, Int, Real, Scale

MOST_ROWS, MOST_COLUMNS = 64, 32
Cell = Annotated[Real, Field(ge=-1e12, le=1e12)]
Row = Annotated[tuple[Cell, ...], Field(min_length=1, max_length=MOST_COLUMNS)]
Table = Annotated[tuple[Row, ...], Field(min_length=1, max_length=MOST_ROWS)]
STAGE: dict[str, Any] = {"stage": True}
"""Marks what is edited on the stage, where there is room for it, and not in the panel."""

USED: dict[str, frozenset[str]] = {
    "values": frozenset({"loss", "input", "target", "third", "h"}),
    "curves": frozenset({"loss", "against", "prediction", "truth"}),
    "outlier": frozenset({"loss", "outlier"}),
    "surface": frozenset({"loss", "weights"}),
    "entropy": frozenset({"loss", "input", "target"}),
    "logit": frozenset({"logit"}),
    "kink": frozenset({"loss", "start", "lr", "steps"}),
}
"""The fields that each page shows something of."""


class LossSpec(Frozen):
    """A loss looked at closely. A table is rows of numbers; a target of classes is one column."""

    loss: Loss = Field(default_factory=CrossEntropyLoss, title="Loss")
    input: Table = Field(default=((0.1, 0.2, 0.3),), description="the first input of the loss", json_schema_extra=STAGE)
    target: Table = Field(default=((1.0,),), description="the second input", json_schema_extra=STAGE)
    third: Table | None = Field(
        default=None, description="the third input, of losses that have one", json_schema_extra=STAGE
    )
    h: Annotated[Real, Scale(step=1, log=True)] = Field(
        default=6e-6, gt=0, le=1, title="Difference step h", description="step of the central differences"
    )
    against: Literal["errors", "margins"] = Field(
        default="errors",
        title="Compare",
        description="losses of an error, or those of a yes or no: 0-1 and what stands in for it",
        json_schema_extra={"section": "Curves"},
    )
    prediction: Annotated[Real, Scale(step=0.25)] = Field(
        default=1.5, ge=-1e6, le=1e6, description="ŷ, or the score", json_schema_extra={"section": "Curves"}
    )
    truth: Annotated[Real, Scale(step=0.25)] = Field(
        default=0.0, ge=-1e6, le=1e6, title="target", description="y of errors", json_schema_extra={"section": "Curves"}
    )
    outlier: Annotated[Real, Scale(step=0.5)] = Field(
        default=8.0,
        ge=-100,
        le=100,
        title="place",
        description="where the outlier lies among the sample",
        json_schema_extra={"section": "Outlier"},
    )
    weights: tuple[Real, Real] = Field(
        default=(-1.0, 2.0),
        title="w and b",
        description="the line ŷ = w x + b that is looked at",
        json_schema_extra={"section": "Surface", "labels": ["w", "b"]},
    )
    logit: Annotated[Real, Scale(step=0.5)] = Field(
        default=-8.0,
        ge=-50,
        le=50,
        title="z",
        description="the logit of a yes; the target is 1",
        json_schema_extra={"section": "One logit"},
    )
    start: Annotated[Real, Scale(step=0.05)] = Field(
        default=0.25, ge=-1e3, le=1e3, description="x at the first step", json_schema_extra={"section": "Kink"}
    )
    lr: Annotated[Real, Scale(step=1, log=True)] = Field(
        default=0.1, gt=0, le=10, description="learning rate of plain descent", json_schema_extra={"section": "Kink"}
    )
    steps: Annotated[Int, Scale(step=10)] = Field(
        default=40, ge=1, le=1000, description="steps of descent", json_schema_extra={"section": "Kink"}
    )

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        for name in ("input", "target", "third"):
            table = getattr(self, name)
            if table is not None and len({len(row) for row in table}) > 1:
                lengths = ", ".join(str(len(row)) for row in table)
                raise ValueError(f"{name}: every row must have as many numbers; they have {lengths}")
        return self

    def edited(self, **changes: Any) -> Self:
        """Return the spec with an edit; where another loss cannot take the tables it brings its own."""
        new = self.replace(**changes)
        loss = new.loss
        if loss.kind == self.loss.kind or {"input", "target", "third"} & changes.keys():
            return new
        if (new.third is None) == (len(loss.inputs) == 2) and not refusal(new):
            return new
        tables = dict(zip(("input", "target", "third"), loss.EXAMPLE, strict=False))
        return new.replace(**{"third": None, **tables})

    def idle(self, look: Any) -> frozenset[str]:
        """Return what the page that is open does not show: every page has fields of its own."""
        margins = look.page == "curves" and self.against == "margins"
        shown = USED[look.page] - ({"loss", "truth"} if margins else frozenset())
        return frozenset(type(self).model_fields) - shown

    def tables(self) -> tuple[Any, ...]:
        """Return the tables that there are, in the order of the loss's inputs."""
        return (self.input, self.target) + (() if self.third is None else (self.third,))

    def arrays(self) -> tuple[np.ndarray, ...]:
        """Return the tables as the loss takes them: a column of classes or signs for rows of scores is a vector."""
        return self.loss.shaped(*(np.asarray(table, dtype=float) for table in self.tables()))


def refusal(spec: LossSpec) -> str:
    """Return why the loss cannot take the tables; empty when it can."""
    try:
        spec.loss.check(*spec.arrays())
    except UserError as error:
        return str(error)
    return ""
