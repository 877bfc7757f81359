"""Keeps torch's compiler out of a process that compiles nothing: importing it takes longer than all the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


@functools.cache
def keep_eager() -> None:
    """Let the optimizers of torch step without importing ``torch._dynamo``; what they compute is the same.

    WORKAROUND torch 2.6 - 2.13: ``Optimizer.step`` imports the compiler to tell it where a graph breaks, and other
    methods to be left alone by it. Where torch looks different, nothing is changed, and the import happens.
    """
    import torch

    for found in vars(torch.optim).values():
        if isinstance(found, type) and issubclass(found, torch.optim.Optimizer):
            step: Any = found.__dict__.get("step")
            if getattr(getattr(step, "__code__", None), "co_name", "") == "_use_grad" and hasattr(step, "__wrapped__"):
                found.step = _with_grad(step.__wrapped__)  # type: ignore[method-assign]
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        inner = getattr(getattr(torch.optim.Optimizer, name), "__wrapped__", None)
        if inner is not None:
            inner.__dynamo_disable = inner  # where torch keeps what its compiler answered


def _with_grad(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``step`` as torch wraps it: gradients are recorded only where the optimizer is differentiable."""
    import torch

    @functools.wraps(step)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(self.defaults["differentiable"])
        try:
            return step(self, *args, **kwargs)
        finally:
            torch.set_grad_enabled(before)

    return wrapped
