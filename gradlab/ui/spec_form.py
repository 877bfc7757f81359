"""A form for any frozen spec: one editor per field, chosen by the field's type and what the spec says about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.engine.model import Frozen

from .editors import Context, Decoration, Editor, Slot
from .editors.base import scroll_to
from .editors.context import matches
from .editors.group import GroupEdit
from .editors.optional import OptionalEdit
from .editors.parts import PartList
from .editors.tabbing import neighbour
from .editors.tuples import TupleEdit

__all__ = ["Decoration", "SpecForm"]


class SpecForm(QWidget):
    """Shows a spec and lets it be edited; emits whole valid specs and nothing else.

    ``changed(spec, gesture)``: after an edit. Equal gestures (path, interaction, serial) belong to one undo step.
    ``decorated(id, field, value)``: a colour, name or visibility asked for on the card of a part.

    What depends on the rest of the spec is asked of the spec itself: ``edited``, ``cell_names``, ``new_part``,
    ``refusal`` (``engine.model.Frozen``). What concerns the page that is open is told by ``set_idle``.
    """

    changed = Signal(object, str)
    decorated = Signal(str, str, object)

    def __init__(self, spec: Frozen | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: Frozen | None = None
        self._idle: set[str] = set()
        self._context = Context(spec=self._current, relabel=self.set_labels, decorate=self._decorate)
        self._root: GroupEdit | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 14, 16, 16)
        self._column.addStretch()
        if spec is not None:
            self.set_value(spec)

    def build(self, spec: Frozen) -> Iterator[None]:
        """Build the form for ``spec`` in slices; what is yielded is a place to let the window breathe."""
        self._spec = spec
        if self._root is None:
            self._root = GroupEdit(Slot("", type(spec)), self._context, "", self, page=True)
            self._root.edited.connect(self._on_edited)
            self._column.insertWidget(0, self._root)
        yield from self._root.build(spec)

    def value(self) -> Frozen:
        """Return the last valid spec."""
        assert self._spec is not None, "a form without a spec has no value"
        return self._spec

    def set_value(self, spec: Frozen) -> None:
        """Show ``spec``, silently and in place; the field being edited keeps its text where its value is the same."""
        for _ in self.build(spec):
            pass

    def commit(self) -> bool:
        """Take what is typed and not yet taken (emits ``changed``); return whether every field is valid."""
        if self._root is not None:
            self._root.commit()
        return not self.problems()

    def problems(self) -> list[tuple[str, str]]:
        """Return (path, message) of every field whose text is refused, from top to bottom."""
        return self._root.problems() if self._root is not None else []

    def focus_problem(self) -> bool:
        """Unfold and focus the first refused field; return whether there is one."""
        problems = self.problems()
        return bool(problems) and self.reveal(problems[0][0])

    def reveal(self, path: str) -> bool:
        """Unfold, focus and scroll to the field at ``path``; return whether it is there."""
        return self._root.reveal(path) if self._root is not None else False

    def set_refusals(self, refusals: Mapping[str, Mapping[str, str]]) -> None:
        """Say why members cannot be chosen, by path (a ``*`` stands for any one name) and kind."""
        self._context.refusals = refusals

    def set_hint(self, path: str, text: str, *, fault: bool = False) -> None:
        """Show ``text``, plain, under the field at ``path``; a ``fault`` is a warning. Empty takes it away."""
        if self._context.hints.get(path, "") == text and (path in self._context.faults) == fault:
            return
        self._context.hints[path] = text
        (self._context.faults.add if fault else self._context.faults.discard)(path)
        for editor in self.findChildren(QWidget):
            if isinstance(editor, Editor) and matches(path, editor.path):
                editor.remarked.emit()

    def set_labels(self, path: str, labels: Sequence[str]) -> None:
        """Name the cells of the tuple at ``path`` (``*`` stands for any one part: ``racers.*.start``)."""
        self._context.labels[path] = tuple(labels)
        for editor in self.findChildren(TupleEdit):
            if matches(path, editor.path):
                editor.set_labels(labels)

    def set_fallback(self, path: str, value: Any) -> None:
        """Show ``value``, faint, where the optional tuple at ``path`` is None: what stands in for it."""
        if self._context.fallbacks.get(path) == value:
            return
        self._context.fallbacks[path] = value
        for editor in self.findChildren(OptionalEdit):
            if matches(path, editor.path):
                editor.refresh()

    def set_decorations(self, decorations: Mapping[str, Decoration]) -> None:
        """Show colour, name and visibility on the cards of parts, by their ids."""
        self._context.decorations = dict(decorations)
        for parts in self.findChildren(PartList):
            parts.decorate(self._context.decorations)

    def set_idle(self, names: Collection[str]) -> None:
        """Leave out the fields of the spec with these names: nothing in sight depends on them. All others are there."""
        if self._root is None or set(names) == self._idle:
            return
        self._idle = set(names)
        self._root.commit()  # what is typed is taken, or refused and kept in sight
        self.setUpdatesEnabled(False)
        self._root.set_idle(self._idle)
        self.setUpdatesEnabled(True)

    def sizeHint(self) -> QSize:
        """Want the width of a panel."""
        return QSize(292, super().sizeHint().height())

    def focusNextPrevChild(self, ahead: bool) -> bool:
        """Let Tab go through the fields as they stand."""
        target = neighbour(self, self.focusWidget(), ahead=ahead)
        if target is None:
            return super().focusNextPrevChild(ahead)
        target.setFocus(Qt.FocusReason.TabFocusReason if ahead else Qt.FocusReason.BacktabFocusReason)
        scroll_to(target)
        return True

    def _current(self) -> Frozen | None:
        return self._spec

    def _decorate(self, part: str, field: str, value: object) -> None:
        self.decorated.emit(part, field, value)

    def _on_edited(self, spec: Frozen, gesture: str) -> None:
        self._spec = spec
        self.changed.emit(spec, gesture)
