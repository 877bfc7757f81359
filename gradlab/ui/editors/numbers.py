"""Editors of numbers: typed in any locale the same way, with arithmetic, stepped by arrows and wheel."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from gradlab.engine.errors import UserError
from gradlab.engine.model import Scale

from . import context as _context
from .base import edits
from .line import LineEditor
from .slot import Bounds, Slot

DIGITS = 3
"""Significant digits kept when a number is stepped on a logarithmic scale."""
_GROUPED = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?:\D|$))")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")


def read_real(text: str) -> float:
    """Return the finite number that ``text`` stands for: a literal, or arithmetic such as ``2*pi``.

    The decimal sign is a point in every locale. Raises ``ValueError`` with what is asked for.
    """
    plain = _GROUPED.sub("", text.strip()).replace("\u2212", "-")
    if not plain:
        raise ValueError(_tr("must be a number"))
    if _DECIMAL_COMMA.fullmatch(plain):
        raise ValueError(_tr("write {number}, with a point").format(number=plain.replace(",", ".")))
    try:
        number = float(plain)
    except ValueError:
        number = _arithmetic(plain)
    if not math.isfinite(number):
        raise ValueError(_tr("must be a finite number"))
    return number


def read_int(text: str) -> int:
    """Return the whole number that ``text`` stands for; ``1e4`` counts as one."""
    plain = _GROUPED.sub("", text.strip())
    if re.fullmatch(r"[+-]?[0-9_]{1,40}", plain):
        return int(plain)
    number = read_real(text)
    if not number.is_integer():
        raise ValueError(_tr("must be a whole number"))
    return int(number)


def _arithmetic(text: str) -> float:
    from gradlab.engine.expressions import parse

    try:
        return parse(text, ()).value({})
    except UserError as error:
        raise ValueError(_tr("must be a number: {why}").format(why=error.message)) from None


def _tr(text: str) -> str:
    return QCoreApplication.translate("RealEdit", text)


def step_by(value: float, notches: float, scale: Scale) -> float:
    """Return ``value`` after ``notches`` steps: without the dust of binary fractions.

    On a logarithmic scale the result keeps three digits; below zero, up still means up.
    """
    if not scale.log:
        return float(Decimal(repr(value)) + Decimal(repr(scale.step)) * Decimal(notches))
    if value == 0.0:
        return 0.0
    sign = math.copysign(1.0, value)
    stepped = value * 10.0 ** (scale.step * notches * sign)
    return float(Context(prec=DIGITS, rounding=ROUND_HALF_EVEN).create_decimal(repr(stepped)))


def natural_scale(value: float) -> Scale:
    """Return the step for a number of which nothing is known: one in its second digit."""
    return Scale(10.0 ** math.floor(math.log10(abs(value)) - 1.0) if value else 0.1)


def clamp(value: float, bounds: Bounds, fallback: float) -> float:
    """Return ``value`` in ``bounds``; ``fallback`` where an open end would be reached."""
    if bounds.low is not None and value <= bounds.low:
        return fallback if bounds.open_low else float(bounds.low)
    if bounds.high is not None and value >= bounds.high:
        return fallback if bounds.open_high else float(bounds.high)
    return value


@edits(lambda slot: slot.type is float)
class RealEdit(LineEditor):
    """A finite number, shown with every digit it has."""

    def __init__(self, slot: Slot, context: _context.Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self.field.steps = True
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.field.setProperty("class", "mono")

    def read(self, text: str) -> float:
        """Return the number that ``text`` stands for."""
        return read_real(text)

    def write(self, value: Any) -> str:
        """Return the shortest text that reads back as the same number."""
        return repr(float(value))

    def stepped(self, value: Any, notches: float) -> Any:
        """Return ``value`` stepped on its scale; from zero a logarithmic scale starts at its default."""
        scale = self.slot.scale or natural_scale(value)
        if scale.log and value == 0.0:
            start = self.slot.default if isinstance(self.slot.default, float) and self.slot.default > 0 else 1e-3
            return clamp(start, self.slot.bounds, value) if notches > 0 else value
        return clamp(step_by(value, notches, scale), self.slot.bounds, value)


@edits(lambda slot: slot.type is int)
class IntEdit(RealEdit):
    """A whole number; ``1e4`` and ``20 000`` are taken as meant."""

    def read(self, text: str) -> int:
        """Return the whole number that ``text`` stands for."""
        return read_int(text)

    def write(self, value: Any) -> str:
        """Return the number in plain digits."""
        return str(value)

    def stepped(self, value: Any, notches: float) -> Any:
        """Return ``value`` stepped by at least one."""
        scale = self.slot.scale or Scale(1.0)
        wanted = round(step_by(float(value), notches, scale)) if scale.log else value + round(scale.step * notches)
        if wanted == value:
            wanted = value + (1 if notches > 0 else -1)
        return int(clamp(wanted, self.slot.bounds, value))
