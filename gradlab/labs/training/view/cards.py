"""Cards of the reading pane: what the numbers say of an arm, and what can be tried beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gradlab.labs.training.verdict import Verdict
from gradlab.ui import theme
from gradlab.ui.i18n import render
from gradlab.ui.widgets import plain_label

if TYPE_CHECKING:
    from gradlab.labs.training.remedies import Remedy

TONES = {
    "waiting": "muted", "healthy": "ok", "converged": "ok", "vanishing": "bad", "exploding": "bad",
    "nonfinite": "bad", "saturated": "warn", "dead": "warn", "unstable": "warn", "stalled": "warn",
}  # fmt: skip
BUTTON_PX = 52
FEW = 3
"""Remedies that are shown at once."""


class VerdictCard(QFrame):
    """A title with a verdict's colour, the sentence behind it; the rule is its tooltip."""

    def __init__(self, parent: QWidget, letter: str) -> None:
        super().__init__(parent)
        self._letter = letter
        self.setProperty("class", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        self.title, self.text = plain_label("", "title", self), plain_label("", "muted", self)
        for line in (self.title, self.text):
            line.setWordWrap(True)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(line)

    def show_verdict(self, verdict: Verdict, *, lettered: bool) -> None:
        """Say it, with the arm's letter where there are two."""
        title = render(verdict.title)
        title = f"{self._letter}   {title}" if lettered else title
        for line, words in ((self.title, title), (self.text, render(verdict.text))):
            if line.text() != words:
                line.setText(words)
        self.text.setVisible(bool(self.text.text()))
        tip = self.tr("Rule: {rule}").format(rule=verdict.rule) if verdict.rule else ""
        if self.toolTip() != tip:
            self.setToolTip(tip)
            self.setAccessibleName(title)
        tone = f"title {TONES.get(verdict.kind, 'muted')}"
        if self.title.property("class") != tone:
            theme.set_class(self.title, tone)


class Single(QPushButton):
    """A button that takes a double click for one: the second would undo the first, or meet what came in its place."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Pass the second press over."""
        event.accept()


class RemedyCard(QFrame):
    """A remedy, why it may help, and a button that tries it beside what is there; pressed again takes it away."""

    def __init__(self, parent: QWidget, act: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setProperty("class", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 10, 8)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title, self.why = plain_label("", "title", self), plain_label("", "muted", self)
        for line in (self.title, self.why):
            line.setWordWrap(True)
            words.addWidget(line)
        self.button = Single(self)
        self.button.setCheckable(True)
        self.button.setMinimumWidth(BUTTON_PX)
        self.button.clicked.connect(act)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_remedy(self, title: str, why: str, *, taken: bool) -> None:
        """Show it; ``taken``: it is what arm B does."""
        self.title.setText(title)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        self.button.setText("B" if taken else self.tr("Try"))
        self.button.setChecked(taken)
        name = self.tr("Remove {remedy} from beside A") if taken else self.tr("Try {remedy} beside A")
        self.button.setAccessibleName(name.format(remedy=title))
        self.button.setToolTip(name.format(remedy=title))
        theme.set_class(self.button, "second" if taken else "")


class Remedies(QWidget):
    """The remedies on offer. ``tried(remedy)``: one was asked for; ``removed()``: the one beside was given up."""

    tried = Signal(object)
    removed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._offers: tuple[Remedy | None, ...] = ()
        self._all = False
        self._pressed = ""
        self.cards: list[RemedyCard] = []
        self._remove = QPushButton(self.tr("Remove B"), self)
        self._remove.setProperty("class", "flat")
        self._remove.clicked.connect(self.removed)
        self._more = QPushButton(self)
        self._more.setProperty("class", "fold")
        self._more.clicked.connect(self._fold)
        self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._remove, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def remove_button(self) -> QPushButton:
        """The button that gives arm B up."""
        return self._remove

    @property
    def more_button(self) -> QPushButton:
        """The button that shows the remedies that are folded away."""
        return self._more

    def show_remedies(self, offers: tuple[Remedy, ...], taken: str, beside: str) -> None:
        """Offer these; ``taken`` is the id of the one that runs beside, ``beside`` its name (empty without arm B)."""
        own = bool(beside) and not any(offer.id == taken for offer in offers)
        self._offers = ((None,) if own else ()) + offers
        while len(self.cards) < len(self._offers):
            card = RemedyCard(self, partial(self._act, len(self.cards)))
            self.cards.append(card)
            self._column.insertWidget(self._column.count() - 2, card)
        for number, card in enumerate(self.cards):
            if number < len(self._offers):
                offer = self._offers[number]
                if offer is None:
                    card.show_remedy(beside, self.tr("runs beside A, from the same seed"), taken=True)
                else:
                    card.show_remedy(render(offer.title), render(offer.why), taken=bool(beside) and offer.id == taken)
        self._remove.setVisible(bool(beside))
        self._show_folded()
        self._follow(taken if beside else "")

    def _follow(self, taken: str) -> None:
        """Let the focus go with the remedy that was pressed where that has another place now."""
        here = self.window().focusWidget()
        if not taken or taken != self._pressed or all(card.button is not here for card in self.cards):
            return
        self._pressed = ""
        place = next((k for k, offer in enumerate(self._offers) if offer is not None and offer.id == taken), None)
        if place is not None:
            self.cards[place].button.setFocus()

    def _fold(self) -> None:
        self._all = not self._all
        self._show_folded()

    def _show_folded(self) -> None:
        """Show the first few, and what runs beside; the others on demand."""
        hidden = 0
        for number, card in enumerate(self.cards):
            there = number < len(self._offers)
            shown = there and (self._all or number < FEW or card.button.isChecked())
            card.setVisible(shown)
            hidden += there and not shown
        text = self.tr("Fewer") if self._all else self.tr("{count} more").format(count=hidden)
        self._more.setText(text)
        self._more.setAccessibleName(self.tr("Other things to try: {text}").format(text=text))
        self._more.setVisible(bool(hidden) or (self._all and len(self._offers) > FEW))

    def _act(self, number: int) -> None:
        card, offer = self.cards[number], self._offers[number]
        if offer is None or card.button.text() == "B":
            card.button.setChecked(True)  # the page decides
            self.removed.emit()
        else:
            card.button.setChecked(False)
            self._pressed = offer.id
            self.tried.emit(offer)
