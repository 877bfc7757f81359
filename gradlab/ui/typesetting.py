"""LaTeX to SVG, off the GUI thread: one thread that lives while there is work, a cache, and a time limit."""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from types import FrameType
from typing import Any

Done = Callable[[str, str], None]
Wanted = Callable[[], bool]

LIMIT_S = 2.0
"""Seconds of its thread's own time that a formula may take: a layout doubles with every level of nesting."""
LONGEST = 4000
"""Characters of LaTeX that are worth trying."""
SIZE = 24
"""Points at which formulas are laid out; they are vectors, drawn at any size."""
INK = "#010203"
"""The colour they are laid out in, for another to take its place."""
KEPT = 256
REST_S = 0.06
"""How long nothing must be asked before work begins: it takes turns with the GUI, where a hand may be dragging."""


class TooSlow(Exception):  # noqa: N818 - it is not an error of the formula
    """A formula took longer than the limit."""


class Typesetter:
    """Turns formulas into SVG, one after the other, and remembers them.

    ``done(latex, svg)`` is called on the typesetter's thread; an empty text means that it cannot be done. So is
    ``wanted()``, before the work. The thread ends when nothing waits, so none is left behind.
    """

    def __init__(self, limit: float = LIMIT_S) -> None:
        self._limit = limit
        self._known: OrderedDict[str, str] = OrderedDict()
        self._waiting: deque[tuple[str, Done, Wanted]] = deque()
        self._lock = threading.Lock()
        self._closed = threading.Condition(self._lock)
        self._asked = 0.0
        self._thread: threading.Thread | None = None
        self._held = False

    def hold(self, on: bool) -> None:
        """Let formulas wait, or no longer: what sets them is dear to load beside something else."""
        with self._lock:
            self._held = on
            self._go_on()

    def known(self, latex: str) -> str | None:
        """Return the SVG of a formula met before (empty: it cannot be set), else None."""
        with self._lock:
            if latex in self._known:
                self._known.move_to_end(latex)
            return self._known.get(latex)

    def ask(self, latex: str, done: Done, wanted: Wanted = lambda: True) -> None:
        """Typeset ``latex`` and hand it to ``done``, if it is still wanted when its turn comes."""
        with self._lock:
            self._waiting.append((latex, done, wanted))
            self._asked = time.monotonic()
            self._go_on()

    def _go_on(self) -> None:
        if self._waiting and self._thread is None and not self._held:
            self._thread = threading.Thread(target=self._work, name="typesetter")
            self._thread.start()

    def close(self, timeout: float) -> None:
        """Drop what waits and wait for what is under way."""
        with self._lock:
            self._waiting.clear()
            self._closed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            latex, done, wanted = task
            if wanted():
                if (svg := self.known(latex)) is None:
                    svg = self._typeset(latex)
                    self._remember(latex, svg)
                done(latex, svg)

    def _next(self) -> tuple[str, Done, Wanted] | None:
        """Wait for a rest; return what comes next, None where nothing waits: then the thread is no more."""
        with self._lock:
            while self._waiting and (rest := self._asked + REST_S - time.monotonic()) > 0:
                self._closed.wait(rest)
            if not self._waiting:
                self._thread = None
                return None
            return self._waiting.popleft()

    def _remember(self, latex: str, svg: str) -> None:
        with self._lock:
            self._known[latex] = svg
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

    def _typeset(self, latex: str) -> str:
        try:
            return to_svg(latex, self._limit)
        except Exception:  # noqa: BLE001 - malformed LaTeX raises anything there is
            return ""


def to_svg(latex: str, limit: float = LIMIT_S) -> str:
    """Return ``latex`` as SVG in the colour ``INK``.

    Raises ``TooSlow`` past ``limit`` seconds, and whatever ziamath raises where it cannot read the LaTeX.
    """
    from ziamath.config import config
    from ziamath.zmath import Latex

    if len(latex) > LONGEST:
        raise TooSlow(f"{len(latex)} characters of LaTeX")
    config.svg2 = False  # QtSvg draws only slivers of glyphs that are <use>d from a <symbol>
    with _Deadline(limit):
        svg: str = Latex(latex, size=SIZE, color=INK).svg()
    return svg


class _Deadline:
    """Raises ``TooSlow`` at a call within ziamath made past the limit. It acts on its own thread alone.

    Only there: raised in a destructor that the collector happens to run, it would be swallowed and the limit lost.
    """

    EVERY = 64

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self._calls = 0
        self._over = False

    def __enter__(self) -> None:
        sys.setprofile(self._check)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _check(self, frame: FrameType, event: str, _arg: Any) -> None:
        self._calls += 1
        if self._calls % self.EVERY == 0 and time.thread_time() > self._end:
            self._over = True
        if self._over and event == "call" and str(frame.f_globals.get("__name__")).startswith("ziamath"):
            raise TooSlow("time is up")
