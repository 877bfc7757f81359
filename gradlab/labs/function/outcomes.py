"""What the Function lab has to say of a point, by name."""

from __future__ import annotations

from typing import Any

from .inspect import point_reading
from .spec import FunctionSpec


def outcomes(spec: FunctionSpec, _history: None) -> dict[str, Any]:
    """Return f, and for every variable its value and its partial derivative by each way."""
    reading = point_reading(spec)
    found: dict[str, Any] = {"f": reading.f}
    for one in reading.partials:
        found |= {
            f"variables.{one.variable}.value": one.value,
            f"variables.{one.variable}.autograd": one.autograd,
            f"variables.{one.variable}.difference": one.difference,
            f"variables.{one.variable}.error": one.error,
        }
    return found
