"""Exact copies of the state of a network and its optimizer, and the way back to them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
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


def keep_optimizer(optimizer: torch.optim.Optimizer) -> Any:
    """Return an exact copy of an optimizer's state; ``state_dict`` would come back with dtypes of its own."""
    groups = [{k: copy.deepcopy(v) for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return groups, [copy.deepcopy(optimizer.state.get(parameter, {})) for parameter in parameters]


def restore_optimizer(optimizer: torch.optim.Optimizer, kept: Any) -> None:
    """Take an optimizer back to a copied state."""
    groups, states = copy.deepcopy(kept)
    for group, values in zip(optimizer.param_groups, groups, strict=True):
        group.update(values)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for parameter, state in zip(parameters, states, strict=True):
        optimizer.state[parameter] = state
