"""A form for any frozen spec: one editor per field, chosen by the field's type and what the spec says about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gradlab.engine.catalog import Item
from gradlab.engine.model import Frozen
from gradlab.ui.editors import Decoration

__all__ = ["Decoration", "SpecForm"]


class SpecForm(QWidget):
    """Shows a spec and lets it be edited; emits whole valid specs and nothing else.

    ``changed(spec, gesture)``: after an edit. Equal gestures (path, interaction, serial) belong to one undo step.
    ``decorated(id, field, value)``: a colour, name or visibility asked for on the card of a part.
    ``problems_changed()``: a field became invalid or valid again.
    """

    changed = Signal(object, str)
    decorated = Signal(str, str, object)
    problems_changed = Signal()

    def __init__(self, spec: Frozen | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    def build(self, spec: Frozen) -> Iterator[None]:
        """Build the form for ``spec`` in slices; what is yielded is a place to let the window breathe."""
        raise NotImplementedError

    def value(self) -> Frozen:
        """Return the last valid spec."""
        raise NotImplementedError

    def set_value(self, spec: Frozen) -> None:
        """Show ``spec``, silently and in place; the field being edited keeps its text where its value is the same."""
        raise NotImplementedError

    def commit(self) -> bool:
        """Take what is typed and not yet taken (emits ``changed``); return whether every field is valid."""
        raise NotImplementedError

    def problems(self) -> list[tuple[str, str]]:
        """Return (path, message) of every field whose text is refused, from top to bottom."""
        raise NotImplementedError

    def focus_problem(self) -> bool:
        """Unfold and focus the first refused field; return whether there is one."""
        raise NotImplementedError

    def set_hint(self, path: str, text: str) -> None:
        """Show ``text``, plain, under the field at ``path``; empty takes it away."""
        raise NotImplementedError

    def set_labels(self, path: str, labels: Sequence[str]) -> None:
        """Name the cells of the tuple at ``path`` (``*`` stands for any one part: ``racers.*.start``)."""
        raise NotImplementedError

    def set_availability(self, path: str, reason: Callable[[type[Item]], str]) -> None:
        """Ask ``reason(member)`` for each member offered at ``path``: empty, or why it cannot be chosen."""
        raise NotImplementedError

    def set_factory(self, path: str, factory: Callable[[Frozen], Frozen]) -> None:
        """Make what "Add" adds to the list at ``path``: ``factory(spec)`` returns the new part."""
        raise NotImplementedError

    def set_adapter(self, adapter: Callable[[Frozen, Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Let ``adapter(spec, {path: value})`` complete an edit with what must change along with it."""
        raise NotImplementedError

    def set_decorations(self, decorations: Mapping[str, Decoration]) -> None:
        """Show colour, name and visibility on the cards of parts, by their ids."""
        raise NotImplementedError
