"""Piecewise activations that are cheap to compute: clipped, and shrunk around 0."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gradlab.engine.model import Real

from .base import Activation

Lambd = Annotated[Real, Field(ge=0, le=100, title="λ", description="half width of what becomes 0")]


class Hardtanh(Activation):
    r"""The identity, clipped at two ends.

    :math:`f(x) = \min(\max(x, a), b)`. torch takes f′ = 0 at both ends.
    """

    kind: Literal["hardtanh"] = "hardtanh"
    MODULE = "Hardtanh"
    NONLINEARITY = "tanh"
    min_val: Real = Field(default=-1.0, ge=-100, le=100, description="least value")
    max_val: Real = Field(default=1.0, ge=-100, le=100, description="greatest value")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_val >= self.max_val:
            raise ValueError(f"min_val: must be below max_val, {self.max_val!r}, not {self.min_val!r}")
        return self

    @property
    def formula(self) -> str:
        """Three pieces."""
        low, high = f"step(x - ({self.min_val!r}))", f"step({self.max_val!r} - x)"
        return f"x*{low}*{high} + ({self.min_val!r})*(1 - {low}) + ({self.max_val!r})*(1 - {high})"

    @property
    def kinks(self) -> tuple[float, ...]:
        """Both ends."""
        return (self.min_val, self.max_val)


class Hardsigmoid(Activation):
    r"""The sigmoid in three straight pieces.

    :math:`f(x) = \frac{\min(\max(x + 3, 0), 6)}{6}`. torch computes its f′ from a sixth in single precision and has no
    f″ for it.
    """

    kind: Literal["hardsigmoid"] = "hardsigmoid"
    MODULE = "Hardsigmoid"
    NONLINEARITY = "sigmoid"
    FORMULA = "(x + 3)/6*step(x + 3)*step(3 - x) + 1 - step(3 - x)"
    KINKS = (-3.0, 3.0)


class Hardswish(Activation):
    r"""SiLU with the hard sigmoid. :math:`f(x) = x\,\frac{\min(\max(x + 3, 0), 6)}{6}` (Howard et al. 2019)."""

    kind: Literal["hardswish"] = "hardswish"
    MODULE = "Hardswish"
    FORMULA = "x*(x + 3)/6*step(x + 3)*step(3 - x) + x*(1 - step(3 - x))"
    KINKS = (-3.0, 3.0)


class Hardshrink(Activation):
    r"""Sets what is near 0 to 0 and leaves the rest, with a jump at both ends.

    :math:`f(x) = \begin{cases} x & |x| > \lambda \\ 0 & |x| \le \lambda \end{cases}`
    """

    kind: Literal["hardshrink"] = "hardshrink"
    MODULE = "Hardshrink"
    NONLINEARITY = "linear"
    lambd: Lambd = 0.5

    @property
    def formula(self) -> str:
        """Three pieces."""
        return f"x*(step(x - {self.lambd!r}) + step(-x - {self.lambd!r}))"

    @property
    def kinks(self) -> tuple[float, ...]:
        """Both ends of what becomes 0; none where nothing does."""
        return (-self.lambd, self.lambd) if self.lambd else (0.0,)


class Softshrink(Activation):
    r"""Pulls every number towards 0 by the same amount, no further than 0.

    :math:`f(x) = \operatorname{sgn}(x) \max(|x| - \lambda, 0)`
    """

    kind: Literal["softshrink"] = "softshrink"
    MODULE = "Softshrink"
    NONLINEARITY = "linear"
    lambd: Lambd = 0.5

    @property
    def formula(self) -> str:
        """Three pieces."""
        return f"(x - {self.lambd!r})*step(x - {self.lambd!r}) + (x + {self.lambd!r})*step(-x - {self.lambd!r})"

    @property
    def kinks(self) -> tuple[float, ...]:
        """Both ends of what becomes 0."""
        return (-self.lambd, self.lambd) if self.lambd else (0.0,)
