"""Tables of the user's own: a CSV file, read whole, every cell checked, and what is wrong said in one line."""

from __future__ import annotations

import csv
import difflib
import functools
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NoReturn

import numpy as np
from pydantic import Field, Strict

from gradlab.engine import own_files
from gradlab.engine.errors import UserError, quote
from gradlab.engine.files import Stamp, read_limited, shown, stamp
from gradlab.engine.model import Advanced

from .base import Array, Data, Dataset, Task, labelled, measured, standardised

if TYPE_CHECKING:
    from torch import Generator

MOST_BYTES = 64 << 20
MOST_COLUMNS = 4096
MOST_CELLS = 20_000_000
MOST_CLASSES = 1000
LARGEST = float(np.finfo(np.float32).max)
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
Column = Annotated[str, Field(max_length=200)]
AMONG_COLUMNS: dict[str, Any] = {"among": "columns"}
"""What is chosen among the columns of the file."""


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file as text, and the line each row begins on, counted from 1."""

    path: Path
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


class Csv(own_files.Travels, Dataset):
    """A table of your own: a row per sample, a column per feature, and a column to predict.

    A first line without numbers holds the names of the columns; else they are called 1, 2, 3 … Numbers have a decimal
    point.
    """

    kind: Literal["csv"] = "csv"
    title: ClassVar[str] = "Your own table (CSV)"

    file: Annotated[
        str,
        Field(
            max_length=4096,
            description="the file, or its name when it lies beside the preset",
            json_schema_extra={"pick": "table"},
        ),
    ] = ""
    target: Annotated[
        Column, Field(description="the column to predict; empty for the last one", json_schema_extra=AMONG_COLUMNS)
    ] = ""
    predict: Annotated[Literal["class", "number"], Field(description="what the target is")] = "class"
    features: Annotated[
        tuple[Column, ...],
        Field(
            max_length=MOST_COLUMNS,
            description="the columns to predict it from; none for all others",
            json_schema_extra=AMONG_COLUMNS,
        ),
    ] = ()
    standardise: Annotated[
        bool,
        Strict(),
        Field(description="shift and scale each feature to mean 0 and standard deviation 1 of what is trained on"),
    ] = True
    delimiter: Annotated[
        Literal["auto", "comma", "semicolon", "tab"], Field(description="what stands between two cells")
    ] = "auto"

    header: Annotated[
        Literal["auto", "yes", "no"], Advanced(), Field(description="whether the first line holds names")
    ] = "auto"

    @property
    def task(self) -> Task:
        """What is asked of a network."""
        return "classification" if self.predict == "class" else "regression"

    def columns(self) -> tuple[str, ...]:
        """Return the names of the file's columns; raises ``UserError`` as ``sample`` does."""
        return self._table().names

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return the rows in the order of the file, whatever the seed.

        Raises ``UserError`` naming the file, and the line and column where there is one.
        """
        table = self._table()
        target = self._place(table, self.target, "target") if self.target else len(table.names) - 1
        features = [self._place(table, name, "features") for name in self.features]
        features = features or [n for n in range(len(table.names)) if n != target]
        if target in features:
            raise UserError(f"{shown(table.path)}: column {table.names[target]!r} is both the target and a feature")
        if not features:
            raise UserError(f"{shown(table.path)}: has one column; one to predict from is missing")
        without = "the column holds words: choose the features without it"
        x = np.stack([_numbers(table, column, without) for column in features], axis=1)
        data = self._data(table, x, target, tuple(table.names[n] for n in features))
        return replace(data, x=standardised(x, np.arange(len(x))), raw=x) if self.standardise else data

    def _data(self, table: Table, x: Array, target: int, names: tuple[str, ...]) -> Data:
        if self.predict == "number":
            return measured(x, _numbers(table, target, "predict a class instead"), names, (table.names[target],))
        cells = [row[target].strip() for row in table.rows]
        classes = _classes(table, target, cells)
        number = {label: n for n, label in enumerate(classes)}
        return labelled(x, np.array([number[cell] for cell in cells]), len(classes), names, classes)

    def _table(self) -> Table:
        if not self.file:
            raise UserError("data: no file is chosen", "choose a CSV file")
        path = own_files.find(self.file)
        return _read(path, stamp(path), self.delimiter, self.header)

    @staticmethod
    def _place(table: Table, name: str, field: str) -> int:
        """Return where the column called ``name`` stands."""
        if name in table.names:
            return table.names.index(name)
        near = difflib.get_close_matches(name, table.names, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"columns: {quote(', '.join(table.names))}"
        raise UserError(f"{field}: {shown(table.path)} has no column {quote(name)}; {advice}")


@functools.lru_cache(maxsize=2)
def _read(path: Path, state: Stamp | None, delimiter: str, header: str) -> Table:
    """Return the file's cells; ``state`` keeps an old reading from standing in for a changed file."""
    text = _text(path, read_limited(path, MOST_BYTES))
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []
    for line, row in _rows(path, text, DELIMITERS.get(delimiter) or _likely(text)):
        if rows and len(row) != len(rows[0]):
            raise UserError(f"{shown(path)}: line {line} has {_cells(len(row))}, not {len(rows[0])} as the first one")
        rows.append(row)
        lines.append(line)
        if len(row) > MOST_COLUMNS or len(rows) * len(row) > MOST_CELLS:
            limits = f"more than {MOST_COLUMNS:,} columns or {MOST_CELLS:,} cells"
            raise UserError(f"{shown(path)}: line {line}: has {limits}")
    names = _names(rows[0], header) if rows else ()
    if names:
        rows, lines = rows[1:], lines[1:]
    if len(rows) < 2:
        raise UserError(f"{shown(path)}: {'is empty' if not text.strip() else 'has fewer than 2 rows of data'}")
    names = names or tuple(str(n) for n in range(1, len(rows[0]) + 1))
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{shown(path)}: two columns are called {quote(name)}")
    return Table(path, names, tuple(rows), tuple(lines))


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{shown(path)}: line {line}: is no UTF-8 text (byte {data[error.start]:#04x})") from None


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the rows that are not blank, with the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UserError(f"{shown(path)}: line {line}: {error}") from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, tuple(row)
        line = reader.line_num + 1


def _likely(text: str) -> str:
    """Return the delimiter that the first line has most of."""
    first = text.lstrip().split("\n", 1)[0]
    return max(DELIMITERS.values(), key=first.count)


def _names(first: tuple[str, ...], header: str) -> tuple[str, ...]:
    """Return the names in the first row; empty when it is data."""
    if header == "no" or (header == "auto" and any(_is_number(cell) for cell in first)):
        return ()
    return tuple(cell.strip() or str(n) for n, cell in enumerate(first, 1))


def _is_number(cell: str) -> bool:
    """Tell whether ``cell`` was meant as a number, finite or not."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str) -> float | None:
    """Return the finite number that ``cell`` is, the same in every language; None when it is none."""
    if "_" in cell:  # Python's spelling alone
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST else None


def _why_no_number(cell: str) -> str:
    """Return what is asked of a cell that holds no number to compute with."""
    large = "_" not in cell and _is_number(cell) and math.isfinite(float(cell))
    return f"must be within ±{LARGEST:.2g}" if large else "must be a finite number"


def _numbers(table: Table, column: int, instead: str) -> Array:
    """Return a column; raises ``UserError`` that says what to do ``instead`` where there are nothing but words."""
    values = np.empty(len(table.rows))
    for n, row in enumerate(table.rows):
        value = _number(row[column])
        if value is None:
            words = not any(_is_number(other[column]) for other in table.rows)
            _refuse(table, n, column, _why_no_number(row[column]), instead if words else "")
        values[n] = value
    return values


def _classes(table: Table, column: int, cells: list[str]) -> tuple[str, ...]:
    """Return the labels in order: numbers by value, else by name."""
    found = set(cells)
    if "" in found:
        _refuse(table, cells.index(""), column, "must name a class")
    if not 2 <= len(found) <= MOST_CLASSES:
        where = f"{shown(table.path)}: column {table.names[column]!r}"
        hint = "predict a number instead" if len(found) > 2 else ""
        count = "one class" if len(found) == 1 else f"{len(found):,} different classes"
        raise UserError(f"{where} has {count}; 2 to {MOST_CLASSES:,} are possible", hint)
    numbers = {cell: _number(cell) for cell in found}
    if all(value is not None for value in numbers.values()):
        return tuple(sorted(found, key=lambda cell: (numbers[cell] or 0.0, cell)))
    return tuple(sorted(found))


def _refuse(table: Table, row: int, column: int, why: str, hint: str = "") -> NoReturn:
    cell, name = quote(table.rows[row][column]), quote(table.names[column])
    raise UserError(f"{shown(table.path)}: line {table.lines[row]}, column {name}: {why}, not {cell}", hint)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
