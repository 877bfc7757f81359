"""What a page asks of its inspector: the readings of the row in sight, again whenever something about it changes."""

from __future__ import annotations

import time
from typing import Any

from gradlab.engine.errors import ErrorReport
from gradlab.engine.face import AnyBench
from gradlab.engine.lab import Lab

from .session import Session

PAUSE_S = 0.25
"""Least time between the pictures of two rows while a run goes on, which makes them: as fast as numbers are read."""
SLOW_S = 0.4
"""How long pictures may be under way without a word."""


class Inspection:
    """Asks for the readings of what is in sight, once, and hands on what comes."""

    def __init__(self, lab: Lab, bench: AnyBench) -> None:
        self._bench, self.inspector = bench, bench.inspector(lab)
        self.hasty = not lab.run
        """Every picture is of an edit, and none waits for a frame."""
        self._came = True
        self._asked: Any = None
        self._when = 0.0

    def again(self) -> None:
        """Ask again at the next frame, though nothing has changed here."""
        self._asked = None

    def ask(self, spec: Any, look: Any, session: Session, *, row: int | None, running: bool) -> None:
        """Ask for the readings of ``row`` of the record, or of the spec alone, unless that was asked for last.

        What was asked before is answered first; in a lab without runs, where every picture is of an edit, only until
        its first picture has come.
        """
        history, now = session.history, time.monotonic()
        wanted = (spec, look, row, id(history))
        waits = self.inspector.busy and not (self.hasty and self._came)
        goes_on = running and self._asked is not None and wanted[:2] == self._asked[:2]
        if wanted == self._asked or waits or (goes_on and now - self._when < PAUSE_S):
            return
        self._asked, self._when, self._came = wanted, now, False
        state = history.state(row) if history is not None and row is not None else None
        self.inspector.ask(spec, state, look, row)

    @property
    def slow(self) -> bool:
        """Pictures have been under way for so long that a person wonders."""
        return self.inspector.busy and time.monotonic() - self._when > SLOW_S

    def drain(self) -> list[Any]:
        """Return the readings that have come."""
        readings = self.inspector.drain()
        self._came = self._came or bool(readings)
        return readings

    def trouble(self) -> ErrorReport | None:
        """Return, once, what an inspection failed of."""
        error, self.inspector.error = self.inspector.error, None
        return error

    def end(self) -> None:
        """Ask nothing more."""
        self.inspector.told = _nothing
        self._bench.remove(self.inspector)


def _nothing() -> None:
    """Hear no more."""
