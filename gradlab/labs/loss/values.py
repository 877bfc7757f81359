"""The loss of two tables: value and gradient of every element for each reduction, by three ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradlab.engine.derivatives import Derivative3, compared
from gradlab.engine.losses import Loss
from gradlab.engine.text import Text

from .spec import LossSpec, refusal

MOST_DERIVATIVES = 64
"""Elements that are also checked by difference and formula."""
KINK = 1e-3
"""Relative gap of the slopes to both sides from which a point may be a kink."""
KINK_STEPS = (1e-5, 2e-6)


def nothing() -> np.ndarray:
    """Return an empty array, for a reading that has nothing to show."""
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class ValuesReading:
    """What a loss makes of its tables; with a ``refusal`` there is nothing else.

    ``none``: the losses as torch returns them unreduced. ``pull``: ∂(sum)/∂input, which is also what ``none`` gives
    when every loss is weighed 1; ``pull_mean``: ∂(mean)/∂input. ``divisor``: what the mean divides by.
    """

    spec: LossSpec
    refusal: str = ""
    none: np.ndarray = field(default_factory=nothing)
    mean: float = float("nan")
    total: float = float("nan")
    divisor: float = float("nan")
    pull: np.ndarray = field(default_factory=nothing)
    pull_mean: np.ndarray = field(default_factory=nothing)
    derivatives: tuple[Derivative3, ...] = ()


def values_reading(spec: LossSpec) -> ValuesReading:
    """Return the losses and gradients, or why the loss cannot take the tables."""
    told = refusal(spec)
    if told:
        return ValuesReading(spec, told)
    arrays = spec.arrays()
    none, _ = reduced(spec.loss, "none", arrays)
    total, pull = reduced(spec.loss, "sum", arrays)
    mean, pull_mean = reduced(spec.loss, averaging(spec.loss), arrays)
    return ValuesReading(
        spec,
        "",
        none,
        float(mean),
        float(total),
        spec.loss.replace(reduction=averaging(spec.loss)).denominator(*arrays),
        pull,
        pull_mean,
        derivatives(spec, arrays, pull_mean),
    )


def averaging(loss: Loss) -> str:
    """Return the reduction that stands for the mean: torch's ``mean``, or the one asked for where it is another."""
    return loss.reduction if loss.reduction not in {"none", "sum"} else "mean"


def reduced(loss: Loss, how: str, arrays: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss under a reduction, and the gradient of it (of ``none``, of its sum) by the first input."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        first, *rest = loss.tensors(*arrays, dtype=torch.float64)
        first.requires_grad_()
        made = apply(loss, how, first, *rest)
        (slope,) = torch.autograd.grad(made.sum(), first)
    return made.detach().numpy(), slope.numpy()


def apply(loss: Loss, how: str, *tensors: Any) -> Any:
    """Return the loss of tensors under a reduction."""
    if loss.kind == "kl_div" and how == "mean":  # torch warns of it at every call
        return apply(loss, "none", *tensors).mean()
    return loss.replace(reduction=how).build(tensors[0].dtype)(*tensors)


def derivatives(spec: LossSpec, arrays: tuple[np.ndarray, ...], slopes: np.ndarray) -> tuple[Derivative3, ...]:
    """Return ∂(mean)/∂(each element of the input) by autograd, formula and central difference."""
    first = arrays[0]
    loss = spec.loss.replace(reduction=averaging(spec.loss))
    with np.errstate(all="ignore"):
        closed = loss.slopes(*arrays)
        formula = None if closed is None else closed / loss.denominator(*arrays)
    found = []
    for place in list(np.ndindex(first.shape))[:MOST_DERIVATIVES]:
        here, above, below = (_mean_at(loss, arrays, place, shift) for shift in (0.0, spec.h, -spec.h))
        value = None if formula is None else float(formula[place])
        row, column = (*place, 0)[:2]
        found.append(
            compared(
                f"{loss.names[0]}[{row}, {column}]",
                float(first[place]),
                float(slopes[place]),
                (above - below) / (2 * spec.h),
                value,
                scale=here,
                note=_note(loss, arrays, place, float(slopes[place])),
            )
        )
    return tuple(found)


def _mean_at(loss: Loss, arrays: tuple[np.ndarray, ...], place: tuple[int, ...], shift: float) -> float:
    """Return the mean with one element moved; NaN off what the loss takes, as a probability above 1."""
    import torch

    moved = arrays[0].copy()
    moved[place] += shift
    with torch.no_grad():
        try:
            return float(apply(loss, averaging(loss), *loss.tensors(moved, *arrays[1:], dtype=torch.float64)))
        except RuntimeError:
            return float("nan")


def _note(loss: Loss, arrays: tuple[np.ndarray, ...], place: tuple[int, ...], slope: float) -> Text | str:
    """Say where there is a kink: the gap between the slopes to both sides does not shrink with the step."""
    here, gaps = _mean_at(loss, arrays, place, 0.0), []
    for step in KINK_STEPS:
        above, below = (_mean_at(loss, arrays, place, shift) for shift in (step, -step))
        if np.isnan(above) or np.isnan(below):
            return "at the edge of what the loss takes: there is no central difference"
        gaps.append(abs(above - 2 * here + below) / step)
        if gaps[-1] < KINK * max(1.0, abs(slope)):
            return ""
    if gaps[1] > gaps[0] / 2:
        return Text("kink: torch takes {slope}", {"slope": f"{slope + 0.0:g}"})
    return ""
