"""Run a race: every racer makes the steps of the bare torch loop, and each state on the way is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlab.engine.record import Block, Live, Span
from gradlab.engine.text import Text

from .lane import Lane
from .measurement import derived
from .spec import DescentSpec
from .swarm import Shoal


def run(spec: DescentSpec, live: Live[DescentSpec]) -> Iterator[Block]:
    """Yield the start as a tip, then one block per span."""
    race = Race(live.resume.spec if live.resume else spec, live.record.device)
    if live.resume is not None:
        race.restore(live.resume.state)
    yield race.block(Span(live.step, 0, spec))
    for span in live.spans():
        race.tune(span.spec)
        live.keyframe(span.first, race.state)
        block = race.block(span)
        live.diverged = race.diverged()
        if live.diverged:
            yield _until(block, max(lane.ended or 0 for lane in race.lanes))
            return
        yield block


def _until(block: Block, row: int) -> Block:
    """Return the block up to ``row``: when the last racer goes, however long the span, the record ends."""
    kept = row - block.first + 1
    return Block(block.first, {name: values[:kept] for name, values in block.columns.items()}, block.heavy)


class Race:
    """All racers of one descent, and the swarm of each."""

    def __init__(self, spec: DescentSpec, device: str) -> None:
        self.lanes = [Lane(spec, racer, device) for racer in spec.racers]
        self.shoals = [Shoal(spec, racer, device) for racer in spec.racers if spec.swarm.count]

    def tune(self, spec: DescentSpec) -> None:
        """Take the live values of ``spec`` over."""
        for racer, lane in zip(spec.racers, self.lanes, strict=True):
            lane.tune(racer, spec.noise)
        for racer, shoal in zip(spec.racers, self.shoals, strict=False):
            shoal.tune(racer, spec.noise)

    def block(self, span: Span[DescentSpec]) -> Block:
        """Make the updates of ``span`` and return their block."""
        measured = [lane.advance(span.first, span.count) for lane in self.lanes]
        columns = {name: np.stack([rows[name] for rows in measured], axis=1) for name in measured[0]}
        for shoal in self.shoals:
            shoal.advance(span.count)
        heavy = {"swarm": np.stack([shoal.positions() for shoal in self.shoals])} if self.shoals else {}
        return Block(span.first, derived(columns), heavy)

    def diverged(self) -> Text | None:
        """Return what happened when no racer is left; None while one is."""
        if any(lane.ended is None for lane in self.lanes):
            return None
        last = max(self.lanes, key=lambda lane: lane.ended or 0)
        values = {"racer": last.racer.id, "step": last.ended, "value": float(last.frozen["f"])}
        return Text("every racer has diverged, {racer} last: f = {value:g} at step {step}", values)

    def state(self) -> Any:
        """Return all that the race depends on, as a copy."""
        return [lane.state() for lane in self.lanes], [shoal.state() for shoal in self.shoals]

    def restore(self, state: Any) -> None:
        """Take the race back to a state."""
        lanes, shoals = state
        for lane, kept in zip(self.lanes, lanes, strict=True):
            lane.restore(kept)
        for shoal, kept in zip(self.shoals, shoals, strict=True):
            shoal.restore(kept)
