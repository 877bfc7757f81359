"""What a run leaves and depends on: blocks of rows, the tape of live changes, keyframes, and the gate between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from .model import Advanced, Frozen, Int, Tunable, with_changes

if TYPE_CHECKING:
    import numpy as np

    from .text import Text

BLOCK_STEPS = 1024
"""Steps of one block when nobody is watching."""
KEYFRAMES = 64
"""Keyframes a run keeps; past that, every other one goes and they are taken half as often."""


class RunSpec(Frozen):
    """What every lab asks that steps: how long, where, and in which precision."""

    steps: Annotated[Int, Tunable()] = Field(default=2000, ge=1, le=10**9, description="step budget of the run")
    dtype: Annotated[Literal["float64", "float32"], Advanced()] = Field(default="float64", description="precision")
    device: Annotated[Literal["auto", "cpu", "cuda"], Advanced()] = Field(
        default="auto", description="where torch computes; resolved when the run starts"
    )

    @property
    def threads(self) -> int:
        """Threads that torch is to compute with: one, as toys are slower with more."""
        return 1

    @classmethod
    def field_order(cls) -> tuple[str, ...]:
        """Return what a lab asks first, then how long and where."""
        own = [name for name in cls.model_fields if name not in RunSpec.model_fields]
        return (*own, *RunSpec.model_fields)


S = TypeVar("S", bound=RunSpec)


@dataclass(frozen=True, slots=True)
class Column:
    """One measured quantity: its axes after the step, and what it is called in a table.

    ``labels`` name the entries of each axis; ``heading`` is formatted with one label per axis, so that a column
    of shape (racers, coordinates) becomes ``racers.adam.x``, ``racers.adam.y`` …  ``curve`` keeps its range over
    the whole run, so that it can be drawn at any length. ``sizes`` are the shapes of what each entry of the last axis
    is measured of, where that is told. ``every``: it is measured at every so many steps, 0 for never; where it is not,
    there is NaN. One that is ``heavy`` is of the tip alone and kept now and then; its entries lie one after the other,
    in the order of ``labels`` and in the shapes of ``sizes``.
    """

    name: str
    heading: str
    labels: tuple[tuple[str, ...], ...] = ()
    unit: str = ""
    curve: bool = False
    dtype: str = "f8"
    sizes: tuple[tuple[int, ...], ...] = ()
    every: int = 1
    heavy: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Entries along each axis, the step apart."""
        return tuple(len(names) for names in self.labels)

    def headings(self) -> list[str]:
        """Return one table heading per entry, last axis fastest."""
        names: list[tuple[str, ...]] = [()]
        for axis in self.labels:
            names = [(*name, label) for name in names for label in axis]
        return [self.heading.format(*name) for name in names]


@dataclass(frozen=True, slots=True)
class Block:
    """The measurement of consecutive steps, never written again once it is handed over.

    ``columns[name]`` has the step as its leading axis, starting at row ``first``. Row k is the state before update
    k; the last row is the tip, a state that has not been updated yet, and the first row of the next block takes its
    place. ``heavy`` holds what is only kept now and then, as it was at the tip.
    """

    first: int
    columns: Mapping[str, np.ndarray]
    heavy: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def tip(self) -> int:
        """The row of the newest state."""
        return self.first + len(next(iter(self.columns.values()))) - 1

    def since(self, row: int) -> Block:
        """Return the block without its rows before ``row``."""
        skip = row - self.first
        return self if skip <= 0 else Block(row, {name: a[skip:] for name, a in self.columns.items()}, self.heavy)


@dataclass(frozen=True, slots=True)
class Change:
    """A live change of the spec that acted from update ``step`` on."""

    step: int
    values: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON has it."""
        return {"step": self.step, "values": {path: _plain(value) for path, value in self.values.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value.model_dump(mode="json") if isinstance(value, Frozen) else value


@dataclass(frozen=True, slots=True)
class Record(Generic[S]):
    """All that a run depends on: replaying it gives the same rows, bit for bit."""

    spec: S
    tape: tuple[Change, ...] = ()
    device: str = "cpu"
    threads: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)

    def spec_at(self, step: int) -> S:
        """Return the spec that update ``step`` was made with."""
        spec = self.spec
        for change in self.tape:
            if change.step <= step:
                spec = with_changes(spec, change.values)
        return spec

    def last_spec(self) -> S:
        """Return the spec after every change."""
        return self.spec_at(self.tape[-1].step) if self.tape else self.spec

    def until(self, step: int) -> Record[S]:
        """Return the record without what changed after ``step``."""
        return replace(self, tape=tuple(change for change in self.tape if change.step <= step))


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The whole state of a run before update ``step``, made under ``spec``; a run can go on from it."""

    step: int
    spec: Any
    state: Any


@dataclass(frozen=True, slots=True)
class Span(Generic[S]):
    """Consecutive updates first … first + count − 1, made under one spec."""

    first: int
    count: int
    spec: S


class Live(Generic[S]):
    """The runner's only window on the world: it says which updates to make next, and under which spec.

    A runner that ``rests`` is given a span of no updates whenever the run stands still, paused or at its end: the
    block that it yields for that is one row, which shows more of the tip until the run goes on.
    """

    def __init__(self, record: Record[S], resume: Keyframe | None = None) -> None:
        self.record = record
        self.resume = resume
        self.step = resume.step if resume else 0
        self.spec = record.spec_at(self.step) if resume else record.spec
        self.allowance = BLOCK_STEPS
        self.keyframes: list[Keyframe] = []
        self.diverged: Text | None = None
        self.rests, self.rested = False, True
        self._applied = [change for change in record.tape if resume and change.step <= self.step]
        self._replay = deque(record.tape[len(self._applied) :])
        self._asked: deque[Mapping[str, Any]] = deque()
        self._keyframe_every = 1

    @property
    def tape(self) -> tuple[Change, ...]:
        """Every change so far, and those still to be replayed."""
        return (*self._applied, *self._replay)

    def ask(self, values: Mapping[str, Any]) -> None:
        """Ask for a change of the spec at the next update; any thread."""
        self._asked.append(values)

    def settle(self) -> None:
        """Apply what is due at this step, first from the tape, then what was asked."""
        while self._replay and self._replay[0].step <= self.step:
            self._apply(self._replay.popleft())
        while self._asked and not self._replay:
            self._apply(Change(self.step, self._asked.popleft()))

    def _apply(self, change: Change) -> None:
        self.spec = with_changes(self.spec, change.values)
        self._applied.append(change)

    def left(self) -> int:
        """Updates until the step budget or the next change of the tape."""
        end = self.spec.steps
        return (min(end, self._replay[0].step) if self._replay else end) - self.step

    def spans(self) -> Iterator[Span[S]]:
        """Give out updates until the budget is spent; ``step`` counts those given out."""
        while True:
            self.settle()
            count = max(0, min(self.allowance, self.left()))
            if not count and not self.wants_rest():
                return
            span, self.rested = Span(self.step, count, self.spec), not count
            self.step += count
            yield span

    def wants_rest(self) -> bool:
        """Tell whether the runner has more to show of a state at which the run stands still."""
        return self.rests and not self.rested

    def keyframe(self, step: int, state: Callable[[], Any]) -> None:
        """Keep ``state()`` as the state before update ``step``, when it is time for another keyframe."""
        if self.keyframes and step < self.keyframes[-1].step + self._keyframe_every:
            return
        self.keyframes.append(Keyframe(step, self.spec, state()))
        if len(self.keyframes) > KEYFRAMES:
            self.keyframes = self.keyframes[::2]
            self._keyframe_every = max(1, 2 * self._keyframe_every, self.keyframes[1].step - self.keyframes[0].step)

    def keyframe_before(self, step: int) -> Keyframe | None:
        """Return the newest keyframe at or before ``step``."""
        kept = self.keyframes if self.resume is None else [self.resume, *self.keyframes]
        return next((frame for frame in reversed(kept) if frame.step <= step), None)

    def keyframe_steps(self) -> tuple[int, ...]:
        """Return the steps of the keyframes, in order."""
        kept = tuple(frame.step for frame in self.keyframes)
        return kept if self.resume is None else (self.resume.step, *kept)


@dataclass(frozen=True, slots=True)
class Notes:
    """What an inspection has to say about fields of the spec, by path; the page puts it under them in the form.

    ``refusals``: by path (a ``*`` stands for any one name), then by kind: why a member cannot be chosen there.
    ``faults``: the paths whose text says why nothing can be computed.
    """

    texts: Mapping[str, Text]
    refusals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    faults: frozenset[str] = frozenset()
