"""How f becomes height and colour: as it is, by its logarithm, or by its rank among all values on the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from . import ticks

Kind = Literal["linear", "log", "rank"]
TICKS = 5
TAIL = 0.01
"""Share of the values, at either end, that may be cut off."""
FAR = 10.0
"""How far off the others these lie then, as a multiple of the range of the others."""
HUGE = 1e6
"""Size of what is beyond all measure, relative to the others."""


@dataclass(frozen=True)
class Heights:
    """A monotonic map from values of f to heights, made for the values of one landscape."""

    kind: Kind
    low: float
    high: float
    ordered: np.ndarray
    cut: bool = False
    """Some values lie beyond low or high and are drawn there."""

    @classmethod
    def over(cls, kind: Kind, z: np.ndarray) -> Heights:
        """Return the map for the finite values of ``z``; poles are cut off, so that the rest keeps its relief."""
        finite = np.sort(z[np.isfinite(z)], axis=None)
        if not len(finite):
            return cls(kind, 0.0, 1.0, finite)
        low, high = _without_poles(finite, pole=len(finite) < z.size) if kind == "linear" else finite[[0, -1]]
        return cls(kind, float(low), float(high), finite, bool(low > finite[0] or high < finite[-1]))

    def of(self, z: np.ndarray) -> np.ndarray:
        """Return the heights of values; what is not finite is NaN."""
        with np.errstate(all="ignore"):
            if self.kind == "log":
                height = np.log1p(np.maximum(z - self.low, 0))
            elif self.kind == "rank":
                height = np.searchsorted(self.ordered, z) / max(len(self.ordered), 1)
            else:
                height = np.clip(z, self.low, self.high) if self.cut else np.asarray(z, dtype=float)
        return np.where(np.isfinite(z), height, np.nan)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return heights and the values of f that stand there; round ones where the height is f itself."""
        if self.kind == "linear" and self.low < self.high:
            round_ones = ticks.linear(self.low, self.high, TICKS - 1)
            return tuple((min(max(value, self.low), self.high), text) for value, text in round_ones)
        values = self._values()
        heights = self.of(values)
        return tuple((float(h), f"{v:.4g}") for h, v in zip(heights, values, strict=True) if np.isfinite(h))

    def _values(self) -> np.ndarray:
        if self.kind == "rank" and len(self.ordered):
            return np.asarray(self.ordered[np.linspace(0, len(self.ordered) - 1, TICKS).astype(int)])
        if self.high <= self.low:
            return np.linspace(self.low, self.high, TICKS)
        decades = 10.0 ** np.arange(-3, 300)
        signed = np.concatenate([-decades[::-1], [0.0], decades])
        inside = signed[(signed > self.low) & (signed < self.high)]
        heights = self.of(inside)
        apart = (self.of(np.array(self.high)) - 0) / (2 * TICKS)
        chosen: list[int] = []
        for index in range(len(inside) - 1, -1, -1):
            if not chosen or heights[chosen[-1]] - heights[index] > apart:
                chosen.append(index)
        powers = inside[chosen[::-1]]
        return np.r_[self.low, powers] if not len(powers) or self.of(powers[0]) > apart else powers

    def words(self, name: str) -> str:
        """Return how the height is made, for the plot's title."""
        if self.kind == "rank":
            return f"rank of {name}"
        if self.kind == "log":
            return f"log(1 + {name})" if self.low == 0 else f"log(1 + {name} − min)"
        return f"{name}, cut at {self.low:.3g} … {self.high:.3g}" if self.cut else name


def _without_poles(ordered: np.ndarray, *, pole: bool) -> tuple[float, float]:
    """Return the range of sorted values without what shoots up at poles.

    Deep wells are what a descent is after: below, values are cut only where f is not finite somewhere (``pole``) or
    beyond all measure.
    """
    low, high = ordered[[0, -1]]
    first, last = ordered[[int(TAIL * (len(ordered) - 1)), int((1 - TAIL) * (len(ordered) - 1))]]
    with np.errstate(over="ignore"):
        reach = last - first
        if 0 < FAR * reach < first - low and (pole or -low > HUGE * max(1.0, abs(first))):
            low = first - reach
        if 0 < FAR * (last - low) < high - last:
            high = last + (last - low)
    return low, high
