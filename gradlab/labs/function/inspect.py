"""The pictures of a gradient: the numbers first, then what the open page shows, coarse; at rest all the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradlab.engine.lab import Rest

from .autograd import AutogradReading, autograd_reading
from .chain import ChainReading, chain_reading
from .formulas import known
from .look import FunctionLook, Page
from .pictures import (
    CriticalReading,
    CurveReading,
    DirectionReading,
    Landscape,
    StepErrors,
    curve,
    directions,
    landscape,
    searched,
    step_errors,
)
from .point import PointReading, StepReading, point_reading, step_reading
from .spec import FunctionSpec

COARSE, FINE = 101, 1201
MAP_COARSE, MAP_FINE = 41, 201
REST_S = 0.1
"""How long the hand must rest before what is fine or dear is made."""
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
) -> Iterator[Reading | Rest]:
    """Yield the numbers at the point and the pictures of the page that is open; at rest the fine and the dear ones."""
    look = look or FunctionLook()
    objective, page = spec.objective, look.page_of(spec.objective.dimension)
    ready = known(objective)
    yield point_reading(spec, formulas=ready)
    if page == "directions":
        yield directions(spec, look)
    yield from drawn(spec, look, COARSE, MAP_COARSE)
    yield from own(spec, page, formulas=ready)
    if page == "map":  # elsewhere nobody sees them
        yield step_reading(spec)
    if objective.dimension > 1 and page != "directions":
        yield directions(spec, look)
    yield Rest(REST_S)
    yield from drawn(spec, look, FINE, MAP_FINE)
    if not ready:
        yield Rest(symbols=True)
        yield point_reading(spec)
        yield Rest()
        yield from own(spec, page, formulas=True)
    yield from searched(objective)


def own(
    spec: FunctionSpec, page: Page, *, formulas: bool
) -> Iterator[ChainReading | AutogradReading | StepErrors | Rest]:
    """Yield what only this page shows; without ``formulas`` what needs no symbols of the whole function."""
    yield Rest(symbols=True)
    match page:
        case "chain":
            yield chain_reading(spec)
        case "autograd":
            yield autograd_reading(spec, formulas=formulas)
        case "difference":
            yield step_errors(spec)
    yield Rest()


def drawn(spec: FunctionSpec, look: FunctionLook, line: int, side: int) -> Iterator[CurveReading | Landscape]:
    """Yield the curves of so many points, or the map of so many a side, that the page shows."""
    objective, dimension = spec.objective, spec.objective.dimension
    page = look.page_of(dimension)
    if dimension == 1:
        if page == "map":
            yield curve(objective, 0, None, line)
    elif page == "slices":
        for axis in range(min(dimension, MOST_SLICES)):
            yield curve(objective, axis, spec.point, line)
    elif page in {"map", "directions"}:
        yield landscape(objective, look.plane_of(dimension), None if dimension == 2 else spec.point, side)
