"""What the command line prints: to any encoding, into a pipe that may close, in one line when it complains."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

DIGITS = 7
"""Significant digits of a number in a table; the JSON has all of them."""
WIDE = 4096
"""Columns of a table that goes into a pipe: nothing is cut off there."""


def tolerate_any_encoding() -> None:
    """Let stdout and stderr write a substitute for what their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def say(text: str = "") -> None:
    """Print one line on stdout."""
    if sys.stdout is not None:
        sys.stdout.write(text + "\n")


def flush() -> None:
    """Write out what is buffered, so that a closed pipe is noticed here."""
    if sys.stdout is not None:
        sys.stdout.flush()


def complain(message: str, code: int) -> int:
    """Print one line on stderr and return the exit code."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write(f"gradlab: {' '.join(message.split())}\n")
        sys.stderr.flush()
    return code


def drop_stdout() -> None:
    """Point stdout nowhere: nobody reads it any more, and flushing it at exit would fail once again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def say_json(value: Any) -> None:
    """Print ``value`` as JSON that every reader takes."""
    say(to_json(value))


def to_json(value: Any) -> str:
    """Return ``value`` as ASCII JSON; NaN and ±Infinity, which JSON lacks, as the strings of those names."""
    return json.dumps(_plain(value), indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(child) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def number(value: Any) -> str:
    """Return a value as a table shows it: floats at a few digits, points in parentheses."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    if isinstance(value, tuple | list):
        return f"({', '.join(number(part) for part in value)})"
    return str(value)


def exact(value: float) -> str:
    """Return a float with every digit that it has, whole numbers without the point."""
    return repr(value).removesuffix(".0")


def console(*, stderr: bool = False) -> Console:
    """Return a console for tables and bars; plain and wide where nobody looks at it."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    screen = stream is not None and stream.isatty()
    return Console(stderr=stderr, width=None if screen else WIDE, highlight=False, soft_wrap=not screen)


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    """Print a table of plain text, as wide as its content."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)
