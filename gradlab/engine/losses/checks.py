"""What torch lets pass in silence or refuses obscurely: shapes that only broadcast, unknown classes, wrong sums."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradlab.engine.errors import UserError

Array: TypeAlias = NDArray[Any]
SUM_TOLERANCE = 1e-4
"""How far the sum of probabilities may be from 1: what float32 makes of a softmax over many classes."""


def as_array(value: Any) -> Array:
    """Return a tensor, an array or nested numbers as an array, without its graph."""
    detach = getattr(value, "detach", None)
    return np.asarray(detach().cpu().numpy() if detach else value)


def same_shape(names: tuple[str, str], one: Array, other: Array) -> None:
    """Raise ``UserError`` where the shapes differ, also where broadcasting would make them fit."""
    if one.shape == other.shape:
        return
    try:
        result = np.broadcast_shapes(one.shape, other.shape)
        why = f"they only fit by broadcasting to {result}; both must have the same shape"
    except ValueError:
        why = "both must have the same shape"
    raise UserError(f"{names[1]}: its shape is {other.shape}, that of {names[0]} {one.shape}; {why}")


def shape_is(name: str, value: Array, wanted: tuple[int, ...], why: str) -> None:
    """Raise ``UserError`` where the shape is not the one wanted."""
    if value.shape != wanted:
        raise UserError(f"{name}: its shape is {value.shape}, not {wanted}; {why}")


def entries(name: str, values: tuple[float, ...] | None, count: int, what: str) -> None:
    """Raise ``UserError`` where there are weights, but not one for each of ``count``."""
    if values is not None and len(values) != count:
        raise UserError(f"{name}: it has {len(values)} entries, but there are {count} {what}")


def within(name: str, value: Array, low: float, high: float, what: str) -> None:
    """Raise ``UserError`` with the first entry outside of low … high; NaN passes, as a result does."""
    wrong = (value < low) | (value > high)
    if wrong.any():
        place, found = first(value, wrong)
        raise UserError(f"{name}{place}: {what}, not {found:g}")


def one_of(name: str, value: Array, allowed: tuple[float, ...]) -> None:
    """Raise ``UserError`` with the first entry that is none of ``allowed``."""
    wrong = ~np.isin(value, allowed)
    if wrong.any():
        place, found = first(value, wrong)
        raise UserError(f"{name}{place}: it must be {' or '.join(f'{one:g}' for one in allowed)}, not {found:g}")


def sums_to_one(name: str, value: Array, axis: int) -> None:
    """Raise ``UserError`` where probabilities along ``axis`` are not a distribution."""
    within(name, value, 0, 1, "a probability lies between 0 and 1")
    sums = np.asarray(value.sum(axis))
    wrong = np.abs(sums - 1) > SUM_TOLERANCE
    if wrong.any():
        place, found = first(sums, wrong)
        raise UserError(f"{name}{place}: probabilities sum to 1, not to {found:g}")


def classes(name: str, value: Array, count: int, ignored: int | None = None) -> None:
    """Raise ``UserError`` with the first entry that is no class 0 … count − 1 and not the ignored one."""
    fine = (value == np.round(value)) & (value >= 0) & (value < count)
    if ignored is not None:
        fine |= value == ignored
    if not fine.all():
        place, found = first(value, ~fine)
        raise UserError(f"{name}{place}: a class is a whole number from 0 to {count - 1}, not {found:g}")


def first(value: Array, wrong: Array) -> tuple[str, float]:
    """Return where the first wrong entry is, as ``[1, 0]``, and the entry."""
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    return (str(list(place)) if place else ""), float(value[place])
