"""What the plots of a descent draw, from tracks: curves, paths, arrows. Plain functions of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gradlab.engine.history import History
from gradlab.labs.descent.look import DescentLook, Quantity
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui.lab_view import Track
from gradlab.ui.plots.isolines import isolines
from gradlab.ui.plots.values import Curve, Path, Swarm, Vector

from .palette import colour, racer_name

ARROW = 0.14
"""Length of a direction arrow, as a share of the map's width."""

Row = Mapping[str, np.ndarray]


def curves(
    tracks: Sequence[Track], look: DescentLook, name: Quantity, span: tuple[float, float] | None, points: int
) -> list[Curve]:
    """Return one curve per racer and run of a quantity against the step, over the steps in sight."""
    found = []
    for track in tracks:
        low, high = (0, None) if span is None else (int(span[0]) - 1, int(np.ceil(span[1])) + 1)
        rows, values = track.history.curves(name, low, high, points)
        steps = rows.astype(float)
        for index, racer in enumerate(track.spec.racers):
            drawn = look.of(racer.id)
            key = f"{'old-' if track.faint else ''}{racer.id}"
            label = "" if track.faint else racer_name(track.spec, look, racer)
            found.append(
                Curve(key, steps, values[:, index], colour(drawn), label, visible=drawn.visible, faint=track.faint)
            )
    return found


def paths(
    tracks: Sequence[Track], spec: DescentSpec, look: DescentLook, cursor: int | None, axes: tuple[int, int]
) -> list[Path]:
    """Return every racer's way in the plane of two coordinates, up to the cursor; one axis gives (x, f)."""
    found = []
    for track in tracks:
        if track.spec.objective != spec.objective or not track.history.rows:
            continue
        until = None if track.faint else cursor
        x = track.history.path("x", until)[1]
        second = track.history.path("f", until)[1] if spec.objective.dimension == 1 else x[:, :, axes[1]]
        ended = np.isfinite(track.history.row(track.history.rows - 1)["ended"])
        for index, racer in enumerate(track.spec.racers):
            drawn = look.of(racer.id)
            found.append(
                Path(
                    f"{'old-' if track.faint else ''}{racer.id}",
                    x[:, index, axes[0]],
                    second[:, index],
                    colour(drawn),
                    racer_name(track.spec, look, racer),
                    visible=drawn.visible,
                    faint=track.faint,
                    stopped=bool(ended[index]),
                )
            )
    return found


def swarms(track: Track, look: DescentLook, cursor: int | None, axes: tuple[int, int]) -> list[Swarm]:
    """Return the swarm of every racer, as it was at or before the cursor."""
    kept = track.history.snapshot("swarm", cursor)
    if kept is None or track.spec.objective.dimension == 1:
        return []
    points = kept[1]
    return [
        Swarm(
            racer.id, points[i, :, axes[0]], points[i, :, axes[1]], colour(look.of(racer.id)), look.of(racer.id).visible
        )
        for i, racer in enumerate(track.spec.racers)
    ]


def explained(history: History, row: int) -> tuple[int, Row]:
    """Return the step that is explained at ``row``: the one made there, or the last one made before the newest row."""
    state = history.row(row)
    if np.isfinite(state["update"]).any() or row == 0:
        return row, state
    return row - 1, history.row(row - 1)


def vectors(spec: DescentSpec, look: DescentLook, row: Row, axes: tuple[int, int]) -> Iterator[Vector]:
    """Yield what explains a step: −∇f and −momentum as directions of one length, and the update as it is."""
    domain = spec.objective.domain
    reach = ARROW * min(domain[axis][1] - domain[axis][0] for axis in axes)
    for index, racer in enumerate(spec.racers):
        drawn = look.of(racer.id)
        if not drawn.visible or (look.focus is not None and look.focus != racer.id):
            continue
        at = row["x"][index][list(axes)]
        for name, sign, text in (("grad", -1.0, "−∇f"), ("momentum", -1.0, "−m"), ("update", 1.0, "Δx")):
            vector = sign * row[name][index][list(axes)]
            length = float(np.linalg.norm(row[name][index]))
            if not np.isfinite(vector).all() or length == 0:
                continue
            shown = vector if name == "update" else vector * (reach / max(float(np.linalg.norm(vector)), 1e-300))
            label = f"{text} {length:.3g}"
            yield Vector(float(at[0]), float(at[1]), float(shown[0]), float(shown[1]), colour(drawn), label)


def level_set(x: np.ndarray, y: np.ndarray, z: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the line f = level over a grid, its pieces parted by NaN."""
    pieces, _ = isolines(z, np.array([level]))
    gaps = np.full((len(pieces), 1, 2), np.nan)
    places = np.concatenate([pieces, gaps], axis=1).reshape(-1, 2)
    columns, rows = np.arange(len(x)), np.arange(len(y))
    return np.interp(places[:, 0], columns, x), np.interp(places[:, 1], rows, y)


def readings(tracks: Sequence[Track], name: Quantity, step: float) -> dict[str, float]:
    """Return the exact values of a quantity at a step, by curve."""
    found: dict[str, float] = {}
    for track in tracks:
        if 0 <= round(step) < track.history.rows:
            values = track.history.row(round(step))[name]
            prefix = "old-" if track.faint else ""
            found |= {f"{prefix}{racer.id}": float(values[i]) for i, racer in enumerate(track.spec.racers)}
    return found


def tangent(
    spec: DescentSpec, at: np.ndarray, gradient: np.ndarray, axes: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the line through a point along which f does not change to first order."""
    low, high = spec.objective.domain[axes[0]]
    plane = gradient[list(axes)]
    norm = float(np.linalg.norm(plane))
    if not norm or not np.isfinite(norm):
        return np.empty(0), np.empty(0)
    along = np.array([-plane[1], plane[0]]) / norm * (high - low) / 4
    ends = at[list(axes)] + np.outer([-1, 1], along)
    return ends[:, 0], ends[:, 1]
