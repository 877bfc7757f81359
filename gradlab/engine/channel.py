"""Messages between the window's process and its compute process, over a pair of pipes that nobody else holds."""

from __future__ import annotations

import contextlib
import pickle  # both ends are this program; nothing from a file or a field comes this way
import select
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import IO, Any

HEAD = struct.Struct("<Q")
UNSENDABLE = (TypeError, AttributeError, pickle.PicklingError)
"""What ``pack`` raises for an object that cannot leave its process."""
AT_ONCE: int = getattr(select, "PIPE_BUF", 0)
"""Bytes that a pipe takes whole, without waiting, when it takes any; told of no pipe on Windows."""
KEPT = 32
"""Pictures that both ends remember, so that one which has not changed is the same object again."""


class Channel:
    """Whole messages, in order; any thread may send, one receives."""

    def __init__(self, source: IO[bytes], sink: IO[bytes]) -> None:
        self._source, self._sink = source, sink
        self._lock = threading.Lock()

    def send(self, data: bytes) -> None:
        """Send a message that ``pack`` made; raise ``OSError`` when the other end has gone."""
        with self._lock:
            self._sink.write(HEAD.pack(len(data)))
            self._sink.write(data)
            self._sink.flush()

    def takes(self, data: bytes) -> bool:
        """Tell whether ``send`` would not wait for the other end to read."""
        if HEAD.size + len(data) > AT_ONCE:
            return False
        return bool(select.select([], [self._sink], [], 0)[1])

    def receive(self) -> bytes:
        """Wait for the next message; raise ``EOFError`` when the other end has gone."""
        return self._read(HEAD.unpack(self._read(HEAD.size))[0])

    def close(self) -> None:
        """Close the end that sends; the other side hears it."""
        with contextlib.suppress(OSError):  # of what could not be flushed
            self._sink.close()

    def _read(self, count: int) -> bytes:
        data = self._source.read(count)
        if len(data) < count:
            raise EOFError
        return data


def pack(message: Any) -> bytes:
    """Return a message as bytes; raise one of ``UNSENDABLE`` where that cannot be."""
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


def unpack(data: bytes) -> Any:
    """Return the message; raise whatever importing its classes raises."""
    return pickle.loads(data)  # noqa: S301


class Kept(OrderedDict[int, Any]):
    """The last objects that passed, the same ones at both ends, so that one seen before is sent as its number."""

    def meet(self, number: int, make: Callable[[], Any]) -> Any:
        """Return the object of this number, made now where it is not known."""
        if number not in self:
            self[number] = make()
        self.move_to_end(number)
        while len(self) > KEPT:
            self.popitem(last=False)
        return self[number]

    def shorten(self, thing: Any) -> tuple[int, Any]:
        """Return its number, and what to send with it: None when the other end has it."""
        known = id(thing) in self
        self.meet(id(thing), lambda: thing)
        return id(thing), None if known else thing

    def restore(self, short: tuple[int, Any]) -> Any:
        """Return the object that ``shorten`` stood for."""
        return self.meet(short[0], lambda: short[1])
