"""A handful of basins: several minima in plain sight, one or more of them the lowest."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from .base import Dimension, Objective
from .numeric import stacked

if TYPE_CHECKING:
    from torch import Tensor


class Himmelblau(Objective):
    r"""Four equal minima around one hill, with four saddles between them.

    :math:`f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2` (Himmelblau 1972).
    """

    kind: Literal["himmelblau"] = "himmelblau"
    DOMAIN = ((-6.0, 6.0), (-6.0, 6.0))
    START = (-4.0, 0.0)
    MINIMA = (
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    )
    SOURCE = "D. M. Himmelblau, Applied Nonlinear Programming, McGraw-Hill 1972"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


class StyblinskiTang(Objective):
    r"""A basin in every corner, one of them the deepest.

    :math:`f(x) = \frac{1}{2}\sum_{i=1}^{n} \left(x_i^4 - 16x_i^2 + 5x_i\right)` (Styblinski and Tang 1990).
    """

    kind: Literal["styblinski_tang"] = "styblinski_tang"
    title = "Styblinski–Tang"
    DOMAIN = ((-5.0, 5.0),)
    START = (0.5, -0.5)
    MINIMA = ((-2.903534027771177,),)  # the least root of 4x³ − 32x + 5
    SOURCE = "M. A. Styblinski and T.-S. Tang, Experiments in nonconvex optimization, Neural Networks 3 (1990) 467–483"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        s = v * v
        return (s * (s - 16) + 5 * v).sum(0) * 0.5


class Branin(Objective):
    r"""Three equal minima along a bent trough.

    :math:`f(x, y) = \left(y - \frac{5.1}{4\pi^2}x^2 + \frac{5}{\pi}x - 6\right)^2
    + 10\left(1 - \frac{1}{8\pi}\right)\cos x + 10` (Branin 1972).
    """

    kind: Literal["branin"] = "branin"
    DOMAIN = ((-5.0, 10.0), (0.0, 15.0))
    START = (2.5, 12.0)
    MINIMA = ((-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475))
    SOURCE = "F. H. Branin, Widely convergent method for multiple solutions, IBM J. Res. Dev. 16 (1972) 504–522"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        bend = y - x * (5.1 / (4 * math.pi**2) * x - 5 / math.pi) - 6
        return bend * bend + (10 - 1.25 / math.pi) * x.cos() + 10


class Peaks(Objective):
    r"""Three hills and two hollows made of Gaussians, flat far away.

    :math:`f(x, y) = 3(1-x)^2 e^{-x^2-(y+1)^2} - 10\left(\frac{x}{5} - x^3 - y^5\right) e^{-x^2-y^2}
    - \frac{1}{3} e^{-(x+1)^2-y^2}` (MATLAB 1984).
    """

    kind: Literal["peaks"] = "peaks"
    DOMAIN = ((-3.0, 3.0), (-3.0, 3.0))
    START = (0.0, 1.2)
    MINIMA = ((0.22827892055636909, -1.6255349574999965),)
    SOURCE = "The MathWorks, MATLAB, function peaks"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s, t = x * x, y * y
        first = 3 * (1 - x) ** 2 * (-s - (y + 1) ** 2).exp()
        middle = 10 * (x * (0.2 - s) - t * t * y) * (-s - t).exp()
        return first - middle - (-((x + 1) ** 2) - t).exp() / 3


class ThreeHumpCamel(Objective):
    r"""Three basins in a row, the middle one the deepest.

    :math:`f(x, y) = 2x^2 - 1.05x^4 + \frac{x^6}{6} + xy + y^2` (Branin 1972).
    """

    kind: Literal["three_hump_camel"] = "three_hump_camel"
    title = "Three-hump camel"
    DOMAIN = ((-5.0, 5.0), (-5.0, 5.0))
    START = (-2.5, 3.0)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "F. H. Branin, Widely convergent method for multiple solutions, IBM J. Res. Dev. 16 (1972) 504–522"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s = x * x
        return s * (2 + s * (s / 6 - 1.05)) + y * (x + y)


class SixHumpCamel(Objective):
    r"""Six basins, two of them equally deep and opposite.

    :math:`f(x, y) = \left(4 - 2.1x^2 + \frac{x^4}{3}\right) x^2 + xy + (4y^2 - 4)\,y^2` (Dixon and Szegő 1978).
    """

    kind: Literal["six_hump_camel"] = "six_hump_camel"
    title = "Six-hump camel"
    DOMAIN = ((-3.0, 3.0), (-2.0, 2.0))
    START = (-1.5, 1.5)
    MINIMA = ((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396))
    SOURCE = "L. C. W. Dixon and G. P. Szegő, Towards Global Optimisation 2, North-Holland 1978"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s, t = x * x, y * y
        return s * (4 + s * (s / 3 - 2.1)) + x * y + 4 * t * (t - 1)
