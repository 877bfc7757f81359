"""What a network makes of a plane, as colours and points: class and certainty, numbers, units, single gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtGui import QColor

from gradlab.labs.training.readings import DecisionMap, Neurons, Points, SampleGradients
from gradlab.ui import theme
from gradlab.ui.plots import colours
from gradlab.ui.plots.plane import Dots
from gradlab.ui.plots.values import Columns, Floats

CLASS_COLOURS = (1, 0, 2, 3, 4, 5)
"""Trace numbers of the first classes: the second arm and the first class are both blue, as in the picture drawn."""
GROUND = 0.62
"""How much of a class's colour the ground has where the network is certain."""
UNSURE = 0.10
MOST_UNITS = 64
SHADES = 16
"""Colours that numbers of the data are told apart by."""
GAP = 0.12
"""Room between two tiles, as a part of one."""


def class_colour(number: int) -> int:
    """Return the trace number of a class."""
    return CLASS_COLOURS[number % len(CLASS_COLOURS)]


def decision(found: DecisionMap, points: Points | None) -> colours.Bytes:
    """Return RGBA bytes ``[j, i]`` of a decision map: the colour of the class, the stronger the more certain."""
    if not found.classes:
        return colours.rgba(found.values, "viridis", number_range(found, points))
    shades = np.array([_rgb(theme.current().colour(class_colour(k))) for k in range(found.classes)])
    ground = np.array(_rgb(QColor(theme.current().surface)))
    chance = 1 / max(2, found.classes)
    sure = np.clip((found.margin - chance) / (1 - chance), 0, 1)
    sure = np.where(np.isfinite(found.margin), UNSURE + (GROUND - UNSURE) * np.sqrt(sure), 0.0)[..., None]
    classes = np.clip(np.nan_to_num(found.values), 0, found.classes - 1).astype(int)
    picture = np.full((*found.values.shape, 4), 255, dtype=np.uint8)
    picture[..., :3] = np.round(sure * shades[classes] + (1 - sure) * ground)
    return picture


def number_range(found: DecisionMap, points: Points | None) -> tuple[float, float]:
    """Return the ends of the colours of a map of numbers: those of the data, so that it stands still."""
    return colours.finite_range(found.values if points is None else np.asarray(points.y, dtype=float))


def table(found: DecisionMap) -> Columns:
    """Return a decision map as columns."""
    gx, gy = np.meshgrid(found.x, found.y)
    what = "class" if found.classes else "value"
    return {"x": gx.ravel(), "y": gy.ravel(), what: found.values.ravel(), "probability": found.margin.ravel()}


def told(found: DecisionMap, x: float, y: float) -> str:
    """Return what the network makes of the place nearest to a point."""
    i, j = (int(np.argmin(np.abs(axis - at))) for axis, at in ((found.x, x), (found.y, y)))
    value = float(found.values[j, i])
    if not math.isfinite(value):
        return "–"
    return f"{round(value)}  p {found.margin[j, i]:.3f}" if found.classes else f"{value:.5g}"


def data_dots(points: Points, *, held_out: bool) -> Iterator[Dots]:
    """Yield the data in their classes' colours, those held out hollow."""
    if points.x.ndim != 2 or points.x.shape[1] != 2:
        return
    for hidden in (False, True) if held_out else (False,):
        chosen = points.held_out == hidden
        suffix = ", held out" if hidden else ""
        for number in range(points.classes):
            mine = chosen & (points.y.ravel() == number)
            x, y = points.x[mine].T
            yield Dots(f"{number}{hidden}", x, y, class_colour(number), f"class {number}{suffix}", hollow=hidden)
        if not points.classes:
            yield from _valued(points, chosen, suffix, hollow=hidden)


def _valued(points: Points, chosen: np.ndarray, suffix: str, *, hollow: bool) -> Iterator[Dots]:
    """Yield data of two inputs and one number in the colours of the map: one that is met well is lost in it."""
    numbers = np.asarray(points.y, dtype=float).reshape(len(points.y), -1)[:, 0]
    low, high = colours.finite_range(numbers)
    edges = np.linspace(low, high, SHADES + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    shades = colours.rgba(middles[None], "viridis", (low, high))[0]
    for shade, middle in enumerate(middles):
        mine = chosen & (np.clip(np.searchsorted(edges, numbers, "right") - 1, 0, SHADES - 1) == shade)
        if mine.any():
            colour, (x, y) = QColor(*map(int, shades[shade][:3])).name(), points.x[mine].T
            yield Dots(f"data{hollow}{shade}", x, y, colour, f"data near {middle:.3g}{suffix}", hollow=hollow, size=6.0)


def line_dots(points: Points | None, *, held_out: bool) -> Iterator[Dots]:
    """Yield data of one input and one number, those held out hollow."""
    if points is None or points.x.shape[-1] != 1:
        return
    x, y = points.x.reshape(len(points.x)), np.asarray(points.y, dtype=float).reshape(len(points.y), -1)[:, 0]
    for hidden in (False, True) if held_out else (False,):
        mine = points.held_out == hidden
        name = "data, held out" if hidden else "data"
        yield Dots(f"data{hidden}", x[mine], y[mine], theme.current().faint, name, hollow=hidden, size=5.0)


def tiling(found: Neurons) -> tuple[int, int]:
    """Return how many maps of units stand beside each other, and how many above each other."""
    count = min(len(found.values), MOST_UNITS)
    columns = max(1, math.ceil(math.sqrt(count)))
    return columns, max(1, math.ceil(count / columns))


def tiles(found: Neurons) -> tuple[colours.Bytes, Floats, Floats]:
    """Return the maps of a layer's units as one picture, and the places of its pixels in tiles."""
    units = found.values[:MOST_UNITS]
    columns, rows = tiling(found)
    ny, nx = units.shape[1:]
    gap = max(1, round(GAP * nx))
    picture = np.zeros((rows * (ny + gap), columns * (nx + gap), 4), dtype=np.uint8)
    for number, unit in enumerate(units):
        row, column = rows - 1 - number // columns, number % columns  # the first unit on top
        reach = float(np.nanmax(np.abs(unit))) if np.isfinite(unit).any() else 1.0
        top, left = row * (ny + gap), column * (nx + gap)
        picture[top : top + ny, left : left + nx] = colours.rgba(
            unit, colours.DIVERGING, (-reach or -1.0, reach or 1.0)
        )
    x = np.arange(picture.shape[1]) / (nx + gap)
    y = np.arange(picture.shape[0]) / (ny + gap)
    return picture, x, y


def tile_at(found: Neurons, x: float, y: float) -> int | None:
    """Return the unit whose map is at a place."""
    columns, rows = tiling(found)
    number = (rows - 1 - int(y)) * columns + int(x)
    inside = 0 <= x < columns and 0 <= y < rows and number < min(len(found.values), MOST_UNITS)
    return number if inside else None


def unit_told(found: Neurons, x: float, y: float) -> str:
    """Return the name of the unit whose map is at a place."""
    number = tile_at(found, x, y)
    return "" if number is None else f"unit {number}"


def cloud(found: SampleGradients) -> list[Dots]:
    """Return single gradients, means of mini-batches, their common mean, and where the zero gradient lies."""
    origin, tokens = np.zeros(1), theme.current()
    at, batches, zero = np.asarray(found.at), np.asarray(found.batches), np.asarray(found.toward_zero).reshape(-1)
    dots = [Dots("samples", at[:, 0], at[:, 1], 1, "single sample", size=4.0)]
    if len(batches):
        dots.append(Dots("batches", batches[:, 0], batches[:, 1], 0, f"mini-batch of {found.batch}", size=5.0))
    dots.append(Dots("mean", origin, origin, tokens.ok, "all samples", size=9.0))
    if zero.size == 2:
        dots.append(Dots("zero", zero[:1], zero[1:], tokens.text, "gradient 0", hollow=True, size=9.0))
    return dots


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
