"""The editor of a member of a family: which one, searched by typing, and its own parameters under it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradlab.engine.catalog import Item
from gradlab.engine.errors import UserError
from gradlab.ui.i18n import plain_tip, render
from gradlab.ui.widgets import plain_label

from .base import Editor, Remark, Where, discard, edits, gesture
from .choices import Choice
from .context import Context
from .group import GroupEdit
from .picker import Entry, Picker
from .slot import MISSING, Slot, slots


class MemberBox(Choice):
    """A combo box that shows one name and opens a list that is searched; ``asked(text)``: open it."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItem("")

    def show_name(self, name: str) -> None:
        """Show ``name`` as what is chosen."""
        self.setItemText(0, name)

    def showPopup(self) -> None:
        """Open the list that is searched instead of the one of the box."""
        self.asked.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on arrows, space and F4; letters open it with what is typed."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_F4):
            self.asked.emit("")
        elif event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.asked.emit(event.text())
        else:
            event.ignore()


def group_of(member: type[Item], members: Collection[type[Item]]) -> str:
    """Return the group of a member: what it says itself, else its module where the family has several."""
    said = getattr(member, "group", "")
    if said or len({one.__module__ for one in members}) == 1:
        return str(said)
    return member.__module__.rpartition(".")[2].replace("_", " ").capitalize()


def switched(before: Item, member: type[Item], remembered: Item | None = None) -> Item:
    """Return ``member`` with the parameters of the same name that were set before; what does not fit is left out.

    A parameter at its default is not carried over: the new member has a better one of its own.
    """
    fields = slots(type(before))
    kept = {
        name: getattr(before, name)
        for name in slots(member)
        if name in fields and getattr(before, name) != fields[name].default
    }
    made = remembered if remembered is not None else member()
    for name, value in kept.items():
        try:
            made = made.replace(**{name: value})
        except UserError:
            continue
    return made


@edits(lambda slot: not slot.optional and isinstance(slot.type, type) and issubclass(slot.type, Item))
class ItemEdit(Editor):
    """Which member, what it is, and its parameters. Compact, its first parameter stands beside its name."""

    wide = True

    def __init__(
        self, slot: Slot, context: Context, path: str, parent: QWidget | None = None, *, compact: bool = False
    ) -> None:
        super().__init__(slot, context, path, parent)
        self._compact = compact
        self._value: Any = MISSING
        self._remembered: dict[str, Item] = {}
        self._picker: Picker | None = None
        self.box = MemberBox(self)
        self.box.asked.connect(self.open)
        self.summary_label = plain_label(css_class="muted", parent=self)
        self.summary_label.setWordWrap(True)
        self.params = GroupEdit(slot, context, path, self, filled=not compact)
        self.params.edited.connect(self._on_params)
        self.params.remarked.connect(self._on_remarked)
        self._beside: Editor | None = None
        self._beside_label: QLabel | None = None
        self._remark = Remark(self)
        self._lay_out()
        self.setFocusProxy(self.box)
        self.retranslate()

    def _lay_out(self) -> None:
        self._line = QHBoxLayout()
        self._line.setSpacing(8)
        self._line.addWidget(self.box, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._line)
        for widget in (self._remark, self.summary_label, self.params):
            layout.addWidget(widget)
        self.summary_label.setVisible(not self._compact)
        self.params.setVisible(not self._compact)

    def value(self) -> Any:
        """Return the last accepted member."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``; another member gets other rows."""
        same = type(value) is type(self._value)
        self._value = value
        if not same:
            self._clear_beside()
            self.params.without = self._choose_beside(type(value))
        self.params.set_value(value)
        if not same:
            self._fill_beside()
            self._show_member()

    def _choose_beside(self, member: type[Item]) -> tuple[str, ...]:
        plain = [name for name, slot in slots(member).items() if not slot.advanced and slot.type in (float, int)]
        return tuple(plain[:1]) if self._compact else ()

    def _clear_beside(self) -> None:
        for widget in (self._beside, self._beside_label):
            if widget is not None:
                discard(widget)
        self._beside = self._beside_label = None

    def _fill_beside(self) -> None:
        for name in self.params.without:
            assert self.params.fields is not None
            self._beside = self.params.fields.editor(name, self)
            self._beside_label = plain_label(self._beside.label_text(), "muted", self)
            self._beside_label.setBuddy(self._beside)
            self._beside_label.setToolTip(self._beside.tip())
            self._line.addWidget(self._beside_label)
            self._line.addWidget(self._beside, 2)
        self._on_remarked()

    def _show_member(self) -> None:
        self.box.show_name(render(self._value.name()))
        summary = render(self._value.summary())
        self.summary_label.setText(summary)
        self.summary_label.setVisible(bool(summary) and not self._compact)
        self.box.setToolTip(plain_tip(summary))
        self.params.setVisible(not self._compact and not self.params.is_empty())

    def set_open(self, opened: bool) -> None:
        """Show the parameters that a compact editor folds away, or no longer."""
        if opened:
            self.params.fill()
        self.params.setVisible(opened and not self.params.is_empty())

    def is_beside(self, path: str) -> bool:
        """Tell whether the field at ``path`` from here is seen while the rest is folded away."""
        return path.partition(".")[0] in ("", *self.params.without)

    def summary(self) -> str:
        """Return the folded parameters that differ from their defaults."""
        return self.params.summary()

    def open(self, text: str = "") -> None:
        """Open the list; ``text`` is typed into its search already."""
        if self._picker is None:
            self._picker = Picker(self.box)
            self._picker.chosen.connect(self._choose)
        self._picker.offer(self.entries(), self._value.kind, text, self.refusal)
        self._picker.drop(self.box)

    def entries(self) -> list[Entry]:
        """Return every member of the family as it is offered here."""
        members = self.slot.type.items()
        return [
            Entry(
                key=member.model_fields["kind"].default,
                name=render(member.name()),
                summary=render(member.summary()),
                group=render(group_of(member, members)),
            )
            for member in members
        ]

    def refusal(self, kind: str) -> str:
        """Return why a member cannot be chosen here; empty when it can."""
        return render(self.context.refusal(self.path, self.slot.type.family[kind]))

    def _choose(self, kind: str) -> None:
        if kind == self._value.kind and not self.is_refused():
            return
        member = self.slot.type.family[kind]
        self._remembered[self._value.kind] = self._value
        self.edited.emit(switched(self._value, member, self._remembered.get(kind)), gesture("choose"))
        self.box.setFocus()

    def _on_params(self, value: Any, name: str) -> None:
        self._value = value
        self.edited.emit(value, name)

    def _on_remarked(self) -> None:
        beside = self._beside.problem() if self._beside is not None else ""
        self._remark.say(beside, self._beside.hint() if self._beside is not None else "")
        self.remarked.emit()

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self.set_value(value)
        super().accept(value)

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the parameter it is about."""
        if message and where:
            self.params.refuse(message, where)
        else:
            super().refuse(message)

    def problems(self) -> list[tuple[str, str]]:
        """Return every refusal in it."""
        return [*super().problems(), *self.params.problems()]

    def commit(self) -> None:
        """Take what is typed in any parameter."""
        self.params.commit()

    def controls(self) -> list[QWidget]:
        """Return the box."""
        return [self.box]

    def reveal(self, path: str) -> bool:
        """Focus the parameter at ``path``, else the box."""
        if not path:
            return super().reveal(path)
        if not self.is_beside(path):
            self.set_open(True)
        return self.params.reveal(path)

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        if self._value is not MISSING:
            self._show_member()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language; what is folded stays folded."""
        shown = self.params.isVisibleTo(self)
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.params.setVisible(shown)
