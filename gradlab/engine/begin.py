"""What is begun before anything of the window is loaded: the log, and the process that computes."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .remote import RemoteBench

if TYPE_CHECKING:
    from .face import AnyBench

log = logging.getLogger(__name__)


def begin() -> AnyBench:
    """Begin to log, and return what computes; it loads while this process loads the window."""
    return make_bench(set_up_logging())


def log_folder() -> Path:
    """Return the folder of the log and the crash trace."""
    from platformdirs import user_log_path

    return user_log_path("gradlab", appauthor=False)


def set_up_logging() -> Path | None:
    """Log to a file of bounded size, and crashes of the interpreter to another, which is returned; or to neither."""
    crash_log: Path | None = None
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(folder / "gradlab.log", maxBytes=1_000_000, backupCount=2)
        crash_log = folder / "crash.log"
        faulthandler.enable(crash_log.open("a"))
    except OSError:
        handler = logging.StreamHandler()  # type: ignore[assignment]
    logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s %(message)s")
    return crash_log


def make_bench(crash_log: Path | None) -> AnyBench:
    """Return the compute process, which begins to load at once; a thread where there can be no process."""
    try:
        if not getattr(sys, "frozen", False):
            return RemoteBench(crash_log)
    except OSError as error:
        log.warning("no compute process: %s", error)
    from .bench import Bench

    return Bench()
