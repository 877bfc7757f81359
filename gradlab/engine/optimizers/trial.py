"""Whether an optimizer can work on a parameter of some shape: tried on a small bowl, never listed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from .base import Optimizer


class Bowl:
    """The closure of f(x) = ½|x|², over several parameters."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.parameters = parameters

    def loss(self) -> Tensor:
        """Return f with its graph."""
        import torch

        with torch.enable_grad():
            return torch.stack([parameter.square().sum() for parameter in self.parameters]).sum() / 2

    def __call__(self) -> Tensor:
        """Return f, and leave its gradient in ``.grad``."""
        for parameter in self.parameters:
            parameter.grad = None
        value = self.loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value.detach()


@functools.lru_cache(maxsize=256)
def refusal(optimizer: Optimizer, shape: tuple[int, ...]) -> str:
    """Return what goes wrong when ``optimizer`` makes two steps on a parameter of ``shape``; empty when nothing does.

    torch's random numbers are as before.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        parameter = torch.ones(shape, dtype=torch.float64, requires_grad=True)
        try:
            built = optimizer.build([parameter])
            for _ in range(2):
                built.step(Bowl([parameter]))  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - other people's optimizers raise anything
            return " ".join(f"{error}".split()) or type(error).__name__
    return ""
