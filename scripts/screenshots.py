"""Drives every lab and every shipped experiment and photographs the window: ``screenshots.py FOLDER``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradlab.shell.main_window import MainWindow

SIZES = ((1280, 800), (1440, 900), (1920, 1080))
THEMES = ("dark", "light")
SETTLE_S = 1.5
"""Time for the last pictures to be computed and drawn."""
PATIENCE_S = 120.0
RUN_S = 30.0
OVER = {"finished", "diverged", "failed"}
POLL_MS = 50

Until = Callable[[], bool]


def main(folder: Path) -> int:
    """Write the pictures to ``folder``; return the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = str(Path(home) / name)  # a window as on the first day, whatever the user's looks like
        return drive(folder)


def drive(folder: Path) -> int:
    """Open the window and play the scenes in it."""
    from PySide6.QtCore import QTimer

    from gradlab.app import make_application
    from gradlab.engine.lab import discover
    from gradlab.shell.main_window import MainWindow
    from gradlab.shell.settings import Settings
    from gradlab.ui import formula, theme

    application = make_application(["gradlab"])
    theme.apply(application, THEMES[0])
    window = MainWindow(discover(), Settings())
    window.show()
    scenes = played(window, folder)
    until, deadline = next(scenes, None), time.monotonic() + PATIENCE_S

    def poll() -> None:
        nonlocal until, deadline
        if until is not None and until():
            until, deadline = next(scenes, None), time.monotonic() + PATIENCE_S
        if until is None:
            application.exit(0)
        elif time.monotonic() > deadline:
            raise TimeoutError("what a scene waits for does not happen")

    def stumble(*error: Any) -> None:
        traceback.print_exception(*error)
        application.exit(1)

    sys.excepthook = stumble
    clock = QTimer(window, interval=POLL_MS)
    clock.timeout.connect(poll)
    clock.start()
    code = application.exec()
    clock.stop()
    window.hide()
    window.shut_down()
    formula.shutdown()
    return code


def played(window: MainWindow, folder: Path) -> Iterator[Until]:
    """Play every scene; each yield says what to wait for."""
    from gradlab.engine.presets import library

    for lab in window.labs:
        window.open_lab(lab.id)
        yield in_front(window, lab.id)
        yield from run(window)
        for width, height in SIZES:
            for mode in THEMES:
                yield from photograph(window, folder / f"{lab.id}-{mode}-{width}x{height}.png", width, height, mode)
    for entry in library():
        window.filing.open(entry.path, shipped=True)
        yield after(0.5)
        yield in_front(window, entry.lab)
        yield from run(window)
        yield from photograph(window, folder / f"preset-{entry.name}.png", *SIZES[1], THEMES[0])


def run(window: MainWindow) -> Iterator[Until]:
    """Run the experiment in front to its end, or as far as it comes in a while."""
    page = window.page
    if page is not None and page.lab.run:
        page.set_pace(None)
        page.run()
        late = after(RUN_S)
        yield lambda: late() or (page.session.phase is not None and page.session.phase.value in OVER)


def photograph(window: MainWindow, file: Path, width: int, height: int, mode: str) -> Iterator[Until]:
    """Write the window as it looks in this size and theme."""
    window.resize(width, height)
    window.set_theme(mode)
    yield after(SETTLE_S)
    if (window.width(), window.height()) != (width, height):
        print(f"{file.name}: the window is {window.width()}x{window.height()}, it does not fit {width}x{height}")
    window.grab().save(str(file))
    print(file)


def in_front(window: MainWindow, name: str) -> Until:
    """Return a condition that holds when the page of a lab has been built whole and is in front."""
    return lambda: window.page is not None and window.page.lab.id == name and window.page.whole


def after(seconds: float) -> Until:
    """Return a condition that holds in ``seconds``."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
