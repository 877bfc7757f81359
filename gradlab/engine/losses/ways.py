"""The gradient of a loss by any of its inputs, by three ways: autograd, the declared formula, central difference."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.derivatives import Derivative3, compared
from gradlab.engine.differences import STEP
from gradlab.engine.text import Text

from .base import Loss
from .checks import Array
from .sequences import CTCLoss

if TYPE_CHECKING:
    import torch
    from torch import nn

KINK = 1e-3
"""Relative gap of the slopes to both sides from which a point may be a kink."""
KINK_STEPS = (1e-5, 2e-6)


def applied(loss: Loss, how: str, *tensors: Any) -> Any:
    """Return the loss of tensors under a reduction."""
    if loss.kind == "kl_div" and how == "mean":  # torch warns of it at every call
        return applied(loss, "none", *tensors).mean()
    return module(loss, how, tensors[0].dtype)(*tensors)


@functools.lru_cache(maxsize=128)
def module(loss: Loss, how: str, dtype: torch.dtype) -> nn.Module:
    """Return the torch module under a reduction: made once, for it takes longer to make than to use."""
    return loss.replace(reduction=how).build(dtype)


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
    with one_thread():
        return _derivatives(loss, arrays, by, h)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work in one thread: with several, many small calls wait for each other longer than they compute."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _derivatives(loss: Loss, arrays: tuple[Array, ...], by: int, h: float | None) -> tuple[Derivative3, ...]:
    value = arrays[by]
    divisor = loss.denominator(*arrays) if loss.reduction not in {"none", "sum"} else 1.0
    slopes = gradient(loss, loss.reduction, arrays, by)[1]
    with np.errstate(all="ignore"):
        closed = loss.slopes(*arrays, by=by)
        formula = None if closed is None else closed / divisor
        step = STEP * np.maximum(1.0, np.abs(value)) if h is None else np.full(value.shape, h)
        here = _here(loss, arrays, by) / divisor
        above, below = (_moved(loss, arrays, by, one) / divisor for one in (step, -step))
        differences = (above - below) / ((value + step) - (value - step))
        kinks = _kinks(loss, arrays, by, slopes, here, divisor)
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


def _in_rows(loss: Loss, arrays: tuple[Array, ...]) -> bool:
    """Tell whether the inputs are rows that cost what they cost alone."""
    return loss.ALONE and arrays[0].ndim > 1


def _here(loss: Loss, arrays: tuple[Array, ...], by: int) -> Array:
    """Return, for each element of an input, the sum of the losses of its row, or of all where rows are not alone."""
    shape = arrays[by].shape
    if not _in_rows(loss, arrays):
        losses = _losses(loss, arrays)
        return np.full(shape, np.nan if losses is None else losses.sum())
    return np.array(np.broadcast_to(_totals(loss, arrays).reshape(-1, *[1] * (len(shape) - 1)), shape))


def _moved(loss: Loss, arrays: tuple[Array, ...], by: int, steps: Array) -> Array:
    """Return the same with that element alone moved by its step; NaN off what the loss takes.

    Rows that cost what they cost alone are moved all at once, a column at a time.
    """
    value = arrays[by]
    if not _in_rows(loss, arrays):
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
    value = arrays[by]
    moved = np.repeat(value[None], value.size, 0)
    moved.reshape(value.size, -1)[np.diag_indices(value.size)] += steps.reshape(-1)
    if isinstance(loss, CTCLoss):
        return loss.together(moved, arrays[1]).reshape(value.shape)
    each = (_losses(loss, _with(arrays, by, one)) for one in moved)
    return np.array([np.nan if losses is None else losses.sum() for losses in each]).reshape(value.shape)


def _losses(loss: Loss, arrays: tuple[Array, ...]) -> Array | None:
    """Return the losses unreduced; None where torch refuses the numbers, as a probability above 1."""
    import torch

    with torch.no_grad():
        try:
            losses: Array = applied(loss, "none", *loss.tensors(*arrays, dtype=torch.float64)).numpy()
        except (RuntimeError, ValueError):
            return None
    return losses


def _with(arrays: tuple[Array, ...], by: int, value: Array) -> tuple[Array, ...]:
    return (*arrays[:by], value, *arrays[by + 1 :])


def _kinks(loss: Loss, arrays: tuple[Array, ...], by: int, slopes: Array, here: Array, divisor: float) -> Array:
    """Tell for each element whether it is at a kink: the gap between the slopes to both sides stays with the step."""
    shape, least, gaps = arrays[by].shape, KINK * np.maximum(1.0, np.abs(slopes)), [np.array(0.0)]
    for step in KINK_STEPS:
        above, below = (_moved(loss, arrays, by, np.full(shape, one)) / divisor for one in (step, -step))
        gaps.append(np.abs(above - 2 * here + below) / step)
        if not (gaps[-1] >= least).any():
            return np.zeros(shape, dtype=bool)
    return np.asarray((gaps[1] >= least) & (gaps[2] >= least) & (gaps[2] > gaps[1] / 2))


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
