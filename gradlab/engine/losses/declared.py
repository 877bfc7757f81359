"""The module of a loss that torch has none of: its declared formula, element by element, and the reduction."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gradlab.engine.expressions import parse

if TYPE_CHECKING:
    from torch import Tensor, nn


@functools.cache
def declared() -> type[nn.Module]:
    """Return the class of these modules; torch is imported at the first call."""
    from torch import nn

    class Declared(nn.Module):
        def __init__(self, formula: str, names: tuple[str, ...], numbers: Mapping[str, float], reduction: str) -> None:
            super().__init__()
            self.formula, self.reduction = formula, reduction
            self.each = parse(formula, (*names, *numbers)).bind(names, numbers)

        def forward(self, *inputs: Tensor) -> Tensor:
            each: Tensor = self.each(inputs)
            reduced = {"mean": each.mean, "sum": each.sum}.get(self.reduction)
            return reduced() if reduced is not None else each

        def extra_repr(self) -> str:
            return f"{self.formula}, reduction={self.reduction!r}"

    return Declared
