"""What a page sees of the bench: the same face over a thread of this process and over a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Unpack

if TYPE_CHECKING:
    from .errors import ErrorReport
    from .lab import Lab
    from .phase import Status
    from .record import Block, Change, Column, Record


class Options(TypedDict, total=False):
    """How a run begins, its spec apart; what they mean is told where they are used, at ``Run``."""

    record: Record[Any] | None
    tape: tuple[Change, ...]
    paused: bool
    pace: float | None
    hurry_to: int


class AnyRun(Protocol):
    """One run of a lab. Nothing waits for it and nothing is pushed: it is told, drained, and its status read."""

    @property
    def status(self) -> Status:
        """Where it is."""

    @property
    def record(self) -> Record[Any] | None:
        """The record so far, live changes included; None until the run has started."""

    @property
    def columns(self) -> tuple[Column, ...] | None:
        """What it measures; None until it has started."""

    def pause(self) -> None:
        """Stop after the span under way."""

    def go(self) -> None:
        """Run on."""

    def step(self) -> None:
        """Make one update, then pause."""

    def pace(self, rate: float | None) -> None:
        """Make at most ``rate`` steps per second; None for as fast as it goes."""

    def change(self, values: Mapping[str, Any]) -> None:
        """Ask for a live change of the spec by path; it acts at the next update."""

    def cancel(self) -> None:
        """End the run after the span under way."""

    def drain(self) -> list[Block]:
        """Take what has been measured since the last call."""

    def keyframe_before(self, step: int) -> int:
        """Return the step of the newest state kept at or before ``step``; 0 where there is none."""


class AnyInspector(Protocol):
    """Answers "what does this state look like?": the latest request wins, pictures come coarse then fine."""

    error: ErrorReport | None
    told: Callable[[], None]
    """Called, on a thread of its own, when there is something new to drain or read."""

    @property
    def busy(self) -> bool:
        """A request is waiting or being answered."""

    def ask(self, *request: Any) -> None:
        """Ask for the pictures of a state (spec, row, look, step) instead of what was asked before."""

    def drain(self) -> list[Any]:
        """Take the pictures that have come."""


class AnyBench(Protocol):
    """Where runs are stepped and states inspected."""

    def start(
        self, lab: Lab, spec: Any, *, resume: tuple[AnyRun | None, int] | None = None, **options: Unpack[Options]
    ) -> AnyRun:
        """Begin a run of ``spec``; ``resume``: from the state that another run keeps, at the step it named."""

    def inspector(self, lab: Lab) -> AnyInspector:
        """Return what answers for a lab."""

    def remove(self, member: Any) -> None:
        """Give an inspector no further turn."""

    def close(self, timeout: float = 2.0) -> bool:
        """Cancel every run and end; tell whether all ended in time."""
