"""Finds what a test left behind: windows, timers, animations, threads, processes; and says where each was started."""

from __future__ import annotations

import gc
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from typing import Any

import psutil

from gradlab.ui import formula

PATIENCE_S = 3.0
"""How long something that is already ending may take to end."""
DEPTH = 4
"""Lines of the stack that tell where something was started."""


class Starts:
    """Remembers where every timer, animation and thread was started, by wrapping ``start``."""

    def __init__(self, monkeypatch: Any, *classes: type) -> None:
        self.seen: list[tuple[weakref.ref[Any], str]] = []
        for cls in classes:
            monkeypatch.setattr(cls, "start", self._wrap(cls.start))  # type: ignore[attr-defined]

    def _wrap(self, start: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(this: Any, *args: Any, **kwargs: Any) -> Any:
            stack = traceback.extract_stack(limit=DEPTH + 1)[:-1]
            self.seen.append((weakref.ref(this), " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(stack))))
            return start(this, *args, **kwargs)

        return wrapper

    def where(self, thing: Any) -> str:
        """Return where ``thing`` was started."""
        return next((place for ref, place in reversed(self.seen) if ref() is thing), "an unknown place")

    def alive(self, runs: Callable[[Any], bool]) -> list[Any]:
        """Return what was started, still exists and still runs."""
        started = {id(thing): thing for ref, _ in self.seen if (thing := ref()) is not None}
        return [thing for thing in started.values() if _safely(runs, thing)]


def _safely(runs: Callable[[Any], bool], thing: Any) -> bool:
    try:
        return runs(thing)
    except RuntimeError:  # the C++ object is gone
        return False


def eventually(found: Callable[[], list[str]]) -> list[str]:
    """Return what ``found`` still finds after garbage has been collected and what is ending has had time to end."""
    if not found():
        return []
    gc.collect()
    deadline = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while (left := found()) and time.monotonic() < deadline:
        pause.wait(0.02)
    return left


def threads(monkeypatch: Any) -> Callable[[], list[str]]:
    """Return a function that lists the Python threads started since."""
    before = set(threading.enumerate())
    starts = Starts(monkeypatch, threading.Thread)
    foreign = threading._DummyThread  # type: ignore[attr-defined]  # a thread of torch or Qt that once ran Python

    def found() -> list[str]:
        left = [t for t in threading.enumerate() if t not in before and not isinstance(t, foreign)]
        return [f"thread {t.name!r} from {starts.where(t)}" for t in left]

    return found


def processes() -> Callable[[], list[str]]:
    """Return a function that lists the child processes started since, without the one that stays for formulas."""
    here = psutil.Process()  # asked now: a test may change what the number of this process seems to be
    before = set(here.children())

    def found() -> list[str]:
        left = [child for child in here.children() if child not in before and child.pid != formula.process()]
        return [f"process {child.pid}" for child in left if child.is_running()]

    return found


def qt(monkeypatch: Any, app: Any) -> Callable[[], list[str]]:
    """Return a function that lists the windows, timers, animations and Qt threads that have come since."""
    from PySide6.QtCore import QAbstractAnimation, QCoreApplication, QEvent, QThread, QThreadPool, QTimer

    before = set(app.topLevelWidgets())
    timers, moves = Starts(monkeypatch, QTimer), Starts(monkeypatch, QAbstractAnimation)
    workers = Starts(monkeypatch, QThread)
    running = QAbstractAnimation.State.Running

    def found() -> list[str]:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = [f"window {widget!r}" for widget in app.topLevelWidgets() if widget not in before]
        left += [f"timer {t!r} from {timers.where(t)}" for t in timers.alive(QTimer.isActive)]
        left += [f"animation {a!r} from {moves.where(a)}" for a in moves.alive(lambda a: a.state() == running)]
        left += [f"Qt thread {w!r} from {workers.where(w)}" for w in workers.alive(QThread.isRunning)]
        pooled = QThreadPool.globalInstance().activeThreadCount()
        return left + ([f"{pooled} tasks of the thread pool"] if pooled else [])

    return found
