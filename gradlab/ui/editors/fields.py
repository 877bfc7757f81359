"""The fields of one frozen value: their editors, what is asked of the value, and who is to blame for a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gradlab.engine.errors import UserError, reason
from gradlab.engine.model import Frozen

from .base import Editor, Where, editor_for, is_renewal, join
from .context import Context
from .slot import Slot, slots

Make = Callable[[Slot, Context, str, QWidget], Editor]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong, and where in the value; nowhere when it is wrong as a whole."""

    message: str
    where: Where


class Fields(QObject):
    """Owns a valid value and the editors of its fields; lets only edits through that give a valid value again.

    An edit that the value as a whole refuses waits: its field keeps it, in red, and every later edit is tried
    together with it first. So ``low`` and ``high`` can be moved past each other in either order.
    """

    edited = Signal(object, str)
    remarked = Signal()

    def __init__(self, value: Frozen, context: Context, path: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._path = path
        self._editors: dict[str, Editor] = {}
        self._waiting: dict[str, Any] = {}
        self.value = value
        self._name_cells()
        self.remark = ""
        """Why the value as a whole is refused, where no field is to blame."""

    @property
    def slots(self) -> Mapping[str, Slot]:
        """What is edited, in order."""
        return slots(type(self.value))

    def built(self) -> Mapping[str, Editor]:
        """The editors that exist."""
        return self._editors

    def editor(self, name: str, parent: QWidget, make: Make = editor_for) -> Editor:
        """Return the editor of a field; it is made, by ``make``, when it is first asked for."""
        for _ in self.build(name, parent, make):
            pass
        return self._editors[name]

    def build(self, name: str, parent: QWidget, make: Make = editor_for) -> Iterator[None]:
        """Make the editor of a field, in slices, where it is not there yet."""
        if name not in self._editors:
            path = join(self._path, name) if self._path else name
            editor = make(self.slots[name], self._context, path, parent)
            editor.setProperty("field", name)
            self._editors[name] = editor
            yield from editor.build(getattr(self.value, name))
            editor.edited.connect(self._on_edited)
            editor.remarked.connect(self._on_remarked)

    def set_value(self, value: Frozen) -> None:
        """Show another value of the same class; fields whose value is the same are left alone."""
        before, self.value = self.value, value
        self._name_cells()
        for name in self.slots:
            new = getattr(value, name)
            if new is getattr(before, name) or new == getattr(before, name):
                continue
            self._waiting.pop(name, None)
            if name in self._editors:
                self._editors[name].accuse(False)
                self._editors[name].set_value(new)
        self._settle()

    def _name_cells(self) -> None:
        for name, labels in self.value.cell_names().items():
            path = join(self._path, name) if self._path else name
            if self._context.labels.get(path) != labels:
                self._context.labels[path] = labels
                self._context.relabel(path, labels)

    def commit(self) -> None:
        """Take what is typed in any field."""
        for editor in list(self._editors.values()):
            editor.commit()

    def problems(self) -> list[tuple[str, str]]:
        """Return (path from here, message) of every refusal, in the order of the fields."""
        found = [(join(name, path), text) for name, editor in self._in_order() for path, text in editor.problems()]
        return [*found, ("", self.remark)] if self.remark else found

    def blame(self, message: str, where: Where) -> bool:
        """Show ``message`` at the field that ``where`` starts with; return whether there is one."""
        editor = self._editors.get(str(where[0])) if where else None
        if editor is None:
            return False
        editor.refuse(message, where[1:])
        return True

    def _in_order(self) -> Iterator[tuple[str, Editor]]:
        return ((name, self._editors[name]) for name in self.slots if name in self._editors)

    def _on_edited(self, value: Any, gesture: str) -> None:
        name = self._sender_name()
        refusals: list[Refusal] = []
        for wanted in self._attempts(name, value):
            new = self._made(wanted, refusals)
            if new is not None:
                self._accept(new, wanted, join(name, gesture))
                return
        self._waiting[name] = value
        self._refuse(name, refusals)

    def _sender_name(self) -> str:
        return str(self.sender().property("field"))

    def _attempts(self, name: str, value: Any) -> Iterator[dict[str, Any]]:
        if self._waiting.keys() - {name}:
            yield {**self._waiting, name: value}
        yield {name: value}

    def _made(self, wanted: dict[str, Any], refusals: list[Refusal]) -> Frozen | None:
        """Return the value with what is wanted, else None and, in ``refusals``, what is wrong with it."""
        try:
            return self.value.edited(**wanted)
        except UserError as error:
            told = error.__context__  # what pydantic refused, with its place, before it became one line
            refusals[:] = _refusals(told) if isinstance(told, ValidationError) else self._as_it_is(wanted)
            refusals[:] = refusals or [Refusal(str(error), ())]
            return None

    def _as_it_is(self, wanted: dict[str, Any]) -> list[Refusal]:
        """Return what is wrong with the value when nothing but what is wanted changes."""
        owner = type(self.value)
        try:
            owner.model_validate({name: getattr(self.value, name) for name in owner.model_fields} | wanted)
        except ValidationError as error:
            return _refusals(error)
        return []

    def _accept(self, new: Frozen, wanted: dict[str, Any], gesture: str) -> None:
        before = self.value
        for name in wanted:
            self._waiting.pop(name, None)
            if name in self._editors:
                self._editors[name].accept(getattr(new, name))
        self.set_value(new)
        if new != before or is_renewal(gesture):
            self.edited.emit(new, gesture)

    def _refuse(self, name: str, refusals: list[Refusal]) -> None:
        untold = [refusal.message for refusal in refusals if not self._told(refusal)]
        self._editors[name].accuse(True)
        self._say("; ".join(untold))

    def _told(self, refusal: Refusal) -> bool:
        """Say it at its field; a message of the value as a whole may begin with the path of one."""
        if self.blame(refusal.message, refusal.where):
            return True
        path, colon, message = refusal.message.partition(": ")
        return bool(colon) and not refusal.where and self.blame(message, path.split("."))

    def _settle(self) -> None:
        """Take every refusal back once nothing waits."""
        if not self._waiting:
            for editor in self._editors.values():
                editor.accuse(False)
                editor.refuse("")
            self._say("")

    def _say(self, remark: str) -> None:
        if remark != self.remark:
            self.remark = remark
            self.remarked.emit()

    def _on_remarked(self) -> None:
        editor = self.sender()
        if isinstance(editor, Editor) and editor.unreadable():
            self._waiting.pop(self._sender_name(), None)
            self._settle()
        self.remarked.emit()


def _refusals(error: ValidationError) -> list[Refusal]:
    return [Refusal(reason(detail), detail["loc"]) for detail in error.errors(include_url=False)]
