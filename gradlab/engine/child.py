"""The compute process: a bench like any other, told what to do through one pipe, telling what there is through another.

It ends when the first pipe closes, whatever became of the process at its other end.
"""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .bench import Bench, Inspector
from .channel import Channel, Kept, pack, unpack
from .eager import import_meta, keep_eager, put_meta_off
from .errors import ErrorReport
from .face import Options
from .phase import Phase, Status
from .record import Record
from .run import Run

log = logging.getLogger(__name__)

NEWS_S = 0.008
"""Least time between two rounds of news of runs: about one span."""
AHEAD_BLOCKS = 100
"""Blocks that may be under way to a window that has not taken them."""


def main(crash_log: str = "") -> None:
    """Serve the process that started this one, until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which ends this by closing the pipe
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # what anybody prints here is no message
    if crash_log or sys.stderr:
        faulthandler.enable(Path(crash_log).open("a") if crash_log else sys.stderr)  # noqa: SIM115 - open to the end
    logging.basicConfig(level=logging.INFO, handlers=[LogHandler(channel)])
    put_meta_off()
    Server(channel, Bench(warm_up())).serve()
    os._exit(0)  # nothing here is worth waiting for


def warm_up() -> Iterator[None]:
    """Load what runs need before one is asked for, bit by bit: a click must not wait for torch."""
    from .lab import discover

    keep_eager()
    yield
    for lab in discover():
        for part in ("inspect", "run"):
            if getattr(lab, part):
                lab.load(part)
                yield
    from .optimizers import Adam

    Adam().unavailable((2,))
    yield
    import_meta()
    yield
    from .catalog import load_plugins

    load_plugins()


class LogHandler(logging.handlers.QueueHandler):
    """Hands what is logged here to the log of the window."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._channel = channel

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send the record; its arguments are text by now."""
        self._channel.send(pack((0, "log", pack(record))))


class Server:
    """Keeps runs and inspectors by the numbers that the window gives them."""

    def __init__(self, channel: Channel, bench: Bench) -> None:
        self._channel, self._bench = channel, bench
        self._runs: dict[int, RunDesk] = {}
        self._inspectors: dict[int, InspectorDesk] = {}
        self._news = threading.Event()
        threading.Thread(target=self._tell, name="gradlab-news", daemon=True).start()

    def serve(self) -> None:
        """Do what is asked until nobody can ask any more."""
        while True:
            try:
                key, what, data = unpack(self._channel.receive())
            except EOFError:
                return
            try:
                getattr(self, f"_on_{what}")(key, *unpack(data))
            except Exception as error:
                log.exception("the message %r failed", what)
                self._send(key, "refused", f"{type(error).__name__}: {error}", ErrorReport.of(error))

    def _on_start(self, key: int, lab: Any, spec: Any, source: int, first: int, options: Options) -> None:
        other = self._runs.get(source)
        run = self._bench.start(lab, spec, resume=(other.run if other else None, first), **options)
        self._runs[key] = RunDesk(run)
        run.told = self._news.set
        self._news.set()

    def _on_tell(self, key: int, what: str, *words: Any) -> None:
        if key in self._runs:
            getattr(self._runs[key].run, what)(*words)

    def _on_taken(self, key: int, count: int) -> None:
        if key in self._runs:
            self._runs[key].ahead -= count
            self._news.set()

    def _on_forget(self, key: int) -> None:
        if run := self._runs.pop(key, None):
            run.run.cancel()
        if inspector := self._inspectors.pop(key, None):
            self._bench.remove(inspector.inspector)

    def _on_inspector(self, key: int, lab: Any) -> None:
        inspector = self._bench.inspector(lab)
        self._inspectors[key] = InspectorDesk(inspector)
        inspector.told = lambda: self._tell_pictures(key)  # on the thread that made them: one that wakes comes late

    def _on_ask(self, key: int, *request: Any) -> None:
        if key in self._inspectors:
            self._inspectors[key].inspector.ask(*request)

    def _send(self, key: int, what: str, *words: Any) -> None:
        try:
            self._channel.send(pack((key, what, pack(words))))
        except OSError:
            os._exit(0)  # nobody is there

    def _tell_pictures(self, key: int) -> None:
        if (desk := self._inspectors.get(key)) and (words := desk.news()):
            self._send(key, "pictures", *words)

    def _tell(self) -> None:
        """Send what is new of runs, now and again."""
        while self._news.wait():
            self._news.clear()
            for run_key, run in list(self._runs.items()):
                if found := run.news():
                    self._send(run_key, "news", *found)
            time.sleep(NEWS_S)


class RunDesk:
    """What has been told of a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.ahead = 0
        """Blocks sent that have not been taken."""
        self._status = Status(Phase.LOADING)
        self._named = False
        self._record: Record[Any] | None = None
        self._steps: tuple[int, ...] = ()

    def news(self) -> tuple[Any, ...]:
        """Return status, columns, blocks, record, steps of the keyframes; None for what has not changed."""
        record, steps = self.run.record, self.run.keyframe_steps()
        status, blocks = self.run.status, self.run.drain(AHEAD_BLOCKS - self.ahead)
        new_record = None if _same(record, self._record) else record
        new_steps = None if steps == self._steps else steps
        if status == self._status and not blocks and new_record is None and new_steps is None:
            return ()
        columns = None if self._named else self.run.columns
        self._named = self._named or columns is not None
        self.ahead += len(blocks)
        self._status, self._record, self._steps = status, record, steps
        return status, columns, blocks, new_record, new_steps


def _same(one: Record[Any] | None, other: Record[Any] | None) -> bool:
    """Tell whether nothing was added: the tape only grows."""
    return one is None or (other is not None and len(one.tape) == len(other.tape))


class InspectorDesk:
    """What has been told of an inspector."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self._kept = Kept()
        self._answered = 0

    def news(self) -> tuple[Any, ...]:
        """Return how many requests are done with, the pictures that came, and the error."""
        answered, error = self.inspector.answered, self.inspector.error
        pictures = [self._kept.shorten(picture) for picture in self.inspector.drain()]
        if answered == self._answered and not pictures and error is None:
            return ()
        self._answered, self.inspector.error = answered, None
        return answered, pictures, error
