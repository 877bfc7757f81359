"""Gradients three ways."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradlab.engine.differences import central_difference, partials
from gradlab.engine.errors import UserError


def test_the_example_of_the_notes() -> None:
    found = partials("(w*x+b)**2", {"w": 2, "b": 1, "x": 3})
    assert found.value == 49
    assert [(row.name, row.at) for row in found] == [("w", 2), ("b", 1), ("x", 3)]
    assert [row.autograd for row in found] == [42, 14, 28]
    assert [row.symbolic for row in found] == [42, 14, 28]
    assert [row.difference for row in found] == pytest.approx([42, 14, 28], rel=1e-9)
    assert [row.latex for row in found] == [
        r"2 x \left(b + w x\right)",
        r"2 \left(b + w x\right)",
        r"2 w \left(b + w x\right)",
    ]
    assert found.latex == r"\left(w x + b\right)^{2}"
    assert len(found) == 3


def test_names_that_are_not_used_have_slope_0() -> None:
    for row in partials("5", {"x": 1.0, "y": math.inf}):
        assert (row.autograd, row.symbolic) == (0, 0)
    assert partials("2^10", {}).value == 1024


def test_what_has_no_value_is_a_result() -> None:
    (row,) = partials("log(x)", {"x": -1.0})
    assert (row.autograd, row.symbolic) == (-1, -1)
    assert math.isnan(row.difference)
    (row,) = partials("1/x", {"x": 0.0})
    assert (row.autograd, row.symbolic) == (-math.inf, -math.inf)


def test_a_formula_too_large_for_symbols_says_so() -> None:
    (row,) = partials("sin(" * 90 + "x" + ")" * 90, {"x": 1.0})
    assert math.isnan(row.symbolic)
    assert row.latex == ""
    assert "derivative" in row.reason
    assert row.autograd == pytest.approx(row.difference, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("w*x", {"w": 1.0}, "unknown name 'x', column 3"),
        ("w*", {"w": 1.0}, "a value is missing at the end"),
        ("e*x", {"e": 1.0, "x": 1.0}, "'e' means something else"),
    ],
)
def test_bad_input_is_one_line(text: str, values: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        partials(text, values)
    assert "\n" not in str(caught.value)


def test_central_differences() -> None:
    def f(p: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        return float(p[0] ** 3 * np.exp(p[1]))

    exact = np.array([3 * 4 * np.e, 8 * np.e])
    assert central_difference(f, [2.0, 1.0]) == pytest.approx(exact, rel=1e-9)
    assert central_difference(f, [2.0, 1.0], h=1e-2) == pytest.approx(exact, rel=1e-4)
    assert central_difference(f, [2.0, 1.0], h=1e-2) != pytest.approx(exact, rel=1e-7)
    assert central_difference(f, [2.0, 1.0], h=[1e-2, 1e-5])[1] == pytest.approx(exact[1], rel=1e-9)
    assert central_difference(lambda p: float(p[0] ** 2), [1e6]) == pytest.approx([2e6], rel=1e-9)
    assert np.isnan(central_difference(lambda p: math.nan, [1.0])).all()
