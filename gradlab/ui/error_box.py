"""Errors on screen, never modal: a banner for what went wrong inside, a strip for what the user can mend."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from gradlab.engine.errors import ErrorReport, UserError


class ErrorBanner(QFrame):
    """An unexpected error: its summary, its traceback on demand, Copy and Close; the same one again is counted."""

    closed = Signal()

    def show_report(self, report: ErrorReport) -> None:
        """Show ``report``, or count it where it was shown before; never raises."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget every report and hide."""
        raise NotImplementedError


class Notice(QFrame):
    """One line about something the user can mend or should know, until it is closed or replaced."""

    def show_error(self, error: UserError) -> None:
        """Show the message and the hint of ``error``."""
        raise NotImplementedError

    def show_text(self, text: str, hint: str = "") -> None:
        """Show ``text`` as something to know."""
        raise NotImplementedError

    def clear(self) -> None:
        """Hide."""
        raise NotImplementedError
