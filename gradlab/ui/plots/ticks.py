"""Where ticks stand and what is written at them; safe for spans down to denormals and up to the largest float."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
PLAIN = range(-4, 6)
"""Decimal exponents that are written out; beyond them a power of ten is."""
NARROWEST, FARTHEST = 1e-290, 1e299
"""The least width and the largest values of a view: beyond these a pixel has no width, or two ends have no sum."""
RELATIVE_SPAN = 1e-12

EXPONENTS = 330.0
"""No float lies beyond ten to this power, or to its opposite."""

Tick = tuple[float, str]


def short(value: float, pixel: float) -> float:
    """Return the number with the fewest decimals within a pixel of ``value``, both in data units."""
    return round(value, -math.floor(math.log10(pixel))) + 0.0 if 0 < pixel < math.inf else value


def safe_range(low: float, high: float) -> tuple[float, float]:
    """Return a finite range of a width that can be drawn, around the one given."""
    low, high = sorted((_within(low), _within(high)))
    centre = low / 2 + high / 2
    least = max(NARROWEST, RELATIVE_SPAN * abs(centre))
    if high - low >= least:
        return low, high
    return centre - least, centre + least


def padded(low: float, high: float, part: float = 0.04) -> tuple[float, float]:
    """Return the range with some air around it; a single value gets a range of its own size."""
    low, high = sorted((_within(low), _within(high)))
    if high - low <= RELATIVE_SPAN * abs(low + high):
        air = 0.5 * abs(low) or 0.5
    else:
        air = part * (high - low)
    return safe_range(low - air, high + air)


def _within(value: float) -> float:
    return 0.0 if math.isnan(value) else min(max(value, -FARTHEST), FARTHEST)


def power_of_ten(exponent: int) -> str:
    """Return ``10⁻³`` for -3."""
    return "10" + str(exponent).translate(SUPERSCRIPT)


def number(value: float, step: float) -> str:
    """Return ``value`` with the digits that tell it from its neighbours ``step`` away."""
    if value == 0 or abs(value) < 1e-6 * step:
        return "0"
    digits = math.floor(math.log10(abs(value)) + 1e-9)
    last = math.floor(math.log10(step) + 1e-9)
    if digits in PLAIN and last >= -12:
        text = f"{value:.{max(0, -last)}f}"
    else:
        mantissa = f"{value / 10.0**digits:.{min(12, max(0, digits - last))}f}" if digits > -300 else f"{value:.0e}"
        text = power_of_ten(digits) if mantissa == "1" else f"{mantissa}×{power_of_ten(digits)}"
    return text.replace("-", MINUS)


def linear(low: float, high: float, count: int) -> list[Tick]:
    """Return about ``count`` ticks at 1, 2 or 5 times a power of ten."""
    low, high = safe_range(low, high)
    step = _nice(0.75 * (high - low) / max(1, count))
    first = math.ceil(low / step - 1e-6)
    values = [(first + k) * step for k in range(int((high - low) / step + 1e-6) + 2)]
    return [(v, number(v, step)) for v in values if low - 1e-6 * step <= v <= high + 1e-6 * step]


def _nice(least: float) -> float:
    base = 10.0 ** math.floor(math.log10(least))
    return next((m * base for m in (1.0, 2.0, 5.0) if m * base >= least * (1 - 1e-9)), 10 * base)


def logarithmic(low: float, high: float, count: int) -> list[Tick]:
    """Return about ``count`` ticks of an axis in log10 units, as powers of ten where the range has two of them."""
    low, high = max(low, -EXPONENTS), min(high, EXPONENTS)
    if not low < high:
        return []
    exponents = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(exponents) >= 2:
        stride = next(s for s in (1, 2, 3, 5, 10, 20, 50, 100) if len(exponents) / s <= max(2, count) or s == 100)
        return [(float(e), power_of_ten(e)) for e in exponents if e % stride == 0]
    if not -300 < low < high < 300:
        return []
    if high - low > 0.3:
        return _within_decades(low, high, count)
    return [(math.log10(v), text) for v, text in linear(10.0**low, 10.0**high, count) if v > 0]


def _within_decades(low: float, high: float, count: int) -> list[Tick]:
    """Return ticks for less than two whole decades: 1, 2, 3, 5, or fewer where there is no room."""
    ticks: list[Tick] = []
    for mantissas in ((1.0, 2.0, 3.0, 5.0), (1.0, 2.0, 5.0), (1.0, 3.0)):
        values = [m * 10.0**e for e in range(math.floor(low), math.floor(high) + 1) for m in mantissas]
        ticks = [(math.log10(v), number(v, v)) for v in values if low <= math.log10(v) <= high]
        if len(ticks) <= count + 1:
            break
    return ticks
