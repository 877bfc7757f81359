"""Where a run is, in words that cost nothing to import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import ErrorReport


class Phase(Enum):
    """Where a run is: LOADING → RUNNING ⇄ PAUSED → FINISHED | DIVERGED | CANCELLED | FAILED.

    A raised step budget takes FINISHED back to RUNNING.
    """

    LOADING = "loading"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """No further row will come."""
        return self in {Phase.DIVERGED, Phase.CANCELLED, Phase.FAILED}


@dataclass(frozen=True, slots=True)
class Status:
    """What a run says of itself at one moment; ``rate`` in steps per second."""

    phase: Phase = Phase.LOADING
    step: int = 0
    total: int = 0
    rate: float = 0.0
    message: Any = ""
    error: ErrorReport | None = None
