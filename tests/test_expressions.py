"""Formulas that people type: what is understood, its numbers, its LaTeX, its derivatives."""

from __future__ import annotations

import cmath
import itertools
import math
import random
from typing import Any

import numpy as np
import pytest
import torch

from gradlab.engine.errors import UserError
from gradlab.engine.expressions import ExpressionError, parse, symbolic_gradient, symbolic_hessian
from gradlab.engine.expressions.functions import FUNCTIONS
from gradlab.engine.landscape import hessian, value_and_gradient
from gradlab.engine.objectives import Expression

POINT = {"x": 0.7, "y": -1.3, "z": 2.1}


def value(text: str, **values: float) -> float:
    return parse(text).value(values or POINT)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x^2", lambda x, y: x**2),
        ("2^3^2", lambda x, y: 2**9),
        ("-x^2", lambda x, y: -(x**2)),
        ("x^-2", lambda x, y: x**-2),
        ("2x", lambda x, y: 2 * x),
        ("2x^2", lambda x, y: 2 * x**2),
        ("1.5e1x", lambda x, y: 15 * x),
        ("2e", lambda x, y: 2 * math.e),
        ("2πx", lambda x, y: 2 * math.pi * x),
        ("(x+1)(x-1)", lambda x, y: x**2 - 1),
        ("2(x)y", lambda x, y: 2 * x * y),
        ("3sin(2x)cos(y)", lambda x, y: 3 * math.sin(2 * x) * math.cos(y)),
        ("|x|", lambda x, y: abs(x)),
        ("|y||x|", lambda x, y: abs(y) * abs(x)),
        ("||y|-2|x", lambda x, y: abs(abs(y) - 2) * x),
        ("2|y - x|", lambda x, y: 2 * abs(y - x)),
        ("x²y", lambda x, y: x**2 * y),
        ("x² + y⁻¹⁰", lambda x, y: x**2 + y**-10),
        ("x − y × 2 ÷ x", lambda x, y: x - y * 2 / x),
        ("  + x\t", lambda x, y: x),
        ("--x", lambda x, y: x),
        ("max(x, y, 0.8) - min(x, y)", lambda x, y: 0.8 - y),
        ("pow(x, 3)", lambda x, y: x**3),
        ("ln(e^2)", lambda x, y: 2.0),
        (".5x + 1.", lambda x, y: 0.5 * x + 1),
        ("x/y/2", lambda x, y: x / y / 2),
        ("x-y-2", lambda x, y: x - y - 2),
    ],
)
def test_it_is_read_as_meant(text: str, meant: Any) -> None:
    assert value(text) == pytest.approx(meant(POINT["x"], POINT["y"]), rel=1e-14)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


INDEPENDENT: dict[str, Any] = {
    name: getattr(math, name, None) for name in FUNCTIONS if hasattr(math, name) and name not in {"pow", "round"}
} | {
    "ln": math.log,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "pow": math.pow,
    "cbrt": math.cbrt,
    "sign": lambda x: math.copysign(1, x) if x else 0,
    "step": lambda x: float(x > 0),
    "sigmoid": sigmoid,
    "relu": lambda x: max(0, x),
    "softplus": lambda x: math.log1p(math.exp(x)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_against_the_standard_library(name: str) -> None:
    count = FUNCTIONS[name].least
    ranges = {"acosh": (1.1, 3.0), "asin": (-0.9, 0.9), "acos": (-0.9, 0.9), "atanh": (-0.9, 0.9)}
    low, high = ranges.get(name, (0.1, 3.0) if name.startswith(("log", "ln", "sqrt", "pow")) else (-3.0, 3.0))
    rng = random.Random(name)
    for _ in range(20):
        args = [rng.uniform(low, high) for _ in range(count)]
        text = f"{name}({', '.join('xyz'[:count])})"
        assert value(text, **dict(zip("xyz", args, strict=False))) == pytest.approx(INDEPENDENT[name](*args), rel=1e-12)
        assert value(f"{name}({', '.join(map(repr, args))})") == pytest.approx(INDEPENDENT[name](*args), rel=1e-12)


def test_softplus_stays_exact_for_large_values() -> None:
    assert value("softplus(x) - x", x=25.0) == pytest.approx(math.log1p(math.exp(-25)), rel=1e-3)
    assert value("softplus(x)", x=800.0) == 800
    assert value("softplus(x)", x=-700.0) == pytest.approx(math.exp(-700))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/0", math.inf),
        ("-1/0", -math.inf),
        ("0/0", math.nan),
        ("0^-1", math.inf),
        ("(-8)^(1/3)", math.nan),
        ("9^9^9^9", math.inf),
        ("2^99999999", math.inf),
        ("log(-1)", math.nan),
        ("log(0)", -math.inf),
        ("sqrt(-1)", math.nan),
        ("exp(exp(exp(9)))", math.inf),
        ("x/0", math.inf),
        ("x^1e300", 0.0),
    ],
)
def test_constants_overflow_as_floats_do(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "text", ["5", "x", "y^2", "floor(x)", "step(x)", "sign(x)*5", "round(x) + ceil(y)", "1/0", "x^0"]
)
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_the_result_hangs_on_every_variable(text: str, shape: tuple[int, ...]) -> None:
    o = Expression(text=text, variables=("x", "y"))
    x, y = (torch.full(shape, v, dtype=torch.float32, requires_grad=True) for v in (1.5, 2.5))
    f = o(x, y)
    assert f.shape == shape
    assert f.dtype is torch.float32
    f.sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    expected = {"x": (1.0, 0.0), "y^2": (0.0, 5.0)}.get(text, (0.0, 0.0))
    assert (x.grad == expected[0]).all()
    assert (y.grad == expected[1]).all()


def test_an_unused_variable_may_run_away() -> None:
    o = Expression(text="x^2", variables=("x", "y"))
    f, g = value_and_gradient(o, [[3.0, math.inf]])
    assert (f.tolist(), g.tolist()) == ([9.0], [[6.0, 0.0]])


DIFFERENTIATED = [
    "(x*y + z)**2",
    "x^3/(1 + y^2) - sqrt(z)*x",
    "exp(-x^2 - y^2)*cos(3x)*z",
    "x^y^2",
    "2^x*log(z)/y",
    "tanh(x)*sigmoid(y)*softplus(z)",
    "abs(x - y)*relu(z - x) + max(x, y*z, z) - min(x, y)",
    "floor(3x)*y + step(z)*x^2 + sign(y)*z + round(x)*ceil(y)",
    "asin(x/9) + acos(y/9) + atan(x*y) + asinh(z) + acosh(z) + atanh(y/9)",
    "sinh(x)/cosh(y) + tan(x*z)",
    "atan2(y, x*z)",
    "log2(z) + log10(z^2) + log1p(x^2) + expm1(x*y) + cbrt(z*y)",
    "erf(x*y) + x^0.5*y^3 + z^2.37 - 0.1x",
    "pi*x^2 + e^y - e*z",
    "1/(1 + exp(-(x*y + z)))",
    "x",
    "y - y",
]


@pytest.mark.parametrize("text", DIFFERENTIATED)
def test_symbolic_derivatives_equal_autograd(text: str) -> None:
    names = ("x", "y", "z")
    o = Expression(text=text, variables=names)
    rng = np.random.default_rng(5)
    points = rng.uniform([0.2, 0.2, 1.2], [1.8, 1.8, 2.8], (6, 3))
    tensors = {name: torch.tensor(column) for name, column in zip(names, points.T, strict=True)}
    _, g = value_and_gradient(o, points)
    for i, derivative in enumerate(symbolic_gradient(text, names)):
        assert derivative.by == (names[i],)
        assert derivative.torch(tensors).numpy() == pytest.approx(g[:, i], rel=1e-10, abs=1e-12)
        assert derivative.value(dict(zip(names, points[0], strict=True))) == pytest.approx(
            g[0, i], rel=1e-10, abs=1e-12
        )
    h = hessian(o, points)
    rows = symbolic_hessian(text, names)
    for i, j in itertools.product(range(3), range(3)):
        assert rows[i][j].torch(tensors).numpy() == pytest.approx(h[:, i, j], rel=1e-9, abs=1e-10)


def test_kinks_have_the_slope_of_torch() -> None:
    for text, x, slope in [("|x|", 0.0, 0.0), ("relu(x)", 0.0, 0.0), ("max(x, 0)", 0.0, 0.5), ("min(x, 0)", 0.0, 0.5)]:
        assert value_and_gradient(Expression(text=text), [[x]])[1].tolist() == [[slope]]
        assert symbolic_gradient(text, ("x",))[0].value({"x": x}) == slope


def test_parameters_stay_names_in_the_derivative() -> None:
    o = Expression(text="(w*x + b)**2", variables=("w", "b"), parameters={"x": 3.0})
    by_w, by_b = o.symbolic_gradient()
    assert by_w.value({"w": 2, "b": 1, "x": 3}) == 42
    assert by_b.value({"w": 2, "b": 1, "x": 3}) == 14
    assert by_w.latex == r"2 x \left(b + w x\right)"
    assert o.symbolic_hessian()[0][0].latex == "2 x^{2}"


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("(w*x+b)**2", r"\left(w x + b\right)^{2}"),
        ("x/(y+1)", r"\frac{x}{y + 1}"),
        ("x*2", r"x \cdot 2"),
        ("2x", "2 x"),
        ("x-(y-1)", r"x - \left(y - 1\right)"),
        ("x-(-y)", r"x - \left(-y\right)"),
        ("x*(y*z)", r"x \left(y z\right)"),
        ("-(x+y)", r"-\left(x + y\right)"),
        ("-x^2", "-x^{2}"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("sin(x)^2", r"\sin^{2}\left(x\right)"),
        ("sqrt(x)^2", r"\left(\sqrt{x}\right)^{2}"),
        ("|x|", r"\left|x\right|"),
        ("exp(-x)", "e^{-x}"),
        ("x^y^2", "x^{y^{2}}"),
        ("(x^y)^2", r"\left(x^{y}\right)^{2}"),
        ("alpha*x1 + w_in", r"\alpha x_{1} + w_{in}"),
        ("1e-5x", r"10^{-5} x"),
        ("2.5e30", r"2.5 \cdot 10^{30}"),
        ("2pi*rate", r"2 \pi \mathrm{rate}"),
        ("max(x, y)", r"\max\left(x, y\right)"),
        ("sigmoid(x)", r"\sigma\left(x\right)"),
    ],
)
def test_latex_is_what_was_typed(text: str, tex: str) -> None:
    assert parse(text).latex() == tex


def test_variables_are_taken_from_the_text() -> None:
    assert Expression(text="y - x^2").variables == ("x", "y")
    assert Expression(text="(w*x + b)^2", parameters={"x": 3.0}).variables == ("b", "w")
    assert Expression(text="5").variables == ("x",)
    assert Expression(text="a*b").domain == ((-5.0, 5.0), (-5.0, 5.0))
    assert Expression(text="a*b", domain=((0, 1), (2, 4))).start == (0.75, 3.5)


def test_another_text_keeps_what_is_known() -> None:
    o = Expression(text="x + y", domain=((0, 1), (2, 4)), start=(0.5, 3.0), parameters={"k": 2.0})
    again = o.edited(text="k*y^2")
    assert (again.variables, again.domain, again.start) == (("y",), ((2.0, 4.0),), (3.0,))
    assert o.edited(text="z + x").domain == ((0.0, 1.0), (-5.0, 5.0))
    assert o.edited(text="7").variables == o.edited(text="k").variables == ("x", "y")
    with pytest.raises(UserError, match="missing at the end, column 2"):
        o.edited(text="x+")
    assert o.text == "x + y"


def test_large_derivatives_are_refused_and_the_numbers_stay() -> None:
    deep = "sin(" * 90 + "x" + ")" * 90
    assert math.isfinite(value(deep))
    with pytest.raises(UserError, match=r"too (large|deep)"):
        symbolic_gradient(deep, ("x",))
    for text in ("((2x)^99)^99", "(2x)^99999999", "x^(9^9^9)"):
        with pytest.raises(UserError, match="powers are too high"):
            symbolic_gradient(text, ("x",))
    with pytest.raises(UserError, match="not finite"):
        symbolic_gradient("x + 1/0", ("x",))


def test_random_formulas_equal_python() -> None:
    """The same random tree as text for the parser and as a computation in complex floats."""
    rng = random.Random(3)

    def grow(depth: int) -> tuple[str, complex]:
        pick = rng.random()
        if depth == 0 or pick < 0.2:
            name = rng.choice("xyz")
            return (name, POINT[name]) if rng.random() < 0.7 else ("2.5", 2.5)
        if pick < 0.4:
            text, number = grow(depth - 1)
            f = rng.choice(["sin", "cos", "exp", "tanh"])
            return f"{f}({text})", getattr(cmath, f)(number)
        (a, left), (b, right) = grow(depth - 1), grow(depth - 1)
        sign = rng.choice("+-*/")
        if sign == "/":
            return f"({a})/(3+({b})^2)", left / (3 + right**2)
        return f"({a}){sign}({b})", {"+": left + right, "-": left - right, "*": left * right}[sign]

    checked = 0
    while checked < 60:
        try:
            text, number = grow(5)
        except OverflowError:
            continue
        try:
            tree = parse(text)
        except ExpressionError as error:
            assert "too " in str(error)
            continue
        checked += 1
        if abs(number) < 1e6:
            assert tree.value(POINT) == pytest.approx(number.real, rel=1e-9, abs=1e-9)
