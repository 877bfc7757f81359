"""The optimizer family: hyperparameters, the torch optimizer they describe, and live changes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from gradlab.engine.catalog import Item
from gradlab.engine.errors import UserError
from gradlab.engine.model import Tunable

from .fields import Fused, LearningRate

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Optimizer(Item):
    """A rule that turns gradients into steps: its hyperparameters, under torch's names and with torch's defaults."""

    family: ClassVar[dict[str, type[Item]]] = {}
    state_names: ClassVar[tuple[str, ...]] = ()
    """What it keeps for each parameter, under torch's names, in the parameter's shape."""
    momentum_name: ClassVar[str] = ""
    """The entry of its state that smooths the gradient; empty when there is none."""
    needs_loss: ClassVar[bool] = False
    """Whether ``step(closure)`` also calls ``closure.loss()``, the loss with its graph and without a backward pass."""
    in_one_piece: ClassVar[bool] = False
    """Whether it views each tensor as a vector: none may lie in memory with its channels last."""
    switches: ClassVar[tuple[str, ...]] = ()
    """The arguments of torch that choose an implementation."""

    lr: LearningRate = 1e-3
    implementation: Fused = None

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of the torch class, every one that this item knows."""
        names = (name for name in type(self).model_fields if name not in {"kind", "implementation"})
        chosen = {name: name == self.implementation for name in self.switches} if self.implementation else {}
        return {name: getattr(self, name) for name in names} | chosen

    def torch_class(self) -> type[torch.optim.Optimizer]:
        """Return the class that ``build`` makes one of; raise ``UserError`` when the installed torch has none."""
        import torch

        found: type[torch.optim.Optimizer] | None = getattr(torch.optim, type(self).__name__, None)
        if found is None:
            raise UserError(f"optimizer: torch {torch.__version__} has no {type(self).__name__}", "a newer torch has")
        return found

    def build(self, params: Iterable[Tensor]) -> torch.optim.Optimizer:
        """Return the torch optimizer over ``params``; raise ``ValueError`` when it refuses their shapes."""
        return self.torch_class()(params, **self.arguments())

    @classmethod
    def tunable(cls) -> tuple[str, ...]:
        """Return the hyperparameters that may change while a run is under way, ``lr`` among them."""
        fields = cls.model_fields.items()
        return tuple(name for name, info in fields if any(isinstance(mark, Tunable) for mark in info.metadata))

    def apply(self, opt: torch.optim.Optimizer) -> None:
        """Write the tunable hyperparameters into the groups of ``opt``, as one writes ``param_groups`` by hand.

        Its state stays. ``lr`` is left to ``schedules.retune``, and so is momentum to a schedule that cycles it.
        """
        values = self.arguments()
        for name in self.tunable():
            if name != "lr":
                for group in opt.param_groups:
                    _write(group, name, values[name])

    def unavailable(self, shape: tuple[int, ...]) -> str:
        """Return why it cannot run on a parameter of this shape, found by trying; empty when it can."""
        from .trial import refusal

        return refusal(self, shape)


def _write(group: dict[str, Any], name: str, value: Any) -> None:
    cycled = "max_momentum" in group
    if cycled and name == "momentum":
        return
    group[name] = (group["betas"][0], *value[1:]) if cycled and name == "betas" else value
