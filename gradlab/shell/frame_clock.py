"""When a page draws: as often as painting leaves room for other work."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

FRAME_MS = 33
TURN_MS = 16
"""Least time between two turns of a page whose plots take turns."""
HIDDEN_MS = 250
SLOWEST_MS = 150
SLOWEST_TURN_MS = 80
"""Most time between two turns: where the cores are crowded too, what stands side by side is of nearly the same step."""
PAINT_SHARE = 0.25
"""Share of the time that painting may take while a run goes on; past that, frames come less often."""
DEAREST_S = 0.1
"""Most that one frame counts: what else the window did just then is no habit."""
HURRIED_S = 0.010
"""Cost of drawing everything past which plots take turns."""


class FrameClock(QObject):
    """Calls for frames of a page; what they cost, and the painting after them, sets how often they come.

    The cost is the time for which the window could do nothing else: where others want the cores too, that is longer.
    A frame draws everything, or is one of ``turns`` that together do.
    """

    due = Signal(float)
    """The seconds since the frame before."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.turns = 1
        self._page = page
        self._last = time.monotonic()
        self._cost = 0.0
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def hurried(self) -> bool:
        """Drawing everything costs so much that plots take turns."""
        return self._cost * self.turns > HURRIED_S

    def take(self, turns: int) -> None:
        """Have a whole frame made of so many turns from now on."""
        if turns != self.turns:
            self._cost *= self.turns / turns
            self.turns = turns

    def start(self) -> None:
        """Call for frames from now on."""
        self._last = time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Call for no more frames."""
        self._timer.stop()

    def _tick(self) -> None:
        began = time.monotonic()
        elapsed, self._last = began - self._last, began
        late = max(0.0, elapsed - self._timer.interval() / 1000)
        self.due.emit(elapsed)
        self._govern(late + time.monotonic() - began)

    def _govern(self, cost: float) -> None:
        self._cost = 0.8 * self._cost + 0.2 * min(cost, DEAREST_S)
        least, most = (TURN_MS, SLOWEST_TURN_MS) if self.turns > 1 else (FRAME_MS, SLOWEST_MS)
        wanted = min(max(least, round(1000 * self._cost / PAINT_SHARE)), most) if self._page.isVisible() else HIDDEN_MS
        if abs(wanted - self._timer.interval()) > 4:
            self._timer.setInterval(wanted)
