"""What explains the step at the cursor: its vectors, where it leads, the level set and the tangent."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gradlab.engine.history import History
from gradlab.labs.descent.inspect import Landscape
from gradlab.labs.descent.look import DescentLook
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui.lab_view import Track
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Spot, Vector

from .palette import colour, racer_name
from .pictures import Row, focus_index, row_at

NOTHING = np.empty(0)
ARROW = 0.14
"""Length of a direction arrow, as a share of the map's width."""


def draw_slope(line: LinePlot, track: Track | None, cursor: int | None, look: DescentLook) -> None:
    """Draw the tangent of a function of one variable at the iterate."""
    line.clear_tangent()
    if track is not None:
        state, index = track.history.row(row_at(track, cursor)), focus_index(track.spec, look)
        x, f, slope = (float(v) for v in (state["x"][index][0], state["f"][index], state["grad"][index][0]))
        if np.isfinite([x, f, slope]).all():
            line.set_tangent(x, f, slope)


def draw_vectors(
    contour: ContourPlot, track: Track | None, cursor: int | None, look: DescentLook, axes: tuple[int, int]
) -> list[Spot]:
    """Draw the vectors of the explained step, where they are wanted; return rings where it leads to."""
    if track is None or not look.vectors:
        contour.set_vectors([])
        return []
    _, state = explained(track.history, row_at(track, cursor))
    contour.set_vectors(list(vectors(track.spec, look, state, axes)))
    return list(next_places(track.spec, look, state, axes))


def draw_level(
    contour: ContourPlot, track: Track | None, cursor: int | None, look: DescentLook, landscape: Landscape | None
) -> None:
    """Draw the level set through the iterate and its tangent, where they are wanted."""
    if track is None or landscape is None or not look.tangent:
        contour.set_level(None)
        contour.set_tangent(NOTHING, NOTHING)
        return
    state, index = track.history.row(row_at(track, cursor)), focus_index(track.spec, look)
    contour.set_level(float(state["f"][index]))
    contour.set_tangent(*tangent(track.spec, state["x"][index], state["grad"][index], landscape.axes))


def explained(history: History, row: int) -> tuple[int, Row]:
    """Return the step that is explained at ``row``: the one made there, or the last one made before the newest row."""
    state = history.row(row)
    if np.isfinite(state["update"]).any() or row == 0:
        return row, state
    return row - 1, history.row(row - 1)


def explaining(spec: DescentSpec, look: DescentLook) -> list[int]:
    """Return which racers' steps are explained: the one in focus, else every one that is shown."""
    racers = enumerate(spec.racers)
    return [i for i, racer in racers if look.of(racer.id).visible and look.focus in {None, racer.id}]


def vectors(spec: DescentSpec, look: DescentLook, row: Row, axes: tuple[int, int]) -> Iterator[Vector]:
    """Yield what explains a step: −∇f and −momentum as directions of one length, and the update as it is.

    Where the steps of several racers are explained, only the names stand at the arrows; else their lengths too.
    """
    domain, plane, chosen = spec.objective.domain, list(axes), explaining(spec, look)
    reach = ARROW * min(domain[axis][1] - domain[axis][0] for axis in axes)
    for index in chosen:
        tone, at = colour(look.of(spec.racers[index].id)), row["x"][index][plane]
        for name, sign, text in (("grad", -1.0, "−∇f"), ("momentum", -1.0, "−m"), ("update", 1.0, "Δx")):
            vector, length = sign * row[name][index][plane], math.hypot(*row[name][index])
            projected = math.hypot(*vector)
            if not np.isfinite(projected) or projected == 0:
                continue
            shown = vector if name == "update" else vector / projected * reach
            label = f"{text} {length:.3g}" if len(chosen) == 1 else text
            yield Vector(float(at[0]), float(at[1]), float(shown[0]), float(shown[1]), tone, label)


def next_places(spec: DescentSpec, look: DescentLook, row: Row, axes: tuple[int, int]) -> Iterator[Spot]:
    """Yield a ring where each explained step leads to."""
    for index in explaining(spec, look):
        place = (row["x"][index] + row["update"][index])[list(axes)]
        if np.isfinite(place).all():
            yield Spot(float(place[0]), float(place[1]), "ring", racer_name(spec, look, spec.racers[index]))


def tangent(
    spec: DescentSpec, at: np.ndarray, gradient: np.ndarray, axes: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the line through a point along which f does not change to first order."""
    low, high = spec.objective.domain[axes[0]]
    plane = gradient[list(axes)]
    norm = math.hypot(*plane)
    if not norm or not np.isfinite(norm):
        return np.empty(0), np.empty(0)
    along = np.array([-plane[1], plane[0]]) / norm * (high - low) / 4
    ends = at[list(axes)] + np.outer([-1, 1], along)
    return ends[:, 0], ends[:, 1]
