"""What a run is written as: CSV, JSON, Parquet, TensorBoard events, and a checkpoint of its networks."""

from __future__ import annotations

import importlib
import struct
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.lab import Lab, lab_of

if TYPE_CHECKING:
    from gradlab.engine.history import History

CHUNK_ROWS = 4096


def write_checkpoint(lab: str, spec: Any, history: History, file: BinaryIO) -> None:
    """Write the tensors at the end of a run as safetensors; raise ``UserError`` for a lab that has none."""
    file.write(need_network(lab_of(lab)).load("checkpoint")(spec, history)[1])


def need_network(lab: Lab) -> Lab:
    """Return the lab; raise ``UserError`` where it has no network to keep."""
    if not lab.checkpoint:
        raise UserError(f"--out: {lab.title} has no network to keep", "write .csv or .json")
    return lab


def need_pyarrow() -> tuple[Any, Any]:
    """Return pyarrow and its Parquet part; raise ``UserError`` where they are not installed."""
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise UserError("--out: Parquet needs pyarrow", "pip install gradlab[data]") from None


def write_parquet(history: History, file: BinaryIO) -> None:
    """Write every row held as a Parquet table, a column for each heading; raise ``UserError`` without pyarrow."""
    pyarrow, parquet = need_pyarrow()
    headings = ["step", *_headings(history)]
    schema = pyarrow.schema([(name, pyarrow.float64() if name != "step" else pyarrow.int64()) for name in headings])
    with parquet.ParquetWriter(file, schema) as writer:
        for rows, values in _chunks(history):
            columns = [rows, *values.T]
            writer.write_table(pyarrow.table([pyarrow.array(column) for column in columns], schema=schema))


def write_events(history: History, file: BinaryIO) -> None:
    """Write every number that was measured as scalars of a TensorBoard event file, a tag for each heading.

    The format is written out here, as torch's writer needs the whole of TensorBoard: records of length, checksum,
    message and checksum (TFRecord), each message an ``Event`` in protocol buffers.
    """
    now = time.time()
    file.write(_record(_field(1, 1, struct.pack("<d", now)) + _field(3, 2, b"brain.Event:2")))
    tags = [heading.encode() for heading in _headings(history)]
    for rows, values in _chunks(history):
        for row, line in zip(rows.tolist(), values.tolist(), strict=True):
            scalars = [_scalar(tag, value) for tag, value in zip(tags, line, strict=True) if value == value]  # noqa: PLR0124 - NaN: not measured
            summary = b"".join(scalars)
            event = _field(1, 1, struct.pack("<d", now)) + b"\x10" + _varint(row) + _field(5, 2, summary)
            file.write(_record(event))


def _headings(history: History) -> list[str]:
    return [heading for column in history.columns.values() for heading in column.headings()]


def _chunks(history: History) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield row numbers (m,) and all their numbers (m, headings), chunk by chunk."""
    rows: list[int] = []
    lines: list[np.ndarray] = []
    for row, record in history.records():
        rows.append(row)
        lines.append(np.concatenate([np.asarray(record[name], dtype=float).reshape(-1) for name in history.columns]))
        if len(rows) == CHUNK_ROWS:
            yield np.array(rows), np.stack(lines)
            rows, lines = [], []
    if rows:
        yield np.array(rows), np.stack(lines)


def _scalar(tag: bytes, value: float) -> bytes:
    """Return one value of a summary: its tag and a float32."""
    return _field(1, 2, _field(1, 2, tag) + _field(2, 5, struct.pack("<f", _single(value))))


def _single(value: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def _field(number: int, wire: int, data: bytes) -> bytes:
    """Return a field of protocol buffers; wire type 2 carries its length."""
    key = bytes([number << 3 | wire])
    return key + (_varint(len(data)) if wire == 2 else b"") + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", _masked(length)) + data + struct.pack("<I", _masked(data))


def _masked(data: bytes) -> int:
    """Return the checksum of TFRecord: CRC-32C, turned by 15 bits, plus a constant."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _table() -> list[int]:
    made = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        made.append(crc)
    return made


TABLE = _table()
"""Checksums of single bytes, by the polynomial of Castagnoli."""
