"""gradlab's own torch optimizers. This module imports torch, so it is imported where one is built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch  # noqa: TID253 - a torch optimizer is a subclass of torch's
from torch import Tensor  # noqa: TID253

HESSIAN_LIMIT = 2000
"""Parameters up to which Newton's method forms the Hessian."""


class NewtonStepper(torch.optim.Optimizer):
    """x ← x − lr (H + damping I)⁻¹ g over all parameters of a group, shape by shape in their order.

    g is what ``closure()`` leaves in ``.grad``, so noise in it acts; H comes from ``closure.loss()`` by a second
    backward pass. Where H is singular its pseudoinverse takes its place; where it is not finite the step is NaN.
    """

    def __init__(self, params: Iterable[Tensor], *, lr: float = 1.0, damping: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "damping": damping})
        size = sum(parameter.numel() for group in self.param_groups for parameter in group["params"])
        if size > HESSIAN_LIMIT:
            raise ValueError(f"Newton's method takes at most {HESSIAN_LIMIT} parameters, not {size}")

    @torch.no_grad()
    def step(self, closure: Any = None) -> Tensor:  # type: ignore[override]
        """Make one step and return the loss before it."""
        with torch.enable_grad():
            loss: Tensor = closure()
        for group in self.param_groups:
            parameters = group["params"]
            with torch.enable_grad():
                matrix = hessian(closure.loss(), parameters)
            matrix.diagonal().add_(group["damping"])
            _move(parameters, solve(matrix, _gradient(parameters)), -group["lr"])
        return loss


class BacktrackingStepper(torch.optim.Optimizer):
    """x ← x − s g with the first s of lr, lr·shrink, lr·shrink² … that lowers the loss by decrease·s·|g|².

    The loss of a trial is ``closure.loss()``. When no s is accepted, the parameters stay. The length taken is in the
    state of the first parameter, as ``step_length``.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        *,
        lr: float = 1.0,
        shrink: float = 0.5,
        decrease: float = 1e-4,
        max_eval: int = 60,
    ) -> None:
        super().__init__(params, {"lr": lr, "shrink": shrink, "decrease": decrease, "max_eval": max_eval})
        if len(self.param_groups) != 1:
            raise ValueError("Backtracking takes one parameter group, as there is one length to search for")

    @torch.no_grad()
    def step(self, closure: Any = None) -> Tensor:  # type: ignore[override]
        """Make one step and return the loss before it."""
        with torch.enable_grad():
            loss: Tensor = closure()
        (group,) = self.param_groups
        parameters = group["params"]
        gradient = _gradient(parameters)
        start = [parameter.clone() for parameter in parameters]
        slope = group["decrease"] * gradient.dot(gradient)
        length, taken = group["lr"], 0.0
        for _ in range(group["max_eval"]):
            _move(parameters, gradient, -length)
            if closure.loss() <= loss - length * slope:
                taken = length
                break
            _restore(parameters, start)
            length *= group["shrink"]
        self.state[parameters[0]]["step_length"] = taken
        return loss


def hessian(loss: Tensor, parameters: list[Tensor]) -> Tensor:
    """Return the Hessian of ``loss`` over all entries of ``parameters``, shape (n, n). Unused ones have zeros."""
    size = sum(parameter.numel() for parameter in parameters)
    if not loss.requires_grad:
        return parameters[0].new_zeros(size, size)
    gradient = _flat(torch.autograd.grad(loss, parameters, create_graph=True, materialize_grads=True))
    if not gradient.requires_grad:
        return parameters[0].new_zeros(size, size)
    rows = (torch.autograd.grad(g, parameters, retain_graph=True, materialize_grads=True) for g in gradient)
    return torch.stack([_flat(row) for row in rows])


def solve(matrix: Tensor, vector: Tensor) -> Tensor:
    """Return matrix⁻¹ vector, or the shortest least-squares solution where the matrix, symmetric, is singular."""
    solution: Tensor
    solution, info = torch.linalg.solve_ex(matrix, vector)
    if info.item() == 0 or not matrix.isfinite().all():
        return solution
    inverse: Tensor = torch.linalg.pinv(matrix, hermitian=True)
    return inverse @ vector


def _flat(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def _gradient(parameters: list[Tensor]) -> Tensor:
    return _flat(torch.zeros_like(p) if p.grad is None else p.grad for p in parameters)


def _move(parameters: list[Tensor], direction: Tensor, length: float) -> None:
    sizes = [parameter.numel() for parameter in parameters]
    for parameter, part in zip(parameters, torch.split(direction, sizes), strict=True):
        parameter.add_(part.view_as(parameter), alpha=length)


def _restore(parameters: list[Tensor], values: list[Tensor]) -> None:
    for parameter, value in zip(parameters, values, strict=True):
        parameter.copy_(value)
