"""Rectifiers: straight lines with a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from gradlab.engine.model import Real

from .base import Activation
from .derivations import RELU

if TYPE_CHECKING:
    from torch import Tensor

Slope = Annotated[Real, Field(ge=0, le=100)]


def leaky(slope: float) -> str:
    """Return the formula of a line with one slope below 0 and slope 1 above; the kink belongs to the part below."""
    return f"x*step(x) + {slope!r}*x*(1 - step(x))"


class ReLU(Activation):
    r"""Passes what is positive and blocks the rest. :math:`f(x) = \max(0, x)`. torch takes f′(0) = 0."""

    kind: Literal["relu"] = "relu"
    MODULE = "ReLU"
    FORMULA = "relu(x)"
    KINKS = (0.0,)
    DERIVATION = RELU


class LeakyReLU(Activation):
    r"""A rectifier that lets a little of the negative part through, so that no unit dies.

    :math:`f(x) = \begin{cases} x & x > 0 \\ a\,x & x \le 0 \end{cases}` with :math:`a` the negative slope (Maas,
    Hannun and Ng 2013).
    """

    kind: Literal["leaky_relu"] = "leaky_relu"
    MODULE = "LeakyReLU"
    NONLINEARITY = "leaky_relu"
    KINKS = (0.0,)
    negative_slope: Slope = Field(default=0.01, title="a", description="slope where x ≤ 0")

    @property
    def formula(self) -> str:
        """The two lines."""
        return leaky(self.negative_slope)

    @property
    def slope(self) -> Real:
        """The negative slope."""
        return self.negative_slope


class PReLU(Activation):
    r"""A leaky rectifier that learns its slope, one for all channels.

    :math:`f(x) = \max(0, x) + a \min(0, x)` with :math:`a` trained (He et al. 2015). On its own it is shown at the
    slope it begins with.
    """

    kind: Literal["prelu"] = "prelu"
    MODULE = "PReLU"
    NONLINEARITY = "leaky_relu"
    KINKS = (0.0,)
    init: Slope = Field(default=0.25, description="slope where x ≤ 0 before training")

    def __call__(self, x: Tensor) -> Tensor:
        """Return f before training; torch's module holds the slope in single precision."""
        from torch.nn.functional import prelu

        return prelu(x, x.new_tensor([self.init]))

    @property
    def formula(self) -> str:
        """The two lines, before training."""
        return leaky(self.init)

    @property
    def slope(self) -> Real:
        """The slope it begins with."""
        return self.init


class RReLU(Activation):
    r"""A leaky rectifier with a random slope in training and the mean slope in evaluation, which is what is shown.

    :math:`f(x) = \begin{cases} x & x > 0 \\ a\,x & x \le 0 \end{cases}` with :math:`a \sim U(l, u)` (Xu et al. 2015).
    """

    kind: Literal["rrelu"] = "rrelu"
    MODULE = "RReLU"
    NONLINEARITY = "leaky_relu"
    KINKS = (0.0,)
    lower: Slope = Field(default=1 / 8, description="least slope where x ≤ 0")
    upper: Slope = Field(default=1 / 3, description="greatest slope where x ≤ 0")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lower > self.upper:
            raise ValueError(f"lower: must not be above upper, {self.upper!r}, not {self.lower!r}")
        return self

    @property
    def formula(self) -> str:
        """The two lines in evaluation."""
        return leaky((self.lower + self.upper) / 2)

    @property
    def slope(self) -> Real:
        """The mean slope."""
        return (self.lower + self.upper) / 2


class ReLU6(Activation):
    r"""A rectifier that stops at 6, for numbers of few bits. :math:`f(x) = \min(\max(0, x), 6)`."""

    kind: Literal["relu6"] = "relu6"
    MODULE = "ReLU6"
    FORMULA = "x*step(x)*step(6 - x) + 6*(1 - step(6 - x))"
    KINKS = (0.0, 6.0)


class SquaredReLU(Activation):
    r"""A rectifier squared: f′ has no jump, f″ has one. :math:`f(x) = \max(0, x)^2` (So et al. 2021)."""

    kind: Literal["squared_relu"] = "squared_relu"
    title = "Squared ReLU"
    FORMULA = "relu(x)^2"
    BENDS = (0.0,)


class Threshold(Activation):
    r"""Passes what is above a threshold and puts one value in the place of the rest.

    :math:`f(x) = \begin{cases} x & x > t \\ v & x \le t \end{cases}`
    """

    kind: Literal["threshold"] = "threshold"
    MODULE = "Threshold"
    threshold: Real = Field(default=0.0, ge=-100, le=100, description="the greatest x that is replaced")
    value: Real = Field(default=0.0, ge=-100, le=100, description="what stands in its place")

    @property
    def formula(self) -> str:
        """Two pieces."""
        above = f"step(x - ({self.threshold!r}))"
        return f"x*{above} + ({self.value!r})*(1 - {above})"

    @property
    def kinks(self) -> tuple[float, ...]:
        """The threshold."""
        return (self.threshold,)
