"""How good a network is: loss and accuracy in evaluation mode, on what it was trained on and on what was held out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anatomy import sample, steady
from .feed import parts

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gradlab.engine.losses import Loss

    from .feed import Feed
    from .spec import TrainingSpec

MOST = 2000
"""Samples that a measurement looks at, the first ones: more would cost more than the step."""
NUMBERS = 1 << 18
"""Numbers of the samples that go through a network at a time."""
LEAST = 64
"""Samples that do, however large they are."""


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
            known = _answers(network, feed.x[:MOST]) if answers is None else answers
            found["accuracy"] = accuracy(known, feed.labels[:MOST], loss)
        if feed.test is not None:
            x, y = feed.test[0][:MOST], feed.test[1][:MOST]
            said = _answers(network, x)
            found["test_loss"] = criterion(said, y)
            if feed.test_labels is not None:
                found["test_accuracy"] = accuracy(said, feed.test_labels[:MOST], loss)
    network.train(training)
    return found


def _answers(network: nn.Module, x: Tensor) -> Tensor:
    """Return what a network says to samples; on a processor in slices, whose numbers stay in its cache."""
    import torch

    rows = max(LEAST, NUMBERS // x[0].numel()) if x.device.type == "cpu" else len(x)
    return network(x) if rows >= len(x) else torch.cat([network(part) for part in torch.split(x, rows)])


def shares(spec: TrainingSpec) -> bool:
    """Tell whether the answers of a step are those that the accuracy asks for: the same samples, the same mode."""
    data = sample(spec.data, spec.seed)
    trained, _ = parts(data, spec.held_out)
    whole = trained <= MOST and (not spec.batch or spec.batch >= trained) and spec.accumulate == 1
    return bool(whole and data.classes and spec.autocast == "none" and steady(spec))


def passes(spec: TrainingSpec) -> list[int]:
    """Return the samples of each pass through the network of an arm that a measurement is made of."""
    data = sample(spec.data, spec.seed)
    trained, kept = parts(data, spec.held_out)
    rows = [trained if data.classes and not shares(spec) else 0, kept]
    return [min(count, MOST) for count in rows if count]


def accuracy(answers: Tensor, labels: Tensor, loss: Loss) -> Tensor:
    """Return the share of answers (N, K) that name the right class (N,); of (N, A K), with classes (N, A), likewise."""
    answers, labels = answers.reshape(labels.numel(), -1), labels.flatten()
    if answers.shape[1] == 1:
        said = (answers[:, 0] > (0.5 if loss.task == "regression" else 0.0)).to(labels.dtype)
    else:
        said = answers.argmax(1)
    return (said == labels).float().mean()
