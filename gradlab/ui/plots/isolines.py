"""Iso-lines of a grid by marching squares, all levels in a few numpy passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .values import Floats

LINES = 14
NOISE = 5
"""Pieces of one level per row and column of the grid beyond which it is not drawn."""
CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
"""The corners of a cell in grid units, going round from (i, j)."""
EDGES = ((0, 1), (1, 2), (2, 3), (3, 0))
"""The edges of a cell as pairs of corners."""
CASES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 6: ((0, 2),), 7: ((3, 2),),
    8: ((2, 3),), 9: ((2, 0),), 11: ((2, 1),), 12: ((1, 3),), 13: ((1, 0),), 14: ((0, 3),),
    5: ((3, 0), (1, 2)), 10: ((0, 1), (2, 3)), 16 + 5: ((0, 1), (2, 3)), 16 + 10: ((3, 0), (1, 2)),
}  # fmt: skip
"""Which edges a line joins, by the corners (bits) above the level; of a saddle cell bit 4 says that its mean is too."""


def levels(z: Floats, count: int = LINES) -> Floats:
    """Return ``count`` levels spread evenly between the least and the greatest finite z, ends left out."""
    finite = z[np.isfinite(z)]
    if not finite.size or not finite.max() > finite.min():
        return np.empty(0)
    low, high = float(finite.min()), float(finite.max())
    part = (np.arange(count) + 0.5) / count
    return low * (1 - part) + high * part


def isolines(z: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return the pieces of all levels: end points in grid units, shape ``[n, 2, 2]`` of (i, j), and each one's level.

    ``z`` is ``[ny, nx]``; cells with a NaN or infinite corner have no lines. A saddle cell is parted by its mean.
    """
    cell, level = _crossed(z, at)
    j, i = np.divmod(cell, z.shape[1] - 1)
    corner = np.stack((z[j, i], z[j, i + 1], z[j + 1, i + 1], z[j + 1, i]))
    case = _case(corner, level)
    order = np.argsort(case, kind="stable")
    bounds = np.searchsorted(case[order], np.arange(33))
    crossing = _crossings(corner, level) + np.stack((i, j), axis=1)
    pieces: list[Floats] = [np.empty((0, 2, 2))]
    values: list[Floats] = [np.empty(0)]
    for code, pairs in CASES.items():
        cells = order[bounds[code] : bounds[code + 1]]
        for a, b in pairs if len(cells) else ():
            pieces.append(np.stack((crossing[a, cells], crossing[b, cells]), axis=1))
            values.append(level[cells])
    return np.concatenate(pieces), np.concatenate(values)


_LAST: list[tuple[Floats, int | tuple[float, ...], tuple[Floats, Floats]]] = []
"""The lines that were found last: contour and surface of one grid ask one after the other."""


def iso_lines(z: Floats, lines: int | Sequence[float]) -> tuple[Floats, Floats]:
    """Return the pieces of ``lines`` even levels, or of these, that can be read, and each one's level.

    The grid may not be written to.
    """
    key = lines if isinstance(lines, int) else tuple(lines)
    if not _LAST or _LAST[0][0] is not z or _LAST[0][1] != key:
        at = levels(z, lines) if isinstance(lines, int) else np.asarray(lines, dtype=float)
        pieces, level = isolines(z, at)
        clear = readable(pieces, level, z.shape)
        _LAST[:] = [(z, key, (pieces[clear], level[clear]))]
    return _LAST[0][2]


def readable(pieces: Floats, level: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which pieces belong to a level that can be read: one that crosses cells everywhere is noise."""
    _, place, count = np.unique(level, return_inverse=True, return_counts=True)
    return np.asarray((count <= NOISE * sum(shape))[place]) if len(level) else np.zeros(0, dtype=bool)


def _crossed(z: Floats, at: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return every (cell, level) where the level crosses the cell; cells are numbered row by row."""
    corner = z[:-1, :-1], z[:-1, 1:], z[1:, 1:], z[1:, :-1]
    with np.errstate(invalid="ignore", over="ignore"):
        good = np.isfinite(corner[0] + corner[1] + corner[2] + corner[3])
    low = np.where(good, np.minimum.reduce(corner), np.inf).ravel()
    high = np.where(good, np.maximum.reduce(corner), -np.inf).ravel()
    found = [np.flatnonzero((low < level) & (high >= level)) for level in at]
    if not found:
        return np.empty(0, dtype=np.intp), np.empty(0)
    return np.concatenate(found), np.repeat(np.asarray(at, dtype=float), [len(cells) for cells in found])


def _case(corner: Floats, level: Floats) -> NDArray[np.uint8]:
    above = (corner >= level).astype(np.uint8)
    case: NDArray[np.uint8] = above[0] | above[1] << 1 | above[2] << 2 | above[3] << 3
    saddle = (case == 5) | (case == 10)
    case[saddle & (corner.mean(axis=0) >= level)] += 16
    return case


def _crossings(corner: Floats, level: Floats) -> Floats:
    """Return where the level crosses each edge, within the cell, shape ``[4, n, 2]``; garbage where it does not."""
    out = np.empty((4, corner.shape[1], 2))
    for edge, (a, b) in enumerate(EDGES):
        step = corner[b] / 2 - corner[a] / 2
        part = np.clip((level / 2 - corner[a] / 2) / np.where(step == 0, 1.0, step), 0.0, 1.0)[:, None]
        out[edge] = CORNERS[a] + part * (CORNERS[b] - CORNERS[a])
    return out
