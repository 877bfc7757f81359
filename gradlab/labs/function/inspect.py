"""The pictures of a gradient: the numbers first, then what the open page shows, coarse and fine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .autograd import AutogradReading, autograd_reading
from .chain import ChainReading, chain_reading
from .formulas import known
from .look import FunctionLook
from .pictures import (
    CriticalReading,
    CurveReading,
    DirectionReading,
    Landscape,
    StepErrors,
    critical,
    curve,
    directions,
    landscape,
    step_errors,
)
from .point import PointReading, StepReading, point_reading, step_reading
from .spec import FunctionSpec

COARSE, FINE = 101, 1201
MAP_COARSE, MAP_FINE = 41, 201
MOST_SLICES = 4
"""Coordinates whose slices are drawn."""

Reading = (
    PointReading
    | StepReading
    | CurveReading
    | Landscape
    | DirectionReading
    | CriticalReading
    | StepErrors
    | ChainReading
    | AutogradReading
)


def inspect(
    spec: FunctionSpec, row: Any = None, look: FunctionLook | None = None, step: int | None = None
) -> Iterator[Reading]:
    """Yield the numbers at the point, then the pictures of the page that is open, the dear ones last."""
    look = look or FunctionLook()
    if not known(spec.objective):
        yield point_reading(spec, formulas=False)
    else:
        yield point_reading(spec)
    yield step_reading(spec)
    if spec.objective.dimension > 1:
        yield directions(spec, look)
    yield from drawn(spec, look)
    if not known(spec.objective):
        yield point_reading(spec)
    match look.page_of(spec.objective.dimension):
        case "chain":
            yield chain_reading(spec)
        case "autograd":
            yield autograd_reading(spec)
        case "difference":
            yield step_errors(spec)
    yield critical(spec.objective)


def drawn(spec: FunctionSpec, look: FunctionLook) -> Iterator[CurveReading | Landscape]:
    """Yield the curves or the map of the page, coarse and fine."""
    objective, dimension = spec.objective, spec.objective.dimension
    if dimension == 1:
        if look.page_of(1) == "map":
            for size in (COARSE, FINE):
                yield curve(objective, 0, None, size)
        return
    if look.page == "slices":
        for size in (COARSE, FINE):
            for axis in range(min(dimension, MOST_SLICES)):
                yield curve(objective, axis, spec.point, size)
    elif look.page in {"map", "directions"}:
        axes = look.plane_of(dimension)
        at = None if dimension == 2 else spec.point
        for size in (MAP_COARSE, MAP_FINE):
            yield landscape(objective, axes, at, size)
