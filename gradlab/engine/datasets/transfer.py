"""A download under way: a thread that brings files, and what a window asks it now and then."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from gradlab.engine.errors import ErrorReport, UserError

from .remotes import CancelledError, Remote


class Transfer:
    """Brings ``remotes`` into ``folder`` on a thread of its own; starts at once.

    ``done`` and ``total`` are bytes. When ``finished`` holds, ``error`` is empty if all files have come, or it was
    cancelled.
    """

    def __init__(self, remotes: Sequence[Remote], folder: Path) -> None:
        self.done = 0
        self.total = sum(remote.size for remote in remotes)
        self.error = ""
        self.cancelled = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(tuple(remotes), folder), name="download", daemon=True)
        self._thread.start()

    @property
    def finished(self) -> bool:
        """Tell whether nothing more will come."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to end; it does at the next bytes that come, at the latest when the network's patience ends."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; return whether it has come."""
        self._thread.join(seconds)
        return self.finished

    def _run(self, remotes: tuple[Remote, ...], folder: Path) -> None:
        from .download import fetch_all

        try:
            fetch_all(remotes, folder, self._told, self._stop.is_set)
        except CancelledError:
            self.cancelled = True
        except UserError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001 - told in the window; a thread has nobody else to tell
            self.error = ErrorReport.of(error).summary

    def _told(self, done: int, total: int) -> None:
        self.done, self.total = done, total
