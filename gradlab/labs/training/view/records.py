"""What the plots draw, taken out of a run's record: values at a row, their range of late, and maps over all steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradlab.engine.history import History
from gradlab.labs.training.readings import NetworkReading
from gradlab.ui.lab_view import Track
from gradlab.ui.plots.values import Floats

COLUMNS = 600
"""Most columns of the map of layer and step."""
RANGE_POINTS = 400
NAMED = 6
"""Layers that have room for their names."""


def stamp(tracks: Sequence[Track]) -> tuple[object, ...]:
    """Return what changes when there is something new to draw of these runs."""
    return tuple((track.key, track.faint, track.history.rows, track.status.phase) for track in tracks)


def row_at(track: Track, cursor: int | None) -> int:
    """Return the row under the cursor; None follows the newest one."""
    last = track.history.rows - 1
    return last if cursor is None else min(cursor, last)


def has(history: History, name: str) -> bool:
    """Tell whether a column was measured, with at least one entry."""
    column = history.columns.get(name)
    return column is not None and 0 not in column.shape


def labels(history: History, name: str) -> tuple[str, ...]:
    """Return what the entries of a column are called; empty when it is not measured."""
    column = history.columns.get(name)
    return column.labels[0] if column is not None and column.labels else ()


def every(tracks: Sequence[Track], name: str) -> int:
    """Return at every how many steps the last of these runs measures a quantity; 1 where none has begun."""
    column = tracks[-1].history.columns.get(f"a.{name}") if tracks else None
    return 1 if column is None else column.every


def recent(history: History, name: str, row: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return least and greatest of each entry over the ``steps`` rows that end at ``row``."""
    _, values = history.curves(name, max(0, row - steps + 1), row, RANGE_POINTS)
    finite = np.where(np.isfinite(values), values, np.nan)
    known = ~np.isnan(finite).all(axis=0)
    low, high = np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    if known.any():
        low[known], high[known] = np.nanmin(finite[:, known], axis=0), np.nanmax(finite[:, known], axis=0)
    return low, high


def over_steps(history: History, name: str) -> tuple[Floats, Floats]:
    """Return steps (m,) and values (m, entries) over the whole run, m at most ``COLUMNS``.

    Where several rows make a column, it shows the geometric middle of their least and greatest.
    """
    rows, values = history.curves(name, points=2 * COLUMNS)
    if not len(rows):
        return rows.astype(float), values
    starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    every = -(-len(starts) // COLUMNS)
    starts = starts[::every]
    low, high = np.fmin.reduceat(values, starts, axis=0), np.fmax.reduceat(values, starts, axis=0)
    with np.errstate(invalid="ignore", over="ignore"):
        middle = np.where(low > 0, np.sqrt(low) * np.sqrt(high), (low + high) / 2)
    return rows[starts].astype(float), middle


def smoothed(values: Floats, width: float) -> Floats:
    """Return a running mean over about ``width`` points (exponential, corrected for its start); NaN is passed over."""
    if width <= 1:
        return values
    keep = 1 - 1 / width
    out, mean, weight = np.empty(len(values)), 0.0, 0.0
    for index, value in enumerate(values.tolist()):
        if np.isfinite(value):
            mean, weight = keep * mean + (1 - keep) * value, keep * weight + 1 - keep
        out[index] = mean / weight if weight else np.nan
    return out


def deep(names: Sequence[str], network: NetworkReading | None) -> list[int]:
    """Return the numbers of the layers that multiply, from the input to the output: no bare scales and shifts."""
    if network is not None and tuple(network.layers) == tuple(names):
        chosen = [i for i, tensors in enumerate(network.shapes) if any(len(shape) > 1 for _, shape in tensors)]
    else:
        chosen = [i for i, name in enumerate(names) if not name.endswith("norm")]
    return chosen or list(range(len(names)))


def short_names(names: Sequence[str]) -> list[str]:
    """Return the names of few layers; more of them are numbered from the input."""
    return list(names) if len(names) <= NAMED else [str(number) for number in range(1, len(names) + 1)]


def shape_text(network: NetworkReading | None, layer: str) -> str:
    """Return the shape of a layer's largest tensor, as in 32×64; empty when it is not known."""
    if network is None or layer not in network.layers:
        return ""
    shapes = [shape for _, shape in network.shapes[network.layers.index(layer)]]
    return "×".join(str(size) for size in max(shapes, key=lambda shape: len(shape))) if shapes else ""
