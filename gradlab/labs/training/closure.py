"""What an optimizer calls that takes more than one gradient for an update."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from .spec import TrainingSpec


class Closure:
    """What a searching optimizer calls: the gradient that is there first, then new ones on the same batches."""

    def __init__(self, arm: Any) -> None:
        self._arm = arm
        self.fresh = True
        self._value: Any = None

    def __call__(self) -> Tensor:
        """Return the loss, with its gradient in place."""
        import torch

        arm = self._arm
        if self.fresh:
            self.fresh = False
            self._value = torch.tensor(arm.loss, dtype=arm.parameters[0].dtype, device=arm.device)
        else:
            arm.zero()
            self._value = arm.backward()
        arm.clip()
        return self._value  # type: ignore[no-any-return]

    def loss(self) -> Tensor:
        """Return the loss with its graph, without a backward pass."""
        losses = [self._arm.forward(x, y) for x, y in self._arm.batch]
        return sum(losses[1:], losses[0]) / len(losses)  # type: ignore[no-any-return]


def takes_closure(spec: TrainingSpec, optimizer: torch.optim.Optimizer) -> bool:
    """Tell whether ``step`` is to be given a closure: torch's own rules of one gradient do without."""
    if spec.optimizer.needs_loss or not type(optimizer).__module__.startswith("torch.optim"):
        return True
    closure = inspect.signature(type(optimizer).step).parameters["closure"]
    return closure.default is inspect.Parameter.empty
