"""Exact copies of an optimizer's state, and the way back to them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


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
