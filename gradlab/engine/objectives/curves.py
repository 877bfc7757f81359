"""Functions of one variable: the curve, its tangent and the step can be seen at once."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from .base import Objective

if TYPE_CHECKING:
    from torch import Tensor


class Parabola(Objective):
    r"""The first example of all: one minimum, a constant curvature of 2.

    :math:`f(x) = x^2` (Cauchy 1847).
    """

    kind: Literal["parabola"] = "parabola"
    title = "Parabola x²"
    DOMAIN = ((-3.0, 3.0),)
    START = (2.0,)
    MINIMA = ((0.0,),)
    SOURCE = "A. Cauchy, Méthode générale pour la résolution des systèmes, C. R. Acad. Sci. Paris 25 (1847) 536–538"

    def __call__(self, x: Tensor) -> Tensor:
        return x**2


class Quartic(Objective):
    r"""A minimum at 9/4, and a flat inflection at 0 where descent from the left creeps.

    :math:`f(x) = x^4 - 3x^3` (Wikipedia, Gradient descent, 2010).
    """

    kind: Literal["quartic"] = "quartic"
    title = "Quartic x⁴ − 3x³"
    DOMAIN = ((-1.5, 3.5),)
    START = (-1.0,)
    MINIMA = ((2.25,),)
    SOURCE = "Wikipedia, Gradient descent: the worked example of its early revisions"

    def __call__(self, x: Tensor) -> Tensor:
        return x**3 * (x - 3)


class Forrester(Objective):
    r"""One global and one local minimum, and a steep rise at the right.

    :math:`f(x) = (6x - 2)^2 \sin(12x - 4)` (Forrester et al. 2008).
    """

    kind: Literal["forrester"] = "forrester"
    DOMAIN = ((0.0, 1.0),)
    START = (0.3,)
    MINIMA = ((0.7572487578418559,),)
    SOURCE = "A. Forrester, A. Sóbester and A. Keane, Engineering Design via Surrogate Modelling, Wiley 2008"

    def __call__(self, x: Tensor) -> Tensor:
        u = 6 * x - 2
        return u * u * (2 * u).sin()


class GramacyLee(Objective):
    r"""A damped sine on a quartic: ten periods of local minima.

    :math:`f(x) = \frac{\sin(10\pi x)}{2x} + (x - 1)^4` (Gramacy and Lee 2012).
    """

    kind: Literal["gramacy_lee"] = "gramacy_lee"
    title = "Gramacy–Lee"
    DOMAIN = ((0.5, 2.5),)
    START = (2.4,)
    MINIMA = ((0.5485634445276052,),)
    SOURCE = "R. B. Gramacy and H. K. H. Lee, Cases for the nugget, Statistics and Computing 22 (2012) 713–722"

    def __call__(self, x: Tensor) -> Tensor:
        return (10 * math.pi * x).sin() / (2 * x) + (x - 1) ** 4
