"""When a page draws: as often as painting leaves room for other work."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

FRAME_MS = 33
HIDDEN_MS = 250
SLOWEST_MS = 150
PAINT_SHARE = 0.25
"""Share of the time that painting may take while a run goes on; past that, frames come less often."""
HURRIED_S = 0.010
"""Cost of a frame past which plots take turns."""


class FrameClock(QObject):
    """Calls for frames of a page; what they cost, and the painting after them, sets how often they come."""

    due = Signal(float)
    """The seconds since the frame before."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._last = time.monotonic()
        self._cost = 0.0
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def hurried(self) -> bool:
        """A frame costs so much that plots take turns."""
        return self._cost > HURRIED_S

    def start(self) -> None:
        """Call for frames from now on."""
        self._timer.start()

    def stop(self) -> None:
        """Call for no more frames."""
        self._timer.stop()

    def _tick(self) -> None:
        began = time.monotonic()
        elapsed, self._last = began - self._last, began
        self.due.emit(elapsed)
        late = elapsed - self._timer.interval() / 1000
        self._govern(max(0.0, late) + time.monotonic() - began)

    def _govern(self, cost: float) -> None:
        self._cost = 0.8 * self._cost + 0.2 * min(cost, 0.5)
        wanted = max(FRAME_MS, round(1000 * self._cost / PAINT_SHARE)) if self._page.isVisible() else HIDDEN_MS
        if abs(wanted - self._timer.interval()) > 4:
            self._timer.setInterval(min(wanted, SLOWEST_MS))
