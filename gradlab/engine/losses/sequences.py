"""The loss of a sequence of labels whose places in time are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab.engine.errors import UserError
from gradlab.engine.model import Int

from .base import Takes, Task
from .checks import Array, as_array, classes
from .rows import ByRow, Worked, log_softmax

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class CTCLoss(ByRow):
    r"""Minus the log of the probability of all the ways in which the labels can be read from the steps.

    :math:`\ell = -\ln\sum_{\pi \to y}\prod_t p_t(\pi_t)`: on a way π each step says a label or a blank; repeats, then
    blanks, are left out (Graves et al. 2006). One sequence: a row of the input for each step, the labels as target.
    The input goes through log-softmax first, which leaves log-probabilities as they are: torch's gradient,
    :math:`p - \text{posterior}`, is that of what came before it. The mean divides by the number of labels.
    """

    kind: Literal["ctc"] = "ctc"
    title = "CTC"
    SLOPES = (r"p_t(c) - P(\pi_t = c \mid y)",)
    task: ClassVar[Task] = "classification"
    takes: ClassVar[Takes] = "log_probabilities"
    inputs: ClassVar[tuple[str, ...]] = ("log_probs", "targets")
    ALONE: ClassVar[bool] = False
    EXAMPLE = (((0.5, 1.5, 0.0), (1.0, 0.5, 0.0), (0.0, 0.5, 1.0), (1.0, 0.0, 0.5)), ((1.0, 2.0),))
    blank: Annotated[Int, Field(ge=0, le=1000, description="the class that stands for no label")] = 0
    zero_infinity: Annotated[bool, Field(description="labels that do not fit in the steps cost 0, not ∞")] = False

    def indices(self, *values: Array) -> tuple[int, ...]:
        """Return that the target holds classes."""
        return (1,)

    def tensors(self, *values: Any, dtype: torch.dtype | None = None) -> tuple[Tensor, ...]:
        """Return log-probabilities, labels, and how long both are, which is as long as they are given."""
        import torch

        scores, labels = (as_array(value) for value in values)
        kind = dtype or torch.get_default_dtype()
        steps = torch.tensor(log_softmax(scores.astype(float), -1), dtype=kind)
        said = torch.tensor(labels.ravel(), dtype=torch.int64)
        return steps, said, torch.tensor(len(scores)), torch.tensor(labels.size)

    def _fit(self, *values: Array) -> None:
        scores, labels = values
        if scores.ndim != 2:
            raise UserError(f"log_probs: its shape is {scores.shape}; it must be (steps, classes), of one sequence")
        if labels.size != max(labels.shape, default=1):
            raise UserError(f"targets: its shape is {labels.shape}; the labels of one sequence stand in one line")
        if self.blank >= scores.shape[1]:
            raise UserError(f"blank: a class is a whole number from 0 to {scores.shape[1] - 1}, not {self.blank}")
        classes("targets", labels, scores.shape[1])
        if (labels == self.blank).any():
            raise UserError(f"targets: {self.blank} is the blank and no label")

    def denominator(self, *values: Any) -> float:
        """Return the number of labels."""
        return float(as_array(values[1]).size)

    def together(self, stack: Array, labels: Array) -> Array:
        """Return the losses of a stack[K, steps, classes] of inputs with the same labels, in one call of torch."""
        import torch
        from torch.nn import functional

        count, steps = stack.shape[:2]
        log_p = torch.tensor(log_softmax(stack, -1)).transpose(0, 1)
        said = torch.tensor(labels.ravel(), dtype=torch.int64).expand(count, -1)
        lengths = (torch.full((count,), steps), torch.full((count,), labels.size))
        losses: Array = functional.ctc_loss(
            log_p, said, *lengths, blank=self.blank, reduction="none", zero_infinity=self.zero_infinity
        ).numpy()
        return losses

    def worked_out(self, *values: Array) -> Worked:
        """Return the loss, and softmax − the posterior of each class at each step, by going forward and backward."""
        scores, labels = values
        log_p = log_softmax(scores.astype(float), -1)
        way = np.full(2 * labels.size + 1, self.blank)
        way[1::2] = labels.ravel().astype(int)
        said = log_p[:, way]
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead, back = _reached(said, way), _reached(said[::-1, ::-1], way[::-1])[::-1, ::-1]
            total = np.logaddexp.reduce(ahead[-1, -2:])
            if np.isinf(total) and self.zero_infinity:
                return np.array(0.0), {0: np.zeros(scores.shape)}
            posterior = np.exp(ahead + back - said - total)
        slope = np.exp(log_p)
        np.subtract.at(slope.T, way, posterior.T)
        return np.array(-total), {0: slope}


def _reached(said: Array, way: Array) -> Array:
    """Return the log of the probability of all that leads to each place of the way at each step, its step included."""
    skips = np.zeros(len(way), dtype=bool)
    skips[2:] = way[2:] != way[:-2]  # between two different labels the blank may be left out
    found = np.full(said.shape, -np.inf)
    found[0, :2] = said[0, :2]
    for t in range(1, len(said)):
        before = np.full((3, len(way)), -np.inf)
        before[0], before[1, 1:] = found[t - 1], found[t - 1, :-1]
        before[2, 2:] = np.where(skips[2:], found[t - 1, :-2], -np.inf)
        found[t] = np.logaddexp.reduce(before, 0) + said[t]
    return found
