"""What a page shows, kept in step with the record of its run and with what is asked of its inspector."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from gradlab.engine.face import AnyBench
from gradlab.engine.model import at
from gradlab.engine.record import Notes
from gradlab.ui.i18n import render
from gradlab.ui.waiting import Waiting

from .frame_clock import FrameClock
from .inspection import Inspection
from .status import transport_state

if TYPE_CHECKING:
    from .lab_page import LabPage

VIEW_TURNS = 4
"""Turns of the plots for each one of the transport and of the readings."""
MOMENT_S = 0.006
"""How long an edit waits for its first answer, to be painted once: a paint takes longer."""


class Drawing(QObject):
    """Draws frames: whole ones, or, where that is dear while a run goes on, a part at a time."""

    drained = Signal()
    """What the run measured has been taken in, and drawn where the page is in sight."""
    failed = Signal(object)
    """An ErrorReport."""
    _told = Signal()
    """There are pictures; emitted on the thread that hears of them."""

    def __init__(self, page: LabPage) -> None:
        super().__init__(page)
        self._page = page
        self._dirty = True
        self._behind = False
        self._turn = 0
        self._noted: tuple[str, ...] = ()
        self._clock = FrameClock(page)
        self._clock.due.connect(self._frame)
        self._came = threading.Event()
        self._told.connect(self._show_soon, Qt.ConnectionType.QueuedConnection)

    def start(self, bench: AnyBench) -> None:
        """Draw from now on."""
        self.inspection = Inspection(self._page.lab, bench)
        if self.inspection.hasty:
            self.inspection.inspector.told = self._hear
        self._waiting = Waiting(self._page.panel)
        self._clock.start()

    def stop(self) -> None:
        """Draw no more."""
        self._clock.stop()
        if self._page.ready:
            self.inspection.end()

    @property
    def current(self) -> bool:
        """All there is to draw is drawn."""
        return not (self._dirty or self._behind)

    def touch(self) -> None:
        """Draw everything at the next frame."""
        self._dirty = True

    def hasten(self) -> None:
        """Draw everything; where no run sets the pace ask at once, so that it is computed while the edit is shown."""
        self._dirty = True
        if self._hasty:
            self._came.clear()
            self._ask()

    def join(self) -> None:
        """Show the answer to an edit that has just been shown together with it, if it comes in a moment."""
        if self._hasty and self.inspection.inspector.busy and self._came.wait(MOMENT_S):
            self._show_readings()

    def _hear(self) -> None:
        """Take it that pictures have come; on the thread that hears of them."""
        self._came.set()
        self._told.emit()

    @property
    def _hasty(self) -> bool:
        """What is asked is asked at once, and shown when it comes."""
        page = self._page
        return page.furnished and not page.lab.run and page.isVisible()

    def _frame(self, elapsed: float) -> None:
        page = self._page
        fresh = page.session.drain()
        if page.isVisible():
            self._behind |= page.player.advance(elapsed) or fresh
            if page.running and self._clock.hurried and not self._dirty:
                self._take_turn()
            else:
                self._draw_all()
            self._waiting.setVisible(self.inspection.slow and not page.running)
        self.drained.emit()

    def _draw_all(self) -> None:
        self._clock.take(1)
        if not self.current:
            self._behind = self._dirty = False
            session = self._page.session
            self._page.view.show_tracks(session.tracks, session.cursor)
            self._show_transport()
        self._show_readings()

    def _take_turn(self) -> None:
        """Draw a part of what there is, so that nothing waits for all of it: a plot, the transport or the readings."""
        view, session = self._page.view, self._page.session
        self._turn = (self._turn + 1) % (VIEW_TURNS + 2)
        if self._turn < VIEW_TURNS:
            self._behind = self._behind and view.show_turn(session.tracks, session.cursor)
        elif self._turn == VIEW_TURNS:
            self._show_transport()
        else:
            self._show_readings()
        self._clock.take(view.turns + 2)

    def _show_transport(self) -> None:
        page = self._page
        page.transport.show_state(transport_state(page.player, page.spec, stale=page.stale))

    def _ask(self) -> None:
        page, session, row = self._page, self._page.session, None
        if session.history is not None and session.history.rows and not page.stale:
            row = session.head if session.cursor is None else session.cursor
        self.inspection.ask(page.spec, page.look, session, row=row, running=page.running)

    def _show_readings(self) -> None:
        """Show what has come; before that, ask for what is next, so that it is made meanwhile."""
        readings = self.inspection.drain() if self._page.furnished else []
        self._ask()
        for reading in readings:
            if isinstance(reading, Notes):
                self._show_notes(reading)
            else:
                self._page.view.show_reading(reading)
        if trouble := self.inspection.trouble():
            self.failed.emit(trouble)

    def _show_soon(self) -> None:
        if self._hasty:
            self._show_readings()

    def _show_notes(self, notes: Notes) -> None:
        form, spec = self._page.form, self._page.spec
        for path in {*(path for path in self._noted if _has(spec, path)), *notes.texts}:
            text = render(notes.texts[path]) if path in notes.texts else ""
            form.set_hint(path, text, fault=path in notes.faults)
        self._noted = tuple(notes.texts)
        form.set_refusals(notes.refusals)


def _has(spec: Any, path: str) -> bool:
    try:
        at(spec, path)
    except KeyError:
        return False
    return True
