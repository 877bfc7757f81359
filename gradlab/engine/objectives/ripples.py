"""Bowls under ripples: many local minima around a known global one."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gradlab.engine.model import Real

from .base import Dimension, Objective
from .numeric import ladder, root, stacked

if TYPE_CHECKING:
    from torch import Tensor

PI = math.pi


class Rastrigin(Objective):
    r"""A bowl under a grid of cosine bumps: a local minimum near every whole-numbered point.

    :math:`f(x) = A n + \sum_{i=1}^{n} \left(x_i^2 - A\cos 2\pi x_i\right)` (Rastrigin 1974).
    """

    kind: Literal["rastrigin"] = "rastrigin"
    DOMAIN = ((-5.12, 5.12),)
    START = (3.4, -2.7)
    MINIMA = ((0.0,),)
    SOURCE = "L. A. Rastrigin, Systems of Extremal Control, Nauka 1974; Mühlenbein et al., Parallel Comp. 17 (1991) 619"
    dimension: Dimension = 2
    a: Annotated[Real, Field(ge=0, le=100, description="height A of the bumps")] = 10.0

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        return (v * v - self.a * (2 * PI * v).cos()).sum(0) + self.a * len(coordinates)


class Ackley(Objective):
    r"""A nearly flat, rippled plain with a funnel in the middle; its tip is a cone, where the subgradient 0 is taken.

    :math:`f(x) = -a\exp\left(-b\sqrt{\frac{1}{n}\sum_{i=1}^{n} x_i^2}\right)
    - \exp\left(\frac{1}{n}\sum_{i=1}^{n}\cos c x_i\right) + a + e` (Ackley 1987).
    """

    kind: Literal["ackley"] = "ackley"
    DOMAIN = ((-32.768, 32.768),)
    START = (12.3, -9.6)
    MINIMA = ((0.0,),)
    SOURCE = "D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing, Kluwer 1987"
    dimension: Dimension = 2
    a: Annotated[Real, Field(gt=0, le=100, description="depth of the funnel")] = 20.0
    b: Annotated[Real, Field(gt=0, le=2, description="how fast the funnel flattens")] = 0.2
    c: Annotated[Real, Field(ge=0, le=20, description="frequency of the ripples")] = 2 * PI

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        funnel = (root(v.square().mean(0)) * -self.b).expm1()
        ripples = ((self.c * v).cos().mean(0) - 1).expm1()
        return -self.a * funnel - math.e * ripples  # expm1 takes in the + a + e and leaves an exact 0 at the minimum


class Griewank(Objective):
    r"""A wide bowl with a product of cosines on it: thousands of shallow, regular minima.

    :math:`f(x) = 1 + \frac{1}{4000}\sum_{i=1}^{n} x_i^2 - \prod_{i=1}^{n}\cos\frac{x_i}{\sqrt{i}}` (Griewank 1981).
    """

    kind: Literal["griewank"] = "griewank"
    DOMAIN = ((-600.0, 600.0),)
    START = (-400.0, 250.0)
    MINIMA = ((0.0,),)
    SOURCE = "A. O. Griewank, Generalized descent for global optimization, JOTA 34 (1981) 11–39"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        return (v * v).sum(0) / 4000 - (v * ladder(v, -0.5)).cos().prod(0) + 1


class Levy(Objective):
    r"""Waves along a bowl, each coordinate with its own.

    :math:`f(x) = \sin^2 \pi w_1 + \sum_{i=1}^{n-1} (w_i - 1)^2 \left[1 + 10\sin^2(\pi w_i + 1)\right]
    + (w_n - 1)^2 \left[1 + \sin^2 2\pi w_n\right]`, with :math:`w_i = 1 + \frac{x_i - 1}{4}` (Lévy and Montalvo 1985).
    """

    kind: Literal["levy"] = "levy"
    title = "Lévy"
    DOMAIN = ((-10.0, 10.0),)
    START = (-8.0, 6.0)
    MINIMA = ((1.0,),)
    SOURCE = "A. V. Lévy and A. Montalvo, The tunneling algorithm, SIAM J. Sci. Stat. Comput. 6 (1985) 15–29"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        u = (stacked(coordinates) - 1) * 0.25  # w − 1: sin² forgets the half turns that the 1 adds
        head, last = u[:-1], u[-1]
        waves = (head * head * (1 + 10 * (PI * head + 1).sin() ** 2)).sum(0)
        return (PI * u[0]).sin() ** 2 + waves + last * last * (1 + (2 * PI * last).sin() ** 2)


class Levy13(Objective):
    r"""Two crossed families of waves on a bowl.

    :math:`f(x, y) = \sin^2 3\pi x + (x-1)^2\left[1 + \sin^2 3\pi y\right] + (y-1)^2\left[1 + \sin^2 2\pi y\right]`
    (Lévy and Montalvo 1985).
    """

    kind: Literal["levy_13"] = "levy_13"
    title = "Lévy 13"
    DOMAIN = ((-10.0, 10.0), (-10.0, 10.0))
    START = (-8.0, 6.0)
    MINIMA = ((1.0, 1.0),)
    SOURCE = "A. V. Lévy and A. Montalvo, The tunneling algorithm, SIAM J. Sci. Stat. Comput. 6 (1985) 15–29"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        u, v = x - 1, y - 1
        crossed = u * u * (1 + (3 * PI * v).sin() ** 2) + v * v * (1 + (2 * PI * v).sin() ** 2)
        return (3 * PI * u).sin() ** 2 + crossed


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
