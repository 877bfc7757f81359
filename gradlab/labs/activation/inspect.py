"""Pictures of activations: the page in front first, coarse then fine, then the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .curves import curve, point
from .derivation import derivation
from .look import ActivationLook
from .passage import passage
from .readings import Curves, Depths, Points
from .spec import ActivationSpec
from .vector import softmax

COARSE, FINE = 161, 1601


def inspect(
    spec: ActivationSpec, row: Any = None, look: ActivationLook | None = None, step: int | None = None
) -> Iterator[Any]:
    """Yield the numbers at the point, then what the page shows."""
    look = look or ActivationLook()
    yield Points(spec.x, tuple(point(spec, unit) for unit in spec.units))
    pages: dict[str, Callable[[], Iterator[Any]]] = {
        "curves": lambda: _curves(spec),
        "depth": lambda: _depths(spec),
        "softmax": lambda: iter([softmax(spec.softmax)]),
        "derivation": lambda: iter([derivation(spec.unit(look.focus), spec.x)]),
    }
    yield from pages[look.page]()


def _curves(spec: ActivationSpec) -> Iterator[Curves]:
    for size in (COARSE, FINE):
        yield Curves(tuple(curve(unit, spec.domain, spec.saturation, size) for unit in spec.units))


def _depths(spec: ActivationSpec) -> Iterator[Depths]:
    coarse = spec.depth.replace(samples=min(200, spec.depth.samples))
    for depth in (coarse, spec.depth):
        yield Depths(tuple(passage(unit, depth) for unit in spec.units))
