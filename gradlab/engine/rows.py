"""Every row of a run: the newest in memory, all of them in a file that no one else sees."""

from __future__ import annotations

import tempfile
import weakref

import numpy as np

RAM_ROWS = 10_000
DISK_BYTES = 2 << 30
CHUNK_ROWS = 65_536


class RowStore:
    """Append-only records with random access. Past the disk budget every other row goes; ``stride`` says so."""

    def __init__(self, dtype: np.dtype, *, ram_rows: int = RAM_ROWS, disk_bytes: int = DISK_BYTES) -> None:
        self.dtype = dtype
        self.stride = 1
        self.rows = 0
        self.trouble = ""
        self._file = tempfile.TemporaryFile(prefix="gradlab-", buffering=0)  # noqa: SIM115 - closed by ``close``
        self.close = weakref.finalize(self, self._file.close)
        self._stored_rows = 0
        self._disk_rows = max(2, disk_bytes // max(1, dtype.itemsize))
        self._recent = np.empty(2 * ram_rows, dtype=dtype)
        self._recent_first = 0

    def append(self, records: np.ndarray) -> None:
        """Append consecutive records."""
        self._write(records)
        half = len(self._recent) // 2
        for start in range(0, len(records), half):
            self._remember(records[start : start + half])

    def _remember(self, records: np.ndarray) -> None:
        held, half = self.rows - self._recent_first, len(self._recent) // 2
        if held + len(records) > len(self._recent):
            keep = min(held, half)
            self._recent[:keep] = self._recent[held - keep : held].copy()
            self._recent_first, held = self.rows - keep, keep
        self._recent[held : held + len(records)] = records
        self.rows += len(records)

    def _write(self, records: np.ndarray) -> None:
        if self.trouble:
            return
        try:
            kept = records[-self.rows % self.stride :: self.stride]
            self._put(self._stored_rows, kept)
            self._stored_rows += len(kept)
            while self._stored_rows > self._disk_rows:
                self._thin()
        except OSError as error:
            self.trouble = f"only the newest {len(self._recent) // 2} rows are kept: {error.strerror or error}"

    def _thin(self) -> None:
        """Keep every other stored row, in place."""
        for start in range(0, self._stored_rows, CHUNK_ROWS):
            chunk = self._get(start, min(CHUNK_ROWS, self._stored_rows - start))
            self._put(start // 2, chunk[::2])
        self.stride *= 2
        self._stored_rows = -(-self._stored_rows // 2)
        self._file.truncate(self._stored_rows * self.dtype.itemsize)

    def _put(self, place: int, records: np.ndarray) -> None:
        self._file.seek(place * self.dtype.itemsize)
        data = memoryview(np.ascontiguousarray(records).tobytes())
        while data:
            data = data[self._file.write(data) :]

    def _get(self, place: int, count: int) -> np.ndarray:
        self._file.seek(place * self.dtype.itemsize)
        return np.frombuffer(self._file.read(count * self.dtype.itemsize), dtype=self.dtype)

    def exact(self, low: int) -> bool:
        """Tell whether every row from ``low`` on is still held."""
        return low >= self._recent_first or (self.stride == 1 and not self.trouble)

    def read(self, low: int, high: int) -> np.ndarray:
        """Return the records of rows low … high − 1; raise ``LookupError`` when some are no longer held."""
        if low >= self._recent_first:
            return self._recent[low - self._recent_first : high - self._recent_first].copy()
        if not self.exact(low):
            raise LookupError(f"rows {low} … {high - 1} were thinned")
        return self._get(low, high - low)

    def nearest(self, row: int) -> tuple[int, np.ndarray]:
        """Return the newest row held at or before ``row``, and its record."""
        if row >= self._recent_first or (self.stride == 1 and not self.trouble):
            return row, self.read(row, row + 1)[0]
        if self.trouble:
            return self._recent_first, self._recent[0].copy()
        place = row // self.stride
        return place * self.stride, self._get(place, 1)[0]
