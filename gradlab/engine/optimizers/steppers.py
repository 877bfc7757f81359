"""gradlab's own steps, which become torch optimizers where one is built: nothing here imports torch before that."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Stepper = torch.optim.Optimizer
else:
    Stepper = object

HESSIAN_LIMIT = 2000
"""Parameters up to which Newton's method forms the Hessian."""


@functools.cache
def optimizer_class(stepper: type[Stepper]) -> type[torch.optim.Optimizer]:
    """Return ``stepper`` with torch's optimizer as its base."""
    import torch

    return type(stepper.__name__, (stepper, torch.optim.Optimizer), {"__doc__": stepper.__doc__})


class NewtonStepper(Stepper):
    """x ← x − lr (H + damping I)⁻¹ g over all parameters of a group.

    g is what ``closure()`` leaves in ``.grad``, so noise in it acts; H comes from ``closure.loss()`` by a second
    backward pass. Where H is singular its pseudoinverse takes its place; where it is not finite the step is NaN.
    """

    def __init__(self, params: Iterable[Tensor], *, lr: float = 1.0, damping: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "damping": damping})
        size = sum(parameter.numel() for group in self.param_groups for parameter in group["params"])
        if size > HESSIAN_LIMIT:
            raise ValueError(f"Newton's method takes at most {HESSIAN_LIMIT} parameters, not {size}")

    def step(self, closure: Any = None) -> Tensor:  # type: ignore[override]
        """Make one step and return the loss before it."""
        import torch

        with torch.enable_grad():
            loss: Tensor = closure()
            matrices = [hessian(closure.loss(), group["params"]) for group in self.param_groups]
        with torch.no_grad():
            for group, matrix in zip(self.param_groups, matrices, strict=True):
                matrix.diagonal().add_(group["damping"])
                _move(group["params"], solve(matrix, _gradient(group["params"])), -group["lr"])
        return loss


class BacktrackingStepper(Stepper):
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

    def step(self, closure: Any = None) -> Tensor:  # type: ignore[override]
        """Make one step and return the loss before it."""
        import torch

        with torch.enable_grad():
            loss: Tensor = closure()
        with torch.no_grad():
            self.state[self.param_groups[0]["params"][0]]["step_length"] = self._search(closure, loss)
        return loss

    def _search(self, closure: Any, loss: Tensor) -> float:
        (group,) = self.param_groups
        parameters = group["params"]
        start = [parameter.clone() for parameter in parameters]
        gradient = _gradient(parameters)
        slope = group["decrease"] * gradient.dot(gradient)
        length: float = group["lr"]
        for _ in range(group["max_eval"]):
            _move(parameters, gradient, -length)
            if closure.loss() <= loss - length * slope:
                return length
            for parameter, value in zip(parameters, start, strict=True):
                parameter.copy_(value)
            length *= group["shrink"]
        return 0.0


def hessian(loss: Tensor, parameters: list[Tensor]) -> Tensor:
    """Return the Hessian of ``loss`` over all entries of ``parameters``, shape (n, n). Unused ones have zeros."""
    import torch

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
    import torch

    solution: Tensor
    solution, info = torch.linalg.solve_ex(matrix, vector)
    if info.item() == 0 or not matrix.isfinite().all():
        return solution
    inverse: Tensor = torch.linalg.pinv(matrix, hermitian=True)
    return inverse @ vector


def _flat(tensors: Iterable[Tensor]) -> Tensor:
    import torch

    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def _gradient(parameters: list[Tensor]) -> Tensor:
    import torch

    return _flat(torch.zeros_like(p) if p.grad is None else p.grad for p in parameters)


def _move(parameters: list[Tensor], direction: Tensor, length: float) -> None:
    import torch

    sizes = [parameter.numel() for parameter in parameters]
    for parameter, part in zip(parameters, torch.split(direction, sizes), strict=True):
        parameter.add_(part.view_as(parameter), alpha=length)
