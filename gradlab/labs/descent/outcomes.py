"""How a race ended, by racer: the names that tables, scripts, lessons and tests rely on."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradlab.engine.history import History
from gradlab.engine.landscape import hessian

from .spec import DescentSpec
from .status import nearest, standing


def outcomes(spec: DescentSpec, history: History) -> dict[str, Any]:
    """Return ``racers.<id>.x | f | grad_norm | lr | evaluations | status | distance`` at the newest row."""
    row = history.row(history.rows - 1)
    curvature = hessian(spec.objective, row["x"], dtype=spec.dtype)
    found: dict[str, Any] = {"step": history.rows - 1}
    for index, racer in enumerate(spec.racers):
        ended = float(row["ended"][index])
        f, grad_norm, x = float(row["f"][index]), float(row["grad_norm"][index]), row["x"][index]
        state = standing(f, grad_norm, curvature[index], None if np.isnan(ended) else int(ended))
        values = {
            "x": tuple(x.tolist()),
            "f": f,
            "grad_norm": grad_norm,
            "lr": float(row["lr"][index]),
            "evaluations": int(np.nan_to_num(row["evaluations"][index])),
            "distance": nearest(x, spec.objective.minima)[1],
            "status": str(state.text),
        }
        found |= {f"racers.{racer.id}.{name}": value for name, value in values.items()}
    return found
