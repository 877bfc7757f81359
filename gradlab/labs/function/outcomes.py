"""What the Function lab has to say of a point, by name."""

from __future__ import annotations

import math
from typing import Any

from .autograd import higher
from .look import FunctionLook
from .pictures import critical, directions
from .point import point_reading, step_reading
from .spec import FunctionSpec

KINDS = {"minimum": "minima", "saddle": "saddles", "maximum": "maxima", "degenerate": "degenerate"}
LISTED = 20
"""Critical points that are named one by one."""


def outcomes(spec: FunctionSpec, _history: None) -> dict[str, Any]:
    """Return f, every partial derivative by each way, curvature, steps, and the critical points of the domain."""
    reading = point_reading(spec)
    found: dict[str, Any] = {"f": reading.f, "gradient_norm": reading.norm}
    for name, one in zip(spec.objective.variables, reading.rows, strict=True):
        found |= {
            f"variables.{name}.value": one.value,
            f"variables.{name}.autograd": one.autograd,
            f"variables.{name}.formula": None if math.isnan(one.formula) else one.formula,
            f"variables.{name}.difference": one.difference,
            f"variables.{name}.error": one.error,
        }
    found |= {f"order.{one.order}": one.autograd for one in higher(spec)}
    found |= {"hessian.eigenvalues": tuple(reading.eigenvalues.tolist()), "hessian.condition": reading.condition}
    if spec.objective.dimension > 1:
        way = directions(spec, FunctionLook())
        found |= {"direction.angle": way.angle, "direction.slope": way.slope, "direction.steepest": way.steepest}
    return found | _steps(spec) | _critical(spec)


def _steps(spec: FunctionSpec) -> dict[str, Any]:
    steps = step_reading(spec)
    found: dict[str, Any] = {"descent.x": tuple(steps.descent.tolist()), "descent.f": steps.descent_f}
    if steps.newton is not None:
        found |= {"newton.x": tuple(steps.newton.tolist()), "newton.f": steps.newton_f}
    if steps.arrived:
        found |= {"newton.steps": len(steps.way) - 1, "newton.ends": tuple(steps.way[-1].tolist())}
        found |= {"newton.ends_f": steps.way_f, "newton.kind": steps.kind}
    return found


def _critical(spec: FunctionSpec) -> dict[str, Any]:
    points = critical(spec.objective)
    if not points.searched:
        return {}
    found: dict[str, Any] = {f"critical.{name}": points.count(kind) for kind, name in KINDS.items()}
    apart = [one for one in points.points if one.kind != "degenerate"]
    for place, one in enumerate(apart[:LISTED], 1):
        found |= {f"critical.{place}.kind": one.kind, f"critical.{place}.x": one.point, f"critical.{place}.f": one.f}
    return found
