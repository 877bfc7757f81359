"""Traps in two dimensions: a hole in a plain, creases, and minima at the edge."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from .base import Objective
from .numeric import absolute, root, root_abs

if TYPE_CHECKING:
    from torch import Tensor


class Easom(Objective):
    r"""A plain with a single small hole: far from it there is no gradient to follow.

    :math:`f(x, y) = -\cos x \cos y\, e^{-(x-\pi)^2 - (y-\pi)^2}` (Easom 1990).
    """

    kind: Literal["easom"] = "easom"
    DOMAIN = ((-100.0, 100.0), (-100.0, 100.0))
    START = (1.8, 4.2)
    MINIMA = ((math.pi, math.pi),)
    SOURCE = "E. E. Easom, A Survey of Global Optimization Techniques, thesis, University of Louisville 1990"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        hole = (-((x - math.pi) ** 2) - (y - math.pi) ** 2).exp()
        return -x.cos() * y.cos() * hole


class Eggholder(Objective):
    r"""Rolling, ever deeper folds; the lowest point lies on the edge of the domain.

    :math:`f(x, y) = -(y+47)\sin\sqrt{\left|\frac{x}{2} + y + 47\right|} - x\sin\sqrt{\left|x - (y+47)\right|}`
    (Whitley et al. 1996). Along two lines the slope is infinite; on them the subgradient 0 is taken.
    """

    kind: Literal["eggholder"] = "eggholder"
    DOMAIN = ((-512.0, 512.0), (-512.0, 512.0))
    START = (300.0, 250.0)
    MINIMA = ((512.0, 404.2318051137578),)
    SOURCE = "D. Whitley et al., Evaluating evolutionary algorithms, Artificial Intelligence 85 (1996) 245–276"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        u = y + 47
        return -u * root_abs(0.5 * x + u).sin() - x * root_abs(x - u).sin()


class CrossInTray(Objective):
    r"""Four minima between the arms of a cross; on the arms, where f has a ridge, the subgradient 0 is taken.

    :math:`f(x, y) = -0.0001\left(\left|\sin x \sin y\, e^{\left|100 - \frac{r}{\pi}\right|}\right| + 1\right)^{0.1}`,
    with :math:`r = \sqrt{x^2 + y^2}` (Mishra 2006).
    """

    kind: Literal["cross_in_tray"] = "cross_in_tray"
    title = "Cross-in-tray"
    DOMAIN = ((-10.0, 10.0), (-10.0, 10.0))
    START = (5.5, 7.0)
    MINIMA = tuple((sx * 1.3494066171539107, sy * 1.3494066171539107) for sx in (1, -1) for sy in (1, -1))
    SOURCE = "S. K. Mishra, Some new test functions for global optimization, MPRA paper 2718, 2006"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        power = absolute(100 - root(x * x + y * y) / math.pi)
        scaled = absolute(x.sin() * y.sin()) * (power - 50).exp() + math.exp(-50)  # e⁵⁰ apart: e¹⁰⁰ overflows float32
        return -1e-4 * math.exp(5) * scaled**0.1


class HolderTable(Objective):
    r"""A table with four legs: the minima stand at its corners, and sharp creases cross it (subgradient 0 on them).

    :math:`f(x, y) = -\left|\sin x \cos y\, e^{\left|1 - \frac{r}{\pi}\right|}\right|`,
    with :math:`r = \sqrt{x^2 + y^2}` (Mishra 2006).
    """

    kind: Literal["holder_table"] = "holder_table"
    title = "Hölder table"
    DOMAIN = ((-10.0, 10.0), (-10.0, 10.0))
    START = (6.0, 7.0)
    MINIMA = tuple((sx * 8.055023475736563, sy * 9.664590019241272) for sx in (1, -1) for sy in (1, -1))
    SOURCE = "S. K. Mishra, Some new test functions for global optimization, MPRA paper 2718, 2006"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        power = absolute(1 - root(x * x + y * y) / math.pi)
        return -absolute(x.sin() * y.cos()) * power.exp()
