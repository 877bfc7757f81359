"""One life of the compute process, seen from the process that started it: pipes, two threads, and how it ended."""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakValueDictionary

from .channel import Channel, pack, unpack
from .errors import ErrorReport
from .text import Text

log = logging.getLogger(__name__)

START = "import sys; sys.path[:] = {path!r}; from gradlab.engine.child import main; main({crash!r})"
ENDED = "the compute process ended ({why}); what is asked next gets a new one"
STUCK = "a run did not end when it was told to, so the compute process was ended"

GRACE_S = 0.5
"""Time the process has to end by itself."""


class Member(Protocol):
    """What is here of something in the compute process; its methods are called on the thread that listens."""

    def news(self, what: str, words: tuple[Any, ...]) -> None:
        """Take what is told."""

    def refused(self, text: str, report: ErrorReport) -> None:
        """Take that something asked for could not be done there."""

    def lost(self, why: Text | None) -> None:
        """Take that the process has ended; None: as it was asked to."""


class Child:
    """The process. Sending never waits: where the pipe is full a thread does, and another listens; both end with it."""

    def __init__(self, crash_log: Path | None = None) -> None:
        self.gone = self.heard = False
        """``heard``: something was computed there, so what computing needs is loaded."""
        self.members: WeakValueDictionary[int, Member] = WeakValueDictionary()
        self._closing = self._stuck = False
        code = START.format(path=sys.path, crash=str(crash_log or ""))
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, on a text of our own
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if sys.stderr else subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin and self._process.stdout
        self._channel = Channel(self._process.stdout, self._process.stdin)
        self._outbox: deque[bytes | None] = deque()
        self._more: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._order = threading.Lock()
        works = {"gradlab-send": self._send_all, "gradlab-listen": self._listen}
        self._threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in works.items()]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, key: int, what: str, *words: Any) -> None:
        """Send a message to the thing of this number; raise what ``pack`` raises. Who has gone hears nothing."""
        data = pack((key, what, pack(words)))
        if not self._send_now(data):
            self._put(data)

    def _send_now(self, data: bytes) -> bool:
        """Send a message where nothing has to be waited for: one that a thread sends leaves when that has woken."""
        if not self._order.acquire(blocking=False):
            return False
        try:
            if self._outbox or not self._channel.takes(data):
                return False
            self._channel.send(data)
        except (OSError, ValueError):
            log.debug("nobody hears what is sent to the compute process")
        finally:
            self._order.release()
        return True

    def _put(self, data: bytes | None) -> None:
        self._outbox.append(data)
        self._more.put(None)

    def close(self, timeout: float) -> bool:
        """End the process and the threads; tell whether all have ended in time."""
        self._closing = True
        self._put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(min(timeout, GRACE_S))
        self._process.kill()  # a process that imports or computes may not listen, and has nothing to lose
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def give_up(self) -> None:
        """Kill the process, which does not come back from what it does; what else was under way there is lost."""
        self.gone = self._stuck = True
        self._process.kill()

    def _send_all(self) -> None:
        while True:
            self._more.get()
            with self._order:
                if (data := self._outbox[0]) is None:
                    break
                try:
                    self._channel.send(data)
                except OSError:
                    break
                self._outbox.popleft()
        self._channel.close()

    def _listen(self) -> None:
        while True:
            try:
                key, what, data = unpack(self._channel.receive())
            except EOFError:
                break
            try:
                self._deliver(key, what, data)
            except Exception:
                log.exception("a message from the compute process could not be read")
        self._end()

    def _deliver(self, key: int, what: str, data: bytes) -> None:
        words = unpack(data)
        if what == "log":
            logging.getLogger(words.name).handle(words)
            return
        member = self.members.get(key)
        if member is None:
            return
        if what == "refused":
            member.refused(*words)
        else:
            self.heard = True
            member.news(what, words)

    def _end(self) -> None:
        code = self._process.wait()
        self._put(None)
        self.gone = True
        why = None
        if not self._closing:
            how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            why = Text(STUCK) if self._stuck else Text(ENDED, {"why": how})
            log.error(str(why))
        for member in list(self.members.values()):
            member.lost(why)
        assert self._process.stdout
        self._process.stdout.close()
