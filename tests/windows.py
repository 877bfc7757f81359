"""A real window on its bench, for tests that use the program as a person does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from gradlab.engine.bench import Bench
from gradlab.engine.face import AnyBench
from gradlab.engine.lab import discover
from gradlab.engine.run import Phase
from gradlab.labs.descent.spec import DescentSpec
from gradlab.shell.lab_page import LabPage
from gradlab.shell.main_window import MainWindow
from gradlab.shell.settings import Settings

WAIT = 30_000


class Driver:
    """A window with one page in front, and what a person at it would wait for."""

    def __init__(self, qtbot: QtBot, bench: AnyBench | None = None) -> None:
        self.qtbot = qtbot
        self.bench: AnyBench = bench or Bench()
        self.window = MainWindow(discover(), Settings(), self.bench)
        self.window.resize(1440, 900)
        self.window.show()
        qtbot.waitExposed(self.window)

    def open(self, lab: str = "descent") -> LabPage:
        """Open a lab and return its page."""
        with self.qtbot.waitSignal(self.window.pageComplete, timeout=4 * WAIT):  # torch may be loaded beside
            self.window.open_lab(lab)
        return self.page

    @property
    def page(self) -> LabPage:
        """The page in front."""
        assert self.window.page is not None
        return self.window.page

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something the window will come to."""
        self.qtbot.waitUntil(condition, timeout=WAIT)

    def put(self, spec: Any) -> LabPage:
        """Put a spec on the page as if it had been opened."""
        self.page.load(spec)
        self.window.filing.begin(self.page)
        self.window.changed()
        return self.page

    def start(self, spec: Any = None, pace: float | None = None) -> LabPage:
        """Put a spec on the page and run it."""
        page = self.page if spec is None else self.put(spec)
        page.set_pace(pace)
        page.run()
        self.until(lambda: page.session.head > 3)
        return page

    def paused(self, spec: Any = None) -> LabPage:
        """Run a spec a little, then pause it."""
        page = self.start(spec)
        page.pause()
        self.until(lambda: page.session.phase in {Phase.PAUSED, Phase.FINISHED})
        self.until(lambda: page.session.run is not None and page.session.head == page.session.run.status.step)
        return page

    def close(self) -> None:
        """End everything; unsaved edits are dropped."""
        for name, page in self.window.pages.items():
            if page.ready:
                self.window.filing.documents[name].keep(page.spec, page.look)
        assert self.window.close()
        assert self.bench.close(10)
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        del self.window, self.bench  # what pytest still holds is this driver


def preset_file(folder: Path, spec: DescentSpec, name: str = "mine") -> Path:
    """Save a descent as a user would and return its file."""
    from gradlab.shell.document import Document

    path = folder / f"{name}.gradlab.json"
    Document("descent", spec, title=name).save(path, spec, None)
    return path
