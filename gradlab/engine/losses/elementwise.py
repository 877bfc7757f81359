"""Losses of a number against a number: regression, counts, and a mean with its variance."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab.engine.errors import UserError
from gradlab.engine.model import Real, Scale

from .base import Loss
from .checks import Array, as_array, same_shape, within

Threshold = Annotated[
    Real,
    Field(gt=0, le=1e6, description="the size of the error at which the parabola goes over into a line"),
    Scale(0.1),
]
Full = Annotated[bool, Field(description="add the term that does not depend on the prediction")]
Epsilon = Annotated[
    Real, Field(gt=0, le=1, description="keeps a division or a logarithm away from 0"), Scale(1, log=True)
]
THREE: tuple[tuple[float, ...], ...] = ((1.0, 2.0, 3.0),)
FIVE: tuple[tuple[float, ...], ...] = ((1.0, 2.0, 5.0),)


class L1Loss(Loss):
    r"""The absolute error: the same pull at any distance, none at equality.

    :math:`\ell = |x - y|`. The mean has the slope ±1/N, not ±1.
    """

    kind: Literal["l1"] = "l1"
    title = "L1"
    FORMULA = "abs(x - y)"
    EXAMPLE = (THREE, FIVE)


class MSELoss(Loss):
    r"""The squared error: the pull grows with the distance.

    :math:`\ell = (x - y)^2`. The mean has the slope 2(x − y)/N.
    """

    kind: Literal["mse"] = "mse"
    title = "MSE"
    FORMULA = "(x - y)^2"
    EXAMPLE = (THREE, FIVE)


class HuberLoss(Loss):
    r"""A parabola near the target, a line further out, so that an outlier pulls no harder than δ.

    :math:`\ell = \frac{1}{2}m^2 + \delta\,(|x-y| - m),\quad m = \min(|x-y|, \delta)` (Huber 1964).
    """

    kind: Literal["huber"] = "huber"
    title = "Huber"
    SLOPES = (r"\mathrm{clip}(x - y, -\delta, \delta)", r"-\mathrm{clip}(x - y, -\delta, \delta)")
    FORMULA = "min(abs(x - y), delta)^2/2 + delta*(abs(x - y) - min(abs(x - y), delta))"
    EXAMPLE = (THREE, FIVE)
    delta: Threshold = 1.0


class SmoothL1Loss(Loss):
    r"""Huber's loss divided by its threshold: the slope far out is 1, whatever β is.

    :math:`\ell = \frac{m^2}{2\beta} + |x-y| - m,\quad m = \min(|x-y|, \beta)` (Girshick 2015); β = 0 is L1.
    """

    kind: Literal["smooth_l1"] = "smooth_l1"
    title = "Smooth L1"
    SLOPES = (
        r"\mathrm{clip}\left(\frac{x - y}{\beta}, -1, 1\right)",
        r"-\mathrm{clip}\left(\frac{x - y}{\beta}, -1, 1\right)",
    )
    EXAMPLE = (THREE, FIVE)
    beta: Annotated[Real, Field(ge=0, le=1e6, description="the error at which the parabola goes over into a line")] = (
        1.0
    )

    @property
    def formula(self) -> str:
        """The loss of one element; at β = 0 it is L1."""
        return "min(abs(x - y), beta)^2/(2*beta) + abs(x - y) - min(abs(x - y), beta)" if self.beta else "abs(x - y)"


class GaussianNLLLoss(Loss):
    r"""The negative log-likelihood of the target under a normal distribution whose variance is predicted too.

    :math:`\ell = \frac{1}{2}\left(\ln v + \frac{(x-y)^2}{v}\right),\quad v = \max(\mathrm{var}, \epsilon)`; it can be
    negative (Nix and Weigend 1994). Where var < ε torch's slope by var is that at ε, though the loss is level there.
    """

    kind: Literal["gaussian_nll"] = "gaussian_nll"
    title = "Gaussian NLL"
    SLOPES = ("", "", r"\frac{1}{2v} - \frac{(x - y)^2}{2v^2}\;(v > \epsilon)")
    inputs: ClassVar[tuple[str, ...]] = ("input", "target", "var")
    names: ClassVar[tuple[str, ...]] = ("x", "y", "v")
    EXAMPLE = (THREE, FIVE, ((0.1, 1.0, 4.0),))
    full: Full = False
    eps: Epsilon = 1e-6

    @property
    def formula(self) -> str:
        """The loss of one element."""
        return "(log(max(v, eps)) + (x - y)^2/max(v, eps))/2" + (" + log(2*pi)/2" if self.full else "")

    def _fit(self, *values: Array) -> None:
        same_shape(("input", "target"), values[0], values[1])
        shape, var = values[0].shape, values[2]
        if var.shape not in {shape, shape[:-1], (*shape[:-1], 1)}:
            raise UserError(f"var: its shape is {var.shape}, not {shape} or {(*shape[:-1], 1)}, one for each row")
        within("var", var, 0, np.inf, "a variance is not negative")

    def known(self, *values: Any) -> dict[str, Array]:
        """Return what every name in the formula stands for; a variance for each row is that of its entries."""
        x, y, var = (as_array(value) for value in values)
        return super().known(x, y, var[..., None] if var.ndim < x.ndim else var)


class PoissonNLLLoss(Loss):
    r"""The negative log-likelihood of a count under a Poisson distribution of the predicted rate.

    :math:`\ell = e^{x} - y\,x` with the logarithm of the rate as input, :math:`\ell = x - y\ln(x + \epsilon)` with the
    rate itself.
    """

    kind: Literal["poisson_nll"] = "poisson_nll"
    title = "Poisson NLL"
    EXAMPLE = (((0.0, 1.0, 1.5),), ((1.0, 2.0, 5.0),))
    log_input: Annotated[bool, Field(description="the input is the logarithm of the rate")] = True
    full: Annotated[bool, Field(description="add Stirling's approximation of ln y! where y > 1")] = False
    eps: Epsilon = 1e-8

    @property
    def formula(self) -> str:
        """The loss of one element."""
        stirling = " + step(y - 1)*(y*log(max(y, 1)) - y + log(2*pi*max(y, 1))/2)" if self.full else ""
        return ("exp(x) - y*x" if self.log_input else "x - y*log(x + eps)") + stirling

    def _fit(self, *values: Array) -> None:
        super()._fit(*values)
        within("target", values[1], 0, np.inf, "a count is not negative")
        if not self.log_input:
            within("input", values[0], 0, np.inf, "a rate is not negative")
