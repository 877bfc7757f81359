"""The face of every editor, and the one place where a type finds its editor."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QWidget

from gradlab.ui.i18n import render
from gradlab.ui.widgets import set_property

from .context import Context, look_up, matches
from .slot import Slot

Where = Sequence[str | int]

_serial = itertools.count(1)


def gesture(interaction: str) -> str:
    """Return the name of a new gesture; edits under one name belong together."""
    return f":{interaction}:{next(_serial)}"


RENEWAL = "renew"
"""The interaction after which a value is the same and means something else: its file has come, or may run now."""


def is_renewal(gesture: str) -> bool:
    """Tell whether a gesture is to be heard though the value is as it was."""
    return f":{RENEWAL}:" in gesture


def join(name: str, path: str) -> str:
    """Return ``path`` (a gesture or a path) as seen from one level above, where it starts with ``name``."""
    return f"{name}{path}" if not path or path.startswith(":") else f"{name}.{path}"


class Editor(QWidget):
    """Shows one value; says what it is changed to and is told whether that was accepted.

    ``edited(value, gesture)``: the user wants ``value``. ``remarked()``: what is to be read under it changed.
    """

    edited = Signal(object, str)
    remarked = Signal()
    wide: bool = False
    """Whether it stands under its label, in the full width."""
    labelled: ClassVar[bool] = False
    """Whether it carries its own label."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slot = slot
        self.context = context
        self.path = path
        self._refusal = ""
        self._accused = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def value(self) -> Any:
        """Return the last accepted value."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show ``value`` silently; what is shown already stays as it is."""
        raise NotImplementedError

    def build(self, value: Any) -> Iterator[None]:
        """Show ``value`` for the first time, in slices; what is yielded is a place to let the window breathe."""
        self.set_value(value)
        yield

    def commit(self) -> None:
        """Take what is typed and not yet taken."""

    def unreadable(self) -> bool:
        """Tell whether what is typed stands for no value at all."""
        return False

    def problem(self) -> str:
        """Return why what is shown here is refused, or nothing."""
        return self._refusal

    def hint(self) -> str:
        """Return what the outside has to say under this field."""
        return look_up(self.context.hints, self.path) or ""

    def at_fault(self) -> bool:
        """Tell whether the hint says why nothing comes of what stands here."""
        return any(matches(path, self.path) for path in self.context.faults)

    def problems(self) -> list[tuple[str, str]]:
        """Return (path from here, message) of every refusal in it."""
        return [("", self.problem())] if self.problem() else []

    def refuse(self, message: str, where: Where = ()) -> None:
        """Take the owner's verdict: why the value is refused (at ``where`` inside it), or nothing."""
        del where
        if message == self._refusal:
            return
        self._refusal = message
        self.update_mark()
        self.remarked.emit()

    def is_refused(self) -> bool:
        """Tell whether what is shown here is not what stands."""
        return self._accused or bool(self.problem())

    def accuse(self, accused: bool) -> None:
        """Be red, or no longer, for a refusal that is told elsewhere."""
        self._accused = accused
        self.update_mark()

    def update_mark(self) -> None:
        """Be red exactly while something is wrong."""
        self.mark_invalid(self.is_refused())

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        del value
        self.accuse(False)
        self.refuse("")

    def mark_invalid(self, invalid: bool) -> None:
        """Show in red that something is wrong here, or no longer."""
        for widget in self.controls():
            set_property(widget, "invalid", invalid)

    def controls(self) -> list[QWidget]:
        """Return the widgets that are red while the value is refused and carry tooltip and accessible name."""
        return []

    def reveal(self, path: str) -> bool:
        """Unfold, focus and scroll to what is at ``path`` from here; return whether it is there."""
        del path
        control = next(iter(self.controls()), None)
        if control is None:
            return False
        control.setFocus()
        scroll_to(control)
        return True

    def summary(self) -> str:
        """Return the value in few words, for where it is folded away."""
        return f"{self.slot.name} {self.value()}"

    def label_text(self) -> str:
        """Return what the field is called on screen."""
        return render(self.slot.title) or self.slot.name.replace("_", " ")

    def retranslate(self) -> None:
        """Say everything again in the language of the window."""
        for control in self.controls():
            control.setAccessibleName(self.label_text())
            control.setAccessibleDescription(render(self.slot.description))
            control.setToolTip(self.tip())

    def tip(self) -> str:
        """Return the tooltip: what the field means."""
        return render(self.slot.description)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


LONG_WORD = re.compile(r"[0-9A-Za-z]{32,}")


class Remark(QLabel):
    """A small line under a field: the reason of a refusal, else a hint, else not there at all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(self.textFormat().PlainText)
        self.setWordWrap(True)
        self.setProperty("class", "muted")
        self.hide()

    def say(self, problem: str, hint: str = "", *, fault: bool = False) -> None:
        """Show ``problem`` in red, else ``hint``, in the colour of warnings where it tells a ``fault``, else hide."""
        self.setText(LONG_WORD.sub(_foldable, problem or hint))
        set_property(self, "class", "muted bad" if problem else "muted warn" if fault else "muted")
        self.setVisible(bool(problem or hint))


def _foldable(word: re.Match[str]) -> str:
    """Let a line end within a word without syllables, as a checksum is, so that it does not widen the panel."""
    text = word[0]
    return "\u200b".join(text[at : at + 8] for at in range(0, len(text), 8))


def scroll_to(widget: QWidget) -> None:
    """Bring ``widget`` into view where it stands in a scroll area."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
            return
        parent = parent.parentWidget()


def discard(widget: QWidget) -> None:
    """Take ``widget`` off the screen now and delete it when control is back in the event loop."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


E = TypeVar("E", bound=type[Editor])
_EDITORS: list[tuple[Callable[[Slot], bool], type[Editor]]] = []


def edits(matches: Callable[[Slot], bool], *, last: bool = False) -> Callable[[E], E]:
    """Register a class as the editor of the slots that ``matches``; what is registered later is asked first.

    ``last`` is asked when no other wants the slot.
    """

    def register(editor: E) -> E:
        _EDITORS.insert(len(_EDITORS) if last else 0, (matches, editor))
        return editor

    return register


def editor_for(slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> Editor:
    """Return a new editor for ``slot``."""
    for wants, editor in _EDITORS:
        if wants(slot):
            return editor(slot, context, path, parent)
    raise LookupError(f"{path}: no editor for {slot.type}")
