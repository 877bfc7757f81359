"""Convex and nearly convex bowls: where gradient descent is understood."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gradlab.engine.model import Real, Scale

from .base import Box, Dimension, ManyDimensions, Objective, Point
from .numeric import ladder, spectrum, stacked

if TYPE_CHECKING:
    from torch import Tensor

Condition = Annotated[
    Real, Field(ge=1, le=1e6, description="condition number: largest over smallest curvature"), Scale(step=1, log=True)
]


class Sphere(Objective):
    r"""The plainest bowl, equally curved in every direction.

    :math:`f(x) = \sum_{i=1}^{n} x_i^2` (De Jong 1975).
    """

    kind: Literal["sphere"] = "sphere"
    DOMAIN = ((-5.12, 5.12),)
    START = (4.0, -3.0)
    MINIMA = ((0.0,),)
    SOURCE = "K. A. De Jong, An Analysis of the Behavior of a Class of Genetic Adaptive Systems, thesis, Michigan 1975"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        return stacked(coordinates).square().sum(0)


class SumSquares(Objective):
    r"""A bowl whose curvature grows with the index of the coordinate.

    :math:`f(x) = \sum_{i=1}^{n} i\,x_i^2` (Hedar 2005).
    """

    kind: Literal["sum_squares"] = "sum_squares"
    title = "Sum of squares"
    DOMAIN = ((-10.0, 10.0),)
    START = (8.0, -7.0)
    MINIMA = ((0.0,),)
    SOURCE = "A.-R. Hedar, Test Functions for Unconstrained Global Optimization, Kyoto University 2005"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        return (ladder(v) * v * v).sum(0)


class Quadratic(Objective):
    r"""A long valley along the axes: curvatures from 1 to κ, so a step that suits one direction fails in another.

    :math:`f(x) = \frac{1}{2}\sum_{i=1}^{n} \kappa^{\frac{i-1}{n-1}} x_i^2` (Nocedal and Wright 2006).
    """

    kind: Literal["quadratic"] = "quadratic"
    title = "Ill-conditioned quadratic"
    DOMAIN = ((-5.0, 5.0),)
    START = (4.0, 1.5)
    MINIMA = ((0.0,),)
    SOURCE = "J. Nocedal and S. J. Wright, Numerical Optimization, 2nd ed., Springer 2006, section 3.3"
    dimension: ManyDimensions = 2
    condition: Condition = 100.0

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        return (spectrum(v, self.condition) * v * v).sum(0) * 0.5


class RotatedQuadratic(Objective):
    r"""The same valley turned away from the axes, which takes the advantage of methods that scale each coordinate.

    :math:`f(x, y) = \frac{1}{2}\left(u^2 + \kappa v^2\right)`, with :math:`u = x\cos\theta + y\sin\theta` and
    :math:`v = y\cos\theta - x\sin\theta` (Hansen et al. 2009).
    """

    kind: Literal["rotated_quadratic"] = "rotated_quadratic"
    title = "Rotated quadratic"
    DOMAIN = ((-5.0, 5.0), (-5.0, 5.0))
    START = (-4.0, 3.0)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "N. Hansen et al., Real-Parameter Black-Box Optimization Benchmarking 2009, INRIA RR-6829, f10"
    condition: Condition = 100.0
    angle: Annotated[Real, Field(ge=-180, le=180, description="turn of the valley, in degrees")] = 30.0

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        c, s = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        u = c * x + s * y
        v = c * y - s * x
        return (u * u + self.condition * v * v) * 0.5


class Booth(Objective):
    r"""A mildly stretched quadratic bowl.

    :math:`f(x, y) = (x + 2y - 7)^2 + (2x + y - 5)^2` (Jamil and Yang 2013).
    """

    kind: Literal["booth"] = "booth"
    DOMAIN = ((-10.0, 10.0), (-10.0, 10.0))
    START = (-8.0, -6.0)
    MINIMA = ((1.0, 3.0),)
    SOURCE = "M. Jamil and X.-S. Yang, A literature survey of benchmark functions, IJMMNO 4 (2013) 150–194, no. 17"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


class Matyas(Objective):
    r"""A quadratic plate, nearly flat along the diagonal.

    :math:`f(x, y) = 0.26\,(x^2 + y^2) - 0.48\,x y` (Matyas 1965).
    """

    kind: Literal["matyas"] = "matyas"
    DOMAIN = ((-10.0, 10.0), (-10.0, 10.0))
    START = (9.0, 4.0)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "J. Matyas, Random optimization, Automation and Remote Control 26 (1965) 246–253"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return 0.26 * (x * x + y * y) - 0.48 * x * y


class Zakharov(Objective):
    r"""A plate that rises ever faster across one slanted direction.

    :math:`f(x) = \sum_{i=1}^{n} x_i^2 + s^2 + s^4`, with :math:`s = \sum_{i=1}^{n} \frac{i}{2} x_i`
    (Chelouah and Siarry 2000).
    """

    kind: Literal["zakharov"] = "zakharov"
    DOMAIN = ((-5.0, 10.0),)
    START = (7.0, -3.0)
    MINIMA = ((0.0,),)
    SOURCE = "R. Chelouah and P. Siarry, Tabu search applied to global optimization, EJOR 123 (2000) 256–270"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        s2 = (ladder(v) * v).sum(0).square() * 0.25
        return v.square().sum(0) + s2 + s2 * s2


class Trid(Objective):
    r"""A convex bowl whose neighbouring coordinates pull at each other, its minimum far from the centre.

    :math:`f(x) = \sum_{i=1}^{n} (x_i - 1)^2 - \sum_{i=2}^{n} x_i x_{i-1}` (Neumaier 2003).
    """

    kind: Literal["trid"] = "trid"
    SOURCE = "A. Neumaier, Global optimization test problems, University of Vienna; in Adorio and Diliman, MVF 2005"
    dimension: ManyDimensions = 2

    @property
    def domain(self) -> Box:
        """From −n² to n² in each coordinate."""
        edge = float(self.dimension**2)
        return ((-edge, edge),) * self.dimension

    @property
    def start(self) -> Point:
        """A point off the middle, to the lower side."""
        return (-0.75 * self.dimension**2,) * self.dimension

    @property
    def minima(self) -> tuple[Point, ...]:
        """The one point x_i = i (n + 1 − i), where f = −n (n + 4)(n − 1)/6."""
        n = self.dimension
        return (tuple(float(i * (n + 1 - i)) for i in range(1, n + 1)),)

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        return (v - 1).square().sum(0) - (v[1:] * v[:-1]).sum(0)
