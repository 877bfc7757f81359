"""What a racer's numbers say: converged to what, still running, or diverged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradlab.engine.landscape import classify
from gradlab.engine.text import Text

CONVERGED = 1e-4
"""Gradient norm, relative to 1 + |f|, below which a racer has arrived."""
NEAR = 1e-3
"""Distance to a known minimum, relative to the width of the domain, at which the racer is said to be there."""

Verdict = Literal["running", "minimum", "saddle", "maximum", "flat", "diverged"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one racer stands at a row."""

    verdict: Verdict
    text: Text


def standing(f: float, grad_norm: float, hessian: np.ndarray | None, ended: int | None = None) -> Standing:
    """Return how a racer stands, from f, ‖∇f‖ and the Hessian (D, D) at its iterate."""
    if ended is not None:
        return Standing("diverged", Text("diverged at step {step} (f = {value:g})", {"step": ended, "value": f}))
    if hessian is None or not grad_norm <= CONVERGED * (1 + abs(f)):
        return Standing("running", Text("running"))
    match classify(hessian):
        case "minimum":
            return Standing("minimum", Text("converged to a minimum"))
        case "saddle":
            return Standing("saddle", Text("converged to a saddle"))
        case "maximum":
            return Standing("maximum", Text("converged to a maximum"))
        case _:
            return Standing("flat", Text("converged to a flat point"))


def nearest(point: np.ndarray, minima: tuple[tuple[float, ...], ...]) -> tuple[int, float]:
    """Return which known minimum is nearest to a point (D,), and its distance; (−1, nan) when none is known."""
    if not minima or not np.isfinite(point).all():
        return -1, float("nan")
    with np.errstate(over="ignore"):  # a racer that diverged is far away
        distances = np.hypot.reduce(np.asarray(minima) - point, axis=1)
    index = int(np.argmin(distances))
    return index, float(distances[index])
