"""Schedules given by a formula of the step, read safely: torch's LambdaLR and MultiplicativeLR."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gradlab.engine.errors import UserError, quote
from gradlab.engine.expressions import parse

from .base import Schedule

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

STEP = "t"
"""The step, in a formula."""


def _readable(text: str) -> str:
    parse(text, (STEP,))
    return text


Formula = Annotated[str, AfterValidator(_readable)]


class LambdaLR(Schedule):
    r"""The learning rate times any formula of the step t, which counts from 0.

    :math:`\eta_t=\eta\,\lambda(t)`
    """

    kind: Literal["lambdalr"] = "lambdalr"

    text: Annotated[Formula, Field(description="factor of the learning rate at step t, as in 1/(1 + t/100)")] = (
        "1 / (1 + t/100)"
    )

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return torch's scheduler; it raises ``UserError`` at a step where the factor is negative or not finite."""
        from torch.optim.lr_scheduler import LambdaLR as TorchLambdaLR

        return TorchLambdaLR(optimizer, factor(self.text))


class MultiplicativeLR(Schedule):
    r"""The last learning rate times any formula of the step t; the first step has the optimizer's own.

    :math:`\eta_t=\eta_{t-1}\,\lambda(t),\quad \eta_0=\eta`
    """

    kind: Literal["multiplicativelr"] = "multiplicativelr"
    multiplies = True

    text: Annotated[Formula, Field(description="factor of the last learning rate at step t, as in 1 - 1/(t + 1)")] = (
        "0.999"
    )

    def scheduler(self, optimizer: Optimizer) -> LRScheduler:
        """Return torch's scheduler; it raises ``UserError`` at a step where the factor is negative or not finite."""
        from torch.optim.lr_scheduler import MultiplicativeLR as TorchMultiplicativeLR

        return TorchMultiplicativeLR(optimizer, factor(self.text))


def factor(text: str) -> Callable[[int], float]:
    """Return the formula ``text`` of t as a function of the step, in float64."""
    import torch

    evaluate: Callable[[tuple[Any, ...]], Any] = parse(text, (STEP,)).bind((STEP,))

    def at(step: int) -> float:
        value = float(evaluate((torch.tensor(float(step), dtype=torch.float64),)))
        if not (math.isfinite(value) and value >= 0):
            raise UserError(
                f"schedule: the factor {quote(text)} is {value:g} at step {step}; it must be finite and ≥ 0"
            )
        return value

    return at
