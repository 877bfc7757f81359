"""Traps in any number of dimensions: plateaus, and the best minimum far from the second best."""

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
from .numeric import ladder, root_abs, stacked

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
