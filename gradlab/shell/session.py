"""The runs of one page: the one in front, the faint one before it, and the cursor over its record. No widgets."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TextIO

from gradlab.engine.face import AnyBench, AnyRun
from gradlab.engine.history import History
from gradlab.engine.lab import Lab
from gradlab.engine.model import at, changes, is_tunable
from gradlab.engine.record import Change, Record
from gradlab.engine.run import Phase
from gradlab.ui.lab_view import Track


class Session:
    """Owns the run of a page and its history. The cursor moves over the record, never the run; None follows the run."""

    _keys = itertools.count(1)

    def __init__(self, lab: Lab, bench: AnyBench) -> None:
        self.lab, self._bench = lab, bench
        self.run: AnyRun | None = None
        self.cursor: int | None = None
        self.spec: Any = None
        self._front: Track | None = None
        self._behind: Track | None = None
        self._pace: float | None = None

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The runs to draw, the one in front last."""
        return tuple(track for track in (self._behind, self._front) if track is not None)

    @property
    def history(self) -> History | None:
        """The record of the run in front."""
        return self._front.history if self._front else None

    @property
    def head(self) -> int:
        """The newest row; 0 while there is none."""
        return max(0, self._front.history.rows - 1) if self._front else 0

    @property
    def phase(self) -> Phase | None:
        """Where the run is; None before the first."""
        return self.run.status.phase if self.run else None

    def start(self, spec: Any, *, tape: tuple[Change, ...] = (), paused: bool = False) -> None:
        """Begin a new run of ``spec``, its ``tape`` of changes included; the one before stays in sight, faint."""
        if self.run is not None:
            self.run.cancel()
        run = self._bench.start(self.lab, spec, tape=tape, paused=paused, pace=self._pace)
        self._begin(spec, History(run.columns or ()), run)
        self.spec = Record(spec, tape).last_spec()

    def _begin(self, spec: Any, history: History, run: AnyRun) -> None:
        if self._behind is not None:
            self._behind.history.close()
        self._behind = None
        if self._front is not None and self._front.history.rows > 1:
            self._behind = replace(self._front, faint=True)
        elif self._front is not None:
            self._front.history.close()
        self.run, self.cursor = run, None
        self._front = Track(f"run-{next(self._keys)}", spec, history)

    def end(self) -> None:
        """Cancel the run and forget the records."""
        if self.run is not None:
            self.run.cancel()
        for track in self.tracks:
            track.history.close()
        self.run = self._front = self._behind = None

    def edit(self, spec: Any) -> bool:
        """Let the run take ``spec`` over while it goes; tell whether it can, else it needs a new run."""
        if self.run is None or self.phase is None or self.phase.over:
            return False
        values = changes(self.spec, spec)
        if not all(is_tunable(spec, path) for path in values):
            return False
        if values:
            self.run.change(values)
            self.spec = spec
        return True

    def drain(self) -> bool:
        """Take in what the run measured; tell whether there was something new to see."""
        if self.run is None or self._front is None:
            return False
        status, blocks = self.run.status, self.run.drain()
        if blocks and not self._front.history.columns:
            self._front.history.close()
            self._front = replace(self._front, history=History(self.run.columns or ()))
        self._front.history.extend(*blocks)
        fresh = bool(blocks) or status != self._front.status
        self._front = replace(self._front, status=status, marks=self._marks(self.run, self._front))
        return fresh

    @staticmethod
    def _marks(run: AnyRun, track: Track) -> tuple[tuple[int, str], ...]:
        """Return the live changes so far; the tape only grows, so as many as before are the same."""
        record = run.record
        if record is None or len(record.tape) == len(track.marks):
            return track.marks
        return tuple(_marks(record))

    def pace(self, rate: float | None) -> None:
        """Make at most ``rate`` steps per second from now on."""
        self._pace = rate
        if self.run is not None:
            self.run.pace(rate)

    def seek(self, row: int | None) -> None:
        """Put the cursor at ``row``; at the newest one it follows the run again."""
        last = self.head
        self.cursor = None if row is None or row >= last else max(0, row)

    def write_csv(self, file: TextIO) -> None:
        """Write every row held, headed by what the run depends on."""
        assert self._front is not None
        record = self.run.record if self.run else None
        preamble = {"spec": self._front.spec.model_dump_json()}
        if record is not None:
            tape = [change.as_json() for change in record.tape]
            preamble |= {"changes": json.dumps(tape)} if tape else {}
            preamble |= {"device": record.device, "threads": str(record.threads), **record.versions}
        self._front.history.write_csv(file, preamble=preamble)

    def continue_here(self) -> None:
        """Begin a new run that goes on from the row under the cursor, with the spec as it is now."""
        if self.run is None or self._front is None or self.run.record is None:
            return
        row = self.head if self.cursor is None else self.cursor
        self.run.cancel()
        start = self.run.keyframe_before(row)
        record = _continued(self.run.record, row, self.spec)
        resume = (self.run, start)
        run = self._bench.start(self.lab, record.spec, record=record, resume=resume, pace=self._pace, hurry_to=row)
        self._begin(record.spec, self._front.history.fork(start), run)


def _marks(record: Record[Any]) -> Iterator[tuple[int, str]]:
    """Yield what was changed while the run went on: where, and from what to what."""
    spec = record.spec
    for change in record.tape:
        yield change.step, "\n".join(f"{path} {at(spec, path)!r} → {value!r}" for path, value in change.values.items())
        spec = record.spec_at(change.step)


def _continued(record: Record[Any], row: int, spec: Any) -> Record[Any]:
    """Return the record up to ``row``, with what has been set since as a change there."""
    until = record.until(row)
    values: Mapping[str, Any] = changes(until.spec_at(row), spec)
    return replace(until, tape=(*until.tape, Change(row, values))) if values else until
