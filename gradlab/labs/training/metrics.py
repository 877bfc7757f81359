"""How good a network is: loss and accuracy in evaluation mode, on what it was trained on and on what was held out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gradlab.engine.losses import Loss

    from .feed import Feed
    from .spec import TrainingSpec

MOST = 2000
"""Samples that a measurement looks at, the first ones: more would cost more than the step."""
STEADY = {
    "torch.nn.modules.container",
    "torch.nn.modules.conv",
    "torch.nn.modules.flatten",
    "torch.nn.modules.linear",
    "torch.nn.modules.pooling",
    "torch.nn.modules.activation",
}
"""Where torch keeps the modules that do the same in both modes; of the activations RReLU and attention do not."""


def evaluated(
    network: nn.Module, criterion: nn.Module, feed: Feed, loss: Loss, answers: Tensor | None = None
) -> dict[str, Tensor]:
    """Return ``accuracy``, ``test_loss`` and ``test_accuracy``, those that there are; nothing random moves.

    ``answers`` are those to the first samples that the network was trained on, where they are known already.
    """
    import torch

    found: dict[str, Tensor] = {}
    training = network.training
    network.eval()
    with torch.no_grad():
        if feed.labels is not None:
            known = network(feed.x[:MOST]) if answers is None else answers
            found["accuracy"] = accuracy(known, feed.labels[:MOST], loss)
        if feed.test is not None:
            x, y = feed.test[0][:MOST], feed.test[1][:MOST]
            said = network(x)
            found["test_loss"] = criterion(said, y)
            if feed.test_labels is not None:
                found["test_accuracy"] = accuracy(said, feed.test_labels[:MOST], loss)
    network.train(training)
    return found


def shares(network: nn.Module, feed: Feed, spec: TrainingSpec) -> bool:
    """Tell whether the answers of a step are those that the accuracy asks for: the same samples, the same mode."""
    whole = feed.size == len(feed.x) <= MOST and spec.accumulate == 1
    return whole and feed.labels is not None and spec.autocast == "none" and _steady(network)


def _steady(network: nn.Module) -> bool:
    """Tell whether a network is known to say the same, bit for bit, in training and in evaluation mode."""
    kinds = {type(module) for module in network.modules()}
    return all(kind.__module__ in STEADY and kind.__name__ not in {"RReLU", "MultiheadAttention"} for kind in kinds)


def accuracy(answers: Tensor, labels: Tensor, loss: Loss) -> Tensor:
    """Return the share of answers (N, K) that name the right class (N,); of (N, A K), with classes (N, A), likewise."""
    answers, labels = answers.reshape(labels.numel(), -1), labels.flatten()
    if answers.shape[1] == 1:
        said = (answers[:, 0] > (0.5 if loss.task == "regression" else 0.0)).to(labels.dtype)
    else:
        said = answers.argmax(1)
    return (said == labels).float().mean()
