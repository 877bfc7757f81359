"""Exact copies of the state of a network, the way back to them, and the running statistics of a state."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gradlab.engine.flat import Flat


def keep_network(network: nn.Module) -> Any:
    """Return copies of the parameters, their gradients, and the buffers."""
    values = [p.detach().clone() for p in network.parameters()]
    slopes = [None if p.grad is None else p.grad.detach().clone() for p in network.parameters()]
    return values, slopes, [b.detach().clone() for b in network.buffers()]


def restore_network(network: nn.Module, kept: Any) -> None:
    """Write copies back where they were, in place: views of a flat buffer stay views."""
    import torch

    values, slopes, buffers = kept
    with torch.no_grad():
        for p, value, slope in zip(network.parameters(), values, slopes, strict=True):
            p.copy_(value)
            if slope is None or p.grad is None:
                p.grad = None if slope is None else slope.clone()
            else:
                p.grad.copy_(slope)
        for b, value in zip(network.buffers(), buffers, strict=True):
            b.copy_(value)


class Running:
    """What a network remembers of the batches that it has seen, as BatchNorm's running means.

    The gradient of a state is taken before the state is measured, and its forward pass moves them on: they belong to a
    state as they were before it.
    """

    def __init__(self, network: nn.Module) -> None:
        self._buffers = [buffer for buffer in network.buffers() if buffer.is_floating_point()]
        self._kept = [buffer.detach().clone() for buffer in self._buffers]

    def keep(self) -> None:
        """Take them as those of the state whose gradient is about to be taken."""
        _copy(self._buffers, self._kept)

    def back(self) -> None:
        """Go back to them: the gradient is taken anew."""
        _copy(self._kept, self._buffers)

    @contextlib.contextmanager
    def before(self) -> Iterator[None]:
        """Put them back to where they were before the gradient was taken, for as long as this lasts."""
        now = [buffer.detach().clone() for buffer in self._buffers]
        _copy(self._kept, self._buffers)
        try:
            yield
        finally:
            _copy(now, self._buffers)

    def state(self) -> list[Tensor]:
        """Return copies of those that are kept."""
        return [tensor.clone() for tensor in self._kept]

    def restore(self, state: list[Tensor]) -> None:
        """Go back to copies."""
        _copy(state, self._kept)


def vector(network: nn.Module, flat: Flat | None = None) -> np.ndarray:
    """Return the parameters, which ``flat`` may hold, and the floating-point buffers as one vector (n,)."""
    import torch

    parameters = [flat.values] if flat is not None and flat.in_order else network.parameters()
    parts = [*parameters, *(b for b in network.buffers() if b.is_floating_point())]
    return torch.cat([part.detach().reshape(-1) for part in parts]).cpu().numpy()


def _copy(source: Sequence[Tensor], target: Sequence[Tensor]) -> None:
    import torch

    if source:
        with torch.no_grad():
            torch._foreach_copy_(list(target), list(source))
