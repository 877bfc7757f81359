"""Imports modules on a thread of its own while the window lives on; what makes classes of Qt, on the window's own."""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import SimpleQueue

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)

Act = Callable[[], object]
QT = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtOpenGL", "QtOpenGLWidgets", "QtTest")
"""What pyqtgraph takes every name of, or imports."""


class Loader(QObject):
    """Does one thing after another. What cannot be imported fails again, and is reported, where it is needed."""

    _done = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._requests: SimpleQueue[tuple[Act, Act] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ending = False
        self._done.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def load(self, modules: Sequence[str], then: Act) -> None:
        """Import ``modules``, then call ``then`` on the thread of this object; at once when all are there."""
        if all(name in sys.modules for name in modules):
            then()
        else:
            self.do(partial(self._import, modules), then)

    def do(self, work: Act, then: Act) -> None:
        """Do ``work`` beside, then call ``then`` on the thread of this object."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="gradlab-loader", daemon=True)
            self._thread.start()
        self._requests.put((work, then))

    def join(self) -> None:
        """End after the module under way; a thread in an import must not see the interpreter end."""
        self._ending = True
        self._requests.put(None)
        if self._thread is not None:
            self._thread.join(10)

    def _work(self) -> None:
        while (request := self._requests.get()) is not None and not self._ending:
            work, then = request
            try:
                work()
            except Exception:
                log.exception("loading failed")
            self._done.emit(then)

    def _import(self, modules: Sequence[str]) -> None:
        for name in modules:
            if not self._ending:
                importlib.import_module(name)

    def _tell(self, then: Act) -> None:
        if not self._ending:
            then()


def make_classes() -> Iterator[None]:
    """Have all classes of Qt made on this thread, one after another, before another imports what uses them.

    WORKAROUND PySide6 6.11: a class is made when it is first asked for, and the program crashes where two threads ask.
    """
    for name in QT:
        with contextlib.suppress(ImportError):
            module = importlib.import_module(f"PySide6.{name}")
            for each in dir(module):
                getattr(module, each)
                yield
