"""Run a training: its arms side by side, each the bare torch loop, every state on the way written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradlab.engine.networks.own import blaming
from gradlab.engine.record import Block, Live, Span
from gradlab.engine.text import Text

from .arm import Arm
from .culprit import describe
from .dues import settled
from .spec import TrainingSpec


def run(spec: TrainingSpec, live: Live[TrainingSpec]) -> Iterator[Block]:
    """Yield the start as a tip, then one block per span."""
    with blaming(arm.network for arm in spec.arms().values()):
        yield from _run(spec, live)


def _run(spec: TrainingSpec, live: Live[TrainingSpec]) -> Iterator[Block]:
    bench = Bench(live.resume.spec if live.resume else spec, live.record.device)
    if live.resume is not None:
        bench.restore(live.resume.state)
    live.rests = True
    yield bench.block(Span(live.step, 0, spec))
    for span in live.spans():
        bench.tune(span.spec, span.first)
        if span.count:
            live.keyframe(span.first, bench.state)
        block = bench.block(span) if span.count else bench.rest(span.first)
        live.diverged = bench.diverged()
        yield block
        if live.diverged:
            return


class Bench:
    """The arms of one training, in lock-step."""

    def __init__(self, spec: TrainingSpec, device: str) -> None:
        probes = settled(spec)
        self.arms = {name: Arm(own, device, probes=probes) for name, own in spec.arms().items()}

    def tune(self, spec: TrainingSpec, step: int) -> None:
        """Take the live values of ``spec`` over from update ``step`` on."""
        for name, own in spec.arms().items():
            self.arms[name].tune(own, step)

    def block(self, span: Span[TrainingSpec]) -> Block:
        """Make the updates of ``span`` in every arm and return their block; it ends where the last arm does."""
        columns: dict[str, np.ndarray] = {}
        heavy: dict[str, np.ndarray] = {}
        for name, arm in self.arms.items():
            columns |= {f"{name}.{column}": values for column, values in arm.advance(span.first, span.count).items()}
            heavy |= {f"{name}.{kind}": values for kind, values in arm.heavy().items()}
        if self.diverged():
            rows = max(arm.ended or 0 for arm in self.arms.values()) - span.first + 1
            columns = {name: values[: max(rows, 1)] for name, values in columns.items()}
        return Block(span.first, columns, heavy)

    def rest(self, step: int) -> Block:
        """Return the tip, row ``step``, with what is measured now and then measured in it; nothing else changes."""
        columns: dict[str, np.ndarray] = {}
        for name, arm in self.arms.items():
            columns |= {f"{name}.{column}": values for column, values in arm.rest(step).items()}
        return Block(step, columns)

    def diverged(self) -> Text | None:
        """Return what happened when no arm is left; None while one is."""
        if any(arm.ended is None for arm in self.arms.values()):
            return None
        name, last = max(self.arms.items(), key=lambda item: item[1].ended or 0)
        what, _ = describe(last.anatomy, *(int(last.tip.plain[key][0]) for key in ("ended_in", "ended_at")))
        values = {"step": last.ended, "what": what, "arm": name.upper()}
        if len(self.arms) == 1:
            return Text("not finite at step {step}: {what}", values)
        return Text("no arm is left; {arm} was not finite at step {step}: {what}", values)

    def state(self) -> Any:
        """Return all that the arms depend on, as copies."""
        return {name: arm.state() for name, arm in self.arms.items()}

    def restore(self, state: Any) -> None:
        """Take the arms back to a state."""
        for name, kept in state.items():
            self.arms[name].restore(kept)
