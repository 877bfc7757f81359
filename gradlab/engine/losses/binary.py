"""Losses of yes-or-no answers and of whole distributions."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from .base import ElementWeight, Loss, Margin, Takes, Task, filled
from .checks import Array, as_array, entries, one_of, sums_to_one, within

RowReduction = Annotated[
    Literal["none", "batchmean", "mean", "sum"],
    Field(description="batchmean divides by the rows, mean by all entries"),
]
LOG_TOLERANCE = 1e-6
"""How far above 0 rounding may push a log-probability."""


class Weighted(Loss):
    """What has a weight for each entry of the last dimension."""

    task: ClassVar[Task] = "binary"
    weight: ElementWeight = None

    def constants(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """Return the weight as w, beside the plain parameters."""
        more = {} if self.weight is None else {"w": filled(shape, self.weight)}
        return super().constants(shape) | more

    def _weighed(self, formula: str) -> str:
        return formula if self.weight is None else f"w*({formula})"

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        count = values[0].shape[-1] if values[0].ndim else 1
        entries("weight", self.weight, count, "entries in the last dimension of input")
        within("target", values[1], 0, 1, "a probability lies between 0 and 1")


class BCELoss(Weighted):
    r"""The cross-entropy of a probability and a yes or no; the logarithms are cut off at −100.

    :math:`\ell = -w\left[y\ln x + (1-y)\ln(1-x)\right]`. Torch's slope by the target leaves the cut out.
    """

    kind: Literal["bce"] = "bce"
    title = "BCE"
    SLOPES = (r"w\,\frac{x - y}{x\,(1 - x)}", r"-w\,\ln\frac{x}{1 - x}")
    takes: ClassVar[Takes] = "probabilities"

    @property
    def formula(self) -> str:
        """The loss of one element."""
        return self._weighed("-(y*max(log(x), -100) + (1 - y)*max(log(1 - x), -100))")

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        within("input", values[0], 0, 1, "a probability lies between 0 and 1; for logits there is bce_with_logits")


class BCEWithLogitsLoss(Weighted):
    r"""The same from the logit, in one step that cannot overflow.

    :math:`\ell = w\left[(1-y)\,x + (1 + (p-1)y)\ln(1 + e^{-x})\right]` with the weight p of the positive answers. Its
    slope is σ(x) − y where both weights are 1.
    """

    kind: Literal["bce_with_logits"] = "bce_with_logits"
    title = "BCE with logits"
    SLOPES = (r"w\left[1 - y - (1 + (p - 1)y)\,\sigma(-x)\right]", r"w\left[(p - 1)\ln(1 + e^{-x}) - x\right]")
    takes: ClassVar[Takes] = "logits"
    EXAMPLE = (((-8.0, 0.5, 2.0),), ((1.0, 0.0, 1.0),))
    pos_weight: Annotated[
        ElementWeight, Field(description="a weight of the positive answers for each entry of the last dimension")
    ] = None

    @property
    def formula(self) -> str:
        """The loss of one element."""
        factor = "" if self.pos_weight is None else "(1 + (p - 1)*y)*"
        return self._weighed(f"(1 - y)*x + {factor}softplus(-x)")

    def constants(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """Return the weight of the positive answers as p."""
        more = {} if self.pos_weight is None else {"p": filled(shape, self.pos_weight)}
        return super().constants(shape) | more

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        count = values[0].shape[-1] if values[0].ndim else 1
        entries("pos_weight", self.pos_weight, count, "entries in the last dimension of input")


class KLDivLoss(Loss):
    r"""How much longer a message gets that is written for another distribution; its input is log-probabilities.

    :math:`\ell = y\,(\ln y - x)`. Only ``batchmean``, which divides by the rows, gives the divergence per row
    (Kullback and Leibler 1951).
    """

    kind: Literal["kl_div"] = "kl_div"
    title = "KL divergence"
    task: ClassVar[Task] = "distribution"
    takes: ClassVar[Takes] = "log_probabilities"
    EXAMPLE = (((-1.6094379, -0.6931472, -1.2039728),), ((0.3, 0.3, 0.4),))
    reduction: RowReduction = "mean"  # type: ignore[assignment]
    log_target: Annotated[bool, Field(description="the target is log-probabilities too")] = False

    @property
    def formula(self) -> str:
        """The loss of one element."""
        return "exp(y)*(y - x)" if self.log_target else "y*(log(max(y, 1e-300)) - x)"

    def slope_tex(self, by: int = 0) -> str:
        """Return the slope as LaTeX, that by a target without what keeps ln 0 away."""
        return super().slope_tex(by) if by == 0 or self.log_target else rf"{self.partial(by)} = \ln y + 1 - x"

    def denominator(self, *values: object) -> float:
        """Return the rows for batchmean, else all entries."""
        shape = as_array(values[0]).shape
        return float(shape[0] if self.reduction == "batchmean" and shape else int(np.prod(shape)))

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        text = "a log-probability is at most 0; log_softmax makes them"
        within("input", values[0], -np.inf, LOG_TOLERANCE, text)
        if self.log_target:
            within("target", values[1], -np.inf, LOG_TOLERANCE, text)
        if values[1].ndim:
            sums_to_one("target", np.exp(values[1]) if self.log_target else values[1], -1)


class HingeEmbeddingLoss(Loss):
    r"""A distance that should be small for 1 and at least the margin for −1.

    :math:`\ell = x\;(y = 1),\quad \ell = \max(0, m - x)\;(y = -1)` with the margin m.
    """

    kind: Literal["hinge_embedding"] = "hinge_embedding"
    title = "Hinge embedding"
    SLOPES = (r"1\;(y = 1),\quad -1\;(y = -1,\; x < m)",)
    task: ClassVar[Task] = "margin"
    SIGNS: ClassVar[bool] = True
    FORMULA = "(1 + y)/2*x + (1 - y)/2*relu(margin - x)"
    EXAMPLE = (((0.3, 0.4, 2.0),), ((1.0, -1.0, -1.0),))
    margin: Margin = 1.0

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        one_of("target", values[1], (-1, 1))


class SoftMarginLoss(Loss):
    r"""The logistic loss of a yes or no written as 1 or −1.

    :math:`\ell = \ln(1 + e^{-y x})`.
    """

    kind: Literal["soft_margin"] = "soft_margin"
    title = "Soft margin"
    task: ClassVar[Task] = "margin"
    takes: ClassVar[Takes] = "logits"
    SIGNS: ClassVar[bool] = True
    FORMULA = "softplus(-y*x)"
    EXAMPLE = (((-2.0, 0.5, 2.0),), ((1.0, -1.0, 1.0),))

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        one_of("target", values[1], (-1, 1))
