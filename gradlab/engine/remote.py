"""The bench in a process of its own: painting and computing share neither an interpreter nor what either loads."""

from __future__ import annotations

import itertools
import logging
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from .channel import UNSENDABLE, Kept
from .errors import ErrorReport
from .face import AnyRun, Options
from .phase import Phase, Status
from .process import Child
from .text import Text

if TYPE_CHECKING:
    from .bench import Bench, Inspector
    from .lab import Lab
    from .record import Block, Column, Record

log = logging.getLogger(__name__)

STUCK_S = 10.0
"""Time after which a run that was told to end, and has not, is taken to be in an endless loop."""


class RemoteBench:
    """A ``Bench`` in another process, which is started ahead, and anew when it has died.

    What cannot be sent there (a spec with a class that was defined inside a function, say) is computed by a bench of
    this process.
    """

    def __init__(self, crash_log: Path | None = None) -> None:
        self._crash_log = crash_log
        self._keys = itertools.count(1)
        self._child = Child(crash_log)
        self._closed = False
        self._here: Bench | None = None

    @property
    def child(self) -> Child:
        """The process, a new one where the last has died."""
        if self._child.gone and not self._closed:
            self._child = Child(self._crash_log)
        return self._child

    @property
    def here(self) -> Bench:
        """The bench of this process."""
        if self._here is None:
            from .bench import Bench

            self._here = Bench()
        return self._here

    def key(self) -> int:
        """Return a number that nothing else has."""
        return next(self._keys)

    def start(
        self, lab: Lab, spec: Any, *, resume: tuple[AnyRun | None, int] | None = None, **options: Unpack[Options]
    ) -> AnyRun:
        """Begin a run of ``spec``; ``resume``: from the state that another run keeps, at the step it named."""
        source, first = resume or (None, 0)
        self._leave_stuck()
        run = RemoteRun(self.child, self.key(), spec, options.get("record"))
        place = source.key if isinstance(source, RemoteRun) and source.child is run.child else 0
        run.child.members[run.key] = run  # before it is asked for: an answer may be here at once
        try:
            run.child.send(run.key, "start", lab, spec, place, first, options)
        except UNSENDABLE as error:
            log.info("a run stays in this process: %s", error)
            return self.here.start(lab, spec, resume=resume, **options)
        weakref.finalize(run, run.child.send, run.key, "forget").atexit = False
        return run

    def _leave_stuck(self) -> None:
        """Leave a process that does not come back, from own code say: nothing asked of it would ever be answered."""
        runs = [one for one in list(self._child.members.values()) if isinstance(one, RemoteRun)]
        if self._child.heard and any(run.stuck for run in runs):
            self._child.give_up()

    def inspector(self, lab: Lab) -> RemoteInspector:
        """Return what answers for a lab."""
        return RemoteInspector(self, lab)

    def remove(self, member: RemoteInspector) -> None:
        """Give an inspector no further turn."""
        member.close()

    def close(self, timeout: float = 2.0) -> bool:
        """End the process and everything in it; tell whether it ended in time."""
        self._closed = True
        here = self._here is None or self._here.close(timeout)
        return self._child.close(timeout) and here


class RemoteRun:
    """What is here of a run in the compute process: what it measured and said, and the way to tell it something."""

    def __init__(self, child: Child, key: int, spec: Any, record: Record[Any] | None) -> None:
        self.child, self.key, self.spec = child, key, spec
        self.status = Status(total=spec.steps)
        self.record = record
        self.columns: tuple[Column, ...] | None = None
        self._keyframes: tuple[int, ...] = ()
        self._cancelled_at: float | None = None
        self._blocks: deque[Block] = deque()

    # What the GUI thread calls.

    def pause(self) -> None:
        """Stop after the span under way."""
        self._tell("pause")

    def go(self) -> None:
        """Run on."""
        self._tell("go")

    def step(self) -> None:
        """Make one update, then pause."""
        self._tell("step")

    def pace(self, rate: float | None) -> None:
        """Make at most ``rate`` steps per second; None for as fast as it goes."""
        self._tell("pace", rate)

    def change(self, values: Mapping[str, Any]) -> None:
        """Ask for a live change of the spec by path; it acts at the next update."""
        self._tell("change", dict(values))

    def cancel(self) -> None:
        """End the run after the span under way."""
        self._cancelled_at = self._cancelled_at or time.monotonic()
        self._tell("cancel")

    @property
    def stuck(self) -> bool:
        """It was told to end long ago, and goes on."""
        under_way = self.status.phase in {Phase.LOADING, Phase.RUNNING, Phase.PAUSED}
        return under_way and self._cancelled_at is not None and time.monotonic() - self._cancelled_at > STUCK_S

    def drain(self) -> list[Block]:
        """Take what has been measured since the last call."""
        taken = [self._blocks.popleft() for _ in range(len(self._blocks))]
        if taken:
            self.child.send(self.key, "taken", len(taken))
        return taken

    def keyframe_before(self, step: int) -> int:
        """Return the step of the newest state kept at or before ``step``; 0 where there is none."""
        kept = () if self.child.gone else self._keyframes
        return max((frame for frame in kept if frame <= step), default=0)

    def _tell(self, what: str, *words: Any) -> None:
        self.child.send(self.key, "tell", what, *words)

    # What the listening thread calls.

    def news(self, what: str, words: tuple[Any, ...]) -> None:
        """Take what was measured, before the status that speaks of it."""
        status, columns, blocks, record, keyframes = words
        self.columns = columns or self.columns
        self._blocks.extend(blocks)
        self.record = record or self.record
        self._keyframes = self._keyframes if keyframes is None else keyframes
        self.status = status
        if status.error is not None:
            log.error("a run failed: %s", status.error.details)

    def refused(self, text: str, report: ErrorReport) -> None:
        """Fail: what was asked could not be read there."""
        self._end(Phase.FAILED, Text("the compute process cannot take this: {why}", {"why": text}))

    def lost(self, why: Text | None) -> None:
        """End, where the run was under way."""
        if why is None:
            self._end(Phase.CANCELLED, "")
        elif self.status.phase is not Phase.FINISHED:
            self._end(Phase.FAILED, why)

    def _end(self, phase: Phase, message: Any) -> None:
        if not self.status.phase.over:
            last = self.status
            self.status = Status(phase, last.step, last.total, 0.0, message)


class RemoteInspector:
    """What is here of an inspector in the compute process. A request that cannot be sent is answered here."""

    def __init__(self, bench: RemoteBench, lab: Lab) -> None:
        self.error: ErrorReport | None = None
        self.told: Callable[[], None] = lambda: None
        self._bench, self._lab, self._key = bench, lab, bench.key()
        self._child: Child | None = None
        self._here: Inspector | None = None
        self._asked = self._answered = 0
        self._kept = Kept()
        self._pictures: deque[Any] = deque()

    @property
    def busy(self) -> bool:
        """A request is waiting or being answered."""
        return self._asked != self._answered or (self._here is not None and self._here.busy)

    def ask(self, *request: Any) -> None:
        """Ask for the pictures of a state (spec, row, look, step) instead of what was asked before."""
        if self._child is not self._bench.child:
            self._join(self._bench.child)
        assert self._child is not None
        try:
            self._asked += 1
            self._child.send(self._key, "ask", *request)
        except UNSENDABLE as error:
            log.info("an inspection stays in this process: %s", error)
            self._asked -= 1
            if self._here is None:
                self._here = self._bench.here.inspector(self._lab)
                self._here.told = lambda: self.told()
            self._here.ask(*request)

    def _join(self, child: Child) -> None:
        self._child, self._key, self._kept = child, self._bench.key(), Kept()
        self._asked = self._answered = 0
        child.members[self._key] = self
        child.send(self._key, "inspector", self._lab)

    def drain(self) -> list[Any]:
        """Take the pictures that have come."""
        taken = [self._pictures.popleft() for _ in range(len(self._pictures))]
        if self._here is not None:
            taken += self._here.drain()
            if self._here.error is not None:
                self.error, self._here.error = self._here.error, None
        return taken

    def close(self) -> None:
        """Ask for no further turn."""
        if self._child is not None:
            self._child.send(self._key, "forget")
        if self._here is not None:
            self._bench.here.remove(self._here)

    # What the listening thread calls.

    def news(self, what: str, words: tuple[Any, ...]) -> None:
        """Take the pictures, before the word that there are no more."""
        answered, pictures, error = words
        self._pictures.extend(self._kept.restore(short) for short in pictures)
        if error is not None:
            self.error = error
        self._answered = answered
        self.told()

    def refused(self, text: str, report: ErrorReport) -> None:
        """Report what could not be read there."""
        self.error, self._answered = report, self._asked
        self.told()

    def lost(self, why: Text | None) -> None:
        """Report the end of the process where an answer was due."""
        if self.busy and why is not None:
            self.error = ErrorReport(str(why), str(why))
        self._answered = self._asked
        self.told()
