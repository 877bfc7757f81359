"""The pictures of the page in front."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from . import curves, fit
from .curves import CurvesReading, OutlierReading
from .entropy import EntropyReading, entropy_reading
from .fit import SurfaceReading
from .look import LossLook
from .spec import LossSpec
from .values import ValuesReading, values_reading
from .ways import KinkReading, LogitReading, kink_reading, logit_reading

Reading: TypeAlias = (
    ValuesReading | CurvesReading | OutlierReading | SurfaceReading | EntropyReading | LogitReading | KinkReading
)
MANY, FEW = 256, 50
"""From how many numbers or steps on it takes longer than a frame: the gradients come before their comparison, and the
first few steps before all."""


def inspect(
    spec: LossSpec, row: Any = None, look: LossLook | None = None, step: int | None = None
) -> Iterator[Reading]:
    """Yield what the page in front shows; what takes longer than a frame after less of the same."""
    del row, step
    look = look or LossLook()
    page = look.page
    if page == "values":
        if sum(len(table) * len(table[0]) for table in spec.tables()) > MANY:
            yield values_reading(spec, look.by, ways=False)
        yield values_reading(spec, look.by)
    elif page == "curves":
        yield curves.curves_reading(spec)
    elif page == "outlier":
        yield curves.outlier_reading(spec)
    elif page == "surface":
        yield fit.surface_reading(spec)
    elif page == "entropy":
        yield entropy_reading(spec)
    elif page == "logit":
        yield logit_reading(spec)
    else:
        if spec.steps > MANY:
            yield kink_reading(spec.replace(steps=FEW))
        yield kink_reading(spec)
