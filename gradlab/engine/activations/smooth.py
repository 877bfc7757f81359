"""Smooth activations: the sigmoids and the soft rectifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from gradlab.engine.expressions.functions import absolute
from gradlab.engine.model import Real

from .base import Activation
from .derivations import SIGMOID, TANH

if TYPE_CHECKING:
    from torch import Tensor


class Sigmoid(Activation):
    r"""The logistic curve from 0 to 1; its slope is never above a quarter.

    :math:`\sigma(x) = \frac{1}{1 + e^{-x}}`
    """

    kind: Literal["sigmoid"] = "sigmoid"
    MODULE = "Sigmoid"
    FORMULA = "sigmoid(x)"
    NONLINEARITY = "sigmoid"
    DERIVATION = SIGMOID


class Tanh(Activation):
    r"""The sigmoid stretched to −1 … 1 and centred on 0; its slope is 1 there and less elsewhere.

    :math:`\tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}`
    """

    kind: Literal["tanh"] = "tanh"
    title = "tanh"
    MODULE = "Tanh"
    FORMULA = "tanh(x)"
    NONLINEARITY = "tanh"
    DERIVATION = TANH


class LogSigmoid(Activation):
    r"""The logarithm of the sigmoid, exact where the sigmoid underflows. :math:`f(x) = -\ln(1 + e^{-x})`."""

    kind: Literal["logsigmoid"] = "logsigmoid"
    MODULE = "LogSigmoid"
    FORMULA = "-softplus(-x)"


class Softsign(Activation):
    r"""A sigmoid that saturates slowly, as 1/x does. :math:`f(x) = \frac{x}{1 + |x|}`."""

    kind: Literal["softsign"] = "softsign"
    MODULE = "Softsign"
    FORMULA = "x/(1 + abs(x))"
    BENDS = (0.0,)
    NONLINEARITY = "tanh"

    def __call__(self, x: Tensor) -> Tensor:
        """Return f element by element.

        WORKAROUND torch 2.13: the second derivative of torch's own imports torch._dynamo, seconds at its first use.
        """
        return x / (1 + absolute(x))


class SiLU(Activation):
    r"""The identity gated by the sigmoid, called swish too. :math:`f(x) = x\,\sigma(x)` (Elfwing et al. 2017)."""

    kind: Literal["silu"] = "silu"
    MODULE = "SiLU"
    FORMULA = "x*sigmoid(x)"


class GELU(Activation):
    r"""The identity gated by the normal distribution.

    :math:`f(x) = x\,\Phi(x) = \frac{x}{2}\left(1 + \operatorname{erf}\frac{x}{\sqrt{2}}\right)` (Hendrycks and Gimpel
    2016), or its approximation with tanh.
    """

    kind: Literal["gelu"] = "gelu"
    MODULE = "GELU"
    approximate: Literal["none", "tanh"] = Field(default="none", description="none: with erf; tanh: an approximation")

    @property
    def formula(self) -> str:
        """The one or the other."""
        if self.approximate == "tanh":
            return "x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))"
        return "x/2*(1 + erf(x/sqrt(2)))"


class Mish(Activation):
    r"""The identity gated by tanh of softplus. :math:`f(x) = x \tanh(\ln(1 + e^{x}))` (Misra 2019)."""

    kind: Literal["mish"] = "mish"
    MODULE = "Mish"
    FORMULA = "x*tanh(softplus(x))"


class Softplus(Activation):
    r"""A rectifier with its corner rounded; torch goes over to the straight line from a threshold on.

    :math:`f(x) = \frac{1}{\beta} \ln(1 + e^{\beta x})`, and :math:`x` where βx is above the threshold.
    """

    kind: Literal["softplus"] = "softplus"
    MODULE = "Softplus"
    beta: Real = Field(default=1.0, gt=0, le=100, title="β", description="sharpness of the corner")
    threshold: Real = Field(default=20.0, ge=-100, le=100, description="β x from which on f is x")

    @property
    def formula(self) -> str:
        """The curve and the line."""
        line = f"step({self.beta!r}*x - ({self.threshold!r}))"
        return f"softplus({self.beta!r}*x)/{self.beta!r}*(1 - {line}) + x*{line}"

    @property
    def kinks(self) -> tuple[float, ...]:
        """Where curve and line meet, with a small jump."""
        return (self.threshold / self.beta,)


class Tanhshrink(Activation):
    r"""What tanh takes away: flat at 0, straight far out. :math:`f(x) = x - \tanh(x)`."""

    kind: Literal["tanhshrink"] = "tanhshrink"
    MODULE = "Tanhshrink"
    FORMULA = "x - tanh(x)"
    NONLINEARITY = "linear"
