"""What the transport shows of a session: where it is, how fast it goes, what has been changed on the way."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from gradlab.engine.run import Phase
from gradlab.ui.transport import Mark, TransportState

from .player import Player
from .session import Session


def transport_state(player: Player, spec: Any, *, stale: bool) -> TransportState:
    """Return what the transport shows; ``stale``: the run on screen is not one of ``spec``."""
    session = player.session
    phase = session.phase
    return TransportState(
        step=session.head if session.cursor is None else session.cursor,
        head=session.head,
        total=getattr(spec, "steps", 0),
        running=player.running,
        active=phase is not None and not phase.over,
        over=phase is not None and phase.over,
        past=session.cursor is not None,
        marks=tuple(Mark(*mark) for mark in session.tracks[-1].marks) if session.tracks else (),
        pace=player.pace,
        status=_words(session, edited=stale and session.lab.on_change == "stale"),
    )


def _words(session: Session, *, edited: bool) -> str:
    run = session.run
    if run is None or run.record is None:
        return _tr("ready")
    phase, rate = run.status.phase, run.status.rate
    words = [run.record.device, session.spec.dtype]
    if phase is Phase.RUNNING and rate:
        words.append(_tr("{rate} steps/s").format(rate=_rate(rate)))
    else:
        words.append(phase.value)
    if edited:
        words.append(_tr("edited: Run begins anew"))
    if count := len(run.record.tape):
        words.append(_tr("1 change") if count == 1 else _tr("{count} changes").format(count=count))
    return " · ".join(words)


def _rate(rate: float) -> str:
    """Return a rate in whole steps, of a slow run with the digits that it needs."""
    return f"{rate:.2g}" if rate < 9.5 else f"{rate:,.0f}".replace(",", "\u202f")


def _tr(text: str) -> str:
    return QCoreApplication.translate("LabPage", text)
