"""The schedule family: how a learning rate goes with the step, as torch's schedulers do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo

from gradlab.engine.catalog import Item
from gradlab.engine.model import Advanced, Int, Real, Scale

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

Unit = Annotated[
    Literal["step", "epoch"],
    Advanced(),
    Field(description="what the schedule counts: updates, or passes over the data"),
]
Ticks = Annotated[Int, Scale(step=1, log=True), Field(ge=1, le=10**9, json_schema_extra={"unit": "steps"})]
Rate = Annotated[Real, Scale(log=True), Field(gt=0, le=1e6)]
Floor = Annotated[Real, Scale(log=True), Field(ge=0, le=1e6, description="learning rate that it does not go below")]
Factor = Annotated[Real, Scale(step=0.05), Field(gt=0, le=1)]


class Schedule(Item):
    """How the learning rate changes while a run goes on: the parameters of a scheduler, under torch's names."""

    family: ClassVar[dict[str, type[Item]]] = {}
    multiplies: ClassVar[bool] = False
    """Whether each step multiplies the learning rate that it finds, so that schedules of this sort can be combined."""
    needs_metric: ClassVar[bool] = False
    """Whether ``step`` takes the loss."""

    starts_anew: ClassVar[bool] = True
    """Whether a chain can start it in the middle of a run."""

    unit: Unit = "step"

    def build(self, optimizer: Optimizer) -> LRScheduler | None:
        """Return the scheduler of ``optimizer``, to be stepped after each update; None when there is nothing to do.

        ``initial_lr`` of each group is the lr it was built with, whatever the scheduler makes of it.
        """
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        return self.scheduler(optimizer)

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return the scheduler itself, for ``build`` and for schedules made of others."""
        from torch.optim import lr_scheduler

        made: LRScheduler = getattr(lr_scheduler, type(self).__name__)(optimizer, **self.arguments())
        return made

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of the torch class."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in {"kind", "unit"}}

    def legs(self) -> tuple[tuple[Schedule, int | None], ...]:
        """Return what runs one after the other, each with its number of steps; None for the rest of the run."""
        return ((self, None),)


def with_own_ids(parts: tuple[Any, ...]) -> None:
    """Raise ``ValueError`` when two parts have one id."""
    ids = [part.id for part in parts]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"two parts have the id {twice!r}")


def in_unit(parts: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
    """Return the parts counting what the whole counts."""
    unit = info.data.get("unit", "step")
    return tuple(part.replace(schedule=part.schedule.replace(unit=unit)) for part in parts)
