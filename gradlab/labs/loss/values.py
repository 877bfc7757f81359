"""The loss of two tables: value and gradient of every element for each reduction, by three ways."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gradlab.engine.derivatives import Derivative3
from gradlab.engine.losses import Loss
from gradlab.engine.losses.ways import derivatives, gradient

from .spec import LossSpec, refusal


def nothing() -> np.ndarray:
    """Return an empty array, for a reading that has nothing to show."""
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class ValuesReading:
    """What a loss makes of its tables; with a ``refusal`` there is nothing else.

    ``none``: the losses as torch returns them unreduced. The slopes are by the input at ``by``, one of ``sloped``:
    ``pull`` that of the sum, which is also what ``none`` gives when every loss is weighed 1; ``pull_mean`` that of the
    mean. ``divisor``: what the mean divides by.
    """

    spec: LossSpec
    refusal: str = ""
    by: int = 0
    sloped: tuple[int, ...] = ()
    none: np.ndarray = field(default_factory=nothing)
    mean: float = float("nan")
    total: float = float("nan")
    divisor: float = float("nan")
    pull: np.ndarray = field(default_factory=nothing)
    pull_mean: np.ndarray = field(default_factory=nothing)
    derivatives: tuple[Derivative3, ...] = ()
    slope: str = ""
    """The slope of one loss by the input, as LaTeX."""


def values_reading(spec: LossSpec, by: int = 0, *, ways: bool = True) -> ValuesReading:
    """Return the losses and gradients by an input, else by the first, or why the loss cannot take the tables.

    Without ``ways`` the gradients are not compared with the formula and differences, which takes longer.
    """
    told = refusal(spec)
    if told:
        return ValuesReading(spec, told)
    arrays, sloped = spec.arrays(), spec.loss.sloped(*spec.arrays())
    by = by if by in sloped else sloped[0]
    loss = spec.loss.replace(reduction=averaging(spec.loss))
    total, pull = gradient(loss, "sum", arrays, by)
    mean, pull_mean = gradient(loss, loss.reduction, arrays, by)
    return ValuesReading(
        spec, "", by, sloped, gradient(loss, "none", arrays)[0], float(mean), float(total),
        loss.denominator(*arrays), pull, pull_mean, derivatives(loss, arrays, by, spec.h) if ways else (),
        loss.slope_tex(by),
    )  # fmt: skip


def averaging(loss: Loss) -> str:
    """Return the reduction that stands for the mean: torch's ``mean``, or the one asked for where it is another."""
    return loss.reduction if loss.reduction not in {"none", "sum"} else "mean"
