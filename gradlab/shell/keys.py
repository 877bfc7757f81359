"""What the keys do to a run, named once: the menu, the page, the tooltips of the transport and the help go by it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

SHORTCUTS = {
    "toggle": "F5",
    "step": "F10",
    "back": "Shift+F10",
    "restart": "Ctrl+R",
    "stop": "Shift+F5",
    "continue_here": "Ctrl+Return",
}
"""What works everywhere in the window, by what it does to the page."""
PLAIN = {"toggle": Qt.Key.Key_Space, "step": Qt.Key.Key_Period, "back": Qt.Key.Key_Comma}
"""What works where no field wants the key."""
BUTTONS = {"toggle": "run", "continue_here": "continue"}
"""What the transport calls an act, where it has a name of its own."""


def names(act: str) -> list[str]:
    """Return the keys of an act in words, the shortest first."""
    plain = [QKeySequence(PLAIN[act])] if act in PLAIN else []
    return [keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in (*plain, QKeySequence(SHORTCUTS[act]))]


def tips() -> dict[str, str]:
    """Return the key that the tooltip of each button of the transport names."""
    return {BUTTONS.get(act, act): names(act)[0] for act in SHORTCUTS}
