"""What several parts of the stage say in the same words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def rhythm(every: int) -> str:
    """Return how often something is measured, in words; 0 is never."""
    say = QCoreApplication.translate
    if not every:
        return say("rhythm", "not measured: see Probes in the panel")
    return say("rhythm", "every step") if every == 1 else say("rhythm", "every {count} steps").format(count=every)
