"""Traps for global search: plateaus, plates and minima at the edge."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gradlab.engine.model import Int

from .base import Dimension, Objective, Point
from .numeric import absolute, ladder, root, root_abs, stacked

if TYPE_CHECKING:
    from torch import Tensor


class Schwefel(Objective):
    r"""Waves that grow outward: the best minimum lies in a far corner, the second best in another.

    :math:`f(x) = 418.98288727243\ldots\,n - \sum_{i=1}^{n} x_i \sin\sqrt{|x_i|}` (Schwefel 1981).
    """

    kind: Literal["schwefel"] = "schwefel"
    DOMAIN = ((-500.0, 500.0),)
    START = (250.0, -150.0)
    MINIMA = ((420.968746359982,),)
    SOURCE = "H.-P. Schwefel, Numerical Optimization of Computer Models, Wiley 1981"
    dimension: Dimension = 2

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        return 418.9828872724337 * len(coordinates) - (v * root_abs(v).sin()).sum(0)


class Michalewicz(Objective):
    r"""Flat plateaus cut by narrow channels, steeper with m; the gradient is nearly 0 almost everywhere.

    :math:`f(x) = -\sum_{i=1}^{n} \sin x_i \sin^{2m}\frac{i x_i^2}{\pi}` (Michalewicz 1992).
    """

    kind: Literal["michalewicz"] = "michalewicz"
    DOMAIN = ((0.0, math.pi),)
    START = (1.9, 1.8)
    SOURCE = "Z. Michalewicz, Genetic Algorithms + Data Structures = Evolution Programs, Springer 1992"
    dimension: Dimension = 2
    m: Annotated[Int, Field(ge=1, le=20, description="steepness of the channels")] = 10

    @property
    def minima(self) -> tuple[Point, ...]:
        """The one point that is lowest in each coordinate by itself."""
        return (tuple(_channel(i, self.m) for i in range(1, self.dimension + 1)),)

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        channels = (v * v * ladder(v) / math.pi).sin() ** (2 * self.m)
        return -(v.sin() * channels).sum(0)


@lru_cache(maxsize=4096)
def _channel(i: int, m: int) -> float:
    """Return the x in [0, π] where sin x sin^2m(i x²/π) is largest.

    Between two zeros of the second factor the logarithm of the product is concave: its slope has one root there.
    """

    def slope(x: float) -> float:
        u = i * x * x / math.pi
        return 1 / math.tan(x) + 2 * m / math.tan(u) * 2 * i * x / math.pi

    def value(x: float) -> float:
        return math.log(math.sin(x)) + 2 * m * math.log(abs(math.sin(i * x * x / math.pi)))

    near = range(max(0, i // 4 - 2), min(i, i // 4 + 3))  # the channels around π/2, where sin x is largest
    peaks = [_bisect(slope, math.pi * math.sqrt(j / i), math.pi * math.sqrt((j + 1) / i)) for j in near]
    return max(peaks, key=value)


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a function that falls from +∞ to −∞ on the open interval."""
    for _ in range(80):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


class Shubert(Objective):
    r"""Products of five cosines: hundreds of local minima, 18 of them global in two dimensions.

    :math:`f(x) = \prod_{i=1}^{n} \sum_{j=1}^{5} j\cos\left((j+1)x_i + j\right)` (Shubert 1972).
    """

    kind: Literal["shubert"] = "shubert"
    DOMAIN = ((-10.0, 10.0),)
    START = (2.0, -3.0)
    SOURCE = "B. O. Shubert, A sequential method seeking the global maximum, SIAM J. Numer. Anal. 9 (1972) 379–388"
    dimension: Annotated[Int, Field(ge=1, le=4, description="number of coordinates")] = 2

    @property
    def minima(self) -> tuple[Point, ...]:
        """One coordinate where the sum of cosines is lowest (−12.87), the others where it is highest (14.51)."""
        low = (-7.708313735499347, -1.425128428319761, 4.858056878859825)
        high = (-7.0835064076515595, -0.8003211004719731, 5.482864206707613)
        places = range(self.dimension)
        return tuple(
            point for lowest in places for point in itertools.product(*(low if i == lowest else high for i in places))
        )

    def __call__(self, *coordinates: Tensor) -> Tensor:
        v = stacked(coordinates)
        j = ladder(v.expand(5, *v.shape))
        return (j * ((j + 1) * v + j).cos()).sum(0).prod(0)


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
