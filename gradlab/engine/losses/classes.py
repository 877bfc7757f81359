"""Losses of a choice among several classes."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab.engine.errors import UserError
from gradlab.engine.model import Int, Real

from .base import ClassWeight, Margin, Table, Takes, Task
from .checks import Array, as_array, classes, entries, same_shape, shape_is, sums_to_one, within
from .rows import ByRow, Worked, log_softmax

IgnoreIndex = Annotated[Int, Field(ge=-1000, le=1000, description="a class whose samples do not count")]
LOG_TOLERANCE = 1e-6


def class_axis(value: Array) -> int:
    """Return the axis of the classes: the only one, else the second."""
    return 0 if value.ndim == 1 else 1


def class_count(value: Array) -> int:
    """Return how many classes there are scores for."""
    if not value.ndim:
        raise UserError("input: its shape is (); it needs a score for each class")
    return int(value.shape[class_axis(value)])


class Classes(ByRow):
    """What takes a score for each class and the index of the right one."""

    task: ClassVar[Task] = "classification"
    COLUMN: ClassVar[bool] = True
    EXAMPLE: ClassVar[tuple[Table, ...]] = (((0.1, 0.2, 0.3),), ((1.0,),))
    weight: ClassWeight = None

    def indices(self, *values: Array) -> tuple[int, ...]:
        """Return that the target holds classes."""
        return (1,)

    def _scores(self, scores: Array, target: Array, ignored: int | None) -> None:
        """Check the target as indices."""
        count = class_count(scores)
        entries("weight", self.weight, count, "classes")
        axis = class_axis(scores)
        wanted = scores.shape[:axis] + scores.shape[axis + 1 :]
        shape_is("target", target, wanted, f"one class for each row of input {scores.shape}")
        classes("target", target, count, ignored)

    def weights(self, count: int) -> Array:
        """Return the weight of each class."""
        return np.ones(count) if self.weight is None else np.asarray(self.weight, dtype=float)

    def shaped_weights(self, scores: Array) -> Array:
        """Return the weight of each class along the axis of the classes."""
        axis = class_axis(scores)
        return self.weights(class_count(scores)).reshape([-1 if i == axis else 1 for i in range(scores.ndim)])


class Indexed(Classes):
    """What can leave a class out; its mean divides by the sum of the weights of the targets that are kept."""

    ignore_index: IgnoreIndex = -100

    def denominator(self, *values: Any) -> float:
        """Return the sum of the weights of the targets that are kept."""
        return float(self.target_weights(*values).sum())

    def target_weights(self, *values: Any) -> Array:
        """Return the weight of each target; 0 for the ignored ones."""
        scores, target = (as_array(value) for value in values[:2])
        kept = target != self.ignore_index
        chosen = self.weights(class_count(scores))[np.where(kept, target, 0).astype(int)]
        return np.where(kept, chosen, 0.0)


class NLLLoss(Indexed):
    r"""Minus the log-probability of the right class; the mean divides by the sum of the weights.

    :math:`\ell_n = -w_{y_n} x_{n, y_n},\quad \mathrm{mean} = \sum_n \ell_n / \sum_n w_{y_n}` over the
    targets that are kept.
    """

    kind: Literal["nll"] = "nll"
    title = "NLL"
    SLOPES = (r"-w_{y_n}\,[c = y_n]",)
    takes: ClassVar[Takes] = "log_probabilities"
    EXAMPLE = (((-1.2019428, -1.1019428, -1.0019428),), ((1.0,),))

    def _fit(self, *values: Array) -> None:
        self._scores(values[0], values[1], self.ignore_index)
        text = "a log-probability is at most 0; log_softmax makes them, and cross_entropy takes logits"
        within("input", values[0], -np.inf, LOG_TOLERANCE, text)

    def worked_out(self, *values: Array) -> Worked:
        """Return −w at the right class, 0 elsewhere, and what that takes of the scores."""
        q = pulled(self, *values)
        return -np.where(q > 0, q * values[0], 0.0).sum(class_axis(values[0])), {0: -q}


class CrossEntropyLoss(Indexed):
    r"""Minus the log of the softmax at the right class; it takes logits, and its slope is softmax − target.

    :math:`\ell_n = -\sum_c w_c\,q_{n,c}\,\ln p_{n,c},\quad p = \mathrm{softmax}(x)`, with the target distribution q:
    for a class, smoothed by α, :math:`q = (1-\alpha)\,[c = y_n] + \alpha/C`. For classes the mean divides by
    :math:`\sum_n w_{y_n}`, for probabilities by N.
    """

    kind: Literal["cross_entropy"] = "cross_entropy"
    title = "Cross-entropy"
    SLOPES = (r"p_c \sum_k w_k q_k - w_c q_c", r"-(1 - \alpha)\,w_c \ln p_c")
    takes: ClassVar[Takes] = "logits"
    label_smoothing: Annotated[
        Real, Field(ge=0, le=1, description="share of the target that is spread over all classes")
    ] = 0.0

    def _in_a_column(self, first: Array, last: Array) -> bool:
        return super()._in_a_column(first, last) and first.shape != last.shape

    def indices(self, *values: Array) -> tuple[int, ...]:
        """Return that the target holds classes, unless it has the shape of the input: then it holds probabilities."""
        return () if values[0].shape == values[1].shape else (1,)

    def _fit(self, *values: Array) -> None:
        scores, target = values
        if self.indices(scores, target):
            self._scores(scores, target, self.ignore_index)
            return
        entries("weight", self.weight, class_count(scores), "classes")
        sums_to_one("target", target, class_axis(scores))
        if self.ignore_index >= 0:
            raise UserError(f"ignore_index: {self.ignore_index} is for classes; the target holds probabilities")

    def denominator(self, *values: Any) -> float:
        """Return the weights of the kept targets for classes, the number of rows for probabilities."""
        scores, target = (as_array(value) for value in values)
        if self.indices(scores, target):
            return super().denominator(scores, target)
        return float(scores.size // class_count(scores))

    def worked_out(self, *values: Array) -> Worked:
        """Return −Σ q ln p, softmax · Σ q − q with the weighted, smoothed target q, and −w (1 − α) ln p by a target."""
        scores, target = values
        axis = class_axis(scores)
        q, log_p = pulled(self, scores, target), log_softmax(scores, axis)
        slopes = {0: np.exp(log_p) * q.sum(axis, keepdims=True) - q}
        if not self.indices(scores, target):
            slopes[1] = -self.shaped_weights(scores) * (1 - self.label_smoothing) * log_p
        return -np.where(q > 0, q * log_p, 0.0).sum(axis), slopes


def pulled(loss: Indexed, *values: Any) -> Array:
    """Return how much of each log-probability the loss takes, in the shape of the scores."""
    scores, target = (as_array(value) for value in values)
    axis, count = class_axis(scores), class_count(scores)
    weights = loss.shaped_weights(scores)
    smoothing = getattr(loss, "label_smoothing", 0.0)
    if not loss.indices(scores, target):
        return np.asarray(weights * ((1 - smoothing) * target + smoothing / count))
    kept = np.expand_dims(target != loss.ignore_index, axis)
    chosen = np.arange(count).reshape(weights.shape) == np.expand_dims(target, axis)
    return np.asarray(np.where(kept, weights * ((1 - smoothing) * chosen + smoothing / count), 0.0))


class MultiMarginLoss(Classes):
    r"""The hinge loss for several classes: the right score must lead each other by the margin.

    :math:`\ell = \frac{w_y}{C}\sum_{i \ne y} \max(0, m - x_y + x_i)^p` (Weston and Watkins 1999).
    """

    kind: Literal["multi_margin"] = "multi_margin"
    title = "Multi-class margin"
    SLOPES = (r"\frac{w_y}{C}\,p\,\max(0, m - x_y + x_i)^{p-1}\;(i \ne y)",)
    takes: ClassVar[Takes] = "logits"
    EXAMPLE = (((0.1, 0.2, 0.4, 0.8),), ((3.0,),))
    p: Annotated[Literal[1, 2], Field(description="the power of what is missing to the margin")] = 1
    margin: Margin = 1.0

    def _fit(self, *values: Array) -> None:
        if values[0].ndim > 2:
            raise UserError(f"input: its shape is {values[0].shape}; it must be (classes,) or (rows, classes)")
        self._scores(values[0], values[1], None)

    def worked_out(self, *values: Array) -> Worked:
        """Return the powers of what is missing, and their slopes: none at a margin that is just kept."""
        rows, right = np.atleast_2d(values[0]), np.atleast_1d(values[1]).astype(int)
        at, count = np.arange(len(rows)), rows.shape[1]
        missing = np.maximum(self.margin - rows[at, right][:, None] + rows, 0.0)
        missing[at, right] = 0.0
        weight = self.weights(count)[right][:, None] / count
        slope = np.where(missing > 0, weight * self.p * missing ** (self.p - 1), 0.0)
        slope[at, right] = -slope.sum(1)
        losses = (weight * missing**self.p).sum(1)
        return losses.reshape(values[0].shape[:-1]), {0: slope.reshape(values[0].shape)}

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        return _rows(values[0])


class MultiLabelMarginLoss(ByRow):
    r"""The hinge loss for several right classes: each must lead every wrong one by 1.

    :math:`\ell = \frac{1}{C}\sum_{j \in y}\;\sum_{i \notin y}\; \max(0, 1 - x_j + x_i)`; a row of the target lists the
    right classes and ends at its first −1.
    """

    kind: Literal["multilabel_margin"] = "multilabel_margin"
    title = "Multi-label margin"
    SLOPES = (r"\frac{1}{C}\sum_{j \in y}[1 - x_j + x_i > 0]\;(i \notin y)",)
    task: ClassVar[Task] = "margin"
    takes: ClassVar[Takes] = "logits"
    EXAMPLE = (((0.1, 0.2, 0.4, 0.8),), ((3.0, 0.0, -1.0, 1.0),))

    def indices(self, *values: Array) -> tuple[int, ...]:
        """Return that the target holds classes."""
        return (1,)

    def _fit(self, *values: Array) -> None:
        scores, target = values
        if scores.ndim not in {1, 2}:
            raise UserError(f"input: its shape is {scores.shape}; it must be (classes,) or (rows, classes)")
        same_shape(("input", "target"), scores, target)
        classes("target", target, scores.shape[-1], -1)

    def worked_out(self, *values: Array) -> Worked:
        """Return what each right class lacks to each wrong one, over the classes, and its slopes."""
        scores, count = np.atleast_2d(values[0]), values[0].shape[-1]
        slope, losses = np.zeros(scores.shape), np.zeros(len(scores))
        for n, (row, listed) in enumerate(zip(scores, np.atleast_2d(values[1]), strict=True)):
            right = listed[: next(iter(np.flatnonzero(listed == -1)), count)].astype(int)
            wrong = np.setdiff1d(np.arange(count), right)
            missing = np.maximum(1 - row[right][:, None] + row[wrong], 0.0)
            losses[n] = missing.sum() / count
            slope[n, wrong] = (missing > 0).sum(0) / count
            np.subtract.at(slope[n], right, (missing > 0).sum(1) / count)
        return losses.reshape(values[0].shape[:-1]), {0: slope.reshape(values[0].shape)}

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        return _rows(values[0])


class MultiLabelSoftMarginLoss(ByRow):
    r"""The mean over the classes of the cross-entropy of a yes or no for each.

    :math:`\ell = -\frac{1}{C}\sum_c w_c\left[y_c \ln\sigma(x_c) + (1-y_c)\ln\sigma(-x_c)\right]`.
    """

    kind: Literal["multilabel_soft_margin"] = "multilabel_soft_margin"
    title = "Multi-label soft margin"
    SLOPES = (r"\frac{w_c}{C}\,(\sigma(x_c) - y_c)", r"-\frac{w_c}{C}\,x_c")
    task: ClassVar[Task] = "binary"
    takes: ClassVar[Takes] = "logits"
    EXAMPLE = (((-1.0, 0.5, 2.0),), ((1.0, 0.0, 1.0),))
    weight: ClassWeight = None

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        class_count(values[0])
        entries("weight", self.weight, values[0].shape[-1], "classes")
        within("target", values[1], 0, 1, "a probability lies between 0 and 1")

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        scores = as_array(values[0])
        return float(scores.size // scores.shape[-1])

    def terms(self, x: Array, y: Array) -> Array:
        """Return the weighted cross-entropy of each yes or no, whose mean a row costs."""
        weights = 1.0 if self.weight is None else np.asarray(self.weight)
        return np.asarray(weights * (np.maximum(x, 0.0) - x * y + np.log1p(np.exp(-np.abs(x)))))

    def worked_out(self, *values: Array) -> Worked:
        """Return the mean cross-entropy of a row, w (σ(x) − y) / C by a score and −w x / C by a target."""
        x, y = values
        weights = (1.0 if self.weight is None else np.asarray(self.weight)) / x.shape[-1]
        return self.terms(x, y).mean(-1), {0: weights * (0.5 * (1 + np.tanh(x / 2)) - y), 1: -weights * x}


def _rows(scores: Any) -> float:
    array = as_array(scores)
    return float(array.shape[0] if array.ndim > 1 else 1)
