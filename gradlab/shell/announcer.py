"""What a page says of its runs: how each ended, once, when its last row is here."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gradlab.engine.face import AnyRun
from gradlab.engine.run import Phase
from gradlab.ui.i18n import render

from .session import Session


class Announcer(QObject):
    """Looks at a session frame by frame and says what is new about its run."""

    changed = Signal()
    """The run is in another phase, or is another."""
    failed = Signal(object)
    """An ErrorReport."""
    noticed = Signal(str)
    withdrawn = Signal(str)
    """What was noticed of a run that has been followed by another."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._told: tuple[AnyRun | None, Phase | None] = (None, None)
        self.said = ""

    def look(self) -> None:
        """Say what has not been said."""
        run, history = self._session.run, self._session.history
        status = self._session.tracks[-1].status if run else None
        if status is None or (run, status.phase) == self._told:
            return
        if run is not self._told[0]:
            self.withdrawn.emit(self.said)
        self._told = run, status.phase
        self.changed.emit()
        if status.phase is Phase.FAILED and status.error is not None:
            self.failed.emit(status.error)
        elif status.phase in {Phase.FAILED, Phase.DIVERGED}:
            self._say(render(status.message))
        if history is not None and history.trouble:
            self._say(history.trouble)

    def _say(self, text: str) -> None:
        self.said = text
        self.noticed.emit(text)
