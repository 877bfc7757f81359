"""The functions of a formula: how each is computed, written and differentiated."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable
from dataclasses import dataclass
from operator import methodcaller
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045}


@dataclass(frozen=True, slots=True)
class Function:
    """A function by its name in a formula.

    ``torch`` computes it on tensors; ``tex`` is its LaTeX with ``#`` for the arguments; ``formal`` names its class
    among sympy's or those of ``symbolic``.
    """

    torch: Callable[..., Tensor]
    tex: str
    formal: str
    summary: str
    least: int = 1
    most: int | None = 1

    def takes(self, count: int) -> bool:
        """Tell whether it takes ``count`` values."""
        return self.least <= count and (self.most is None or count <= self.most)


def _plain(name: str, tex: str, summary: str, formal: str = "") -> Function:
    return Function(methodcaller(name), tex, formal or name, summary)


def _tensors(f: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Let ``f`` take plain numbers among its arguments, two or more."""

    def call(*values: Any) -> Tensor:
        like = next(v for v in values if not isinstance(v, float))
        total: Tensor = functools.reduce(f, (like.new_tensor(v) if isinstance(v, float) else v for v in values))
        return total

    return call


def _several(name: str, tex: str, formal: str, summary: str, most: int | None = 2) -> Function:
    def method(a: Tensor, b: Tensor) -> Tensor:
        both: Tensor = getattr(a, name)(b)
        return both

    return Function(_tensors(method), tex, formal, summary, 2, most)


def absolute(x: Tensor) -> Tensor:
    """Return |x|, with the slope 0 at 0.

    WORKAROUND torch 2.13: the second derivative of ``abs`` imports torch._dynamo, 3 seconds at its first use.
    """
    return x * x.sign()


def _step(x: Tensor) -> Tensor:
    return x.sign().clamp_min(0)  # stays attached to x, with gradient 0, which a comparison would not


def _softplus(x: Tensor) -> Tensor:
    return x.logaddexp(x.new_zeros(()))  # torch's softplus is linear from 20 on


def _cbrt(x: Tensor) -> Tensor:
    return x.sign() * absolute(x) ** (1 / 3)


FUNCTIONS: dict[str, Function] = {
    "sin": _plain("sin", r"\sin", "sine"),
    "cos": _plain("cos", r"\cos", "cosine"),
    "tan": _plain("tan", r"\tan", "tangent"),
    "asin": _plain("asin", r"\arcsin", "inverse sine"),
    "acos": _plain("acos", r"\arccos", "inverse cosine"),
    "atan": _plain("atan", r"\arctan", "inverse tangent"),
    "sinh": _plain("sinh", r"\sinh", "hyperbolic sine"),
    "cosh": _plain("cosh", r"\cosh", "hyperbolic cosine"),
    "tanh": _plain("tanh", r"\tanh", "hyperbolic tangent"),
    "asinh": _plain("asinh", r"\operatorname{arsinh}", "inverse hyperbolic sine"),
    "acosh": _plain("acosh", r"\operatorname{arcosh}", "inverse hyperbolic cosine"),
    "atanh": _plain("atanh", r"\operatorname{artanh}", "inverse hyperbolic tangent"),
    "exp": _plain("exp", r"e^{#}", "e to the power"),
    "expm1": _plain("expm1", r"\left(e^{#} - 1\right)", "e to the power, less 1", "Expm1"),
    "log": _plain("log", r"\ln", "natural logarithm"),
    "ln": _plain("log", r"\ln", "natural logarithm", "log"),
    "log2": _plain("log2", r"\log_{2}", "logarithm to base 2", "Log2"),
    "log10": _plain("log10", r"\log_{10}", "logarithm to base 10", "Log10"),
    "log1p": _plain("log1p", r"\ln\left(1 + #\right)", "logarithm of 1 more", "Log1p"),
    "sqrt": _plain("sqrt", r"\sqrt{#}", "square root"),
    "cbrt": Function(_cbrt, r"\sqrt[3]{#}", "Cbrt", "real cube root"),
    "abs": Function(absolute, r"\left|#\right|", "Absolute", "absolute value; slope 0 at 0"),
    "sign": _plain("sign", r"\operatorname{sgn}", "−1, 0 or 1", "Sign"),
    "step": Function(_step, r"\operatorname{step}", "Step", "1 where x > 0, else 0"),
    "floor": _plain("floor", r"\left\lfloor #\right\rfloor", "next whole number below", "Floor"),
    "ceil": _plain("ceil", r"\left\lceil #\right\rceil", "next whole number above", "Ceil"),
    "round": _plain("round", r"\operatorname{round}", "nearest whole number, halves to even", "Round"),
    "sigmoid": _plain("sigmoid", r"\sigma", "1 / (1 + e^−x)", "Sigmoid"),
    "relu": _plain("relu", r"\operatorname{ReLU}", "x where x > 0, else 0; slope 0 at 0", "Relu"),
    "softplus": Function(_softplus, r"\operatorname{softplus}", "Softplus", "ln(1 + e^x)"),
    "erf": _plain("erf", r"\operatorname{erf}", "error function"),
    "min": _several("minimum", r"\min", "Minimum", "least of its values; at a tie half the slope of each", None),
    "max": _several("maximum", r"\max", "Maximum", "greatest of its values; at a tie half the slope of each", None),
    "pow": _several("pow", r"#^{#}", "pow", "power, as x^y"),
    "atan2": _several("atan2", r"\operatorname{atan2}", "Arctan2", "angle of the point (x, y): atan2(y, x)"),
}
"""Every function by its name in a formula."""


def is_reserved(name: str) -> bool:
    """Tell whether ``name`` is a function, a constant or a word of Python, so that no variable can have it."""
    return name in FUNCTIONS or name in CONSTANTS or keyword.iskeyword(name)
