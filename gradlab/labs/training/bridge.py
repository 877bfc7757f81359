"""What stands between the answers of a network and a loss: a last step that makes of them what the loss takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.engine.networks.base import Module, module_class

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from gradlab.engine.losses import Loss


class Bridged(Module):
    """A loss of probabilities, or of their logarithms: the answers of the network are logits, and become those."""

    def __init__(self, bridge: nn.Module, loss: nn.Module) -> None:
        super().__init__()
        self.bridge = bridge
        self.loss = loss

    def forward(self, answers: Tensor, y: Tensor) -> Tensor:
        """Return the loss of the answers (N, K)."""
        loss: Tensor = self.loss(self.bridge(answers), y)
        return loss


class Spread(Module):
    """A loss of a normal distribution: the first half of the answers are means, the second logs of variances."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, answers: Tensor, y: Tensor) -> Tensor:
        """Return the loss of the answers (N, 2 K)."""
        mean, logs = answers.chunk(2, dim=1)
        loss: Tensor = self.loss(mean, y, logs.exp())
        return loss


def criterion(loss: Loss, dtype: torch.dtype) -> nn.Module:
    """Return what compares the answers of a network with the targets of ``tasks.targets``."""
    from torch import nn

    plain = loss.build(dtype=dtype)
    bridge: Any = {"probabilities": nn.Sigmoid, "log_probabilities": nn.LogSoftmax}.get(loss.takes)
    if loss.kind == "gaussian_nll":
        spread: nn.Module = module_class(Spread)(plain)
        return spread
    if bridge is None:
        return plain
    bridged: nn.Module = module_class(Bridged)(bridge(*([1] if bridge is nn.LogSoftmax else [])), plain)
    return bridged
