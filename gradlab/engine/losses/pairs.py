"""Losses that compare several inputs: rankings, and distances between embeddings."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradlab.engine.errors import UserError
from gradlab.engine.model import Real, Scale

from .base import Loss, Margin, Takes, Task
from .checks import Array, as_array, one_of, same_shape, shape_is


class MarginRankingLoss(Loss):
    r"""The first input should be the larger for 1, the second for −1.

    :math:`\ell = \max(0, -y\,(x_1 - x_2) + m)`.
    """

    kind: Literal["margin_ranking"] = "margin_ranking"
    title = "Margin ranking"
    task: ClassVar[Task] = "margin"
    inputs: ClassVar[tuple[str, ...]] = ("input1", "input2", "target")
    names: ClassVar[tuple[str, ...]] = ("x1", "x2", "y")
    FORMULA = "relu(margin - y*(x1 - x2))"
    EXAMPLE = (((0.3, 1.5, 0.2),), ((0.8, 1.0, 0.4),), ((1.0, 1.0, -1.0),))
    margin: Margin = 0.0

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        one_of("target", values[2], (-1, 1))


class CosineEmbeddingLoss(Loss):
    r"""Two vectors should point the same way for 1, and apart for −1.

    :math:`\ell = 1 - \cos(x_1, x_2)\;(y = 1),\quad \ell = \max(0, \cos(x_1, x_2) - m)\;(y = -1)`.
    """

    kind: Literal["cosine_embedding"] = "cosine_embedding"
    title = "Cosine embedding"
    task: ClassVar[Task] = "embedding"
    takes: ClassVar[Takes] = "embeddings"
    inputs: ClassVar[tuple[str, ...]] = ("input1", "input2", "target")
    names: ClassVar[tuple[str, ...]] = ("x1", "x2", "y")
    COLUMN: ClassVar[bool] = True
    EXAMPLE = (((1.0, 0.0), (1.0, 1.0)), ((1.0, 1.0), (0.5, 1.0)), ((1.0,), (-1.0,)))
    margin: Annotated[Real, Field(ge=-1, le=1, description="the cosine that is apart enough")] = 0.0

    def _fit(self, *values: Array) -> None:
        first, second, target = values
        _vectors("input1", first)
        same_shape(("input1", "input2"), first, second)
        shape_is("target", target, first.shape[:-1], f"one for each row of input1 {first.shape}")
        one_of("target", target, (-1, 1))

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        return _rows(values[0])


class TripletMarginLoss(Loss):
    r"""The anchor should be nearer to the positive than to the negative, by the margin.

    :math:`\ell = \max\left(0, d(a, p) - d(a, n) + m\right),\quad d(u, v) = \|u - v + \epsilon\|_p`
    (Balntas et al. 2016).
    """

    kind: Literal["triplet_margin"] = "triplet_margin"
    title = "Triplet margin"
    task: ClassVar[Task] = "embedding"
    takes: ClassVar[Takes] = "embeddings"
    inputs: ClassVar[tuple[str, ...]] = ("anchor", "positive", "negative")
    names: ClassVar[tuple[str, ...]] = ("a", "p", "n")
    EXAMPLE = (((0.0, 0.0), (1.0, 0.0)), ((0.5, 0.5), (1.0, 1.5)), ((1.0, 0.2), (3.0, 0.0)))
    margin: Annotated[Real, Field(gt=0, le=1e6, description="how much nearer is near enough")] = 1.0
    p: Annotated[Real, Field(ge=1, le=100, description="the power of the distance")] = 2.0
    eps: Annotated[Real, Field(gt=0, le=1, description="keeps the distance away from 0"), Scale(1, log=True)] = 1e-6
    swap: Annotated[
        bool, Field(description="take the nearer of anchor and positive as what the negative is far from")
    ] = False

    def _fit(self, *values: Array) -> None:
        _vectors("anchor", values[0])
        super()._fit(*values)

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        return _rows(values[0])


def _vectors(name: str, value: Array) -> None:
    if value.ndim not in {1, 2}:
        raise UserError(f"{name}: its shape is {value.shape}; it must be a vector or rows of vectors")


def _rows(value: Any) -> float:
    array = as_array(value)
    return float(array.shape[0] if array.ndim > 1 else 1)
