"""Bowls under ripples, mostly in any number of dimensions: many local minima around a known global one."""

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
