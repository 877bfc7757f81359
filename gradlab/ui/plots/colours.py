"""Perceptual colour maps as lookup tables, and arrays turned into colours by them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from .values import Floats

MAPS = {
    "viridis": "viridis",
    "cividis": "cividis",
    "magma": "magma",
    "inferno": "inferno",
    "plasma": "plasma",
    "grey": "CET-L2",
}
"""Names on offer, all perceptually uniform; cividis is the same to colour-blind eyes."""
DIVERGING = "blue-red"
"""Blue below the middle, red above, white at it; for values whose sign matters."""
LEAST_SPAN = 1e-300
"""A range narrower than this is one value."""
Bytes = NDArray[np.uint8]


@cache
def table(name: str) -> Bytes:
    """Return a map as RGBA bytes ``[256, 4]``; raise ``ValueError`` for an unknown name."""
    if name not in MAPS and name != DIVERGING:
        raise ValueError(f"colour map: must be one of {', '.join(MAPS)}, not {name!r}")
    colours: Bytes = pg.colormap.get(MAPS.get(name, "CET-D1")).getLookupTable(nPts=256, alpha=True)
    return np.ascontiguousarray(colours[:, :4], dtype=np.uint8)


def finite_range(z: Floats) -> tuple[float, float]:
    """Return the least and greatest finite value; (0, 1) where there is none."""
    finite = z[np.isfinite(z)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def indices(z: Floats, low: float, high: float) -> Bytes:
    """Return the place of each value in a table, 0 … 255; NaN gives 0."""
    if not high / 2 - low / 2 > LEAST_SPAN:
        return np.zeros(z.shape, dtype=np.uint8)
    with np.errstate(invalid="ignore", over="ignore"):
        part = (z / 2 - low / 2) * (255.0 / (high / 2 - low / 2))
    return np.nan_to_num(np.clip(part, 0, 255), nan=0.0).astype(np.uint8)


def rgba(z: Floats, name: str, levels: tuple[float, float] | None = None) -> Bytes:
    """Return the colours of ``z`` over ``levels``, else its finite range, transparent where it is not finite.

    Shape ``[…, 4]``.
    """
    colours = table(name)[indices(z, *(levels or finite_range(z)))]
    colours[~np.isfinite(z)] = 0
    return colours


def luminance(colours: Bytes) -> Floats:
    """Return the rough brightness of RGBA bytes, 0 … 1."""
    weights = np.array([0.2126, 0.7152, 0.0722]) / 255
    return np.asarray(colours[..., :3] @ weights, dtype=float)
