"""What the transport does: run, pause, step, back, seek and replay, over a session's run and its record. No widgets."""

from __future__ import annotations

from typing import Any

from gradlab.engine.run import Phase

from .session import Session

DEFAULT_PACE = 60.0
"""Steps per second that a page begins with."""
REPLAY_S = 3.0
"""How long a replay of a whole record takes when the pace is "as fast as it goes"."""


class Player:
    """Drives one session. A replay moves the cursor over the record up to the newest row, then the run goes on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pace: float | None = DEFAULT_PACE
        self._replayed: float | None = None
        session.pace(self.pace)

    @property
    def replaying(self) -> bool:
        """The cursor is moving over the record."""
        return self._replayed is not None

    @property
    def running(self) -> bool:
        """Something moves: the run, or a replay of its record."""
        session = self.session
        return self.replaying or (session.cursor is None and session.phase in {Phase.RUNNING, Phase.LOADING})

    def run(self, spec: Any) -> None:
        """Go on: from the cursor by replaying, from the newest row by computing; at the end, replay from the start."""
        session = self.session
        if session.run is None or session.phase in {Phase.CANCELLED, Phase.FAILED}:
            session.start(spec)
        elif session.cursor is not None:
            self._replay(session.cursor)
        elif session.phase in {Phase.FINISHED, Phase.DIVERGED}:
            self._replay(0)
        else:
            session.run.go()

    def _replay(self, row: int) -> None:
        self.session.seek(row)
        self._replayed = None if self.session.cursor is None else float(row)

    def pause(self) -> None:
        """Hold the run, and a replay where it is."""
        self._replayed = None
        if self.session.run is not None:
            self.session.run.pause()

    def step(self, spec: Any) -> None:
        """Go one row forward: over the record, or by one update."""
        session, self._replayed = self.session, None
        if session.run is None:
            session.start(spec, paused=True)
        if session.cursor is not None:
            session.seek(session.cursor + 1)
        elif session.run is not None:
            session.run.step()

    def back(self) -> None:
        """Go one row back over the record; the run is held."""
        self.pause()
        row = self.session.head if self.session.cursor is None else self.session.cursor
        self.session.seek(row - 1)

    def seek(self, row: int) -> None:
        """Put the cursor at ``row`` of the record."""
        self._replayed = None
        self.session.seek(row)

    def restart(self, spec: Any) -> None:
        """Begin again with ``spec``; a paused run begins paused."""
        self._replayed = None
        self.session.start(spec, paused=self.session.phase is Phase.PAUSED)

    def stop(self) -> None:
        """End the run; its record stays."""
        self._replayed = None
        if self.session.run is not None:
            self.session.run.cancel()

    def continue_here(self) -> None:
        """Begin a run that goes on from the cursor."""
        self._replayed = None
        self.session.continue_here()

    def set_pace(self, rate: float | None) -> None:
        """Make at most ``rate`` steps per second; None for as fast as it goes."""
        self.pace = rate
        self.session.pace(rate)

    def advance(self, seconds: float) -> bool:
        """Let a replay go on for ``seconds``; tell whether there is one."""
        if self._replayed is None:
            return False
        self._replayed += seconds * (self.pace or max(self.session.head / REPLAY_S, DEFAULT_PACE))
        self.session.seek(int(self._replayed))
        if self.session.cursor is None:
            self._replayed = None
            if self.session.run is not None and self.session.phase is Phase.PAUSED:
                self.session.run.go()
        return True
