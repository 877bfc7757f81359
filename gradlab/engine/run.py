"""One run of a lab: where it is, what it has measured, and its turns on the bench."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .eager import keep_eager
from .errors import ErrorReport, UserError
from .lab import Lab
from .phase import Phase, Status
from .record import Block, Change, Column, Keyframe, Live, Record, RunSpec

__all__ = ["Phase", "Run", "Status", "iterate", "resolve"]

log = logging.getLogger(__name__)

SPAN_S = 0.008
"""Work of one span while somebody is watching."""
OUTBOX_BLOCKS = 500
"""Blocks that wait to be drained before a run is held up: four seconds of work."""
HOLD_S = 0.005
RATE_S = 0.5
"""Time over which the step rate is averaged."""


def resolve(lab: Lab, spec: RunSpec) -> Record[RunSpec]:
    """Return the record a run of ``spec`` starts with: device, threads and versions settled, before anything runs."""
    import torch

    keep_eager()
    device = spec.device
    if device == "auto":
        device = "cuda" if lab.prefers == "cuda" and torch.cuda.is_available() else "cpu"
    elif device == "cuda" and not torch.cuda.is_available():
        raise UserError("device: no CUDA device here, not 'cuda'", "'auto' takes what there is")
    return Record(spec, device=device, threads=spec.threads, versions={"torch": str(torch.__version__)})


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
        first: int = 0,
    ) -> None:
        """``tape``: live changes to be made again; ``record``: a whole record to go by, its tape included.

        ``hurry_to``: the step up to which a resumed run makes up leeway, whatever its pace, even paused.
        ``first``: the first row that is handed out; a keyframe may lie before it.
        """
        self.lab, self.spec = lab, spec
        self.status = Status(total=spec.steps)
        self.columns: tuple[Column, ...] | None = None
        self._record, self._tape, self._resume = record, tape, resume
        self._live: Live[Any] | None = None
        self._blocks: Iterator[Block] | None = None
        self._outbox: deque[Block] = deque()
        self._early: list[Mapping[str, Any]] = []
        self._paused, self._steps_asked, self._cancelled = paused, 0, False
        self._pace, self._hurry_to, self._first = pace, hurry_to, first
        self._clock = _Clock()
        self._rng: Any = None
        self.wake: Callable[[], None] = lambda: None
        self.told: Callable[[], None] = lambda: None
        """Called on the compute thread when there is something new to drain or read."""

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

    def drain(self, most: int = OUTBOX_BLOCKS + 1) -> list[Block]:
        """Take what has been measured since the last call, at most so many blocks."""
        return [self._outbox.popleft() for _ in range(min(most, len(self._outbox)))]

    @property
    def record(self) -> Record[Any] | None:
        """The record so far, live changes included; None until the run has started."""
        live = self._live
        if live is None:
            return self._record
        return replace(live.record, tape=live.tape)

    def keyframe_before(self, step: int) -> int:
        """Return the step of the newest state kept at or before ``step``; 0 where there is none."""
        keyframe = self.keyframe(step)
        return keyframe.step if keyframe else 0

    def keyframe(self, step: int) -> Keyframe | None:
        """Return the newest keyframe at or before ``step``."""
        return self._live.keyframe_before(step) if self._live else None

    def keyframe_steps(self) -> tuple[int, ...]:
        """Return the steps of all states kept, in order."""
        return self._live.keyframe_steps() if self._live else ()

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
            return self._rest(Phase.FINISHED)
        hurry = live.step < self._hurry_to
        if self._paused and not self._steps_asked and not hurry:
            return self._rest(Phase.PAUSED)
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

    def _rest(self, phase: Phase) -> float | None:
        """Say that the run stands still; a runner that has more to show of the state shows it first."""
        assert self._live is not None
        if not self._live.wants_rest():
            self._say(phase)
            return None
        self._live.allowance = 0
        self._advance()
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
        self.columns = tuple(self.lab.load("columns")(live.record.spec))
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
            self._hand_out(block)
            self._say(Phase.PAUSED if self._paused else Phase.RUNNING)
        if block is None or self._live.diverged:
            self._end(Phase.DIVERGED if self._live.diverged else Phase.FINISHED, message=self._live.diverged or "")

    def _hand_out(self, block: Block) -> None:
        if block.tip >= self._first:
            self._outbox.append(block.since(self._first))

    def _say(self, phase: Phase) -> None:
        assert self._live is not None
        self.status = Status(phase, self._live.step, self._live.spec.steps, self._clock.rate)
        self.told()

    def _end(self, phase: Phase, message: Any = "", error: ErrorReport | None = None) -> None:
        close = getattr(self._blocks, "close", None)
        if close:
            close()
        last = self.status
        self.status = Status(phase, last.step, last.total, self._clock.rate, message, error)
        self.told()


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
