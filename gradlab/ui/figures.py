"""Numbers as the reading pane writes them: the same width whatever the value, and – for what is not known."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

UNKNOWN = "–"
SHOWN = 4
"""Coordinates of a point, rows of a matrix, that are written out."""


def steady(value: float, digits: int = 6) -> str:
    """Return a number with all its digits, trailing zeros too, and a place for the sign."""
    if math.isnan(value):
        return f" {UNKNOWN}"
    if math.isinf(value):
        return " ∞" if value > 0 else "-∞"
    return f"{value: #.{digits}g}".removesuffix(".")


def width(digits: int) -> int:
    """Return the greatest length of ``steady``: sign, point and a three-digit exponent of ten."""
    return digits + 7


def point(values: np.ndarray, digits: int = 6) -> str:
    """Return the first coordinates, two a line."""
    return _lines(values[:SHOWN], 2, digits) + (" …" if len(values) > SHOWN else "")


def matrix(values: np.ndarray) -> str:
    """Return a small matrix, a row a line; of a large one its shape."""
    if len(values) > 3:
        return f" {len(values)} × {len(values)}"
    if not np.isfinite(values).any():
        return UNKNOWN
    return _lines(values.ravel(), len(values), 5 if len(values) < 3 else 3)


def short(value: float) -> str:
    """Return a number for a narrow column: seven letters at most, three digits where there is room for them."""
    if not math.isfinite(value):
        return steady(value).strip()
    size = abs(value)
    if value == 0:
        return "0"
    if 0.01 <= size < 999.5:
        return f"{value:#.3g}".removesuffix(".")
    if 999.5 <= size < 99_999.5:
        return f"{value:.0f}"
    return f"{value:.1e}" if value > 0 and 1e-99 <= size < 9.95e99 else f"{value:.0e}"


def _lines(values: Iterable[float], columns: int, digits: int) -> str:
    texts = [steady(float(value), digits) for value in values]
    if all(text.strip() == UNKNOWN for text in texts):
        return UNKNOWN
    wide = max(width(digits), *(len(text) + 1 for text in texts))
    rows = [texts[first : first + columns] for first in range(0, len(texts), columns)]
    return "\n".join("".join(text.ljust(wide) for text in row).rstrip() for row in rows)
