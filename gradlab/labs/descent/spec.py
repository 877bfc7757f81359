"""What a descent asks: a function, the optimizers that race on it, where they start, and with how much noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gradlab.engine.catalog import Item
from gradlab.engine.model import Frozen, Int, Part, Real, Scale, Tunable, fresh_id
from gradlab.engine.objectives import Himmelblau, Objective
from gradlab.engine.optimizers import SGD, Adam, AdamW, NAdam, Optimizer, RMSprop
from gradlab.engine.record import RunSpec
from gradlab.engine.schedules import Constant, Schedule

if TYPE_CHECKING:
    from torch import Generator, Tensor


class Noise(Item):
    """What is added to the gradient that an optimizer sees."""

    family: ClassVar[dict[str, type[Item]]] = {}

    def disturb(self, gradient: Tensor, generator: Generator) -> Tensor:
        """Return the gradient as the optimizer sees it."""
        return gradient


class NoNoise(Noise):
    """The exact gradient."""

    kind: Literal["none"] = "none"
    title: ClassVar[str] = "None"


class Gaussian(Noise):
    r"""Independent normal noise on each component, as mini-batches cause. :math:`g + \sigma\,\varepsilon`."""

    kind: Literal["gaussian"] = "gaussian"
    title: ClassVar[str] = "Gaussian"
    sigma: Annotated[Real, Tunable(), Scale(log=True)] = Field(
        default=1.0, ge=0, le=1e6, title="σ", description="standard deviation, in units of the gradient"
    )
    seed: Int = Field(
        default=0, ge=0, le=2**31 - 1, description="seed of the noise; each racer has a stream of its own"
    )

    def disturb(self, gradient: Tensor, generator: Generator) -> Tensor:
        """Return the gradient with noise from ``generator``, drawn on the CPU whatever the device."""
        import torch

        noise = torch.randn(gradient.shape, generator=generator, dtype=gradient.dtype, device=generator.device)
        return gradient + self.sigma * noise.to(gradient.device)


class Swarm(Frozen):
    """Many starts at once for every racer, spread over the domain."""

    count: Int = Field(default=0, ge=0, le=100_000, description="starts per racer; 0 for none")
    layout: Literal["grid", "random"] = Field(default="grid", description="how the starts are spread over the domain")
    seed: Int = Field(default=0, ge=0, le=2**31 - 1, description="seed of random starts")


class Racer(Part):
    """One optimizer in the race."""

    optimizer: Optimizer = Field(default_factory=Adam)
    schedule: Schedule = Field(default_factory=Constant, description="how lr changes with the step")
    start: tuple[Real, ...] | None = Field(
        default=None, description="a start of its own", json_schema_extra={"none": "the race's"}
    )


def _racers() -> tuple[Racer, ...]:
    return (
        Racer(id="adam", optimizer=Adam(lr=0.1)),
        Racer(id="momentum", optimizer=SGD(lr=0.002, momentum=0.9)),
        Racer(id="rmsprop", optimizer=RMSprop(lr=0.05)),
        Racer(id="sgd", optimizer=SGD(lr=0.004)),
    )


class DescentSpec(RunSpec):
    """A race of optimizers down one function."""

    objective: Objective = Field(default_factory=Himmelblau, title="Function")
    racers: tuple[Racer, ...] = Field(default_factory=_racers, min_length=1, max_length=32, title="Racers")
    start: tuple[Real, ...] | None = Field(
        default=None,
        title="Start",
        description="where all racers start",
        json_schema_extra={"none": "the function's own"},
    )
    noise: Noise = Field(default_factory=NoNoise, title="Gradient noise")
    swarm: Swarm = Field(default_factory=Swarm, title="Swarm")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        ids = [racer.id for racer in self.racers]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"racers: two racers have the id {name!r}")
        wanted = self.objective.dimension
        for path, start in [("start", self.start), *((f"racers.{r.id}.start", r.start) for r in self.racers)]:
            if start is not None and len(start) != wanted:
                raise ValueError(f"{path}: {self.objective.name()} takes {wanted} coordinates, not {len(start)}")
        return self

    def edited(self, **changes: Any) -> Self:
        """Return the spec with an edit; another function takes its own start, as the old one is not on its map."""
        objective = changes.get("objective", self.objective)
        if objective.kind != self.objective.kind or objective.dimension != self.objective.dimension:
            changes.setdefault("start", None)
            racers = changes.get("racers", self.racers)
            changes["racers"] = tuple(racer.replace(start=None) for racer in racers)
        return self.replace(**changes)

    def start_of(self, racer: Racer) -> tuple[float, ...]:
        """Return where ``racer`` starts."""
        return racer.start or self.start or self.objective.start

    def cell_names(self) -> dict[str, tuple[str, ...]]:
        """Name the coordinates of every start."""
        names = self.objective.variables
        return {"start": names, "racers.*.start": names}

    def stand_ins(self) -> dict[str, Any]:
        """Show the start that holds where none is set."""
        return {"start": self.objective.start, "racers.*.start": self.start or self.objective.start}

    def new_part(self, path: str) -> Racer:
        """Return another racer: the first of the usual optimizers that does not race yet."""
        if path != "racers":
            raise KeyError(path)
        racing = {racer.optimizer.kind for racer in self.racers}
        usual: tuple[Optimizer, ...] = (Adam(lr=0.1), SGD(lr=0.004), RMSprop(lr=0.05), AdamW(lr=0.1), NAdam(lr=0.1))
        optimizer = next((one for one in usual if one.kind not in racing), usual[0])
        return Racer(id=fresh_id(optimizer.kind, (racer.id for racer in self.racers)), optimizer=optimizer)
