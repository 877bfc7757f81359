"""One run of a lab, and the one thread that steps all runs and answers all inspections in turn."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from .errors import ErrorReport, UserError
from .lab import Lab
from .record import Block, Change, Keyframe, Live, Record, RunSpec

log = logging.getLogger(__name__)

SPAN_S = 0.008
"""Work of one span while somebody is watching."""
OUTBOX_BLOCKS = 500
"""Blocks that wait to be drained before a run is held up: four seconds of work."""
HOLD_S = 0.005
RATE_S = 0.5
"""Time over which the step rate is averaged."""


class Phase(Enum):
    """Where a run is: LOADING → RUNNING ⇄ PAUSED → FINISHED | DIVERGED | CANCELLED | FAILED.

    A raised step budget takes FINISHED back to RUNNING.
    """

    LOADING = "loading"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """No further row will come."""
        return self in {Phase.DIVERGED, Phase.CANCELLED, Phase.FAILED}


@dataclass(frozen=True, slots=True)
class Status:
    """What a run says of itself at one moment; ``rate`` in steps per second."""

    phase: Phase = Phase.LOADING
    step: int = 0
    total: int = 0
    rate: float = 0.0
    message: Any = ""
    error: ErrorReport | None = None


def resolve(lab: Lab, spec: RunSpec) -> Record[RunSpec]:
    """Return the record a run of ``spec`` starts with: device, threads and versions settled, before anything runs."""
    import torch

    device = spec.device
    if device == "auto":
        device = "cuda" if lab.prefers == "cuda" and torch.cuda.is_available() else "cpu"
    elif device == "cuda" and not torch.cuda.is_available():
        raise UserError("device: no CUDA device here, not 'cuda'", "'auto' takes what there is")
    return Record(spec, device=device, threads=spec.threads, versions={"torch": torch.__version__})


def iterate(
    lab: Lab, spec: RunSpec, *, record: Record[Any] | None = None, resume: Keyframe | None = None
) -> Iterator[Block]:
    """Run a lab here and now, without a thread; yield its blocks. The number of torch's threads is the record's."""
    import torch

    live = Live(record or resolve(lab, spec), resume)
    threads = torch.get_num_threads()
    torch.set_num_threads(live.record.threads)
    try:
        yield from lab.load("run")(live.spec, live)
    finally:
        torch.set_num_threads(threads)


class Run:
    """One run of a lab, stepped by the bench. The GUI thread drains it and reads its status; nothing is pushed."""

    def __init__(
        self,
        lab: Lab,
        spec: RunSpec,
        *,
        record: Record[Any] | None = None,
        tape: tuple[Change, ...] = (),
        resume: Keyframe | None = None,
        paused: bool = False,
        pace: float | None = None,
        hurry_to: int = 0,
    ) -> None:
        """``tape``: live changes to be made again; ``record``: a whole record to go by, its tape included.

        ``hurry_to``: the step up to which a resumed run makes up leeway, whatever its pace, even paused.
        """
        self.lab, self.spec = lab, spec
        self.status = Status(total=spec.steps)
        self._record, self._tape, self._resume = record, tape, resume
        self._live: Live[Any] | None = None
        self._blocks: Iterator[Block] | None = None
        self._outbox: deque[Block] = deque()
        self._early: list[Mapping[str, Any]] = []
        self._paused, self._steps_asked, self._cancelled = paused, 0, False
        self._pace, self._hurry_to = pace, hurry_to
        self._clock = _Clock()
        self._rng: Any = None
        self.wake: Callable[[], None] = lambda: None

    # What the GUI thread calls: each is one assignment and a nudge.

    def pause(self) -> None:
        """Stop after the span under way."""
        self._paused, self._steps_asked = True, 0
        self.wake()

    def go(self) -> None:
        """Run on."""
        self._paused, self._steps_asked = False, 0
        self.wake()

    def step(self) -> None:
        """Make one update, then pause."""
        self._paused, self._steps_asked = True, self._steps_asked + 1
        self.wake()

    def pace(self, rate: float | None) -> None:
        """Make at most ``rate`` steps per second; None for as fast as it goes."""
        self._pace = rate
        self._clock = _Clock()
        self.wake()

    def change(self, values: Mapping[str, Any]) -> None:
        """Ask for a live change of the spec by path; it acts at the next update."""
        if self._live is None:
            self._early.append(values)
        else:
            self._live.ask(values)
        self.wake()

    def cancel(self) -> None:
        """End the run after the span under way."""
        self._cancelled = True
        self.wake()

    def drain(self) -> list[Block]:
        """Take what has been measured since the last call."""
        return [self._outbox.popleft() for _ in range(len(self._outbox))]

    @property
    def record(self) -> Record[Any] | None:
        """The record so far, live changes included; None until the run has started."""
        live = self._live
        if live is None:
            return self._record
        return Record(live.record.spec, live.tape, live.record.device, live.record.threads, live.record.versions)

    def keyframe_before(self, step: int) -> Keyframe | None:
        """Return the newest keyframe at or before ``step``."""
        return self._live.keyframe_before(step) if self._live else None

    # What the bench calls.

    def turn(self) -> float | None:
        """Make one span if it is time; return the seconds to wait before the next turn, None for until woken."""
        if self.status.phase.over:
            return None
        if self._cancelled:
            self._end(Phase.CANCELLED)
            return None
        try:
            return self._turn()
        except UserError as error:
            self._end(Phase.FAILED, message=str(error))
        except Exception as error:
            log.exception("the run of %s failed", self.lab.id)
            self._end(Phase.FAILED, message=f"{type(error).__name__}: {error}", error=ErrorReport.of(error))
        return None

    def _turn(self) -> float | None:
        if self._blocks is None:
            self._begin()
            self._advance()
            return 0.0
        live = self._live
        assert live is not None
        live.settle()
        if live.left() <= 0:
            self._say(Phase.FINISHED)
            return None
        hurry = live.step < self._hurry_to
        if self._paused and not self._steps_asked and not hurry:
            self._say(Phase.PAUSED)
            return None
        if len(self._outbox) > OUTBOX_BLOCKS:
            return HOLD_S
        due = self._clock.due(self._pace) if not (self._paused or hurry) else 0.0
        if due > 0:
            self._say(Phase.RUNNING)
            return due
        live.allowance = self._allowance(hurry, live.step)
        began, first = time.perf_counter(), live.step
        self._advance()
        self._clock.spent(live.step - first, time.perf_counter() - began)
        if self._paused and not hurry:
            self._steps_asked = max(0, self._steps_asked - 1)
        return 0.0

    def _allowance(self, hurry: bool, step: int) -> int:
        if hurry:
            return min(self._clock.allowance(None), self._hurry_to - step)
        return 1 if self._paused else self._clock.allowance(self._pace)

    def _begin(self) -> None:
        record = self._record or replace(resolve(self.lab, self.spec), tape=self._tape)
        live = Live(record, self._resume)
        for values in self._early:
            live.ask(values)
        self._live = live
        self._blocks = iter(self.lab.load("run")(live.spec, live))

    def _advance(self) -> None:
        import torch

        assert self._live is not None and self._blocks is not None
        if torch.get_num_threads() != self._live.record.threads:
            torch.set_num_threads(self._live.record.threads)
        outside = torch.get_rng_state()
        if self._rng is not None:
            torch.set_rng_state(self._rng)
        block = next(self._blocks, None)
        self._rng = torch.get_rng_state()
        torch.set_rng_state(outside)
        if block is not None:
            self._outbox.append(block)
            self._say(Phase.PAUSED if self._paused else Phase.RUNNING)
        if block is None or self._live.diverged:
            self._end(Phase.DIVERGED if self._live.diverged else Phase.FINISHED, message=self._live.diverged or "")

    def _say(self, phase: Phase) -> None:
        assert self._live is not None
        self.status = Status(phase, self._live.step, self._live.spec.steps, self._clock.rate)

    def _end(self, phase: Phase, message: Any = "", error: ErrorReport | None = None) -> None:
        close = getattr(self._blocks, "close", None)
        if close:
            close()
        last = self.status
        self.status = Status(phase, last.step, last.total, self._clock.rate, message, error)


class _Clock:
    """When the next span is due and how many steps it may take."""

    def __init__(self) -> None:
        self.rate = 0.0
        self._step_s = SPAN_S
        self._next = 0.0
        self._window_began = time.perf_counter()
        self._window_steps = 0

    def due(self, pace: float | None) -> float:
        """Return the seconds until the next span may begin."""
        return 0.0 if pace is None else self._next - time.perf_counter()

    def allowance(self, pace: float | None) -> int:
        """Return how many steps fit in one span of work, and no more than the pace gives in a frame."""
        fit = max(1, int(SPAN_S / self._step_s))
        if pace is None:
            return fit
        now = time.perf_counter()
        behind = int(min((now - self._next) * pace, pace * SPAN_S * 4)) if self._next else 0
        count = min(fit, 1 + max(0, behind))
        self._next = max(self._next, now - 4 * SPAN_S) + count / pace
        return count

    def spent(self, steps: int, seconds: float) -> None:
        """Learn from a span how long a step takes, and keep the rate."""
        self._step_s = max(1e-7, 0.7 * self._step_s + 0.3 * seconds / max(steps, 1))
        self._window_steps += steps
        elapsed = time.perf_counter() - self._window_began
        if elapsed > RATE_S:
            self.rate = self._window_steps / elapsed
            self._window_began, self._window_steps = time.perf_counter(), 0


class Inspector:
    """Answers "what does this state look like?": the latest request wins, pictures come coarse then fine."""

    def __init__(self, inspect: Callable[..., Iterator[Any]]) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.error: ErrorReport | None = None
        self._inspect = inspect
        self._request: tuple[Any, ...] | None = None
        self._answers: Iterator[Any] | None = None
        self._outbox: deque[Any] = deque()

    @property
    def busy(self) -> bool:
        """A request is waiting or being answered."""
        return self._request is not None or self._answers is not None

    def ask(self, *request: Any) -> None:
        """Ask for the pictures of a state (spec, row, look); what was asked before and not answered is dropped."""
        self._request = request
        self.wake()

    def drain(self) -> list[Any]:
        """Take the pictures that have come."""
        return [self._outbox.popleft() for _ in range(len(self._outbox))]

    def turn(self) -> float | None:
        """Make the next picture, if there is one to make."""
        request, self._request = self._request, None
        if request is not None:
            self._answers = iter(self._inspect(*request))
        if self._answers is None:
            return None
        try:
            self._outbox.append(next(self._answers))
        except StopIteration:
            self._answers = None
            return None
        except Exception as error:
            log.exception("an inspection failed")
            self._answers, self.error = None, ErrorReport.of(error)
            return None
        return 0.0


class Bench:
    """The compute thread: gives each run and each inspector its turn. torch's random state is process-wide, so one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: list[Run | Inspector] = []
        self._nudge = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="gradlab-bench", daemon=True)
        self._thread.start()

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
            if not waits or min(waits) > 0:
                self._nudge.wait(min(waits, default=None))
        for member in self._members:
            member.turn()  # lets a cancelled run close its generator on the thread that ran it
