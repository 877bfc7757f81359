"""Curved valleys: easy to enter, slow to follow."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gradlab.engine.model import Real

from .base import Dimension, ManyDimensions, Objective, Point
from .numeric import absolute, ladder, root_abs, stacked

if TYPE_CHECKING:
    from torch import Tensor


class Rosenbrock(Objective):
    r"""A curved valley: easy to enter, slow to follow to its end.

    :math:`f(x) = \sum_{i=1}^{n-1} \left[b\,(x_{i+1} - x_i^2)^2 + (a - x_i)^2\right]` (Rosenbrock 1960). Beyond two
    dimensions the minimum is known for a = 1.
    """

    kind: Literal["rosenbrock"] = "rosenbrock"
    DOMAIN = ((-2.048, 2.048),)
    START = (-1.2, 1.0)
    SOURCE = "H. H. Rosenbrock, An automatic method for finding the greatest or least value, Comp. J. 3 (1960) 175–184"
    dimension: ManyDimensions = 2
    a: Annotated[Real, Field(ge=0, le=3, description="x of the minimum")] = 1.0
    b: Annotated[Real, Field(gt=0, le=1000, description="steepness of the valley's walls")] = 100.0

    @property
    def minima(self) -> tuple[Point, ...]:
        """(a, a²) in two dimensions, all ones for a = 1; with another a in more dimensions none is known."""
        if self.dimension > 2 and self.a != 1:
            return ()
        return ((self.a, self.a**2) if self.dimension == 2 else (1.0,) * self.dimension,)

    def __call__(self, *coordinates: Tensor) -> Tensor:
        if len(coordinates) == 2:
            x, y = coordinates
            return (self.a - x) ** 2 + self.b * (y - x**2) ** 2
        v = stacked(coordinates)
        return ((self.a - v[:-1]) ** 2 + self.b * (v[1:] - v[:-1] ** 2) ** 2).sum(0)


class DixonPrice(Objective):
    r"""A curved valley with two equal ends: the last coordinate may have either sign.

    :math:`f(x) = (x_1 - 1)^2 + \sum_{i=2}^{n} i\,(2x_i^2 - x_{i-1})^2` (Dixon and Price 1989).
    """

    kind: Literal["dixon_price"] = "dixon_price"
    title = "Dixon–Price"
    DOMAIN = ((-10.0, 10.0),)
    START = (6.0, 4.0)
    SOURCE = "L. C. W. Dixon and R. C. Price, The truncated Newton method, JOTA 60 (1989) 261–275"
    dimension: Dimension = 2

    @property
    def minima(self) -> tuple[Point, ...]:
        """x_i = 2^(2^(1 − i) − 1), and the same with the last sign turned."""
        *head, last = (2.0 ** (2.0 ** (1 - i) - 1) for i in range(1, self.dimension + 1))
        return ((*head, last), (*head, -last)) if head else ((last,),)

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        bend = 2 * v[1:] ** 2 - v[:-1]
        return (v[0] - 1) ** 2 + (ladder(v)[1:] * bend * bend).sum(0)


class Beale(Objective):
    r"""A flat cross-shaped floor with steep corners.

    :math:`f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2` (Beale 1958).
    """

    kind: Literal["beale"] = "beale"
    DOMAIN = ((-4.5, 4.5), (-4.5, 4.5))
    START = (1.0, 1.5)
    MINIMA = ((3.0, 0.5),)
    SOURCE = "E. M. L. Beale, On an iterative method for finding a local minimum, Princeton Tech. Report 25, 1958"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        y2 = y * y
        return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y2) ** 2 + (2.625 - x + x * y2 * y) ** 2


class GoldsteinPrice(Objective):
    r"""A steep, almost singular bowl: its values span six orders of magnitude.

    :math:`f(x, y) = \left[1 + (x+y+1)^2 (19 - 14x + 3x^2 - 14y + 6xy + 3y^2)\right] \left[30 + (2x-3y)^2
    (18 - 32x + 12x^2 + 48y - 36xy + 27y^2)\right]` (Goldstein and Price 1971).
    """

    kind: Literal["goldstein_price"] = "goldstein_price"
    title = "Goldstein–Price"
    DOMAIN = ((-2.0, 2.0), (-2.0, 2.0))
    START = (-1.0, 0.5)
    MINIMA = ((0.0, -1.0),)
    SOURCE = "A. A. Goldstein and J. F. Price, On descent from local minima, Math. Comp. 25 (1971) 569–574"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s, d = x + y, 2 * x - 3 * y  # the long factors are polynomials of these two
        first = 1 + (s + 1) ** 2 * (19 + s * (3 * s - 14))
        return first * (30 + d * d * (18 + d * (3 * d - 16)))


class McCormick(Objective):
    r"""A tilted trough with a ripple along it.

    :math:`f(x, y) = \sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1` (McCormick 1976).
    """

    kind: Literal["mccormick"] = "mccormick"
    DOMAIN = ((-1.5, 4.0), (-3.0, 4.0))
    START = (3.0, 3.0)
    MINIMA = ((-0.5471975511965977, -1.5471975511965979),)  # (1/2 − π/3, −1/2 − π/3)
    SOURCE = "G. P. McCormick, Computability of global solutions to factorable programs, Math. Prog. 10 (1976) 147–175"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return (x + y).sin() + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


class Bukin6(Objective):
    r"""A knife-edge valley along a parabola; on the edge the gradient is the subgradient 0 across it.

    :math:`f(x, y) = 100\sqrt{\left|y - 0.01x^2\right|} + 0.01\left|x + 10\right|` (Bukin 1997).
    """

    kind: Literal["bukin_6"] = "bukin_6"
    title = "Bukin 6"
    DOMAIN = ((-15.0, -5.0), (-3.0, 3.0))
    START = (-6.0, 2.0)
    MINIMA = ((-10.0, 1.0),)
    SOURCE = "A. D. Bukin, New minimization strategy for non-smooth functions, Budker INP preprint 97-79, 1997"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return 100 * root_abs(y - x * x / 100) + 0.01 * absolute(x + 10)
