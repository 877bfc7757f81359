"""What an optimizer calls for the loss and its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from gradlab.engine.objectives import Objective

    from .spec import Noise


class Closure:
    """f at the parameters, and its gradient with the noise asked for.

    The state before a step has been evaluated already when the step begins, as it is on record; the first call hands
    that out. Searches that call again, as L-BFGS does, get new evaluations. Parameters are points, shape (D,) or
    (N, D); the loss of several is their sum, so that each has the gradient it would have alone.
    """

    def __init__(self, objective: Objective, parameters: Sequence[torch.Tensor], noise: Noise, seed: int) -> None:
        import torch

        self.parameters = list(parameters)
        self.noise = noise
        self.generator = torch.Generator().manual_seed(seed)
        self.calls = 0
        self._objective = objective
        self._points = parameters[0]
        self.evaluate()

    def loss(self) -> torch.Tensor:
        """Return f at the parameters with its graph: one more evaluation that an optimizer asks for."""
        self.calls += 1
        return self._value()

    def _value(self) -> torch.Tensor:
        import torch

        points = self._points if len(self.parameters) == 1 else torch.stack(self.parameters)
        value = self._objective(*points.unbind(-1))
        return value if value.dim() == 0 else value.sum()

    def evaluate(self) -> None:
        """Evaluate f and its gradient at the parameters."""
        import torch

        value = self._value()
        self.gradients = torch.autograd.grad(value, self.parameters)
        self.value = value.detach()
        self._fresh = True

    def __call__(self) -> torch.Tensor:
        """Return f at the parameters, and leave the gradients in ``.grad``."""
        if not self._fresh:
            self.evaluate()
        self._fresh = False
        self.calls += 1
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.grad = self.noise.disturb(gradient, self.generator)
        return self.value
