"""How the activations of a network fare: their spread, the units that are dead, the values on flat ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .anatomy import activation_modules

if TYPE_CHECKING:
    from torch import Tensor, nn

FLAT_SLOPE = 0.05
"""Slope, relative to the steepest, below which a value of a bounded activation counts as saturated."""


class ActivationProbe:
    """Looks at every activation of a network during one forward pass; it changes neither result nor random numbers.

    Used as a context around the pass; ``rows`` has, for each activation, the standard deviation before and after it,
    the share of units whose slope is 0 for every sample, and the share of values on flat ends (NaN where the
    activation is not bounded, as a ReLU's zero half is its working, not its ailing).
    """

    def __init__(self, network: nn.Module) -> None:
        self._modules = activation_modules(network)
        self._steepest = [_bound(module) for module in self._modules]
        self.rows = np.full((4, len(self._modules)), np.nan)
        self._handles: list[Any] = []

    def __enter__(self) -> Self:
        self.rows = np.full((4, len(self._modules)), np.nan)
        for place, module in enumerate(self._modules):
            self._handles.append(module.register_forward_hook(self._watch(place)))
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def _watch(self, place: int) -> Any:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            before, after = inputs[0].detach(), output.detach()
            slopes = slope(module, before)
            units = slopes.reshape(len(slopes), -1) if slopes.dim() == 2 else slopes.transpose(0, 1).flatten(1).t()
            dead = (units == 0).all(0).float().mean()
            steepest = self._steepest[place]
            flat = (slopes.abs() < FLAT_SLOPE * steepest).float().mean().item() if steepest else float("nan")
            values = before.float().std().item(), after.float().std().item(), dead.item(), flat
            self.rows[:, place] = values

        return hook


def slope(module: nn.Module, at: Tensor) -> Tensor:
    """Return f′ of an activation, element by element; what is drawn at random is its mean. No hook of it runs."""
    import torch

    training = module.training
    module.training = False
    try:
        with torch.enable_grad():
            point = at.detach().float().requires_grad_()
            (found,) = torch.autograd.grad(module.forward(point).sum(), point)
    finally:
        module.training = training
    return found


def _bound(module: nn.Module) -> float:
    """Return the steepest slope of an activation that is bounded at both ends; 0 for any other."""
    import torch

    if any(True for _ in module.parameters()):
        return 0.0
    with torch.no_grad():
        far = module(torch.tensor([-1e4, -1e3, 1e3, 1e4]))
    if not (abs(far[0] - far[1]) < 1e-2 and abs(far[2] - far[3]) < 1e-2 and abs(far[0] - far[3]) > 1e-6):
        return 0.0
    return float(slope(module, torch.linspace(-4, 4, 401)).abs().max())
