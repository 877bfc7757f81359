"""What costs a number for each row, where the expression language has no word for it: worked out in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from .base import Loss
from .checks import Array, as_array

Worked: TypeAlias = tuple[Array, Mapping[int, Array]]
"""The losses as ``none`` gives them, and the slope of their sum by each input that has one, by its place."""


class ByRow(Loss):
    """Its formula and the slopes of it are written out in ``worked_out``, apart from torch, and checked against it."""

    def worked_out(self, *values: Array) -> Worked:
        """Return the losses and slopes by the formula, in float64."""
        raise NotImplementedError

    def elements(self, *values: Any) -> Array:
        """Return the losses by the formula."""
        return self.worked_out(*(as_array(value) for value in values))[0]

    def slopes(self, *values: Any, by: int = 0) -> Array | None:
        """Return ∂(sum of the losses)/∂(the input at ``by``) by the formula; None where there is none."""
        return self.worked_out(*(as_array(value) for value in values))[1].get(by)


def log_softmax(scores: Array, axis: int) -> Array:
    """Return the logarithm of softmax along an axis."""
    with np.errstate(over="ignore"):  # further below the largest than a number can say is −∞
        low = scores - scores.max(axis, keepdims=True)
    return np.asarray(low - np.log(np.exp(low).sum(axis, keepdims=True)))
