"""What is drawn: small frozen values that a view hands to the plots once per frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

Floats = NDArray[np.float64]
Colour = int | str
"""A trace number of the theme (follows light and dark), or a fixed ``#rrggbb``."""
Dash = tuple[float, ...] | None
"""Pen dashes in pen widths; ``()`` is solid, None is what the theme gives the colour."""
Columns = Mapping[str, NDArray[np.generic]]
"""A table: name → one-dimensional column. Columns may differ in length."""
SpotKind = Literal["minimum", "maximum", "saddle", "degenerate", "ring"]
Picked = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve over a shared x axis; ``x`` ascending, shapes ``[n]``; NaN and inf in ``y`` are gaps.

    The axes make room for every curve that ``stretches``; where there is one, others are cut off where they leave them.
    """

    key: str
    x: Floats
    y: Floats
    colour: Colour = 0
    name: str = ""
    dash: Dash = None
    visible: bool = True
    faint: bool = False
    stretches: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick on the x axis with a tooltip: a live change, the start of a schedule's phase."""

    x: float
    text: str
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """The way of one racer in the plane, shapes ``[n]``; the last point is where it is, ``stopped`` crosses it out."""

    key: str
    x: Floats
    y: Floats
    colour: Colour = 0
    name: str = ""
    dash: Dash = None
    visible: bool = True
    faint: bool = False
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """A ring that can be dragged; the key says whose start it is, ``""`` is the common one."""

    x: float
    y: float
    key: str = ""
    colour: Colour | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A stationary point, or a place of note (``ring``)."""

    x: float
    y: float
    kind: SpotKind = "minimum"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Vector:
    """An arrow from ``(x, y)`` to ``(x + dx, y + dy)``, data units."""

    x: float
    y: float
    dx: float
    dy: float
    colour: Colour = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Swarm:
    """Many points of one colour, shapes ``[n]``; non-finite points are left out."""

    key: str
    x: Floats
    y: Floats
    colour: Colour = 0
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a surface is seen from; ``zoom`` 1 fits the whole surface, ``pan`` moves the centre (in half widths)."""

    azimuth: float = -66.0
    elevation: float = 44.0
    zoom: float = 1.0
    pan: tuple[float, float, float] = (0.0, 0.0, 0.0)
    flat: bool = False
    """Parallel projection, for the map view."""

    def turned(self, azimuth: float, elevation: float, zoom: float) -> Camera:
        """Return the camera with these angles and zoom: itself, as it is panned, where it has them already."""
        if (self.azimuth, self.elevation, self.zoom) == (azimuth, elevation, zoom):
            return self
        return Camera(azimuth, elevation, zoom, flat=elevation >= 90)


PERSPECTIVE = Camera()
TOP = Camera(azimuth=-90.0, elevation=90.0, flat=True)


class Plot(Protocol):
    """What a frame asks of the widget in it."""

    def columns(self) -> Columns:
        """Return what is drawn as a table, in data units."""
        ...

    def summary(self) -> str:
        """Return one sentence about what is drawn, for screen readers."""
        ...

    def reset_view(self) -> None:
        """Show all of it again."""
        ...

    def paint_plot(self, painter: QPainter, scale: float) -> None:
        """Paint it at the origin for an export; pictures in it get ``scale`` pixels a pixel."""
        ...


Ticks = Sequence[tuple[float, str]]
"""Places on a transformed axis and what is written there: ``((0.69, "1"), (2.4, "10"))``."""
