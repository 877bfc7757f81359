"""Exact copies of the state of a network, and the way back to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


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
