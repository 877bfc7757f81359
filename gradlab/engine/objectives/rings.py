"""Ripples in two dimensions: rings around the middle, and bowls with products of waves."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from .base import Objective
from .numeric import root

if TYPE_CHECKING:
    from torch import Tensor

PI = math.pi


class DropWave(Objective):
    r"""Rings around a drop, ever lower to the outside.

    :math:`f(x, y) = -\frac{1 + \cos 12 r}{\frac{1}{2} r^2 + 2}`, with :math:`r = \sqrt{x^2 + y^2}`
    (Molga and Smutnicki 2005).
    """

    kind: Literal["drop_wave"] = "drop_wave"
    title = "Drop-wave"
    DOMAIN = ((-5.12, 5.12), (-5.12, 5.12))
    START = (2.4, -1.9)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "M. Molga and C. Smutnicki, Test functions for optimization needs, 2005"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s = x * x + y * y
        wave = (root(s) * (6 / PI)).sinc()  # 1 + cos 12r = 2 − 72 s sinc²: smooth at r = 0, its Hessian too
        return (72 * s * wave * wave - 2) / (0.5 * s + 2)


class Schaffer2(Objective):
    r"""Saddle-shaped rings that rise towards one half.

    :math:`f(x, y) = \frac{1}{2} + \frac{\sin^2(x^2 - y^2) - 0.5}{\left[1 + 0.001\,(x^2 + y^2)\right]^2}`
    (Schaffer et al. 1989).
    """

    kind: Literal["schaffer_2"] = "schaffer_2"
    title = "Schaffer 2"
    DOMAIN = ((-100.0, 100.0), (-100.0, 100.0))
    START = (3.0, 2.0)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "J. D. Schaffer et al., A study of control parameters affecting genetic algorithms, ICGA 3 (1989) 51–60"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s, t = x * x, y * y
        return 0.5 + ((s - t).sin() ** 2 - 0.5) / (1 + 0.001 * (s + t)) ** 2


class Schaffer4(Objective):
    r"""The same rings with four equal minima on the axes.

    :math:`f(x, y) = \frac{1}{2} + \frac{\cos^2\left(\sin\left|x^2 - y^2\right|\right) - 0.5}
    {\left[1 + 0.001\,(x^2 + y^2)\right]^2}` (Schaffer et al. 1989).
    """

    kind: Literal["schaffer_4"] = "schaffer_4"
    title = "Schaffer 4"
    DOMAIN = ((-100.0, 100.0), (-100.0, 100.0))
    START = (3.0, 2.0)
    MINIMA = (
        (0.0, 1.2531318314637332),
        (0.0, -1.2531318314637332),
        (1.2531318314637332, 0.0),
        (-1.2531318314637332, 0.0),
    )
    SOURCE = "J. D. Schaffer et al., A study of control parameters affecting genetic algorithms, ICGA 3 (1989) 51–60"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        s, t = x * x, y * y
        wave = (s - t).sin().cos()  # cos(sin|u|) = cos(sin u)
        return 0.5 + (wave * wave - 0.5) / (1 + 0.001 * (s + t)) ** 2


class Bohachevsky1(Objective):
    r"""A bowl with separate ripples along both axes.

    :math:`f(x, y) = x^2 + 2y^2 - 0.3\cos 3\pi x - 0.4\cos 4\pi y + 0.7` (Bohachevsky et al. 1986).
    """

    kind: Literal["bohachevsky_1"] = "bohachevsky_1"
    title = "Bohachevsky 1"
    DOMAIN = ((-100.0, 100.0), (-100.0, 100.0))
    START = (1.8, -1.3)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "I. O. Bohachevsky et al., Generalized simulated annealing, Technometrics 28 (1986) 209–217"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return x * x + 2 * y * y + 0.3 * (1 - (3 * PI * x).cos()) + 0.4 * (1 - (4 * PI * y).cos())


class Bohachevsky2(Objective):
    r"""A bowl with the product of two ripples on it.

    :math:`f(x, y) = x^2 + 2y^2 - 0.3\cos(3\pi x)\cos(4\pi y) + 0.3` (Bohachevsky et al. 1986).
    """

    kind: Literal["bohachevsky_2"] = "bohachevsky_2"
    title = "Bohachevsky 2"
    DOMAIN = ((-100.0, 100.0), (-100.0, 100.0))
    START = (1.8, -1.3)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "I. O. Bohachevsky et al., Generalized simulated annealing, Technometrics 28 (1986) 209–217"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return x * x + 2 * y * y + 0.3 * (1 - (3 * PI * x).cos() * (4 * PI * y).cos())


class Bohachevsky3(Objective):
    r"""A bowl with one slanted ripple.

    :math:`f(x, y) = x^2 + 2y^2 - 0.3\cos(3\pi x + 4\pi y) + 0.3` (Bohachevsky et al. 1986).
    """

    kind: Literal["bohachevsky_3"] = "bohachevsky_3"
    title = "Bohachevsky 3"
    DOMAIN = ((-100.0, 100.0), (-100.0, 100.0))
    START = (1.8, -1.3)
    MINIMA = ((0.0, 0.0),)
    SOURCE = "I. O. Bohachevsky et al., Generalized simulated annealing, Technometrics 28 (1986) 209–217"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return x * x + 2 * y * y + 0.3 * (1 - (PI * (3 * x + 4 * y)).cos())
