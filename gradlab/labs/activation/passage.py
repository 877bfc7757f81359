"""A signal through equal layers: how the product of slopes shrinks or grows, and the spread of what comes out."""

from __future__ import annotations

import functools
import math

import numpy as np

from gradlab.engine.activations import Activation

from .curves import derivatives
from .readings import UnitDepth
from .spec import Depth, Unit

SIGMAS, GRID = 8.0, 4000
"""How far the signal is integrated over, and the intervals, whose middles are taken: never a kink at 0."""
FAR = 50.0
"""How far out a bound on f′ is looked for."""


@functools.lru_cache(maxsize=64)
def passage(unit: Unit, depth: Depth) -> UnitDepth:
    """Return the product of slopes and the spread layer by layer.

    Each layer sees a normal signal: of one spread always, or of the spread gain · √E f² that a wide layer of random
    weights makes of the layer before (Poole et al. 2016). Layers are independent, so the mean square of the product is
    the product of mean squares; the band comes from random paths.
    """
    xi = (np.arange(GRID) + 0.5) * (2 * SIGMAS / GRID) - SIGMAS
    weight = np.exp(-xi * xi / 2)
    weight /= weight.sum()
    sigma, scales, squares, spread = depth.spread, [], [1.0], [depth.spread]
    for _ in range(depth.layers):
        f, slope, *_ = derivatives(unit.activation, sigma * xi)
        with np.errstate(over="ignore", invalid="ignore"):
            mean, square = float(weight @ f), float(weight @ (f * f))
            squares.append(squares[-1] * depth.gain**2 * float(weight @ (slope * slope)))
        scales.append(sigma)
        spread.append(math.sqrt(max(0.0, square - mean * mean)))
        sigma = depth.gain * math.sqrt(square) if depth.signal == "passed" else depth.spread
        sigma = min(sigma, 1e300)
    low, median, high = paths(unit.activation, depth, np.array(scales))
    with np.errstate(over="ignore", invalid="ignore"):
        bound = (depth.gain * steepest(unit.activation)) ** np.arange(depth.layers + 1.0)
    return UnitDepth(unit.id, np.sqrt(squares), low, median, high, bound, np.array(spread))


def paths(activation: Activation, depth: Depth, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 5, 50 and 95 % of the product of slopes along random paths, each of shape (layers + 1,)."""
    rng = np.random.default_rng(depth.seed)
    z = rng.standard_normal((depth.samples, depth.layers)) * scales
    slope = np.abs(derivatives(activation, z)[1]) * depth.gain
    with np.errstate(over="ignore", invalid="ignore"):
        product = np.concatenate([np.ones((depth.samples, 1)), np.cumprod(slope, axis=1)], axis=1)
        low, median, high = np.quantile(product, (0.05, 0.5, 0.95), axis=0)
    return low, median, high


@functools.lru_cache(maxsize=64)
def steepest(activation: Activation) -> float:
    """Return max |f′|; infinite where it still grows far out."""
    x = np.linspace(-FAR, FAR, 20_001)
    size = np.abs(derivatives(activation, x)[1])
    size = size[np.isfinite(size)]
    if not size.size:
        return math.nan
    inner, ends = float(size[100:-100].max()), float(max(size[0], size[-1]))
    return math.inf if ends > inner * (1 + 1e-6) else max(inner, ends)
