"""How good a network is: loss and accuracy in evaluation mode, on what it was trained on and on what was held out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gradlab.engine.losses import Loss

    from .feed import Feed

MOST = 2000
"""Samples that a measurement looks at, the first ones: more would cost more than the step."""


def evaluated(network: nn.Module, criterion: nn.Module, feed: Feed, loss: Loss) -> dict[str, float]:
    """Return ``accuracy``, ``test_loss`` and ``test_accuracy``, those that there are; nothing random moves."""
    import torch

    found: dict[str, float] = {}
    training = network.training
    network.eval()
    with torch.no_grad():
        if feed.labels is not None:
            found["accuracy"] = accuracy(network(feed.x[:MOST]), feed.labels[:MOST], loss)
        if feed.test is not None:
            x, y = feed.test[0][:MOST], feed.test[1][:MOST]
            answers = network(x)
            found["test_loss"] = criterion(answers, y).item()
            if feed.test_labels is not None:
                found["test_accuracy"] = accuracy(answers, feed.test_labels[:MOST], loss)
    network.train(training)
    return found


def accuracy(answers: Tensor, labels: Tensor, loss: Loss) -> float:
    """Return the share of answers (N, K) that name the right class (N,)."""
    if answers.shape[1] == 1:
        said = (answers[:, 0] > (0.5 if loss.task == "regression" else 0.0)).to(labels.dtype)
    else:
        said = answers.argmax(1)
    return (said == labels).float().mean().item()
