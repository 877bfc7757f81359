"""From what people type to a plain source of numbers, names and operators, or a refusal that names the column."""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from dataclasses import dataclass, field

from gradlab.engine.errors import UserError

from .functions import CONSTANTS, FUNCTIONS

MAX_LENGTH = 2000
"""Characters of a formula."""
MAX_NESTING = 100
"""Brackets inside one another."""

SIGNS = {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "π": "pi"}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
LOOKALIKES = dict(zip("аеорсухАВЕКМНОРСТХαο", "aeopcyxABEKMHOPCTXao", strict=True))
CONTROLS = {"\0": "NULL", "\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN"}
HINTS = {
    "=": "give the right-hand side alone",
    "<": "step(x) is 1 where x > 0, else 0",
    ">": "step(x) is 1 where x > 0, else 0",
    "%": "a remainder is x - y*floor(x/y)",
    "√": "write sqrt(x)",
    ",": "a decimal point is a point",
}
TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)|(?P<operator>\*\*|[-+*/^(),|])",
    re.ASCII,
)


class ExpressionError(UserError, ValueError):
    """A formula that cannot be read: what is wrong, in which column (counted from 1), and a hint when there is one."""

    def __init__(self, message: str, column: int = 0, hint: str = "") -> None:
        super().__init__(f"{message}, column {column}" if column else message, hint)
        self.column = column


@dataclass
class Source:
    """A formula in Python's notation, with the column of the typed text for each of its characters."""

    text: str = ""
    columns: list[int] = field(default_factory=list)

    def add(self, piece: str, column: int) -> None:
        """Append ``piece``, which stands for what was typed at ``column``."""
        self.text += piece
        self.columns += [column] * len(piece)

    def column(self, offset: int) -> int:
        """Return the typed column of the character at ``offset``."""
        return self.columns[min(max(offset, 0), len(self.columns) - 1)]


@dataclass
class _Open:
    """A bracket or bar that waits for its other half."""

    sign: str
    column: int
    before: str
    call: bool


def normalise(text: str) -> Source:
    """Return ``text`` as a source of floats, names, ``+ - * / **``, brackets and commas; else ``ExpressionError``.

    Understood are ``^`` and ``x²`` for powers, ``2x`` and ``(x+1)(x-1)`` for products, ``|x|``, and the signs of
    print for minus, times and division.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the formula is too long: {len(text)} characters, at most {MAX_LENGTH}")
    return _Writer().write(text)


class _Writer:
    """One pass over the tokens; knows what stood before, so that it can refuse what would be misread."""

    def __init__(self) -> None:
        self.source = Source()
        self.open: list[_Open] = []
        self.operand = False  # a complete value stands to the left
        self.last = ""  # its kind: number, name, raised, bracket
        self.before = ""  # the operator in front of that value

    def write(self, text: str) -> Source:
        place, end = 0, len(text.rstrip(" \t\r\n"))
        place = end - len(text[:end].lstrip(" \t\r\n"))
        if place == end:
            raise ExpressionError("the formula is empty")
        while place < end:
            place = self._step(text, place, end)
        if not self.operand:
            raise ExpressionError("a value is missing at the end", end)
        if self.open:
            raise ExpressionError(f"{self.open[-1].sign!r} is never closed", self.open[-1].column)
        return self.source

    def _step(self, text: str, place: int, end: int) -> int:
        if text[place] in " \t":
            return place + 1
        sign = SIGNS.get(text[place])
        found = TOKEN.match(sign or text, 0 if sign else place, len(sign) if sign else end)
        if found is None:
            raise _bad_character(text[place], place + 1)
        kind, token = str(found.lastgroup), found[0]
        after = place + 1 if sign else found.end()
        calls = kind == "name" and text[after:end].lstrip(" \t")[:1] == "("
        if kind == "operator":
            self._operator(token, place + 1)
        elif kind == "raised":
            self._raised(token, place + 1)
        else:
            self._value(kind, token, place + 1, calls)
        return after

    def _value(self, kind: str, token: str, column: int, calls: bool) -> None:
        self._multiply(kind, column)
        if kind == "number":
            self.source.add(_number(token, column), column)
        else:
            _check_name(token, column, calls)
            self.source.add(token, column)
        self.operand, self.last = True, "function" if calls else "number" if token in CONSTANTS else kind

    def _multiply(self, kind: str, column: int) -> None:
        """Put in the product that 2x means, unless it could mean something else."""
        if not self.operand:
            return
        if self.last == "name" or kind == "number":
            raise ExpressionError("an operator is missing", column, "write * for a product, brackets for a function")
        if self.before in ("/", "^"):
            raise ExpressionError("this product can be read in two ways", column, "write * and brackets")
        self._binary("*", column)

    def _binary(self, sign: str, column: int) -> None:
        self.source.add("**" if sign == "^" else sign, column)
        self.operand, self.before = False, sign

    def _raised(self, token: str, column: int) -> None:
        digits = "".join(SUPERSCRIPTS[c] for c in token)
        if not self.operand or not re.fullmatch(r"-?\d+", digits):
            raise ExpressionError(f"{token!r} does not raise anything", column)
        self.source.add(f"**({_number(digits, column)})", column)
        self.last = "raised"

    def _operator(self, token: str, column: int) -> None:
        sign = "^" if token == "**" else token
        if sign == "(":
            self._enter("(", column)
        elif sign == "|" and not (self.operand and self.open and self.open[-1].sign == "|"):
            self._enter("|", column)
        elif sign in "+-" and not self.operand:
            self._sign(sign, column)
        elif not self.operand:
            raise ExpressionError(f"a value is missing before {token!r}", column)
        elif sign in ")|":
            self._leave(sign, column)
        elif sign == ",":
            self._comma(column)
        else:
            self._binary(sign, column)

    def _sign(self, sign: str, column: int) -> None:
        if self.source.text.endswith("-" * MAX_NESTING):
            raise ExpressionError(f"too deep: at most {MAX_NESTING} signs in a row", column)
        if sign == "-":
            self.source.add(sign, column)

    def _enter(self, sign: str, column: int) -> None:
        call = self.operand and self.last == "function" and sign == "("
        if not call:
            self._multiply("bracket", column)
        if len(self.open) >= MAX_NESTING:
            raise ExpressionError(f"too deep: at most {MAX_NESTING} brackets inside one another", column)
        self.open.append(_Open(sign, column, self.before, call))
        self.source.add("(" if sign == "(" else "abs(", column)
        self.operand, self.before = False, ""

    def _leave(self, sign: str, column: int) -> None:
        if not self.open:
            raise ExpressionError(f"{sign!r} closes nothing", column)
        opened = self.open.pop()
        if sign == ")" and opened.sign != "(":
            raise ExpressionError("'|' is never closed", opened.column)
        self.source.add(")", column)
        self.operand, self.last, self.before = True, "bracket", opened.before

    def _comma(self, column: int) -> None:
        if not self.open or not self.open[-1].call:
            raise ExpressionError("',' stands outside a function's brackets", column, HINTS[","])
        self.source.add(",", column)
        self.operand, self.before = False, ""


def _number(token: str, column: int) -> str:
    value = float(token)
    if math.isinf(value):
        raise ExpressionError("the number is too large", column, "the largest is about 1.8e308")
    return repr(value)


def _check_name(name: str, column: int, calls: bool) -> None:
    if keyword.iskeyword(name) or name.startswith("_"):
        raise ExpressionError(f"{name!r} is not a name in a formula", column)
    if name in FUNCTIONS and not calls:
        raise ExpressionError(f"{name} needs brackets", column, f"write {name}(x)")


def _bad_character(c: str, column: int) -> ExpressionError:
    if c.isascii() and c.isprintable():
        return ExpressionError(f"{c!r} does not belong in a formula", column, HINTS.get(c, ""))
    name = CONTROLS.get(c) or unicodedata.name(c, "UNNAMED")
    hint = f"it looks like {LOOKALIKES[c]!r}" if c in LOOKALIKES else HINTS.get(c, "")
    return ExpressionError(f"the character U+{ord(c):04X} ({name}) does not belong in a formula", column, hint)
