"""Fewer points with the same outline, in numpy."""

from __future__ import annotations

import numpy as np

from .values import Floats


def decimate(x: Floats, y: Floats, pixels: int) -> tuple[Floats, Floats]:
    """Return at most about ``2 * pixels`` points with the outline of ``y``: least and greatest of each bin, in order.

    ``x`` ascends. NaN is passed over where a bin has other values, so that a gap narrower than a bin closes.
    """
    size = len(y) // max(1, pixels)
    if size < 3:
        return x, y
    bins = len(y) // size
    whole = bins * size
    low, high = _ends(y[:whole].reshape(bins, size))
    index = np.sort(np.stack((low, high), axis=1), axis=1)
    index += (np.arange(bins) * size)[:, None]
    flat = np.concatenate((index.ravel(), np.arange(whole, len(y))))
    return x[flat], y[flat]


def _ends(bins: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of least and greatest in each row; a row of NaN gives its first."""
    low, high = bins.argmin(axis=1), bins.argmax(axis=1)
    broken = np.isnan(bins[np.arange(len(bins)), low])
    if broken.any():
        part = bins[broken]
        gap = np.isnan(part)
        low[broken] = np.where(gap, np.inf, part).argmin(axis=1)
        high[broken] = np.where(gap, -np.inf, part).argmax(axis=1)
    return low, high


def close_points(x: Floats, y: Floats, width: float, height: float) -> Floats:
    """Return which points of a path to keep: those that move by a ``width`` by ``height`` cell, and the last of a rest.

    Shape ``[n]`` of bool; NaN points are kept, they part the path.
    """
    if len(x) < 3 or not (width > 0 and height > 0):
        return np.ones(len(x), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        moved = (np.diff(np.floor(x / width)) != 0) | (np.diff(np.floor(y / height)) != 0)
    keep = np.ones(len(x), dtype=bool)
    keep[1:-1] = moved[:-1] | moved[1:]
    return keep


def once(x: Floats, y: Floats, width: float, height: float) -> tuple[Floats, Floats]:
    """Return a path without the steps between two ``width`` by ``height`` cells that it made before, either way.

    A racer that bounces makes the same few steps again and again. NaN parts what is left; the last step is kept.
    """
    if len(x) < 3 or not (width > 0 and height > 0):
        return x, y
    with np.errstate(over="ignore", invalid="ignore"):
        cells = np.floor(np.stack((x / width, y / height)))
        gap = np.asarray(~(np.abs(cells) < 2**31).all(axis=0))
        column, row = np.where(gap, 0, cells).astype(np.int64)
        place = column * 0x5851F42D4C957F2D + row * 0x14057B7EF767814F
        place ^= place >> 29
        place *= 0x2545F4914F6CDD1D
    steps = place[:-1] + place[1:]
    made = ~np.asarray(gap[:-1] | gap[1:])
    made[np.unique(steps, return_index=True)[1]] = False
    made[-1] = False
    if not made.any():
        return x, y
    step = np.flatnonzero(~made)
    begins = np.r_[True, np.diff(step) > 1]
    ends = np.arange(len(step)) + 2 * np.cumsum(begins)
    found = np.full((2, len(step) + 2 * int(begins.sum())), np.nan)
    for values, into in zip((x, y), found, strict=True):
        into[ends] = values[step + 1]
        into[ends[begins] - 1] = values[step[begins]]
    return found[0, 1:], found[1, 1:]
