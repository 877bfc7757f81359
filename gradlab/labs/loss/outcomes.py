"""What the Loss lab has to say of its spec, by name; the same on every page."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradlab.engine.losses.ways import worst

from .curves import curves_reading, outlier_reading
from .entropy import entropy_reading
from .fit import surface_reading
from .spec import LossSpec
from .values import values_reading
from .ways import kink_reading, logit_reading


def outcomes(spec: LossSpec, _history: None) -> dict[str, Any]:
    """Return the loss of the tables and its gradient, or why there is none, and the numbers of the other pages."""
    found = _tables(spec)
    for line in curves_reading(spec).lines:
        found |= {f"curves.{line.key}.loss": line.value_at, f"curves.{line.key}.slope": line.slope_at}
    for one in outlier_reading(spec).estimates:
        found[f"outlier.{one.key}.place"] = one.best
    surface = surface_reading(spec)
    if not surface.refusal:
        found |= {"surface.loss": surface.loss, "surface.slopes": surface.slopes}
    logit = logit_reading(spec)
    found |= {"logit.mse.slope": logit.slopes[0], "logit.bce.slope": logit.slopes[1]}
    for way in kink_reading(spec).ways:
        found |= {f"kink.{way.key}.end": float(way.x[-1]), f"kink.{way.key}.swing": way.swing}
    return found


def _tables(spec: LossSpec) -> dict[str, Any]:
    reading = values_reading(spec)
    if reading.refusal:
        return {"refused": reading.refusal}
    found: dict[str, Any] = {
        "mean": reading.mean,
        "sum": reading.total,
        "divisor": reading.divisor,
        "none": _flat(reading.none),
        "gradient.mean": _flat(reading.pull_mean),
        "gradient.sum": _flat(reading.pull),
    }
    others = [values_reading(spec, by) for by in reading.sloped[1:]]
    for other in others:
        name = spec.loss.inputs[other.by]
        found |= {f"gradient.{name}.mean": _flat(other.pull_mean), f"gradient.{name}.sum": _flat(other.pull)}
    furthest = worst(tuple(row for one in (reading, *others) for row in one.derivatives))
    found["error"] = furthest.error if furthest else 0.0
    if spec.loss.kind == "mse":
        found["norm"] = math.sqrt(reading.total)
    parts = entropy_reading(spec)
    if not parts.refusal:
        found |= {"softmax": _flat(parts.softmax), "log_softmax": _flat(parts.log_softmax)}
        found |= {"naive": _flat(parts.naive), "nll": parts.nll, "per_sample": parts.per_sample}
    return found


def _flat(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in np.ravel(values))
