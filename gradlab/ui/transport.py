"""The bar under the stage: run, pause, step, back, stop, the timeline, the pace, and what the run says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Mark:
    """A live change on the timeline: ``Mark(40, "lr 0.1 → 0.05")``."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class TransportState:
    """All that the bar shows.

    ``step``: the step on screen; ``head``: the last one recorded; ``total``: the budget. ``past``: the cursor stands
    before the head. ``pace``: steps per second, None for as fast as possible.
    """

    step: int = 0
    head: int = 0
    total: int = 0
    running: bool = False
    active: bool = False
    past: bool = False
    marks: tuple[Mark, ...] = ()
    pace: float | None = None
    status: str = ""


class Transport(QWidget):
    """Shows a ``TransportState``; says what the user asks for and does nothing itself."""

    runRequested = Signal()
    pauseRequested = Signal()
    stepRequested = Signal()
    backRequested = Signal()
    restartRequested = Signal()
    stopRequested = Signal()
    continueRequested = Signal()
    scrubbed = Signal(int)
    paceChanged = Signal(object)

    def show_state(self, state: TransportState) -> None:
        """Show ``state``; emits nothing."""
        raise NotImplementedError
