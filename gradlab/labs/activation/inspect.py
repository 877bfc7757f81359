"""Pictures of activations: the page in front, coarse then fine, and the numbers at the point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gradlab.engine.lab import Rest

from .curves import curve, point
from .derivation import derivation
from .look import ActivationLook
from .passage import passage
from .readings import Curves, Depths, Points
from .spec import ActivationSpec
from .vector import softmax

COARSE, FINE = 161, 1601
"""Places of a curve."""
FEW = 200
"""Random paths of a coarse band."""
REST_S = 0.1
"""How long the hand must rest before the page is made in full."""


def inspect(
    spec: ActivationSpec, row: Any = None, look: ActivationLook | None = None, step: int | None = None
) -> Iterator[Any]:
    """Yield what the page shows, coarse, then the numbers at the point; at rest the page in full."""
    look = look or ActivationLook()
    pages: dict[str, Callable[[], Iterator[Any]]] = {
        "curves": lambda: _curves(spec),
        "depth": lambda: _depths(spec),
        "softmax": lambda: iter([softmax(spec.softmax)]),
        "derivation": lambda: iter([derivation(spec.unit(look.focus), spec.x)]),
    }
    shown = pages[look.page]()
    yield next(shown)
    yield Points(spec, tuple(point(spec, unit) for unit in spec.units))
    yield from shown


def _curves(spec: ActivationSpec) -> Iterator[Curves | Rest]:
    for size in (COARSE, FINE):
        units = tuple(curve(unit, spec.domain, spec.saturation, size) for unit in spec.units)
        yield Curves(spec, units, coarse=size < FINE)
        if size < FINE:
            yield Rest(REST_S)


def _depths(spec: ActivationSpec) -> Iterator[Depths | Rest]:
    coarse = spec.depth.replace(samples=min(FEW, spec.depth.samples))
    yield Depths(spec, tuple(passage(unit, coarse) for unit in spec.units), coarse=True)
    yield Rest(REST_S)
    yield Depths(spec, tuple(passage(unit, spec.depth) for unit in spec.units), coarse=False)
