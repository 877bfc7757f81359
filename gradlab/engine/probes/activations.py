"""How the activations of a network fare: their spread, the units that are dead, the values on flat ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .anatomy import activation_modules
from .meters import square

if TYPE_CHECKING:
    from torch import Tensor, nn

CHUNK = 1 << 15
"""Values whose spread is worked out at a time: what is written on the way stays in the processor's cache."""
FLAT_SLOPE = 0.05
"""Slope, relative to the steepest, below which a value of a bounded activation counts as saturated."""


class ActivationProbe:
    """Looks at every activation of a network during one forward pass; it changes neither result nor random numbers.

    Used as a context around the pass; ``rows`` has, for each activation, the standard deviation before and after it,
    the share of units whose slope is 0 for every sample, and the share of values on flat ends (NaN where the
    activation is not bounded, as a ReLU's zero half is its working, not its ailing). Off the CPU, and where
    ``deferred`` asks for it, ``rows`` is a tensor that stays where the network is.
    """

    def __init__(self, network: nn.Module, *, deferred: bool = False) -> None:
        self._deferred = deferred
        self._modules = activation_modules(network)
        self._steepest = [_bound(module) for module in self._modules]
        self.rows: Any = np.full((4, len(self._modules)), np.nan)
        self._there: dict[int, Tensor] = {}
        self._handles: list[Any] = []

    def __enter__(self) -> Self:
        self.rows = np.full((4, len(self._modules)), np.nan)
        for place, module in enumerate(self._modules):
            self._handles.append(module.register_forward_hook(self._watch(place)))
        return self

    def __exit__(self, *_: object) -> None:
        import torch

        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if self._there:
            missing = torch.full_like(next(iter(self._there.values())), math.nan)
            self.rows = torch.stack([self._there.get(place, missing) for place in range(len(self._modules))], 1)
            self._there = {}

    def _watch(self, place: int) -> Any:
        flat_below = FLAT_SLOPE * self._steepest[place]

        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            before, after = _wide(inputs[0].detach()), _wide(output.detach())
            if after.device.type == "cpu" and not self._deferred:
                self.rows[:, place] = on_cpu(module, before, after, flat_below)
            else:
                self._there[place] = on_device(module, before, after, flat_below)

        return hook


def on_cpu(module: nn.Module, before: Tensor, after: Tensor, flat_below: float) -> tuple[float, float, float, float]:
    """Return the spread before and after, dead and saturated, from values (N, units, …); numpy is faster than torch."""
    values = after.numpy()
    if (type(module).__module__, type(module).__name__) == ("torch.nn.modules.linear", "Identity"):
        same = spread(values)
        return same, same, 0.0, math.nan
    with np.errstate(all="ignore"):
        sizes = _size_of_slope(module, values)
        sizes = slope(module, before).abs().numpy() if sizes is None else sizes
        dead = 1 - np.count_nonzero(sizes.max((0, *range(2, sizes.ndim)))) / sizes.shape[1]
        flat = np.count_nonzero(sizes < flat_below) / sizes.size if flat_below else math.nan
        return spread(before.numpy()), spread(values), dead, flat


def on_device(module: nn.Module, before: Tensor, after: Tensor, flat_below: float) -> Tensor:
    """Return the same four (4,) without waiting for the device: nothing crosses."""
    import torch

    found = _size_of_slope(module, after)
    sizes = slope(module, before).abs() if found is None else found
    dead = (sizes.amax((0, *range(2, sizes.dim()))) == 0).sum() / sizes.shape[1]
    flat = (sizes < flat_below).sum() / sizes.numel() if flat_below else dead * math.nan
    return torch.stack([before.std(), after.std(), dead, flat]).double()


def spread(values: np.ndarray) -> float:
    """Return the standard deviation of a sample of any shape."""
    flat = values.ravel(order="K")
    if flat.size < 2:
        return math.nan
    mean = np.add.reduce(flat) / flat.size
    total = sum(square(flat[low : low + CHUNK] - mean) for low in range(0, flat.size, CHUNK))
    return math.sqrt(total / (flat.size - 1))


def _wide(values: Tensor) -> Tensor:
    return values.float() if values.itemsize < 4 else values


def _size_of_slope(module: nn.Module, after: Any) -> Any:
    """Return something that is 0 where f′ is, and |f′| of a bounded f, where the value (array or tensor) tells it."""
    kind = type(module).__name__
    if type(module).__module__ != "torch.nn.modules.activation" or kind not in {"Tanh", "Sigmoid", "ReLU"}:
        return None
    if kind == "Tanh":
        return 1 - after * after
    return after * (1 - after) if kind == "Sigmoid" else after


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
