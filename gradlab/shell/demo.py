"""Plays the experiment on screen to its end; leaves a picture and its rows, for those who have no screen."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from gradlab.engine.run import Phase

from .main_window import MainWindow

WATCH_MS = 100
DEADLINE_MS = 300_000
"""Past this the demo gives up: something went wrong that will not mend."""
LAST_LOOK_MS = 1500
"""Time for the last pictures to be drawn before the window is photographed."""


class Demo(QObject):
    """Goes as fast as it goes, then writes ``gradlab.png`` and ``run.csv`` into a folder and quits."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window, self._folder = window, folder
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self._look)

    def start(self) -> None:
        """Begin to watch the run."""
        self._watch.start()
        QTimer.singleShot(DEADLINE_MS, self, self._give_up)

    def _give_up(self) -> None:
        print("the default experiment did not come to its end; the log says more", file=sys.stderr)  # noqa: T201
        QCoreApplication.exit(1)

    def _look(self) -> None:
        page = self._window.page
        if page is None or not page.whole or page.session.run is None:
            return
        page.set_pace(None)
        if page.session.phase in {Phase.FINISHED, Phase.DIVERGED, Phase.FAILED, Phase.CANCELLED}:
            self._watch.stop()
            QTimer.singleShot(LAST_LOOK_MS, self, self._leave)

    def _leave(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        picture, rows = self._folder / "gradlab.png", self._folder / "run.csv"
        self._window.grab().save(str(picture))
        self._window.filing.export_run(rows)
        print(f"played to the end: {picture} shows the window, {rows} has every step")  # noqa: T201
        QCoreApplication.exit(0)
