"""Exponential linear units: the identity above 0, an exponential that levels off below."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gradlab.engine.model import Real

from .base import Activation

ALPHA, SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
"""Klambauer et al. 2017, equation 14: mean 0 and variance 1 are a fixed point."""
BELOW = "x*(1 - step(x))"
"""x where it is not positive, else 0; it belongs to the part below at 0."""


class ELU(Activation):
    r"""The identity above 0, an exponential towards −α below.

    :math:`f(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x \le 0 \end{cases}` (Clevert et al. 2015).
    """

    kind: Literal["elu"] = "elu"
    MODULE = "ELU"
    alpha: Real = Field(default=1.0, ge=0, le=100, title="α", description="how far below 0 it goes")

    @property
    def formula(self) -> str:
        """The two parts."""
        return f"x*step(x) + {self.alpha!r}*expm1({BELOW})"

    @property
    def kinks(self) -> tuple[float, ...]:
        """0, unless both slopes are 1 there."""
        return () if self.alpha == 1 else (0.0,)

    @property
    def bends(self) -> tuple[float, ...]:
        """0, where both slopes are 1."""
        return (0.0,) if self.alpha == 1 else ()


class SELU(Activation):
    r"""ELU with the two constants that keep mean 0 and variance 1 from layer to layer.

    :math:`f(x) = \lambda \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x \le 0 \end{cases}` with λ ≈ 1.0507 and
    α ≈ 1.6733 (Klambauer et al. 2017).
    """

    kind: Literal["selu"] = "selu"
    MODULE = "SELU"
    FORMULA = f"{SCALE!r}*(x*step(x) + {ALPHA!r}*expm1({BELOW}))"
    KINKS = (0.0,)
    NONLINEARITY = "selu"


class CELU(Activation):
    r"""ELU whose slope is 1 at 0 whatever α is.

    :math:`f(x) = \max(0, x) + \min\left(0, \alpha\,(e^{x/\alpha} - 1)\right)` (Barron 2017).
    """

    kind: Literal["celu"] = "celu"
    MODULE = "CELU"
    BENDS = (0.0,)
    alpha: Real = Field(default=1.0, ge=1e-3, le=100, title="α", description="how far below 0 it goes, and how slowly")

    @property
    def formula(self) -> str:
        """The two parts."""
        return f"x*step(x) + {self.alpha!r}*expm1({BELOW}/{self.alpha!r})"
