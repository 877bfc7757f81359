"""How f becomes height and colour: as it is, by its logarithm, or by its rank among all values on the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["linear", "log", "rank"]
TICKS = 5


@dataclass(frozen=True)
class Heights:
    """A monotonic map from values of f to heights, made for the values of one landscape."""

    kind: Kind
    low: float
    high: float
    ordered: np.ndarray

    @classmethod
    def over(cls, kind: Kind, z: np.ndarray) -> Heights:
        """Return the map for the finite values of ``z``."""
        finite = np.sort(z[np.isfinite(z)], axis=None)
        low, high = (float(finite[0]), float(finite[-1])) if len(finite) else (0.0, 1.0)
        return cls(kind, low, high, finite)

    def of(self, z: np.ndarray) -> np.ndarray:
        """Return the heights of values; what is not finite is NaN."""
        with np.errstate(all="ignore"):
            if self.kind == "log":
                height = np.log1p(np.maximum(z - self.low, 0))
            elif self.kind == "rank":
                height = np.searchsorted(self.ordered, z) / max(len(self.ordered), 1)
            else:
                height = np.asarray(z, dtype=float)
        return np.where(np.isfinite(z), height, np.nan)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return heights and the values of f that stand there."""
        values = self._values()
        heights = self.of(values)
        return tuple((float(h), f"{v:.4g}") for h, v in zip(heights, values, strict=True) if np.isfinite(h))

    def _values(self) -> np.ndarray:
        if self.kind == "rank" and len(self.ordered):
            return np.asarray(self.ordered[np.linspace(0, len(self.ordered) - 1, TICKS).astype(int)])
        if self.kind == "linear" or self.high <= self.low:
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
        return inside[chosen[::-1]]

    def words(self, name: str) -> str:
        """Return how the height is made, for the plot's title."""
        if self.kind == "log":
            return f"log(1 + {name})" if self.low == 0 else f"log(1 + {name} − min)"
        return f"rank of {name}" if self.kind == "rank" else name
