"""Losses that compare several inputs: rankings, and distances between embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
from pydantic import Field

from gradlab.engine.errors import UserError
from gradlab.engine.model import Real, Scale

from .base import Loss, Margin, Takes, Task
from .checks import Array, as_array, one_of, same_shape, shape_is
from .rows import ByRow, Worked

if TYPE_CHECKING:
    from torch import Tensor

Between: TypeAlias = tuple[Array, Array, Array]
"""A distance for each row, and its slopes by the one and by the other."""
COSINE_EPS = 1e-12
"""What torch adds to the squares of a cosine embedding."""
SIMILARITY_EPS = 1e-8
"""The least length of a vector in torch's cosine similarity."""
PAIRWISE_EPS = 1e-6
"""What torch adds to every difference of a Euclidean distance."""


class MarginRankingLoss(Loss):
    r"""The first input should be the larger for 1, the second for −1.

    :math:`\ell = \max(0, -y\,(x_1 - x_2) + m)`.
    """

    kind: Literal["margin_ranking"] = "margin_ranking"
    title = "Margin ranking"
    task: ClassVar[Task] = "margin"
    inputs: ClassVar[tuple[str, ...]] = ("input1", "input2", "target")
    names: ClassVar[tuple[str, ...]] = ("x1", "x2", "y")
    SIGNS: ClassVar[bool] = True
    FORMULA = "relu(margin - y*(x1 - x2))"
    EXAMPLE = (((0.3, 1.5, 0.2),), ((0.8, 1.0, 0.4),), ((1.0, 1.0, -1.0),))
    margin: Margin = 0.0

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        one_of("target", values[2], (-1, 1))


class CosineEmbeddingLoss(ByRow):
    r"""Two vectors should point the same way for 1, and apart for −1.

    :math:`\ell = 1 - \cos(x_1, x_2)\;(y = 1),\quad \ell = \max(0, \cos(x_1, x_2) - m)\;(y = -1)`.
    """

    kind: Literal["cosine_embedding"] = "cosine_embedding"
    title = "Cosine embedding"
    SLOPES = (
        r"\mp\left(\frac{x_2}{|x_1||x_2|} - \cos\,\frac{x_1}{|x_1|^2}\right)",
        r"\mp\left(\frac{x_1}{|x_1||x_2|} - \cos\,\frac{x_2}{|x_2|^2}\right)",
    )
    task: ClassVar[Task] = "embedding"
    takes: ClassVar[Takes] = "embeddings"
    inputs: ClassVar[tuple[str, ...]] = ("input1", "input2", "target")
    names: ClassVar[tuple[str, ...]] = ("x1", "x2", "y")
    COLUMN: ClassVar[bool] = True
    SIGNS: ClassVar[bool] = True
    EXAMPLE = (((1.0, 0.0), (1.0, 1.0)), ((1.0, 1.0), (0.5, 1.0)), ((1.0,), (-1.0,)))
    margin: Annotated[Real, Field(ge=-1, le=1, description="the cosine that is apart enough")] = 0.0

    def _fit(self, *values: Array) -> None:
        first, second, target = values
        _vectors("input1", first)
        same_shape(("input1", "input2"), first, second)
        shape_is("target", target, first.shape[:-1], f"one for each row of input1 {first.shape}")
        one_of("target", target, (-1, 1))

    def worked_out(self, *values: Array) -> Worked:
        """Return the losses, and the slopes of the cosine where it counts."""
        first, second, target = values
        cosine, by_first, by_second = along(first, second, lambda squares: squares + COSINE_EPS)
        on = np.where(target > 0, -1.0, np.where(cosine > self.margin, 1.0, 0.0))[..., None]
        losses = np.where(target > 0, 1 - cosine, np.maximum(cosine - self.margin, 0.0))
        return losses, {0: on * by_first, 1: on * by_second}

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        return _rows(values[0])


class Triplets(ByRow):
    """What compares an anchor with a positive and a negative example, by a distance."""

    task: ClassVar[Task] = "embedding"
    takes: ClassVar[Takes] = "embeddings"
    inputs: ClassVar[tuple[str, ...]] = ("anchor", "positive", "negative")
    names: ClassVar[tuple[str, ...]] = ("a", "p", "n")
    SLOPES = (r"\nabla_a d(a, p) - \nabla_a d(a, n)", r"\nabla_p d(a, p)", r"-\nabla_n d(a, n)")
    EXAMPLE = (((0.0, 0.0), (1.0, 0.0)), ((0.5, 0.5), (1.2, 1.5)), ((1.0, 0.2), (3.0, 0.4)))
    margin: Annotated[Real, Field(gt=0, le=1e6, description="how much nearer is near enough")] = 1.0
    swap: Annotated[
        bool, Field(description="take the nearer of anchor and positive as what the negative is far from")
    ] = False

    def between(self, u: Array, v: Array) -> Between:
        """Return the distance between rows, and its slopes by both."""
        raise NotImplementedError

    def worked_out(self, *values: Array) -> Worked:
        """Return what the margin lacks, and the slopes of the two distances where it lacks anything."""
        anchor, positive, negative = values
        near, near_a, near_p = self.between(anchor, positive)
        far, far_a, far_n = self.between(anchor, negative)
        far_p = np.zeros_like(far_a)
        if self.swap:
            other, other_p, other_n = self.between(positive, negative)
            swapped = (other < far)[..., None]
            far_a, far_p = np.where(swapped, 0.0, far_a), np.where(swapped, other_p, 0.0)
            far_n = np.where(swapped, other_n, far_n)
            far = np.minimum(far, other)
        gap = near - far + self.margin
        on = (gap > 0)[..., None]
        return np.maximum(gap, 0.0), {0: on * (near_a - far_a), 1: on * (near_p - far_p), 2: on * -far_n}

    def _fit(self, *values: Array) -> None:
        _vectors("anchor", values[0])
        super()._fit(*values)

    def denominator(self, *values: Any) -> float:
        """Return the number of rows."""
        return _rows(values[0])


class TripletMarginLoss(Triplets):
    r"""The anchor should be nearer to the positive than to the negative, by the margin.

    :math:`\ell = \max\left(0, d(a, p) - d(a, n) + m\right),\quad d(u, v) = \|u - v + \epsilon\|_p`
    (Balntas et al. 2016).
    """

    kind: Literal["triplet_margin"] = "triplet_margin"
    title = "Triplet margin"
    p: Annotated[Real, Field(ge=1, le=100, description="the power of the distance")] = 2.0
    eps: Annotated[Real, Field(gt=0, le=1, description="keeps the distance away from 0"), Scale(1, log=True)] = 1e-6

    def between(self, u: Array, v: Array) -> Between:
        """Return the p-norm of u − v + ε."""
        return norm(u - v + self.eps, self.p)


class TripletMarginWithDistanceLoss(Triplets):
    r"""The same with a distance of one's own choice: torch takes any function, here it is one of four.

    :math:`\ell = \max\left(0, d(a, p) - d(a, n) + m\right)`.
    """

    kind: Literal["triplet_margin_with_distance"] = "triplet_margin_with_distance"
    title = "Triplet margin, other distance"
    distance_function: Annotated[
        Literal["manhattan", "chebyshev", "cosine"] | None,
        Field(
            description="what is called near: the sum or the largest of the differences, or 1 − cos",
            json_schema_extra={"none": "Euclidean"},
        ),
    ] = None

    def arguments(self) -> dict[str, Any]:
        """Return the function that the name means."""
        name = self.distance_function
        return super().arguments() | {"distance_function": None if name is None else DISTANCES[name]}

    def between(self, u: Array, v: Array) -> Between:
        """Return the distance that was chosen."""
        if self.distance_function == "cosine":
            cosine, by_u, by_v = along(u, v, lambda squares: np.maximum(squares, SIMILARITY_EPS**2))
            return 1 - cosine, -by_u, -by_v
        power = {"manhattan": 1.0, "chebyshev": np.inf}.get(self.distance_function or "", 2.0)
        return norm(u - v + (0.0 if self.distance_function else PAIRWISE_EPS), power)


def _manhattan(u: Tensor, v: Tensor) -> Tensor:
    return (u - v).abs().sum(-1)


def _chebyshev(u: Tensor, v: Tensor) -> Tensor:
    return (u - v).abs().amax(-1)


def _cosine(u: Tensor, v: Tensor) -> Tensor:
    from torch.nn import functional

    return 1 - functional.cosine_similarity(u, v, -1)


DISTANCES = {"manhattan": _manhattan, "chebyshev": _chebyshev, "cosine": _cosine}


def norm(gap: Array, power: float) -> Between:
    """Return the norm of each row, and its slope by what is added to the row and by what is taken from it."""
    size = np.linalg.norm(np.atleast_2d(gap), power, axis=-1).reshape(gap.shape[:-1])
    share = np.divide(np.abs(gap), size[..., None], out=np.zeros(gap.shape), where=size[..., None] > 0)
    if np.isinf(power):
        slope = np.sign(gap) * (share == 1) / np.maximum((share == 1).sum(-1, keepdims=True), 1)
    else:
        slope = np.sign(gap) * share ** (power - 1)
    return size, slope, -slope


def along(u: Array, v: Array, safe: Callable[[Array], Array]) -> Between:
    """Return the cosine of each pair of rows, and its slope by both; ``safe`` keeps a squared length away from 0."""
    squares = tuple(safe((one * one).sum(-1, keepdims=True)) for one in (u, v))
    size = np.sqrt(squares[0] * squares[1])
    cosine = (u * v).sum(-1, keepdims=True) / size
    return cosine[..., 0], v / size - cosine * u / squares[0], u / size - cosine * v / squares[1]


def _vectors(name: str, value: Array) -> None:
    if value.ndim not in {1, 2}:
        raise UserError(f"{name}: its shape is {value.shape}; it must be a vector or rows of vectors")


def _rows(value: Any) -> float:
    array = as_array(value)
    return float(array.shape[0] if array.ndim > 1 else 1)
