"""Loss and slope against one prediction, several losses over each other, and the pull of an outlier."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from gradlab.engine.losses import HuberLoss, L1Loss, Loss, MSELoss, SmoothL1Loss
from gradlab.engine.losses.formulas import derived, evaluated
from gradlab.engine.losses.ways import gradient

from .spec import LossSpec

POINTS = 2001
SAMPLE = (-1.2, -0.8, -0.5, -0.1, 0.2, 0.4, 0.7, 1.1)
"""What lies about 0 beside the outlier: an odd number of points with it, so that the median is one point."""
REACH = 20.0
PLACES = 161
HALVINGS = 60
MARGINS = {
    "zero_one": ("0-1", "1 - step(m)"),
    "hinge": ("hinge", "relu(1 - m)"),
    "logistic": ("logistic, base 2", "softplus(-m)/log(2)"),
    "cross_entropy": ("cross-entropy", "softplus(-m)"),
    "squared": ("squared", "(1 - m)^2"),
}
"""Losses of the margin m = y · score: a mistake counts 1; what stands in for it is convex and above it, but for
cross-entropy in nats, which is below it between −0.54 and 0.54."""


@dataclass(frozen=True, slots=True)
class Line:
    """One loss: its curve and slope over x, and both at the prediction."""

    key: str
    name: str
    loss: np.ndarray
    slope: np.ndarray
    value_at: float
    slope_at: float


@dataclass(frozen=True, slots=True)
class CurvesReading:
    """Several losses over the prediction."""

    spec: LossSpec
    x: np.ndarray
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The place that one loss gives a sample: its mean loss over θ, where it is least, and that over the outlier."""

    key: str
    name: str
    loss: np.ndarray
    best: float
    least: float
    way: np.ndarray


@dataclass(frozen=True, slots=True)
class OutlierReading:
    """A sample with an outlier: ``theta`` is the axis of the losses, ``places`` that of the ways."""

    spec: LossSpec
    sample: tuple[float, ...]
    theta: np.ndarray
    places: np.ndarray
    estimates: tuple[Estimate, ...]


def error_losses(spec: LossSpec) -> dict[str, Loss]:
    """Return the losses of an error; the chosen one, where it is one, with its own parameters."""
    known: dict[str, Loss] = {one.kind: one for one in (L1Loss(), MSELoss(), HuberLoss(), SmoothL1Loss())}
    return known | ({spec.loss.kind: spec.loss} if of_an_error(spec.loss) else {})


@functools.lru_cache(maxsize=64)
def of_an_error(loss: Loss) -> bool:
    """Tell whether a loss hangs on the distance of two numbers alone, and is 0 where there is none: it is tried."""
    if loss.task != "regression" or loss.takes != "values" or len(loss.inputs) != 2:
        return False
    none, here, there = gradient(loss, "none", (np.array([[0.0, 1.5, 3.5]]), np.array([[0.0, 0.0, 2.0]])))[0][0]
    return bool(none == 0 and math.isclose(here, there, rel_tol=1e-9))


def curves_reading(spec: LossSpec) -> CurvesReading:
    """Return every loss and its slope over the prediction, and at it."""
    if spec.against == "margins":
        reach = max(3.0, 1.25 * abs(spec.prediction))
        x = _axis(-reach, reach, POINTS)
        return CurvesReading(spec, x, tuple(_margin(key, x, spec.prediction) for key in MARGINS))
    reach = max(3.0, 1.25 * abs(spec.prediction - spec.truth))
    x = _axis(spec.truth - reach, spec.truth + reach, POINTS)
    lines = (_error(loss, x, spec) for loss in error_losses(spec).values())
    return CurvesReading(spec, x, tuple(lines))


def _axis(low: float, high: float, size: int) -> np.ndarray:
    return np.linspace(low, high, size)


def _margin(key: str, x: np.ndarray, at: float) -> Line:
    name, formula = MARGINS[key]
    known = {"m": np.append(x, at)}
    loss, slope = evaluated(formula, known), derived(formula, known)
    return Line(key, name, loss[:-1], slope[:-1], float(loss[-1]), float(slope[-1]))


def _error(loss: Loss, x: np.ndarray, spec: LossSpec) -> Line:
    places = np.append(x, spec.prediction)
    values, slopes = gradient(loss, "none", (places, np.full(places.shape, spec.truth)))
    return Line(loss.kind, loss.name(), values[:-1], slopes[:-1], float(values[-1]), float(slopes[-1]))


def outlier_reading(spec: LossSpec) -> OutlierReading:
    """Return what each loss takes for the middle of the sample, with the outlier where it is and anywhere else."""
    sample = (*SAMPLE, spec.outlier)
    theta = _axis(min(sample) - 1, max(sample) + 1, 1001)
    places = _axis(-REACH, REACH, PLACES)
    estimates: list[Estimate] = []
    for loss in error_losses(spec).values():
        each = np.broadcast_arrays(theta[:, None], np.array(sample))
        values = gradient(loss, "none", (each[0], each[1]))[0].mean(1)
        best = float(middle(loss, np.array([sample]))[0])
        least = float(gradient(loss, "none", (np.full(len(sample), best), np.array(sample)))[0].mean())
        estimates.append(Estimate(loss.kind, loss.name(), values, best, least, _ways(loss.replace(reduction="mean"))))
    return OutlierReading(spec, sample, theta, places, tuple(estimates))


@functools.lru_cache(maxsize=32)
def _ways(loss: Loss) -> np.ndarray:
    places = _axis(-REACH, REACH, PLACES)
    return middle(loss, np.column_stack([np.tile(SAMPLE, (PLACES, 1)), places]))


def middle(loss: Loss, samples: np.ndarray) -> np.ndarray:
    """Return, for each row, the θ at which the sum of the losses of θ − sample is least: where its slope changes sign.

    The range is cut into many parts at a time, and the one with the change is taken; of a flat bottom its middle.
    """
    low, high = samples.min(1), samples.max(1)
    cuts = max(64, min(1024, 2**16 // samples.size))
    for _ in range(math.ceil(HALVINGS / math.log2(cuts))):
        theta = np.linspace(low, high, cuts + 1, axis=1)
        each = np.broadcast_arrays(theta[..., None], samples[:, None])
        slope = gradient(loss, "none", (each[0], each[1]))[1].sum(2)
        last = np.where(slope <= 0, theta, low[:, None]).max(1)
        first = np.where(slope >= 0, theta, high[:, None]).min(1)
        flat = last >= first
        low, high = (np.where(flat, (first + last) / 2, end) for end in (last, first))
        if flat.all():
            break
    return np.asarray((low + high) / 2)
