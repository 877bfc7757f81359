"""What a function looks like: values, gradients and Hessians of many points, slices, and critical points.

Everything takes and returns numpy arrays; NaN and infinity are results like others and nothing raises because of them.
"""

from .critical import CriticalPoint, Kind, classify, critical_points, critical_search
from .fields import DType, expansion, hessian, value, value_and_gradient
from .slices import Grid, Side, grid, line

__all__ = [
    "CriticalPoint",
    "DType",
    "Grid",
    "Kind",
    "Side",
    "classify",
    "critical_points",
    "critical_search",
    "expansion",
    "grid",
    "hessian",
    "line",
    "value",
    "value_and_gradient",
]
