"""Functions for sympy that only differentiate: they never evaluate, expand or ask for assumptions.

sympy's own Abs, Max or floor try to simplify, which can take forever on a large argument, and leave Dirac's δ and
unevaluated derivatives behind. These have the derivative almost everywhere and torch's choice at a kink.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .functions import FUNCTIONS

_NAMES = {f.formal: name for name, f in reversed(FUNCTIONS.items())}


@lru_cache(maxsize=1)
def formal_functions() -> dict[str, Any]:
    """Return the classes by their names; sympy is imported at the first call."""
    import sympy

    one, half = sympy.Integer(1), sympy.Rational(1, 2)
    known: dict[str, Any] = {}
    rules: dict[str, tuple[Any, ...]] = {
        "Absolute": (lambda x: known["Sign"](x),),
        "Sign": (lambda x: sympy.Integer(0),),
        "Step": (lambda x: sympy.Integer(0),),
        "Floor": (lambda x: sympy.Integer(0),),
        "Ceil": (lambda x: sympy.Integer(0),),
        "Round": (lambda x: sympy.Integer(0),),
        "Relu": (lambda x: known["Step"](x),),
        "Sigmoid": (lambda x: known["Sigmoid"](x) * (one - known["Sigmoid"](x)),),
        "Softplus": (lambda x: known["Sigmoid"](x),),
        "Expm1": (sympy.exp,),
        "Log1p": (lambda x: one / (one + x),),
        "Log2": (lambda x: one / (x * sympy.log(2)),),
        "Log10": (lambda x: one / (x * sympy.log(10)),),
        "Cbrt": (lambda x: one / (3 * known["Cbrt"](x) ** 2),),
        "Maximum": (
            lambda x, y: half + half * known["Sign"](x - y),
            lambda x, y: half - half * known["Sign"](x - y),
        ),
        "Minimum": (
            lambda x, y: half - half * known["Sign"](x - y),
            lambda x, y: half + half * known["Sign"](x - y),
        ),
        "Arctan2": (
            lambda y, x: x / (x**2 + y**2),
            lambda y, x: -y / (x**2 + y**2),
        ),
    }
    known |= {name: _formal(sympy.Function, name, slopes) for name, slopes in rules.items()}
    return known


def _formal(base: Any, name: str, slopes: tuple[Any, ...]) -> Any:
    """Return a sympy function that knows the derivative by each of its arguments, and its LaTeX."""
    tex = FUNCTIONS[_NAMES[name]].tex

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return slopes[argindex - 1](*self.args)

    def latex(self: Any, printer: Any, exp: str = "") -> str:
        args = ", ".join(printer.doprint(a) for a in self.args)
        whole = tex.replace("#", args) if "#" in tex else rf"{tex}\left({args}\right)"
        return rf"\left({whole}\right)^{{{exp}}}" if exp else whole

    return type(base)(name, (base,), {"nargs": len(slopes), "fdiff": fdiff, "_latex": latex, "__module__": __name__})
