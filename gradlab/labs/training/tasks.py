"""How data meet a loss: whether they fit, how many outputs the network needs, and what the targets look like."""

from __future__ import annotations

import numpy as np

from gradlab.engine.datasets import Data, Dataset
from gradlab.engine.losses import CrossEntropyLoss, Loss, MSELoss

CLASSES = {"cross_entropy", "multi_margin"}
"""Losses that take the number of a class."""
SIGNS = {"soft_margin"}
"""Losses that take −1 and 1."""


def misfit(data: Dataset, loss: Loss) -> str:
    """Return why a loss cannot compare what a network says with these data; empty when it can."""
    if len(loss.inputs) != 2 or loss.takes not in {"values", "logits"} or loss.kind == "hinge_embedding":
        return f"{loss.name()} does not take what a network gives: it compares {', '.join(loss.inputs)}"
    if loss.kind == "multilabel_margin":
        return "MultiLabelMarginLoss takes lists of classes, and a sample has one class here"
    if loss.reduction == "none":
        return "reduction 'none' leaves a loss per element, and training needs one number"
    if data.task == "regression" and loss.task != "regression":
        return f"{loss.name()} is for classes, and {data.name()} has numbers"
    return ""


def fitting(data: Dataset) -> Loss:
    """Return the usual loss for these data."""
    return CrossEntropyLoss() if data.task == "classification" else MSELoss()


def outputs(data: Data, loss: Loss) -> int:
    """Return how many numbers the network has to give for one sample."""
    if not data.classes or loss.kind in CLASSES or loss.task == "regression":
        return data.outputs
    return 1 if data.classes == 2 else data.classes


def targets(data: Data, loss: Loss) -> np.ndarray:
    """Return what the loss is told, (N,) int64 classes or (N, K) float32: one-hot where it wants numbers."""
    if not data.classes or loss.kind in CLASSES:
        return data.y
    width = outputs(data, loss)
    hot: np.ndarray = data.y[:, None] == (np.arange(width) if width > 1 else 1)
    return np.asarray(2 * hot - 1 if loss.kind in SIGNS else hot, dtype=np.float32)


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
