"""All parameters of a network in one buffer and all gradients in another, and when that gives the same run."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from .optimizers import Optimizer

Shapes = tuple[tuple[int, ...], ...]
SHAPES: Shapes = ((5, 7), (5,), (3, 5), (3, 2, 3, 3), (1,), (17, 33))
"""Shapes of the parameters that the probe trains: matrices, vectors, a convolution, a lone number."""
MOST = 500_000
"""Entries up to which a network's own shapes are tried."""
STEPS = 30
EVALUATIONS = 60
"""Gradients after which a trial ends, whatever the steps: a search takes twenty and more in one."""
RATES = (0.01, 0.1, 0.001, 1.0)
MOVED = 1e-4
"""Distance that some parameter has to go for a run to prove anything."""


class Flat:
    """Two flat buffers of which every parameter and every gradient is a view; the optimizer gets one parameter.

    Made from parameters that have gradients already; values, gradients and memory format are kept. ``parameter`` is
    what the optimizer steps, ``values`` and ``slopes`` (n,) are the buffers; ``in_order`` tells whether the entries
    of every parameter lie there in the order of its indices.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        import torch

        self.parameters = list(parameters)
        self.values = self.parameters[0].detach().new_empty(sum(p.numel() for p in self.parameters))
        self.slopes = torch.zeros_like(self.values)
        self.in_order = all(p.is_contiguous() for p in self.parameters)
        place = 0
        for p in self.parameters:
            values, slopes = (
                whole[place : place + p.numel()].as_strided(p.shape, p.stride()) for whole in (self.values, self.slopes)
            )
            values.copy_(p.detach())
            if p.grad is not None:
                slopes.copy_(p.grad)
            p.data, p.grad = values, slopes
            place += p.numel()
        self.parameter = torch.nn.Parameter(self.values)
        self.parameter.grad = self.slopes
        self.check()

    def zero(self) -> None:
        """Set all gradients to zero, where they are."""
        self.slopes.zero_()

    def check(self) -> None:
        """Raise ``RuntimeError`` when a parameter or gradient has left its buffer: other code replaced it."""
        values, slopes, place = self.values.data_ptr(), self.slopes.data_ptr(), 0
        if self.parameter.data_ptr() != values or self.parameter.grad is not self.slopes:
            raise RuntimeError("the optimizer's parameter has left the flat buffer")
        for p in self.parameters:
            there = p.grad is not None and p.grad.data_ptr() == slopes + place
            if p.data_ptr() != values + place or not there:
                raise RuntimeError(f"a parameter of shape {tuple(p.shape)} has left the flat buffer")
            place += p.numel() * p.element_size()


def why_not(network: nn.Module, optimizer: Optimizer) -> str:
    """Return why the parameters of a network, gradients in place, must stay apart; empty when one buffer is exact."""
    parameters = list(network.parameters())
    if len(list(network.named_parameters(remove_duplicate=False))) != len(parameters):
        return "layers share parameters"
    if any(p.grad is None for p in parameters):
        return "some parameters get no gradient"
    if len({(p.dtype, p.device) for p in parameters}) != 1:
        return "parameters differ in precision or device"
    if not all(_dense(p) and p.requires_grad for p in parameters):
        return "some parameters are frozen or have gaps in memory"
    shapes = tuple(tuple(p.shape) for p in parameters)
    return "" if flattenable(optimizer, shapes) else f"{optimizer.name()} goes elsewhere where tensors are joined"


def _dense(tensor: Tensor) -> bool:
    import torch

    return tensor.is_contiguous() or tensor.is_contiguous(memory_format=torch.channels_last)


def flattenable(optimizer: Optimizer, shapes: Shapes = SHAPES) -> bool:
    """Tell whether parameters joined into one go, bit for bit, where they go apart; tried, never listed.

    Kept per kind and hyperparameters, lr apart. Most that fail treat a tensor as a whole and fail for any ``shapes``;
    fused kernels round the last few entries of a tensor in another way, and agree where none are left over.
    """
    if optimizer.needs_loss:
        return False
    plain = optimizer.replace(lr=1.0)
    if _agrees(plain, SHAPES):
        return True
    return shapes != SHAPES and sum(math.prod(shape) for shape in shapes) <= MOST and _agrees(plain, shapes)


@functools.lru_cache(maxsize=256)
def _agrees(optimizer: Optimizer, shapes: Shapes) -> bool:
    import torch

    moved = 0
    with torch.random.fork_rng(devices=[]):
        for rate in RATES:
            try:
                apart, joined, start = _trial(optimizer.replace(lr=rate), shapes)
            except Exception:  # noqa: BLE001 - other people's optimizers raise anything; those stay apart
                return False
            finite = bool(torch.isfinite(apart).all())
            if finite and not torch.equal(apart, joined):
                return False
            moved += finite and bool(((apart - start).abs().max() > MOVED).item())
            if moved == 2:
                return True
    return False


def _trial(optimizer: Optimizer, shapes: Shapes) -> tuple[Tensor, Tensor, Tensor]:
    """Return where the same steps lead apart and joined, and where they began; shape (n,) each."""
    import torch

    draw = torch.Generator().manual_seed(0)
    start = [torch.randn(shape, generator=draw) for shape in shapes]
    goal = torch.cat([torch.randn(p.numel(), generator=draw) for p in start])
    apart = [torch.nn.Parameter(p.clone()) for p in start]
    together = [torch.nn.Parameter(p.clone()) for p in start]
    for p in together:
        p.grad = torch.zeros_like(p)
    flat = Flat(together)
    ends = []
    for parameters, stepped in ((apart, apart), (together, [flat.parameter])):
        torch.manual_seed(1)
        _steps(parameters, optimizer.build(stepped), goal)
        ends.append(torch.cat([p.detach().reshape(-1) for p in parameters]))
    return ends[0], ends[1], torch.cat([p.reshape(-1) for p in start])


def _steps(parameters: Sequence[nn.Parameter], optimizer: torch.optim.Optimizer, goal: Tensor) -> None:
    """Walk down a bent bowl around ``goal``, gradients worked out by hand and written where they are."""
    import torch

    sizes = [p.numel() for p in parameters]
    evaluations = 0

    def closure() -> Tensor:
        nonlocal evaluations
        evaluations += 1
        away = torch.cat([p.detach().reshape(-1) for p in parameters]) - goal
        slopes = away + 0.3 * torch.sin(3 * away)
        for p, slope in zip(parameters, torch.split(slopes, sizes), strict=True):
            if p.grad is None:
                p.grad = slope.clone().view_as(p)
            else:
                p.grad.copy_(slope.view_as(p))
        return (away * away).sum() / 2

    for _ in range(STEPS):
        optimizer.step(closure)  # type: ignore[arg-type]
        if evaluations >= EVALUATIONS:
            break
