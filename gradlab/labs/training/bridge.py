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


class Several(Module):
    """A loss of samples with several answers each: every answer counts as one."""

    def __init__(self, loss: nn.Module, answers: int) -> None:
        super().__init__()
        self.loss = loss
        self.answers = answers

    def forward(self, answers: Tensor, y: Tensor) -> Tensor:
        """Return the loss of the answers (N, A K) under the targets (N, A) or (N, A, K)."""
        loss: Tensor = self.loss(answers.reshape(len(answers) * self.answers, -1), y.flatten(0, 1))
        return loss


def criterion(loss: Loss, dtype: torch.dtype, answers: int = 1) -> nn.Module:
    """Return what compares what a network says, ``answers`` times to each sample, with ``tasks.targets``."""
    made = _criterion(loss, dtype)
    if answers == 1:
        return made
    several: nn.Module = module_class(Several)(made, answers)
    return several


def _criterion(loss: Loss, dtype: torch.dtype) -> nn.Module:
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
