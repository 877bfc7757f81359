"""What a training asks: data, a network, a loss, how it is optimized, what is measured, and what runs beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gradlab.engine.catalog import Item
from gradlab.engine.datasets import Dataset, Spirals
from gradlab.engine.initializers import Initializer
from gradlab.engine.losses import CrossEntropyLoss, Loss
from gradlab.engine.model import Advanced, Frozen, Int, Part, Real, Scale, Tunable, at
from gradlab.engine.networks import Mlp, Network
from gradlab.engine.optimizers import Adam, Optimizer
from gradlab.engine.record import RunSpec
from gradlab.engine.schedules import Constant, Schedule

from .pins import Pin
from .start import Start
from .tasks import fitting, misfit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

Every = Annotated[Int, Field(ge=0, le=10**6)]
"""How often something is measured: every so many steps; 0 for never."""


WIDE = 512
"""Units of a layer from which its step is worth several threads."""


class Clip(Item):
    """What is done to the whole gradient before the update."""

    family: ClassVar[dict[str, type[Item]]] = {}

    def clip(self, parameters: Iterable[Tensor]) -> None:
        """Change the gradients of ``parameters`` in place."""


class NoClip(Clip):
    """The gradient as it is."""

    kind: Literal["none"] = "none"
    title: ClassVar[str] = "None"


class NormClip(Clip):
    r"""Shrinks the whole gradient to a norm, keeping its direction. :math:`g \cdot \min(1, c/\lVert g\rVert)`."""

    kind: Literal["norm"] = "norm"
    title: ClassVar[str] = "By norm"
    limit: Annotated[Real, Tunable(), Scale(log=True)] = Field(
        default=1.0, gt=0, le=1e9, description="largest norm of the whole gradient"
    )

    def clip(self, parameters: Iterable[Tensor]) -> None:
        """Do what ``torch.nn.utils.clip_grad_norm_`` does."""
        import torch

        torch.nn.utils.clip_grad_norm_(parameters, self.limit)


class ValueClip(Clip):
    r"""Cuts every component on its own, which turns the direction. :math:`\max(-c, \min(c, g_i))`."""

    kind: Literal["value"] = "value"
    title: ClassVar[str] = "By value"
    limit: Annotated[Real, Tunable(), Scale(log=True)] = Field(
        default=1.0, gt=0, le=1e9, description="largest size of a component"
    )

    def clip(self, parameters: Iterable[Tensor]) -> None:
        """Do what ``torch.nn.utils.clip_grad_value_`` does."""
        import torch

        torch.nn.utils.clip_grad_value_(parameters, self.limit)


class Probes(Frozen):
    """How often each thing is measured: every so many steps, 0 for never. Loss and learning rate are always there."""

    norms: Every = Field(default=1, description="gradient norm and weight norm of each layer")
    ratios: Every = Field(default=1, description="size of the update over the size of the weights, by layer")
    histograms: Every = Field(default=1, description="how many components have which power of two, by layer")
    activations: Every = Field(default=10, description="spread before and after each activation, dead and saturated")
    metrics: Every | None = Field(
        default=None,
        description="accuracy, and loss on held-out data",
        json_schema_extra={"none": "as often as is cheap"},
    )
    sharpness: Every = Field(default=0, description="largest eigenvalue of the Hessian; 2 / lr is the bound of descent")
    noise: Every = Field(default=0, description="gradient noise scale, from the two halves of the batch")


AS_A: dict[str, Any] = {"none": "as A"}


class Beside(Frozen):
    """The second arm: what differs from the first. It runs in lock-step, from the same seed, on the same batches."""

    name: str = Field(default="B", max_length=60, title="Name", description="what the change is called")
    network: Network | None = Field(default=None, title="Network", json_schema_extra=AS_A)
    loss: Loss | None = Field(default=None, title="Loss", json_schema_extra=AS_A)
    optimizer: Optimizer | None = Field(default=None, title="Optimizer", json_schema_extra=AS_A)
    schedule: Schedule | None = Field(default=None, title="Schedule", json_schema_extra=AS_A)
    clip: Clip | None = Field(default=None, title="Clipping", json_schema_extra=AS_A)
    batch: Annotated[Int, Field(ge=0, le=10**6)] | None = Field(
        default=None, title="Batch", json_schema_extra={**AS_A, "unit": "samples"}
    )


class TrainingSpec(RunSpec):
    """A network on the bench."""

    data: Dataset = Field(default_factory=Spirals, title="Data")
    network: Network = Field(default_factory=Mlp, title="Network")
    loss: Loss = Field(default_factory=CrossEntropyLoss, title="Loss")
    optimizer: Optimizer = Field(default_factory=lambda: Adam(lr=0.01), title="Optimizer")
    schedule: Schedule = Field(default_factory=Constant, title="Schedule", description="how lr changes with the step")
    batch: Int = Field(
        default=0, ge=0, le=10**6, title="Batch", description="samples of one gradient; 0 for all of them"
    )
    clip: Clip = Field(default_factory=NoClip, title="Clipping")
    l1: Annotated[Real, Tunable(), Advanced(), Scale(log=True)] = Field(
        default=0.0, ge=0, le=1e3, title="L1", description="weight of the sum of the sizes of all parameters"
    )
    accumulate: Annotated[Int, Advanced()] = Field(
        default=1, ge=1, le=1000, title="Accumulate", description="batches whose gradients make one update"
    )
    held_out: Annotated[Real, Advanced(), Scale(step=0.05)] = Field(
        default=0.2,
        ge=0,
        le=0.9,
        title="Held out",
        description="share of the data kept for testing; a test part that was published takes its place",
    )
    seed: Int = Field(default=0, ge=0, le=2**31 - 1, title="Seed", description="seed of weights, data, split and order")
    autocast: Annotated[Literal["none", "bfloat16"], Advanced()] = Field(
        default="none", title="Autocast", description="precision of the forward pass, where torch thinks it safe"
    )
    memory_format: Annotated[Literal["contiguous", "channels_last"], Advanced()] = Field(
        default="contiguous",
        title="Memory format",
        description="how pictures and kernels lie in memory; channels last is faster, and rounds in another way",
    )
    start: Annotated[Start, Advanced()] = Field(
        default_factory=Start, title="Start from", description="a checkpoint; a second network starts from none"
    )
    pins: Annotated[tuple[Pin, ...], Tunable(), Advanced()] = Field(
        default=(),
        max_length=1000,
        title="Weights set by hand",
        description="single weights and their numbers: from the start, or at once in a run; a second network has none",
        json_schema_extra={"item": "weight"},
    )
    probes: Annotated[Probes, Advanced()] = Field(default_factory=Probes, title="Probes")
    beside: Beside | None = Field(
        default=None,
        title="Beside",
        description="a second arm in lock-step",
        json_schema_extra={"none": "nothing"},
    )
    dtype: Annotated[Literal["float64", "float32"], Advanced()] = Field(default="float32", description="precision")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name, arm in self.arms().items():
            reason = misfit(self.data, arm.loss)
            if reason:
                raise ValueError(f"{'loss' if name == 'a' else 'beside.loss'}: {reason}")
            if arm.memory_format != "contiguous" and arm.data.FORM == "images" and arm.optimizer.in_one_piece:
                raise ValueError(f"memory_format: must be contiguous for {arm.optimizer.name()}")
        return self

    def edited(self, **changes: Any) -> Self:
        """Return the spec with an edit; data of another sort take a loss and a network that fit them.

        A loss that was the usual one for the data before is the usual one for those that come.
        """
        data, loss = changes.get("data", self.data), changes.get("loss", self.loss)
        beside = changes.get("beside", self.beside)
        usual = data.task != self.data.task and loss == fitting(self.data)
        if "loss" not in changes and (usual or misfit(data, loss)):
            changes["loss"] = fitting(data)
            beside = beside and beside.replace(loss=None)
        if "network" not in changes and self.network.refuses(data.FORM):
            changes |= {"network": Mlp(), "start": Start(), "pins": ()}
        if beside and beside.network and beside.network.refuses(data.FORM):
            beside = beside.replace(network=None)
        return self.replace(**{**changes, "beside": beside})

    def arms(self) -> dict[str, TrainingSpec]:
        """Return the arms by their names, ``a`` and perhaps ``b``, each as the spec of a training of its own."""
        if self.beside is None:
            return {"a": self}
        fields = [name for name in Beside.model_fields if name != "name"]
        own = {name: value for name in fields if (value := getattr(self.beside, name)) is not None}
        if "network" in own:
            own |= {"start": Start(), "pins": ()}
        return {"a": self.model_copy(update={"beside": None}), "b": self.model_copy(update={"beside": None, **own})}

    @property
    def threads(self) -> int:
        """One for toys; all cores but one for pictures and wide layers, where a step is long enough to be shared."""
        networks = [arm.network for arm in self.arms().values()]
        large = any(network.kind == "cnn" or _widest(network) >= WIDE for network in networks)
        return max(1, (os.cpu_count() or 1) - 1) if large else 1

    def refusal(self, path: str, member: type[Frozen]) -> str:
        """Return why a loss or a network does not fit the data, or an initializer the weights that it would fill."""
        if issubclass(member, Network):
            return member.refuses(self.data.FORM)
        if issubclass(member, Initializer):
            network = at(self, path[: path.index("network") + len("network")])
            reasons = [(member.refuses(count), count) for count in network.weights(path.rpartition(".")[2])]
            return next((f"{why}, and there are some of {count}" for why, count in reasons if why), "")
        return misfit(self.data, member()) if issubclass(member, Loss) else ""

    def new_part(self, path: str) -> Part:
        """Return what a network wants added to one of its lists."""
        owner, _, name = path.rpartition(".")
        try:
            network = at(self, owner)
        except KeyError:
            raise KeyError(path) from None
        if not isinstance(network, Mlp):
            raise KeyError(path)
        return network.new_part(name)


def _widest(network: Network) -> int:
    return max((block.width for block in network.blocks), default=0) if isinstance(network, Mlp) else 0
