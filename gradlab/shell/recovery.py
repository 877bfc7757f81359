"""Edits that survive a crash: written aside a moment after they are made, offered at the next start."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QSysInfo, QTimer

from gradlab.engine.errors import UserError

log = logging.getLogger(__name__)

DELAY_MS = 1500
"""Edits are at most this old when they are written."""


def folder() -> Path:
    """Return where edits are kept aside."""
    from platformdirs import user_state_path

    return user_state_path("gradlab", appauthor=False) / "recovery"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Edits that a program which did not end cleanly has left."""

    lab: str
    path: Path


class Recovery(QObject):
    """Keeps the unsaved edits of this process aside, one file per lab, beside a lock that says it is alive.

    Files are named by process and moment: in a container every start may have the same number.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder()
        self._name = f"{os.getpid()}_{time.time_ns()}"
        self._lock: QLockFile | None = None
        self._waiting: dict[str, str | None] = {}
        self._timer = QTimer(self, interval=DELAY_MS, singleShot=True)
        self._timer.timeout.connect(self.write)

    def begin(self) -> None:
        """Take the lock; without a folder to write in, edits are not kept and the log says so."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.warning("edits are not kept aside: %s", error)
            return
        lock = _lock(self._folder / f"{self._name}.lock")
        if lock.tryLock(0):
            self._lock = lock
        else:
            log.warning("edits are not kept aside: no lock in %s", self._folder)

    def keep(self, lab: str, text: str | None) -> None:
        """Write ``text`` aside soon as the edits of ``lab``; None: there are none any more."""
        self._waiting[lab] = text
        if not self._timer.isActive():
            self._timer.start()

    def write(self) -> None:
        """Write now what waits."""
        from gradlab.engine.files import write_atomic

        self._timer.stop()
        waiting, self._waiting = self._waiting, {}
        for lab, text in waiting.items() if self._lock else ():
            path = self._folder / f"{self._name}-{lab}.json"
            try:
                if text is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomic(path, text.encode())
            except (OSError, UserError) as error:
                log.warning("edits are not kept aside: %s", error)

    def take_over(self, leftover: Leftover) -> None:
        """Forget what another process has left: its edits are those of this one now, and kept aside."""
        self.write()
        leftover.path.unlink(missing_ok=True)

    def end(self) -> None:
        """Leave nothing behind: the program has ended cleanly."""
        self._timer.stop()
        if self._lock is None:
            return
        for path in self._folder.glob(f"{self._name}-*.json"):
            path.unlink(missing_ok=True)
        self._lock.unlock()
        self._lock = None

    def leave(self) -> None:
        """Write what waits and leave it for the next start: the program is being ended from outside."""
        self.write()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def leftovers(self) -> Iterator[Leftover]:
        """Yield what other processes have left that are no longer alive."""
        for path in sorted(self._folder.glob("*-*.json")):
            process, _, lab = path.stem.partition("-")
            if process != self._name and not _alive(self._folder / f"{process}.lock"):
                yield Leftover(lab, path)


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(str(path))
    lock.setStaleLockTime(0)
    return lock


def _alive(path: Path) -> bool:
    """Tell whether the process that holds a lock, another than this one, is alive."""
    lock = _lock(path)
    if lock.tryLock(0):
        lock.unlock()
        return False
    number, host, _ = lock.getLockInfo()
    return (number, host) != (os.getpid(), QSysInfo.machineHostName())


def set_aside(leftover: Leftover) -> None:
    """Keep what cannot be read for whoever wants to look into it."""
    leftover.path.replace(leftover.path.with_suffix(".invalid"))
