"""What stays of long series in bounded memory: the range of every curve, and a thinned path."""

from __future__ import annotations

import numpy as np

BINS = 8192
"""Bins an envelope holds before it doubles their width."""


class Envelope:
    """Minimum and maximum of C series over bins of equal width; memory does not grow with the length."""

    def __init__(self, series: int, bins: int = BINS) -> None:
        self.width = 1
        self._low = np.empty((bins, series))
        self._high = np.empty((bins, series))
        self._count = 0
        self._pending = np.empty((0, series))

    def extend(self, values: np.ndarray) -> None:
        """Append rows of shape (n, C)."""
        if len(self._pending):
            values = np.concatenate([self._pending, values])
        while len(values):
            room = (len(self._low) - self._count) * self.width
            whole = min(len(values), room) // self.width * self.width
            self._append(values[:whole])
            values = values[whole:]
            if self._count < len(self._low):
                break
            self._fold()
        self._pending = values.copy()

    def _append(self, values: np.ndarray) -> None:
        bins = values.reshape(len(values) // self.width, self.width, values.shape[1])
        end = self._count + len(bins)
        np.fmin.reduce(bins, axis=1, out=self._low[self._count : end])
        np.fmax.reduce(bins, axis=1, out=self._high[self._count : end])
        self._count = end

    def _fold(self) -> None:
        half = self._count // 2
        self._low[:half] = np.fmin(self._low[0 : 2 * half : 2], self._low[1 : 2 * half : 2])
        self._high[:half] = np.fmax(self._high[0 : 2 * half : 2], self._high[1 : 2 * half : 2])
        self._count, self.width = half, 2 * self.width

    def between(self, low: int, high: int, points: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows (m,) and values (m, C) that draw rows low … high, minimum and maximum of each bin in turn."""
        start, stop = low // self.width, min(self._count, high // self.width + 1)
        factor = max(1, (stop - start) * 2 // max(points, 2))
        low_bins = _grouped(self._low[start:stop], factor, np.fmin)
        high_bins = _grouped(self._high[start:stop], factor, np.fmax)
        rows = (start + np.arange(len(low_bins)) * factor) * self.width
        if self.width * factor == 1:
            binned = low_bins
        else:
            rows = np.repeat(rows, 2)
            binned = np.stack([low_bins, high_bins], axis=1).reshape(len(rows), low_bins.shape[1])
        first = self._count * self.width
        late = np.arange(max(first, low), min(first + len(self._pending), high + 1))
        return np.concatenate([rows, late]), np.concatenate([binned, self._pending[late - first]])


def _grouped(values: np.ndarray, factor: int, reduce: np.ufunc) -> np.ndarray:
    if factor == 1 or not len(values):
        return values
    return np.asarray(reduce.reduceat(values, np.arange(0, len(values), factor), axis=0))


class Samples:
    """Rows kept at a stride that doubles when there are too many; memory does not grow with the length.

    Two neighbouring rows are kept per stride, so that a path which bounces between two points still shows both.
    """

    def __init__(self, dtype: np.dtype, limit: int = 4096) -> None:
        self.stride = 2
        self._rows = np.empty(limit, dtype=np.int64)
        self._values = np.empty(limit, dtype=dtype)
        self._count = 0

    def extend(self, first: int, records: np.ndarray) -> None:
        """Append consecutive records, the first of them at row ``first``."""
        rows = np.arange(first, first + len(records))
        while len(rows):
            wanted = rows % self.stride < 2
            rows, records = rows[wanted], records[wanted]
            fit = min(len(rows), len(self._rows) - self._count)
            self._rows[self._count : self._count + fit] = rows[:fit]
            self._values[self._count : self._count + fit] = records[:fit]
            self._count += fit
            rows, records = rows[fit:], records[fit:]
            if self._count == len(self._rows):
                self._thin()

    def _thin(self) -> None:
        self.stride *= 2
        kept = np.flatnonzero(self._rows[: self._count] % self.stride < 2)
        self._rows[: len(kept)] = self._rows[kept]
        self._values[: len(kept)] = self._values[kept]
        self._count = len(kept)

    def until(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the kept rows at or before ``row``, and their records."""
        end = int(np.searchsorted(self._rows[: self._count], row, side="right"))
        return self._rows[:end], self._values[:end]
