"""The gradient of a loss by any of its inputs, by three ways: autograd, the declared formula, central difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlab.engine.derivatives import Derivative3, compared
from gradlab.engine.differences import STEP
from gradlab.engine.text import Text

from .base import Loss
from .checks import Array

KINK = 1e-3
"""Relative gap of the slopes to both sides from which a point may be a kink."""
KINK_STEPS = (1e-5, 2e-6)


def applied(loss: Loss, how: str, *tensors: Any) -> Any:
    """Return the loss of tensors under a reduction."""
    if loss.kind == "kl_div" and how == "mean":  # torch warns of it at every call
        return applied(loss, "none", *tensors).mean()
    return loss.replace(reduction=how).build(tensors[0].dtype)(*tensors)


def gradient(loss: Loss, how: str, arrays: tuple[Array, ...], by: int = 0) -> tuple[Array, Array]:
    """Return the loss under a reduction, and the gradient of it (of ``none``, of its sum) by an input; float64."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        tensors = loss.tensors(*arrays, dtype=torch.float64)
        tensors[by].requires_grad_()
        made = applied(loss, how, *tensors)
        (slope,) = torch.autograd.grad(made.sum(), tensors[by])
    return made.detach().numpy(), slope.numpy()


def derivatives(loss: Loss, arrays: tuple[Array, ...], by: int = 0, h: float | None = None) -> tuple[Derivative3, ...]:
    """Return ∂(the loss as reduced)/∂(each element of the input at ``by``); of ``none`` that of the sum. Float64.

    ``h`` is the step of the differences; without it, 6e-6 max(1, |x|).
    """
    value = arrays[by]
    divisor = loss.denominator(*arrays) if loss.reduction not in {"none", "sum"} else 1.0
    slopes = gradient(loss, loss.reduction, arrays, by)[1]
    with np.errstate(all="ignore"):
        closed = loss.slopes(*arrays, by=by)
        formula = None if closed is None else closed / divisor
        here, above, below = (_moved(loss, arrays, by, step) / divisor for step in _steps(value, h))
        width = np.subtract(_steps(value, h)[1] + value, value - _steps(value, h)[1])
        differences = (above - below) / width
        kinks = _kinks(loss, arrays, by, slopes, divisor)
    return tuple(
        compared(
            f"{loss.inputs[by]}{list(place)}",
            float(value[place]),
            float(slopes[place]) + 0.0,
            float(differences[place]) + 0.0,
            None if formula is None else float(formula[place]) + 0.0,
            scale=float(here[place]),
            note=_note(*(float(one[place]) for one in (here, slopes, differences)), kink=bool(kinks[place])),
            kink="at" if kinks[place] else "",
        )
        for place in np.ndindex(value.shape)
    )


def worst(rows: tuple[Derivative3, ...]) -> Derivative3 | None:
    """Return where the three ways are furthest apart, but for what a note explains; None where nothing is left."""
    plain = [row for row in rows if not row.note]
    return max(plain, key=lambda row: np.inf if np.isnan(row.error) else row.error, default=None)


def _steps(value: Array, h: float | None) -> tuple[Array, Array, Array]:
    size = STEP * np.maximum(1.0, np.abs(value)) if h is None else np.full(value.shape, h)
    return np.zeros(value.shape), size, -size


def _moved(loss: Loss, arrays: tuple[Array, ...], by: int, steps: Array) -> Array:
    """Return, for each element of an input, the sum of the losses of its row when it alone is moved by its step.

    Rows that cost what they cost alone are moved all at once, a column at a time. It is NaN off what the loss takes.
    """
    value = arrays[by]
    if not loss.ALONE or value.ndim == 0 or arrays[0].ndim == 1:
        return _one_by_one(loss, arrays, by, steps)
    columns, found = value.reshape(len(value), -1), np.empty((len(value), value.size // len(value)))
    for column in range(columns.shape[1]):
        moved = columns.copy()
        moved[:, column] += steps.reshape(columns.shape)[:, column]
        found[:, column] = _totals(loss, _with(arrays, by, moved.reshape(value.shape)))
    return found.reshape(value.shape)


def _totals(loss: Loss, arrays: tuple[Array, ...]) -> Array:
    """Return the sum of the losses of each row; a row that torch refuses is NaN."""
    whole = _losses(loss, arrays)
    if whole is not None:
        return np.asarray(whole.reshape(len(arrays[0]), -1).sum(1))
    rows = [_losses(loss, tuple(array[n : n + 1] for array in arrays)) for n in range(len(arrays[0]))]
    return np.array([np.nan if row is None else row.sum() for row in rows])


def _one_by_one(loss: Loss, arrays: tuple[Array, ...], by: int, steps: Array) -> Array:
    found = np.empty(arrays[by].shape)
    for place in np.ndindex(found.shape):
        moved = arrays[by].copy()
        moved[place] += steps[place]
        losses = _losses(loss, _with(arrays, by, moved))
        found[place] = np.nan if losses is None else losses.sum()
    return found


def _losses(loss: Loss, arrays: tuple[Array, ...]) -> Array | None:
    """Return the losses unreduced; None where torch refuses the numbers, as a probability above 1."""
    import torch

    with torch.no_grad():
        try:
            losses: Array = applied(loss, "none", *loss.tensors(*arrays, dtype=torch.float64)).numpy()
        except RuntimeError:
            return None
    return losses


def _with(arrays: tuple[Array, ...], by: int, value: Array) -> tuple[Array, ...]:
    return (*arrays[:by], value, *arrays[by + 1 :])


def _kinks(loss: Loss, arrays: tuple[Array, ...], by: int, slopes: Array, divisor: float) -> Array:
    """Tell for each element whether it is at a kink: the gap between the slopes to both sides stays with the step."""
    gaps = []
    for step in KINK_STEPS:
        here, above, below = (_moved(loss, arrays, by, one) / divisor for one in _steps(arrays[by], step))
        gaps.append(np.abs(above - 2 * here + below) / step)
    wide = gaps[1] >= KINK * np.maximum(1.0, np.abs(slopes))
    return np.asarray(wide & (gaps[0] >= KINK * np.maximum(1.0, np.abs(slopes))) & (gaps[1] > gaps[0] / 2))


def _note(here: float, slope: float, difference: float, *, kink: bool) -> Text | str:
    if not np.isfinite(here):
        return Text("the loss is {loss} here: it has no slope", {"loss": f"{here:g}"})
    if kink:
        return Text("kink: torch takes {slope}", {"slope": f"{slope + 0.0:g}"})
    if np.isnan(difference):
        return "at the edge of what the loss takes: there is no central difference"
    if not np.isfinite(slope):
        return Text("torch's slope is {slope} here", {"slope": f"{slope:g}"})
    return ""
