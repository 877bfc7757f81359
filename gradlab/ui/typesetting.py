"""Formulas are typeset in a process of their own: a queue, a thread that lives while there is work, and a cache."""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from .latex import to_svg_or_nothing

log = logging.getLogger(__name__)

Done = Callable[[str, str], None]
Wanted = Callable[[], bool]

START = "import sys; sys.path[:] = {path!r}; from gradlab.ui.latex import main; main()"
KEPT = 256
REST_S = 0.06
"""How long nothing must be asked before work begins: what a hand drags past need not be typeset."""
GRACE_S = 0.3
"""Time that a formula under way is given when nobody wants it any more."""


class Typesetter:
    """Turns formulas into SVG, one after the other, and remembers them.

    ``done(latex, svg)`` is called on the typesetter's thread; an empty text means that it cannot be done. So is
    ``wanted()``, before the work. The thread ends when nothing waits, so none is left behind; the process stays.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()
        self._waiting: deque[tuple[str, Done, Wanted]] = deque()
        self._lock = threading.Lock()
        self._closed = threading.Condition(self._lock)
        self._asked = 0.0
        self._thread: threading.Thread | None = None
        self._held = False
        self.process = TypesettingProcess()

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

    def close(self) -> None:
        """Drop what waits; what is under way ends soon, or with its process."""
        with self._lock:
            self._waiting.clear()
            self._closed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(GRACE_S)
            if thread.is_alive():
                self.process.kill()
                thread.join()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            latex, done, wanted = task
            if wanted():
                svg = self.known(latex)
                if svg is None and (svg := self.process.typeset(latex)) is not None:
                    self._remember(latex, svg)
                done(latex, svg or "")

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


class TypesettingProcess:
    """Where formulas are laid out: in this process that would take turns with the GUI, where a hand may be dragging.

    It starts with the first formula, again where it was ended, and ends with this process.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.end)

    @property
    def pid(self) -> int | None:
        """The number of the process, None where there is none."""
        return self._process.pid if self._process else None

    def typeset(self, latex: str) -> str | None:
        """Return ``latex`` as SVG, empty where that cannot be done, None where the process ended. Waits for it."""
        try:
            process = self._process or self._start()
        except OSError as error:
            log.info("no process for formulas: %s", error)
            return to_svg_or_nothing(latex)
        try:
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(latex) + "\n")
            process.stdin.flush()
            svg: str = json.loads(process.stdout.readline())
        except (OSError, ValueError) as error:
            log.info("a formula was not typeset: %s", error)
            self.end()
            return None
        return svg

    def kill(self) -> None:
        """End the process from another thread than the one that waits for it."""
        if process := self._process:
            process.kill()

    def end(self) -> None:
        """End the process, and what there is of it here."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    assert pipe
                    pipe.close()

    def _start(self) -> subprocess.Popen[str]:
        if getattr(sys, "frozen", False):
            raise OSError("a frozen program has no interpreter to start")
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, on a text of our own
            [sys.executable, "-c", START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        return self._process
