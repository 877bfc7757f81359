"""Two numbers that cost more than a gradient: the sharpness of the loss, and the noise scale of its gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

    Take = Callable[[Tensor, Tensor], Tensor]

FIRST_ROUNDS = 20
"""Power iterations of the first measurement; later ones start from the last direction and make one."""


class Curvature:
    """The eigenvalue of the Hessian that is largest in size, by power iteration from where the last one ended."""

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._parameters = list(parameters)
        self._direction: list[Tensor] | None = None

    def backward(self, loss: Tensor) -> tuple[Tensor, float]:
        """Add the gradient to ``.grad``, as a backward pass does, and return the loss and the eigenvalue."""
        import torch

        parameters = self._parameters
        slopes = torch.autograd.grad(loss, parameters, create_graph=True, materialize_grads=True)
        rounds = 1 if self._direction is not None else FIRST_ROUNDS
        direction, value = self._direction or self._start(), float("nan")
        for number in range(rounds):
            more = number + 1 < rounds
            turned = torch.autograd.grad(slopes, parameters, direction, retain_graph=more, materialize_grads=True)
            value = sum((a * b).sum() for a, b in zip(direction, turned, strict=True)).item()  # type: ignore[union-attr]
            length = torch.stack(torch._foreach_norm(list(turned))).norm().item()
            if not 0 < length < float("inf"):
                break
            direction = [t / length for t in turned]
        self._direction = direction
        for parameter, slope in zip(parameters, slopes, strict=True):
            if parameter.grad is None:
                parameter.grad = slope.detach().clone()
            else:
                parameter.grad.add_(slope.detach())
        return loss.detach(), value

    def _start(self) -> list[Tensor]:
        import torch

        draw = torch.Generator().manual_seed(0)
        drawn = [torch.randn(p.shape, generator=draw).to(p) for p in self._parameters]
        length = torch.stack(torch._foreach_norm(drawn)).norm()
        return [d / length for d in drawn]

    def state(self) -> Any:
        """Return the direction, as a copy."""
        return None if self._direction is None else [d.clone() for d in self._direction]

    def restore(self, state: Any) -> None:
        """Go on from a direction."""
        self._direction = None if state is None else [d.clone() for d in state]


def noise_scale(network: nn.Module, loss: Take, x: Tensor, y: Tensor) -> float:
    """Return the batch size at which noise and signal of the gradient are equal, tr(Σ) / |G|²; NaN where |G|² ≤ 0.

    From the two halves of the batch, in evaluation mode (McCandlish et al. 2018, appendix A.1).
    """
    import torch

    half = len(x) // 2
    if half < 1:
        return float("nan")
    training = network.training
    network.eval()
    losses = [loss(x[part], y[part]) for part in (slice(half), slice(half, 2 * half))]
    parameters = list(network.parameters())
    slopes = [torch.autograd.grad(value, parameters, materialize_grads=True) for value in losses]
    network.train(training)
    small = sum((s.double() ** 2).sum().item() for half_slopes in slopes for s in half_slopes) / 2
    large = sum((((a + b).double() / 2) ** 2).sum().item() for a, b in zip(*slopes, strict=True))
    signal = 2 * large - small
    noise = (small - large) * 2 * half
    return noise / signal if signal > 0 else float("nan")
