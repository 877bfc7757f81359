"""Work on the window's own thread, done in slices that let the window breathe."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

SLICE_MS = 8
"""Work goes on for this long before the window gets to breathe."""
BREATH_MS = 1
"""And it does: a timer that never waits comes again before others that are due."""


class Slices(QObject):
    """Does one piece of work after another; one that fails ends alone, and is reported."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[Iterator[None]] = deque()
        self._clock = QTimer(self, interval=BREATH_MS)
        self._clock.timeout.connect(self._go_on)

    def add(self, work: Iterator[None]) -> None:
        """Do ``work`` after what is under way; each yield is a place where it may be left for a while."""
        self._waiting.append(work)
        self._clock.start()

    def stop(self) -> None:
        """Do nothing more."""
        self._clock.stop()

    def _go_on(self) -> None:
        until = time.monotonic() + SLICE_MS / 1000
        work = self._waiting[0]
        try:
            while time.monotonic() < until:
                next(work)
        except BaseException as end:
            self._waiting.popleft()
            if not self._waiting:
                self._clock.stop()
            if not isinstance(end, StopIteration):
                raise
