"""A signal through equal layers: how the product of slopes shrinks or grows, and the spread of what comes out."""

from __future__ import annotations

import functools
import math

import numpy as np

from gradlab.engine.activations import Activation

from .curves import slopes
from .readings import UnitDepth
from .spec import Depth, Unit

SIGMAS, GRID = 8.0, 4000
"""How far the signal is integrated over, and the intervals, whose middles are taken: never a kink at 0."""
XI = (np.arange(GRID) + 0.5) * (2 * SIGMAS / GRID) - SIGMAS
WEIGHT = np.exp(-XI * XI / 2) / np.exp(-XI * XI / 2).sum()
"""The signal in units of its spread, and how likely it is."""
FAR = 50.0
"""How far out a bound on f′ is looked for."""


@functools.lru_cache(maxsize=64)
def passage(unit: Unit, depth: Depth) -> UnitDepth:
    """Return the product of slopes and the spread layer by layer.

    Each layer sees a normal signal: of one spread always, or of the spread gain · √E f² that a wide layer of random
    weights makes of the layer before (Poole et al. 2016). Layers are independent, so the mean square of the product is
    the product of mean squares; the band comes from random paths.
    """
    scales, spread = forward(unit.activation, depth)
    z = np.concatenate([np.outer(XI, scales), noise(depth.seed, depth.samples, depth.layers) * scales])
    slope = np.abs(slopes(unit.activation, z)[1])
    with np.errstate(over="ignore", invalid="ignore"):
        squares = depth.gain**2 * (WEIGHT @ slope[:GRID] ** 2)
        typical = np.sqrt(np.cumprod(np.append(1.0, squares)))
        product = np.cumprod(np.concatenate([np.ones((depth.samples, 1)), depth.gain * slope[GRID:]], axis=1), axis=1)
        low, median, high = np.quantile(product, (0.05, 0.5, 0.95), axis=0)
        bound = (depth.gain * steepest(unit.activation)) ** np.arange(depth.layers + 1.0)
    return UnitDepth(unit.id, typical, low, median, high, bound, spread)


def forward(activation: Activation, depth: Depth) -> tuple[np.ndarray, np.ndarray]:
    """Return the spread that each layer sees (layers,), and that of the signal and of each output (layers + 1,)."""
    import torch

    sigma, scales, spread = depth.spread, [], [depth.spread]
    with torch.no_grad(), np.errstate(over="ignore", invalid="ignore"):
        xi = torch.tensor(XI)
        for _ in range(depth.layers):
            f = activation(sigma * xi).numpy()
            mean, square = float(WEIGHT @ f), float(WEIGHT @ (f * f))
            scales.append(sigma)
            spread.append(math.sqrt(max(0.0, square - mean * mean)))
            sigma = min(depth.gain * math.sqrt(square) if depth.signal == "passed" else depth.spread, 1e300)
    return np.array(scales), np.array(spread)


@functools.lru_cache(maxsize=2)
def noise(seed: int, samples: int, layers: int) -> np.ndarray:
    """Return what the random paths draw, shape (samples, layers); the same for all activations."""
    drawn = np.random.default_rng(seed).standard_normal((samples, layers))
    drawn.flags.writeable = False
    return drawn


@functools.lru_cache(maxsize=64)
def steepest(activation: Activation) -> float:
    """Return max |f′|; infinite where it still grows far out."""
    x = np.linspace(-FAR, FAR, 20_001)
    size = np.abs(slopes(activation, x)[1])
    size = size[np.isfinite(size)]
    if not size.size:
        return math.nan
    inner, ends = float(size[100:-100].max()), float(max(size[0], size[-1]))
    return math.inf if ends > inner * (1 + 1e-6) else max(inner, ends)
