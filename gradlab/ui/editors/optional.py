"""The editor of something or nothing, where one line does not do."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gradlab.engine.model import Frozen
from gradlab.ui import icons
from gradlab.ui.i18n import plain_tip, render

from .base import Editor, Where, editor_for, edits, gesture
from .context import Context, look_up
from .slot import MISSING, Slot
from .tuples import TupleEdit


def plainest(slot: Slot, count: int = 0) -> Any:
    """Return the plainest value of a slot: its default, zeros (``count`` of them), or what a class makes by itself."""
    if slot.default is not MISSING and slot.default is not None:
        return slot.default
    if get_origin(slot.type) is tuple:
        args = get_args(slot.type)
        kinds = [args[0]] * max(count, int(slot.size.low or 0)) if args[-1] is Ellipsis else args
        return tuple(plainest(slot.inner(kind)) for kind in kinds)
    if isinstance(slot.type, type) and issubclass(slot.type, Frozen):
        family = getattr(slot.type, "family", None)
        return next(iter(family.values()))() if family else slot.type()
    return {float: 0.0, int: 0, str: "", bool: False}.get(slot.type)


def _fits_a_line(slot: Slot) -> bool:
    return slot.type in (float, int, bool, str) or get_origin(slot.type) is Literal


@edits(lambda slot: slot.optional and not _fits_a_line(slot))
class OptionalEdit(Editor):
    """Something or nothing.

    Where it is known what stands in for nothing, that is shown, faint, in the editor of something, and a button goes
    back to it; else a check box says what nothing means and the editor of something stands under it.
    """

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._last: Any = MISSING
        self._inside = False
        self.inner: Editor | None = None
        self.box = QCheckBox(self)
        self.box.clicked.connect(self._clicked)
        self.undo = QToolButton(self)
        self.undo.setProperty("class", "tool")
        self.undo.setIconSize(QSize(14, 14))
        icons.put(self.undo, "restart")
        self.undo.clicked.connect(self.to_nothing)
        self._line = QHBoxLayout()
        self._line.setSpacing(4)
        self._line.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.box)
        layout.addLayout(self._line)
        self.retranslate()

    def fallback(self) -> Any:
        """Return what stands in for nothing, else None."""
        return look_up(self.context.fallbacks, self.path) if get_origin(self.slot.type) is tuple else None

    def value(self) -> Any:
        """Return the last accepted value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``; None shows what stands in for it, or checks the box."""
        self._value = value
        if value is not None:
            self._last = value
            self._editor().set_value(value)
        self.refresh()

    def refresh(self) -> None:
        """Show what stands in for nothing, or the box that says nothing."""
        fallback = self.fallback()
        if self._value is None and fallback is not None:
            editor = self._editor()
            assert isinstance(editor, TupleEdit)
            editor.set_ghost(fallback)
        self.box.setVisible(fallback is None)
        self.box.setChecked(self._value is None)
        self.undo.setVisible(fallback is not None and self._value is not None)
        if self.inner is not None:
            self.inner.setVisible(self._shows())

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        self._value = value
        if value is not None:
            self._last = value
            if self._inside and self.inner is not None:
                self.inner.accept(value)
            else:
                self._editor().set_value(value)
        self.refresh()
        super().accept(value)

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the editor of something when it is there."""
        if self.inner is not None and self._shows():
            self.inner.refuse(message, where)
        else:
            super().refuse(message, where)

    def accuse(self, accused: bool) -> None:
        """Pass the red on to the editor of something when it is there."""
        if self.inner is not None and self._shows():
            self.inner.accuse(accused)

    def problem(self) -> str:
        """Return what is wrong with something, or with nothing."""
        return (self.inner.problem() if self.inner is not None and self._shows() else "") or super().problem()

    def problems(self) -> list[tuple[str, str]]:
        """Return every refusal in it."""
        return self.inner.problems() if self.inner is not None and self._shows() else super().problems()

    def unreadable(self) -> bool:
        """Tell whether what is typed stands for no value."""
        return self.inner is not None and self._shows() and self.inner.unreadable()

    def commit(self) -> None:
        """Take what is typed."""
        if self.inner is not None and self._shows():
            self.inner.commit()

    def controls(self) -> list[QWidget]:
        """Return the box."""
        return [self.box]

    def reveal(self, path: str) -> bool:
        """Focus something when it is there, else the box."""
        return self.inner.reveal(path) if self.inner is not None and self._shows() else super().reveal(path)

    def to_nothing(self) -> None:
        """Go back to nothing."""
        self.edited.emit(None, gesture("reset"))

    def _shows(self) -> bool:
        return self._value is not MISSING and (self._value is not None or self.fallback() is not None)

    def _editor(self) -> Editor:
        if self.inner is None:
            self.inner = editor_for(self.slot.required(), self.context, self.path, self)
            self.inner.edited.connect(self._edited_inside)
            self.inner.remarked.connect(self.remarked)
            self._line.insertWidget(0, self.inner, 1)
        return self.inner

    def _edited_inside(self, value: Any, name: str) -> None:
        self._inside = True
        self.edited.emit(value, name)
        self._inside = False

    def _clicked(self, nothing: bool) -> None:
        self.edited.emit(None if nothing else self._something(), gesture("switch"))

    def _something(self) -> Any:
        """Return what stands here when it is switched on: as the spec says, as it was, or the plainest."""
        wanted = self.context.new_part(self.path)
        if wanted is not None:
            return wanted
        count = len(look_up(self.context.labels, self.path) or ())
        return self._last if self._last is not MISSING else plainest(self.slot.required(), count)

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        nothing = render(self.slot.none) or self.tr("not set")
        self.box.setText(nothing.replace("&", "&&"))
        words = self.tr("{field}: back to {nothing}")
        self.undo.setAccessibleName(words.format(field=self.label_text(), nothing=nothing))
        self.undo.setToolTip(plain_tip(self.undo.accessibleName()))
