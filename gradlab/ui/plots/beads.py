"""The places of a way, a dot each, however close they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPolygonF

from gradlab.ui import theme

from .marks import Overlay, placed, round_pen
from .values import Swarm

DOT_PX, RIM_PX = 5.0, 2.8
"""Width of a dot, and what its rim adds."""


class Beads(Overlay):
    """Ways as dots with a rim. All rims of a way lie under its dots: one over its neighbour would wipe that out."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self._ways: tuple[Swarm, ...] = ()

    def show_ways(self, ways: Sequence[Swarm]) -> None:
        """Draw the finite places of the visible ones."""
        shown = tuple(way for way in ways if way.visible)
        if len(shown) != len(self._ways) or not all(map(_same, shown, self._ways)):
            self._ways = shown
            self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint one way after the other."""
        tokens = theme.current()
        for way in self._ways:
            x, y = placed(world, way.x, way.y)
            dots = QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)])
            for colour, width in ((QColor(tokens.surface), DOT_PX + RIM_PX), (tokens.colour(way.colour), DOT_PX)):
                painter.setPen(round_pen(colour, width))
                painter.drawPoints(dots)


def _same(one: Swarm, other: Swarm) -> bool:
    return one.colour == other.colour and all(
        np.array_equal(a, b, equal_nan=True) for a, b in ((one.x, other.x), (one.y, other.y))
    )
