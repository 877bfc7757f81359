"""How data meet a loss: whether they fit, how many outputs the network needs, and what the targets look like."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gradlab.engine.datasets import Data, Dataset
from gradlab.engine.errors import UserError
from gradlab.engine.losses import CrossEntropyLoss, Loss, MSELoss
from gradlab.engine.optimizers import Optimizer
from gradlab.engine.text import Text

CLASSES = {"cross_entropy", "nll", "multi_margin"}
"""Losses that take the number of a class."""
SIGNS = {"soft_margin"}
"""Losses that take −1 and 1."""
BRIDGES = {
    "probabilities": Text("the network's answers go through a sigmoid first"),
    "log_probabilities": Text("the network's answers go through a log-softmax first"),
}
"""What is done to the answers of a network, by what a loss takes; see ``bridge.criterion``."""
NO_SAMPLE = {
    "hinge_embedding": "the distance of two samples",
    "margin_ranking": "the scores of two samples",
    "cosine_embedding": "two samples",
    "triplet_margin": "three samples",
    "triplet_margin_with_distance": "three samples",
}
"""Losses that compare samples with each other, and what they take."""


def misfit(data: Dataset, loss: Loss) -> str:
    """Return why a loss cannot compare what a network says with these data; empty when it can."""
    if loss.kind in NO_SAMPLE:
        return f"{loss.name()} takes {NO_SAMPLE[loss.kind]} at a time, and each has a target of its own here"
    if loss.kind == "ctc":
        return f"{loss.name()} takes fewer targets than answers, and each answer has one of its own here"
    if loss.reduction == "none":
        return "reduction 'none' leaves a loss per element, and training needs one number"
    if getattr(loss, "log_target", False):
        return "log_target: targets are shares here, and the logarithm of a share of 0 is infinite"
    if data.task == "regression" and loss.task != "regression":
        return f"{loss.name()} is for classes, and {data.name()} has numbers"
    if data.task == "classification" and loss.kind == "gaussian_nll":
        return f"{loss.name()} is for numbers, and {data.name()} has classes"
    return ""


def before_loss(loss: Loss) -> Text | None:
    """Return what becomes of the network's answers before the loss sees them; None where nothing does."""
    if loss.kind == "gaussian_nll":
        return Text("the network gives a mean and the log of a variance for each number")
    return BRIDGES.get(loss.takes)


def fitting(data: Dataset) -> Loss:
    """Return the usual loss for these data."""
    return CrossEntropyLoss() if data.task == "classification" else MSELoss()


def outputs(data: Data, loss: Loss) -> int:
    """Return how many numbers the network has to give for one sample."""
    if loss.kind == "gaussian_nll":
        return 2 * data.outputs
    alone = data.classes == 2 and loss.task in {"binary", "margin"} and loss.kind != "multilabel_margin"
    return data.answers if alone else data.outputs


def targets(data: Data, loss: Loss) -> np.ndarray:
    """Return what the loss is told, (N,) or (N, K) int64 classes or (N, K) float32: one-hot where it wants numbers.

    Where a sample has several answers, theirs stand in a second dimension. Raises ``UserError`` for a loss with other
    than one weight for each class, or for each number that the network gives.
    """
    for name in ("weight", "pos_weight"):
        values, wanted = getattr(loss, name, None), outputs(data, loss) // data.answers
        if values is not None and len(values) != wanted:
            raise UserError(f"loss: {name}: has {len(values)} entries, and the network gives {wanted} for an answer")
    if not data.classes or loss.kind in CLASSES:
        return data.y
    width = outputs(data, loss) // data.answers
    if loss.kind == "multilabel_margin":
        return np.where(np.arange(width) == 0, data.y[..., None], -1)
    hot: np.ndarray = data.y[..., None] == (np.arange(width) if width > 1 else 1)
    return np.asarray(2 * hot - 1 if loss.kind in SIGNS else hot, dtype=np.float32)


def cannot_step(optimizer: Optimizer, shapes: Iterable[tuple[int, ...]]) -> str:
    """Return why an optimizer cannot step tensors of these shapes, tried on small ones; empty when it can."""
    small = sorted({(2,) * len(shape) for shape in shapes})
    why = next((found for shape in small if (found := optimizer.unavailable(shape))), "")
    return f"{optimizer.name()} cannot run here: {why}" if why else ""


def decide(answers: np.ndarray, loss: Loss, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the class (N,) and its probability (N,) that a network's answers (N, K) stand for."""
    if answers.shape[1] == 1:
        limit = 0.5 if loss.task == "regression" else 0.0
        says = answers[:, 0] > limit
        share = np.clip(answers[:, 0], 0, 1) if loss.task == "regression" else 1 / (1 + np.exp(-answers[:, 0]))
        return says.astype(np.int64), np.where(says, share, 1 - share)
    best = answers.argmax(1)
    if loss.task == "regression":
        return best, np.clip(np.take_along_axis(answers, best[:, None], 1)[:, 0], 0, 1)
    powers = np.exp(answers - answers.max(1, keepdims=True))
    return best, powers.max(1) / powers.sum(1)
