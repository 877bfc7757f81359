"""The editor of a list of parts: a card each, found again by its id; add, duplicate, move and remove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from gradlab.engine.errors import explain
from gradlab.engine.model import Part, fresh_id
from gradlab.ui import icons
from gradlab.ui.i18n import render

from .base import Editor, Where, discard, edits, gesture, join
from .card import PartCard, is_family
from .context import Context, Decoration
from .lists import element
from .slot import MISSING, Slot, slots


def _is_parts(slot: Slot) -> bool:
    kind = element(slot.type)
    return not slot.optional and isinstance(kind, type) and issubclass(kind, Part)


@edits(_is_parts)
class PartList(Editor):
    """Cards in order; a card stays the same widget as long as its part is there."""

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._value: Any = MISSING
        self._shown: dict[str, Any] = {}
        self.cards: dict[str, PartCard] = {}
        self.add = QPushButton(self)
        self.add.setProperty("class", "flat add")
        icons.put(self.add, "plus", "accent")
        self.add.clicked.connect(self.add_part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    def value(self) -> Any:
        """Return the last accepted parts."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show the parts: each in the card that its id already has."""
        for _ in self.build(value):
            pass

    def build(self, value: Any) -> Iterator[None]:
        """Show the parts, yielding after each card that had to be made."""
        self._value = value
        ids = [part.id for part in value]
        left = self._discard(ids)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        for index, part in enumerate(value):
            made = part.id not in self.cards
            card = self._card(part)
            if layout.indexOf(card) != index:
                layout.insertWidget(index, card)
                card.show()  # now, not when the layout gets to it: a new card takes the focus
            if made:
                yield
        self.cards = {name: self.cards[name] for name in ids}
        self._place()
        if left is not None:
            self._focus_near(left)

    def _discard(self, ids: list[str]) -> int | None:
        """Take the cards of all other parts away; return the place of the one that had the focus."""
        focused, left = QApplication.focusWidget(), None
        for index, (name, card) in enumerate(list(self.cards.items())):
            if name not in ids:
                left = index if focused is not None and card.isAncestorOf(focused) else left
                discard(self.cards.pop(name))
                del self._shown[name]
        return left

    def _focus_near(self, index: int) -> None:
        """Keep the focus where a card has gone, by its removal or by undoing that it was added."""
        cards = list(self.cards.values())
        near = cards[min(index, len(cards) - 1)].more if cards else self.add
        near.setFocus()

    def _card(self, part: Part) -> PartCard:
        card = self.cards.get(part.id)
        if card is None:
            slot = self.slot.inner(element(self.slot.type), part.id)
            card = self.cards[part.id] = PartCard(slot, self.context, join(self.path, part.id), self)
            card.set_value(part)
            card.edited.connect(self._on_edited)
            card.remarked.connect(self.remarked)
            card.asked.connect(self._on_asked)
        elif self._shown[part.id] != part:
            card.set_value(part)
        self._shown[part.id] = part
        return card

    def _place(self) -> None:
        size, count = self.slot.size, len(self.cards)
        room = size.high is None or count < size.high
        for index, card in enumerate(self.cards.values()):
            removable = count > (size.low or 0)
            card.set_place(first=index == 0, last=index == count - 1, removable=removable, repeatable=room)
        self.add.setEnabled(room)

    def decorate(self, decorations: dict[str, Decoration]) -> None:
        """Show colours, names and visibilities by id."""
        for name, card in self.cards.items():
            card.decorate(decorations.get(name))

    def _on_edited(self, part: Part, name: str) -> None:
        card = self.sender()
        assert isinstance(card, PartCard)
        self._shown[card.id] = part
        value = tuple(part if one.id == card.id else one for one in self._value)
        self.edited.emit(value, join(card.id, name))

    def _on_asked(self, what: str) -> None:
        card = self.sender()
        assert isinstance(card, PartCard)
        getattr(self, f"_{what}")([part.id for part in self._value].index(card.id))

    def _duplicate(self, index: int) -> None:
        part = self._value[index]
        copy = part.replace(id=fresh_id(part.id.rstrip("0123456789").rstrip("-"), self.cards))
        self._insert(index + 1, copy)

    def _remove(self, index: int) -> None:
        self.edited.emit((*self._value[:index], *self._value[index + 1 :]), gesture("remove"))
        self._focus_near(index)

    def _up(self, index: int) -> None:
        self._swap(index, index - 1)

    def _down(self, index: int) -> None:
        self._swap(index, index + 1)

    def _swap(self, index: int, other: int) -> None:
        parts = list(self._value)
        parts[index], parts[other] = parts[other], parts[index]
        self.edited.emit(tuple(parts), gesture("move"))

    def add_part(self) -> None:
        """Add what the spec wants added, else the plainest part there is."""
        part = self.context.new_part(self.path) or self._plainest()
        if part is not None:
            self._insert(len(self._value), part)

    def _insert(self, index: int, part: Part) -> None:
        self.edited.emit((*self._value[:index], part, *self._value[index:]), gesture("add"))
        if part.id in self.cards:
            self.cards[part.id].reveal("")

    def _plainest(self) -> Part | None:
        kind = element(self.slot.type)
        try:
            made: Part = kind(id="new")
        except ValidationError as error:
            self.refuse(explain(error).message)
            return None
        family = next((name for name, slot in slots(kind).items() if is_family(slot)), "")
        wanted = getattr(made, family).kind if family else kind.__name__
        return made.replace(id=fresh_id(wanted, self.cards))

    def accept(self, value: Any) -> None:
        """Take the owner's word that the parts stand."""
        self.set_value(value)
        super().accept(value)

    def refuse(self, message: str, where: Where = ()) -> None:
        """Hand the verdict to the card it is about, by id or by place."""
        cards = list(self.cards.values())
        head = where[0] if message and where else None
        card = self.cards.get(str(head)) if isinstance(head, str) else None
        if isinstance(head, int) and head < len(cards):
            card = cards[head]
        if card is not None:
            card.refuse(message, where[1:])
        else:
            super().refuse(message)

    def problems(self) -> list[tuple[str, str]]:
        """Return every refusal in it."""
        found = [(join(name, path), text) for name, card in self.cards.items() for path, text in card.problems()]
        return [*super().problems(), *found]

    def commit(self) -> None:
        """Take what is typed in any card."""
        for card in list(self.cards.values()):
            card.commit()

    def controls(self) -> list[QWidget]:
        """Return the button that is always there."""
        return [self.add]

    def reveal(self, path: str) -> bool:
        """Focus what is at ``path``, which begins with an id."""
        name, _, rest = path.partition(".")
        return self.cards[name].reveal(rest) if name in self.cards else super().reveal(path)

    def summary(self) -> str:
        """Return how many there are."""
        return str(len(self.cards))

    def retranslate(self) -> None:
        """Say everything again."""
        kind = self.slot.extra.get("item") or element(self.slot.type).__name__.lower()
        self.add.setText(self.tr("Add {thing}").format(thing=render(str(kind))))
        self.add.setAccessibleName(self.add.text())
