"""Functions that are no module of torch: known ones, and any formula that the user types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gradlab.engine.expressions import ExpressionError, parse

from .base import SLOTS, Activation


class Identity(Activation):
    r"""No nonlinearity: layers in a row collapse into one. :math:`f(x) = x`."""

    kind: Literal["identity"] = "identity"
    MODULE = "Identity"
    FORMULA = "x"
    NONLINEARITY = "linear"


class Exp(Activation):
    r"""The exponential, its own derivative. :math:`f(x) = e^{x}`."""

    kind: Literal["exp"] = "exp"
    title = "exp"
    FORMULA = "exp(x)"
    NONLINEARITY = "linear"


class Sin(Activation):
    r"""The sine, for networks of waves. :math:`f(x) = \sin x` (Sitzmann et al. 2020)."""

    kind: Literal["sin"] = "sin"
    title = "sin"
    FORMULA = "sin(x)"
    NONLINEARITY = "linear"


class Gaussian(Activation):
    r"""A bump: largest at 0 and gone on both sides. :math:`f(x) = e^{-x^2}`."""

    kind: Literal["gaussian"] = "gaussian"
    FORMULA = "exp(-x^2)"
    NONLINEARITY = "linear"


class Arctan(Activation):
    r"""A sigmoid from −π/2 to π/2 that saturates slowly. :math:`f(x) = \arctan x`."""

    kind: Literal["arctan"] = "arctan"
    title = "arctan"
    FORMULA = "atan(x)"
    NONLINEARITY = "tanh"


def _readable(text: str) -> str:
    try:
        parse(text, SLOTS)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


class Typed(Activation):
    r"""Any formula of x, typed in. :math:`f(x) = \ldots` (your own)."""

    kind: Literal["expression"] = "expression"
    title = "Formula"
    text: Annotated[str, AfterValidator(_readable)] = Field(
        default="x*sigmoid(2x)", description="a formula of x, as in x*sigmoid(2x) or max(x, 0.1x)"
    )

    @property
    def formula(self) -> str:
        """What was typed."""
        return self.text
