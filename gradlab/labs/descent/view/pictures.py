"""What the plots of a descent draw, from tracks: curves, paths, arrows. Plain functions of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gradlab.engine.objectives import Objective
from gradlab.labs.descent.look import DescentLook, Quantity
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui.lab_view import Track
from gradlab.ui.plots.values import Curve, Path, Swarm

from .palette import colour, racer_name

OLD = "old-"
"""What the keys of a faint run's curves and paths begin with."""
IN_SLICE = 0.01
"""How far off a slice, as a share of the domain, a minimum is still drawn on it."""
OF_UPDATES = frozenset({"step_length", "effective_lr"})
"""Quantities of an update: the newest row has none."""
FEW = 100
"""Points that are enough to find the least value of a curve: each gives the minimum of its part."""
Row = Mapping[str, np.ndarray]


def stamp(tracks: Sequence[Track]) -> tuple[object, ...]:
    """Return what changes when there is something new to draw of these runs."""
    return tuple((track.key, track.faint, track.history.rows, track.status.phase) for track in tracks)


def _key(track: Track, racer: str) -> str:
    return f"{OLD if track.faint else ''}{racer}"


def curves(
    tracks: Sequence[Track],
    look: DescentLook,
    name: Quantity,
    span: tuple[float, float] | None,
    points: int,
    drawn_rows: Mapping[str, int],
) -> list[Curve]:
    """Return one curve per racer and run of a quantity against the step, over the steps in sight.

    ``drawn_rows``: how many rows of each run are drawn, by its key. A run of another function is left out; a racer that
    diverged ends there, and does not stretch the axes of others.
    """
    found = []
    for track in of_one_function(tracks):
        last = drawn_rows[track.key] - 1
        low, high = (0, last) if span is None else (int(span[0]) - 1, min(last, int(np.ceil(span[1])) + 1))
        rows, values = track.history.curves(name, low, high, points)
        if name in OF_UPDATES and len(rows) and rows[-1] == track.history.rows - 1:
            rows, values = rows[:-1], values[:-1]  # the newest state has no update yet
        steps = rows.astype(float)
        ended = track.history.row(track.history.rows - 1)["ended"]
        for index, racer in enumerate(track.spec.racers):
            drawn, until = look.of(racer.id), len(steps)
            if np.isfinite(ended[index]):
                until = int(np.searchsorted(steps, ended[index], side="right"))
            found.append(
                Curve(
                    _key(track, racer.id),
                    steps[:until],
                    values[:until, index],
                    colour(drawn),
                    "" if track.faint else racer_name(track.spec, look, racer),
                    visible=drawn.visible,
                    faint=track.faint,
                    stretches=not np.isfinite(ended[index]),
                )
            )
    return found


def of_one_function(tracks: Sequence[Track]) -> list[Track]:
    """Return the runs, with rows, of the function of the run in front: those that one plot can hold."""
    return [track for track in tracks if track.spec.objective == tracks[-1].spec.objective and track.history.rows]


def below_zero(tracks: Sequence[Track]) -> set[str]:
    """Return the runs whose f goes below 0 somewhere, by key."""
    lows = {track.key: track.history.curves("f", points=FEW)[1] for track in of_one_function(tracks)}
    return {key for key, values in lows.items() if bool((values < 0).any())}


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
                    _key(track, racer.id),
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


def minima(
    objective: Objective, axes: tuple[int, ...], through: tuple[float, ...] | None
) -> Iterator[tuple[float, ...]]:
    """Yield the known minima that lie in the plane drawn: all of them, or those of the slice ``through`` a point."""
    rest = [axis for axis in range(objective.dimension) if axis not in axes]
    for minimum in objective.minima:
        widths = [objective.domain[axis][1] - objective.domain[axis][0] for axis in rest]
        if through is None or all(
            abs(minimum[axis] - through[axis]) <= IN_SLICE * width for axis, width in zip(rest, widths, strict=True)
        ):
            yield minimum


def readings(tracks: Sequence[Track], name: Quantity, step: float) -> dict[str, float]:
    """Return the exact values of a quantity at a step, by curve."""
    found: dict[str, float] = {}
    for track in tracks:
        if 0 <= round(step) < track.history.rows:
            values = track.history.row(round(step))[name]
            found |= {_key(track, racer.id): float(values[i]) for i, racer in enumerate(track.spec.racers)}
    return found


def row_at(track: Track, cursor: int | None) -> int:
    """Return the row under the cursor; None follows the newest one."""
    return track.history.rows - 1 if cursor is None else cursor


def focus_index(spec: DescentSpec, look: DescentLook) -> int:
    """Return which racer the reading follows: the one in focus, else the first."""
    ids = [racer.id for racer in spec.racers]
    return ids.index(look.focus) if look.focus in ids else 0
