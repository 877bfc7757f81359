"""The one thread that steps all runs and answers all inspections in turn."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Unpack

from .errors import ErrorReport
from .face import AnyRun, Options
from .lab import Lab, Rest
from .run import Run

log = logging.getLogger(__name__)


class GivenUp(BaseException):
    """Something else was asked; no handler of errors may take it for one."""


class Inspector:
    """Answers "what does this state look like?": the latest request wins, pictures come coarse then fine."""

    def __init__(self, inspect: Callable[..., Iterator[Any]]) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.told: Callable[[], None] = lambda: None
        """Called on the compute thread when there is something new to drain or read."""
        self.error: ErrorReport | None = None
        self.answered = 0
        """How many of the requests are done with."""
        self._inspect = inspect
        self._asked = 0
        self._requests: deque[tuple[int, tuple[Any, ...]]] = deque(maxlen=1)
        self._answering = 0
        self._answers: Iterator[Any] | None = None
        self._begun = self._due = 0.0
        self._symbols = False
        self._outbox: deque[Any] = deque()

    @property
    def busy(self) -> bool:
        """A request is waiting or being answered."""
        return self._asked != self.answered

    def ask(self, *request: Any) -> None:
        """Ask for the pictures of a state (spec, row, look, step) instead of what was asked before."""
        self._asked += 1
        self._requests.append((self._asked, request))
        self.wake()

    def drain(self) -> list[Any]:
        """Take the pictures that have come."""
        return [self._outbox.popleft() for _ in range(len(self._outbox))]

    def turn(self) -> float | None:
        """Make the next picture, if there is one to make."""
        try:
            return self._turn()
        except Exception as error:
            log.exception("an inspection failed")
            self.error = ErrorReport.of(error)
            self._done()
            return None

    def _turn(self) -> float | None:
        if self._requests:
            self._answering, request = self._requests.popleft()
            self._answers = iter(self._inspect(*request))
            self._begun = self._due = time.monotonic()
            self._symbols = False
        if self._answers is None:
            return None
        if (wait := self._due - time.monotonic()) > 0:
            return wait
        try:
            picture = self._watched(self._answers) if self._symbols else next(self._answers)
        except StopIteration:
            self._done()
            return None
        except GivenUp:
            return 0.0
        if isinstance(picture, Rest):
            self._due, self._symbols = self._begun + picture.seconds, picture.symbols
        else:
            self._outbox.append(picture)
            self.told()
        return 0.0

    def _watched(self, answers: Iterator[Any]) -> Any:
        """Return the next picture, unless something else is asked while sympy works at it, which may take seconds."""
        before = sys.gettrace()
        sys.settrace(self._watch)
        try:
            return next(answers)
        finally:
            sys.settrace(before)

    def _watch(self, frame: FrameType, _event: str, _arg: Any) -> None:
        if self._requests and frame.f_globals.get("__name__", "").startswith("sympy."):
            raise GivenUp

    def _done(self) -> None:
        self._answers, self.answered = None, self._answering
        self.told()


class Bench:
    """The compute thread: gives each run and each inspector its turn. torch's random state is process-wide, so one."""

    def __init__(self, ahead: Iterator[None] | None = None) -> None:
        """``ahead`` is what the thread does, bit by bit, while nothing is asked of it."""
        self._ahead = ahead
        self._lock = threading.Lock()
        self._members: list[Run | Inspector] = []
        self._nudge = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="gradlab-bench", daemon=True)
        self._thread.start()

    def start(
        self, lab: Lab, spec: Any, *, resume: tuple[AnyRun | None, int] | None = None, **options: Unpack[Options]
    ) -> Run:
        """Begin a run of ``spec``; ``resume``: from the state that another run keeps, at the step it named."""
        source, first = resume or (None, 0)
        keyframe = source.keyframe(first) if isinstance(source, Run) else None
        run = Run(lab, spec, resume=keyframe, first=first, **options)
        self.add(run)
        return run

    def inspector(self, lab: Lab) -> Inspector:
        """Return what answers for a lab; its inspection is loaded by the first request."""
        member = Inspector(lambda *request: lab.load("inspect")(*request))
        self.add(member)
        return member

    def add(self, member: Run | Inspector) -> None:
        """Give ``member`` its turns from now on; a run leaves by itself when it is over."""
        member.wake = self._nudge.set
        with self._lock:
            self._members.append(member)
        self._nudge.set()

    def remove(self, member: Inspector) -> None:
        """Give ``member`` no further turn."""
        with self._lock:
            self._members = [other for other in self._members if other is not member]

    def close(self, timeout: float = 2.0) -> bool:
        """Cancel every run and end the thread; tell whether it ended in time."""
        self._closing = True
        with self._lock:
            for member in self._members:
                if isinstance(member, Run):
                    member.cancel()
        self._nudge.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._closing:
            self._nudge.clear()
            with self._lock:
                self._members = [m for m in self._members if not (isinstance(m, Run) and m.status.phase.over)]
                members = sorted(self._members, key=lambda member: isinstance(member, Run))  # pictures come first
            waits = [wait for member in members if (wait := member.turn()) is not None]
            if not waits and self._ahead is not None:
                self._look_ahead(self._ahead)
            elif not waits or min(waits) > 0:
                self._nudge.wait(min(waits, default=None))
        for member in self._members:
            member.turn()  # lets a cancelled run close its generator on the thread that ran it

    def _look_ahead(self, work: Iterator[None]) -> None:
        try:
            next(work)
        except StopIteration:
            self._ahead = None
        except Exception:
            log.exception("loading ahead failed")  # whoever needs it fails again, and says so
            self._ahead = None
