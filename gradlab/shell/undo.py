"""Undo: every change of a spec, or of a card, is one command that holds what was before and what is after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand


class Edit(QUndoCommand):
    """A change of a spec; changes of the same gesture (a drag, typing in one field) become one."""

    def __init__(self, text: str, before: Any, after: Any, gesture: str, put: Callable[[Any], None]) -> None:
        super().__init__(text)
        self.before, self.after, self.gesture = before, after, gesture
        self._put = put

    def id(self) -> int:
        """Commands of one id are offered to each other for merging."""
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take ``other`` into this command when both belong to one gesture."""
        if not isinstance(other, Edit) or not self.gesture or other.gesture != self.gesture:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True

    def redo(self) -> None:
        """Put what is after."""
        self._put(self.after)

    def undo(self) -> None:
        """Put what was before."""
        self._put(self.before)
