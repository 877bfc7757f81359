"""The record of a run's rows: the newest in memory, all on disk, every curve and path drawable at any length."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

import numpy as np

from .envelope import Envelope, Samples
from .record import Block, Column
from .rows import DISK_BYTES, RAM_ROWS, RowStore

HEAVY_BYTES = 64 << 20
SNAPSHOTS = 2000
"""Snapshots of a kind that are kept at most, be they ever so small: more places than a slider has."""
READ_ROWS = 32_768
"""Rows that are read one by one for a close view; a longer stretch is drawn from its envelope."""


class History:
    """What a run measured. Fed with blocks by one thread; row k is the state before update k, the last is the tip."""

    def __init__(self, columns: Sequence[Column], *, ram_rows: int = RAM_ROWS, disk_bytes: int = DISK_BYTES) -> None:
        self.kept = {column.name: column for column in columns if column.heavy}
        columns = [column for column in columns if not column.heavy]
        self.columns = {column.name: column for column in columns}
        self.dtype = np.dtype([(column.name, column.dtype, column.shape) for column in columns])
        self._limits = {"ram_rows": ram_rows, "disk_bytes": disk_bytes}
        self._store = RowStore(self.dtype, ram_rows=ram_rows, disk_bytes=disk_bytes)
        self._samples = Samples(self.dtype)
        self._curves = [column.name for column in columns if column.curve]
        self._envelope = Envelope(sum(_width(self.columns[name]) for name in self._curves))
        self._tip: np.ndarray | None = None
        self._heavy: dict[str, Snapshots] = {}

    def close(self) -> None:
        """Give the disk space back."""
        self._store.close()

    @property
    def rows(self) -> int:
        """Rows held, the tip included."""
        return self._store.rows + (self._tip is not None)

    @property
    def trouble(self) -> str:
        """Why old rows are not held in full; empty when they are."""
        if self._store.stride > 1:
            return f"disk budget reached: of the older rows every {self._store.stride}th is kept"
        return self._store.trouble

    def extend(self, *blocks: Block) -> None:
        """Take blocks in, one after the other; the first row of each replaces the tip."""
        if not blocks:
            return
        first = self._store.rows
        records = self._joined(first, blocks)
        for block in blocks:
            for name, array in block.heavy.items():
                self._heavy.setdefault(name, Snapshots()).add(block.tip, array)
        done, self._tip = records[:-1], records[-1]
        if len(done):
            self._samples.extend(first, done)
            self._store.append(done)
            self._envelope.extend(self._flat(done))

    def _joined(self, first: int, blocks: Sequence[Block]) -> np.ndarray:
        """Return the records of blocks from row ``first`` on: many small ones cost as little as one."""
        due = first
        for block in blocks:
            if block.first != due:
                raise ValueError(f"expected a block from row {due}, not {block.first}")
            due = block.tip
        records = np.empty(due - first + 1, dtype=self.dtype)
        for name in self.columns:
            for block in blocks:
                records[name][block.first - first : block.tip - first + 1] = block.columns[name]
        return records

    def _flat(self, records: np.ndarray) -> np.ndarray:
        parts = [records[name].reshape(len(records), -1) for name in self._curves]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(records), 0))

    def nearest(self, row: int) -> int:
        """Return the newest row held at or before ``row``."""
        return self._find(row)[0]

    def row(self, row: int) -> dict[str, np.ndarray]:
        """Return the state at ``row`` by column; the nearest one held when it was thinned away."""
        record = self._find(row)[1]
        return {name: np.asarray(record[name]) for name in self.columns}

    def measured_at(self, name: str, row: int) -> int:
        """Return the row at or before ``row`` that a column was last measured at, as its rhythm tells; else ``row``."""
        every = max(1, self.columns[name].every)
        newest = row - row % every
        rows = (row, *(due for due in (newest, newest - every) if 0 <= due < row))
        return next((at for at in rows if not np.isnan(self._value(name, at)).all()), row)

    def latest(self, name: str, row: int) -> np.ndarray:
        """Return a column at ``row``, or as it was last measured before: the tip lacks what its update adds."""
        return self._value(name, self.measured_at(name, row))

    def _value(self, name: str, row: int) -> np.ndarray:
        return np.asarray(self._find(row)[1][name], dtype=float)

    def state(self, row: int) -> dict[str, np.ndarray]:
        """Return the state at ``row`` by column, and the newest snapshot of each heavy kind at or before it."""
        taken = {name: kept.at(row) for name, kept in self._heavy.items()}
        return self.row(row) | {name: found[1] for name, found in taken.items() if found is not None}

    def _find(self, row: int) -> tuple[int, np.ndarray]:
        if not 0 <= row < self.rows:
            raise IndexError(f"row {row} of {self.rows}")
        if row == self._store.rows:
            assert self._tip is not None
            return row, self._tip
        return self._store.nearest(row)

    def read(self, low: int, high: int) -> np.ndarray:
        """Return the records of rows low … high − 1 (structured); raise ``LookupError`` when some were thinned."""
        done = self._store.read(low, min(high, self._store.rows))
        if high > self._store.rows and self._tip is not None:
            return np.concatenate([done, self._tip.reshape(1)])
        return done

    def curves(
        self, name: str, low: int = 0, high: int | None = None, points: int = 2000
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return rows (m,) and values (m, entries) that draw a curve column over rows low … high.

        m is about ``points``; where rows are many, each bin gives its minimum and maximum, so no spike is lost.
        """
        high = self.rows - 1 if high is None else min(high, self.rows - 1)
        column, low = self.columns[name], max(low, 0)
        if high < low:
            return np.empty(0, dtype=np.int64), np.empty((0, _width(column)))
        close = high - low < min(points, READ_ROWS) or (high - low < READ_ROWS and self._envelope.width > 1)
        if close and self._store.exact(low):
            values = self.read(low, high + 1)[name].reshape(-1, _width(column))
            return _thinned(np.arange(low, high + 1), values, points)
        rows, values = self._envelope.between(low, high, points)
        start = sum(_width(self.columns[other]) for other in self._curves[: self._curves.index(name)])
        values = values[:, start : start + _width(column)]
        if high == self._store.rows and self._tip is not None:
            rows = np.append(rows, high)
            values = np.concatenate([values, self._tip[name].reshape(1, -1)])
        return rows, values

    def path(self, name: str, until: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return rows (m,) and values (m, …) of a column along the run, thinned to a few thousand, up to ``until``."""
        until = self.rows - 1 if until is None else min(until, self.rows - 1)
        rows, records = self._samples.until(until)
        late = int(rows[-1]) + 1 if len(rows) else 0
        if late > until or not self._store.exact(late):
            return rows, records[name]
        tail = self.read(late, until + 1)
        return np.concatenate([rows, np.arange(late, until + 1)]), np.concatenate([records[name], tail[name]])

    def snapshot(self, name: str, row: int | None = None) -> tuple[int, np.ndarray] | None:
        """Return the newest snapshot of a heavy kind at or before ``row``, and its row."""
        kept = self._heavy.get(name)
        return kept.at(row) if kept else None

    def fork(self, rows: int) -> History:
        """Return a new history that holds the first ``rows`` rows of this one and goes on from there."""
        other = History(list(self.columns.values()), **self._limits)
        for low in range(0, min(rows, self._store.rows), READ_ROWS):
            records = self._chunk(low, min(low + READ_ROWS, rows, self._store.rows))
            other._samples.extend(low, records)
            other._store.append(records)
            other._envelope.extend(other._flat(records))
        other._heavy = {name: kept.until(rows) for name, kept in self._heavy.items()}
        return other

    def _chunk(self, low: int, high: int) -> np.ndarray:
        if self._store.exact(low):
            return self.read(low, high)
        return np.array([self._find(row)[1] for row in range(low, high)], dtype=self.dtype)

    def records(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (row, record) for every row held, oldest first."""
        row = 0
        while row < self._store.rows:
            if self._store.exact(row):
                chunk = self.read(row, min(row + READ_ROWS, self._store.rows))
                yield from enumerate(chunk, row)
                row += len(chunk)
            else:
                found, record = self._store.nearest(row)
                yield found, record
                row = max(found, row) + self._store.stride
        if self._tip is not None:
            yield self._store.rows, self._tip

    def write_csv(self, file: TextIO, *, preamble: Mapping[str, str] | None = None) -> None:
        """Write every row held as CSV: ``#`` lines of the preamble, headings, then numbers that read back exactly."""
        file.writelines(f"# {name}: {value}\n" for name, value in (preamble or {}).items())
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", *(h for column in self.columns.values() for h in column.headings())])
        for row, record in self.records():
            cells = (np.asarray(record[name]).reshape(-1).tolist() for name in self.columns)
            writer.writerow([row, *(repr(value) for values in cells for value in values)])


class Snapshots:
    """Arrays kept now and then within a memory budget, the newest always."""

    def __init__(self, budget: int = HEAVY_BYTES) -> None:
        self._budget = budget
        self._kept: list[tuple[int, np.ndarray]] = []
        self._latest: tuple[int, np.ndarray] | None = None
        self._every = 1

    def add(self, row: int, array: np.ndarray) -> None:
        """Take the state at ``row``."""
        self._latest = (row, array)
        if self._kept and row < self._kept[-1][0] + self._every:
            return
        self._kept.append((row, array))
        if len(self._kept) > min(SNAPSHOTS, max(2, self._budget // max(array.nbytes, 1))):
            self._kept = self._kept[::2]
            self._every = max(2 * self._every, self._kept[-1][0] // len(self._kept))

    def at(self, row: int | None) -> tuple[int, np.ndarray] | None:
        """Return the newest snapshot at or before ``row``; the earliest when there is none."""
        if self._latest is None or row is None or row >= self._latest[0]:
            return self._latest
        return next((kept for kept in reversed(self._kept) if kept[0] <= row), self._kept[0])

    def until(self, rows: int) -> Snapshots:
        """Return the snapshots before row ``rows``."""
        other = Snapshots(self._budget)
        other._kept = [kept for kept in self._kept if kept[0] < rows]
        other._latest, other._every = (other._kept[-1] if other._kept else None), self._every
        return other


def _width(column: Column) -> int:
    return int(np.prod(column.shape, dtype=int))


def _thinned(rows: np.ndarray, values: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and values with the minimum and maximum of each group, when there are more than ``points``."""
    if len(rows) <= points:
        return rows, values
    factor = -(-2 * len(rows) // points)
    starts = np.arange(0, len(rows), factor)
    low, high = np.fmin.reduceat(values, starts, axis=0), np.fmax.reduceat(values, starts, axis=0)
    return np.repeat(rows[starts], 2), np.stack([low, high], axis=1).reshape(-1, values.shape[1])
