"""Formulas that are wrong or meant to harm: one clear line with the column, at once, and no side effect."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gradlab.engine.errors import UserError, explain
from gradlab.engine.expressions import ExpressionError, parse, symbolic_gradient
from gradlab.engine.objectives import Expression, Objective

CODE = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "lambda x: x",
    "(lambda: 1)()",
    "f'{x}'",
    "'x' * 9",
    "[x for x in y]",
    "{x: y}",
    "(x := 1)",
    "x.real",
    "x[0]",
    "x if y else z",
    "x and y",
    "not x",
    "x < y",
    "x @ y",
    "x // y",
    "x % y",
    "x << 99999999",
    "~x",
    "x; y",
    "x = y",
    "*x",
    "sin(*x)",
    "sin(x=1)",
    "sin(x, **y)",
    "print(x)",
    "exec(x)",
    "open(x)",
    "eval(x)",
    "getattr(x, y)",
    "import os",
    "yield x",
    "await x",
    "True",
    "None",
    "x\\",
    "#x",
    "x # y",
    "`x`",
    "x!",
    "...",
    "1j",
    "0x1F",
    "1_000",
    "x__class__(1)",
    "__x",
    "<b>x</b>",
    "${x}",
    "{0}",
    "%s",
]
UNREADABLE = [
    ("", "empty", 0),
    (" \t\n", "empty", 0),
    ("x+", "missing at the end", 2),
    ("*x", "missing before '*'", 1),
    ("x+*y", "missing before '*'", 3),
    ("(x", "'(' is never closed", 1),
    ("x)", "')' closes nothing", 2),
    ("|x", "'|' is never closed", 1),
    ("(|x)|", "'|' is never closed", 2),
    ("()", "missing before ')'", 2),
    ("sin()", "missing before ')'", 5),
    ("sin x", "sin needs brackets", 1),
    ("2 + sin", "sin needs brackets", 5),
    ("sin(x, y)", "sin takes 1 value, not 2", 1),
    ("1 + max(x)", "max takes 2 values or more, not 1", 5),
    ("atan2(x)", "atan2 takes 2 values, not 1", 1),
    ("x y", "operator is missing", 3),
    ("2 3", "operator is missing", 3),
    ("x 2", "operator is missing", 3),
    ("1.2.3", "operator is missing", 4),
    ("1/2x", "two ways", 4),
    ("e^2x", "two ways", 4),
    ("1,5", "outside a function", 2),
    ("(x, y)", "outside a function", 3),
    ("e(2)", "e is not a function", 1),
    ("²", "does not raise", 1),
    ("x=2", "'=' does not belong", 2),
    ("9" * 400, "too large", 1),
    ("1e999", "too large", 1),
    ("x\ny", r"U+000A (LINE FEED)", 2),
    ("x\0", r"U+0000 (NULL)", 2),
    ("\u0445 + 1", "U+0445 (CYRILLIC SMALL LETTER HA)", 1),
    ("x\u200b", "U+200B (ZERO WIDTH SPACE)", 2),
    ("x \u202e+ 1", "U+202E (RIGHT-TO-LEFT OVERRIDE)", 3),
    ("\ufeffx", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)", 1),
    ("x\u00a0+1", "U+00A0 (NO-BREAK SPACE)", 2),
    ("\uff58", "U+FF58 (FULLWIDTH LATIN SMALL LETTER X)", 1),
    ("½x", "U+00BD", 1),
    ("\ud800", "U+D800", 1),
]


@pytest.mark.parametrize("text", CODE)
def test_code_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="column") as caught:
        parse(text, ("x", "y", "z"))
    assert 1 <= caught.value.column <= len(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "message", "column"), UNREADABLE)
def test_the_message_names_what_is_wrong_and_where(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.column == column
    assert isinstance(caught.value, UserError)
    assert isinstance(caught.value, ValueError)


def test_hints() -> None:
    for text, hint in [
        ("sinn(x)", "did you mean sin?"),
        ("alpa*x", "did you mean alpha?"),
        ("xy", "did you mean x*y?"),
        ("sin x", "write sin(x)"),
        ("х", "looks like 'x'"),
        ("x%2", "floor"),
        ("q", "known: x, y, alpha, pi, e, sin"),
    ]:
        with pytest.raises(ExpressionError) as caught:
            parse(text, ("x", "y", "alpha"))
        assert hint in caught.value.hint


LARGE = {
    "10k brackets": "(" * 10_000 + "x" + ")" * 10_000,
    "100k minus signs": "-" * 100_000 + "x",
    "5k terms": "+".join(["x"] * 5_000),
    "1 MB": "x" * 1_000_000,
    "1 MB of spaces": " " * 1_000_000 + "x",
    "5000 digits": "9" * 5_000,
    "brackets that fit": "(" * 900 + "x" + ")" * 900,
    "minus signs that fit": "-" * 1_900 + "x",
    "powers that fit": "x^" * 990 + "x",
    "terms that fit": "x+" * 990 + "x",
    "bars that fit": "|" * 1_000 + "x" + "|" * 900,
    "calls that fit": "sin(" * 300 + "x" + ")" * 300,
    "values that fit": "max(" + "x," * 900 + "x)",
    "raised digits": "x" + "⁹" * 1_900,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_large_formulas_are_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValidationError) as caught:
        Expression(text=text)
    assert time.process_time() - began < 1  # a few milliseconds, unless it is not refused at once
    message = str(explain(caught.value))
    assert message.startswith("text: ")
    assert "too " in message or "'raised" in message or "does not raise" in message
    assert len(message) < 300


@pytest.mark.parametrize("text", ["9**9**9**9", "2**99999999", "((((9**32)**32)**32)**32)**32", "9" * 300 + "**9**9"])
def test_towers_of_powers_are_floats(text: str) -> None:
    parse("1").value({}), symbolic_gradient("x", ("x",))  # torch and sympy are imported
    began = time.process_time()
    assert parse(text).value({}) == math.inf
    with pytest.raises(UserError):
        symbolic_gradient(f"x*{text}", ("x",))
    assert time.process_time() - began < 1


def test_reading_touches_nothing() -> None:
    """In a process of its own, since an audit hook stays: no import, file, process, socket or execution."""
    program = f"""
        import sys, pytest
        from gradlab.engine.expressions import ExpressionError, parse
        from gradlab.engine.objectives import Expression, Objective
        try:
            Objective.parse({{"kind": "expression", "text": "x"}})  # models are built when first wanted
            parse("x"), parse("q", ())
        except ExpressionError:
            pass
        events = []
        sys.addaudithook(lambda event, args: events.append((event, args[:2])))
        for text in {[*CODE, *(t for t, _, _ in UNREADABLE), "sin(x)^2 + |y|"]!r}:
            for read in (parse, lambda t: Objective.parse({{"kind": "expression", "text": t}})):
                try:
                    read(text)
                except ValueError:
                    pass
        harmless = {{"compile", "builtins.id", "object.__getattr__", "sys._getframe"}}
        bad = [e for e in events if e[0] not in harmless and not e[0].startswith("gc.")]
        assert not bad, bad[:5]
        assert all(e[1][1] == "<unknown>" for e in events if e[0] == "compile"), "only ast.parse, which runs nothing"
        assert "torch" not in sys.modules and "sympy" not in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "x + q", "variables": ["x"]}, "text: unknown name 'q', column 5"),
        ({"text": "x+"}, "text: a value is missing at the end"),
        ({"text": "x", "variables": ["x", "x"]}, "variables: 'x' is there twice"),
        ({"text": "x", "variables": ["x"], "parameters": {"x": 1.0}}, "variables: 'x' is there twice"),
        ({"text": "x", "variables": ["sin"]}, "'sin' means something else"),
        ({"text": "x", "variables": ["2x"]}, "a letter first, not '2x'"),
        ({"text": "x", "variables": ["\u0445"]}, "Latin letters"),
        ({"text": "x", "parameters": {"pi": 3.0}}, "'pi' means something else"),
        ({"text": "x*k", "parameters": {"k": math.nan}}, "parameters.k: must be a finite number"),
        ({"text": "x*k", "parameters": {"k": "1"}}, "parameters.k: must be a number"),
        ({"text": "a+b+c+d+g"}, "variables: must be 1 to 4 names, not 5"),
        ({"text": "x", "domain": [[1.0, 1.0]]}, "domain[0]: must go from a low to a high number"),
        ({"text": "x", "domain": [[2.0, 1.0]]}, "domain[0]: must go from a low to a high number"),
        ({"text": "x", "domain": [[1e9, 1e9 + 1e-6]]}, "domain[0]: must go from a low to a high number"),
        ({"text": "x", "domain": [[-1e308, 1e308]]}, "domain[0]: must go from a low to a high number"),
        ({"text": "x", "domain": [[0.0, math.inf]]}, "must be a finite number"),
        ({"text": "x", "domain": [[0.0, 1.0], [0.0, 1.0]]}, "domain: must have one entry for each of x"),
        ({"text": "x", "start": [0.0, 1.0]}, "start: must have one entry for each of x"),
        ({"text": "x", "start": [math.inf]}, "start[0]: must be a finite number"),
        ({"text": 5}, "text: "),
        ({"text": None}, ""),
        ({"text": "x{0}"}, "text: '{' does not belong"),
    ],
)
def test_a_bad_field_is_named(fields: dict[str, Any], message: str) -> None:
    if not message:
        assert Objective.parse({"kind": "expression", **fields}) == Expression()
        return
    with pytest.raises(ValidationError) as caught:
        Objective.parse({"kind": "expression", **fields})
    assert message in str(explain(caught.value))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="xy12.e+-*/^()|, ²πsinmax\n×х", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except ExpressionError as error:
        assert 0 <= error.column <= len(text)
        return
    assert tree.latex()
    assert isinstance(tree.value(dict.fromkeys(tree.names, 1.5)), float)
