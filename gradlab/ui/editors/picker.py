"""A list to choose from that is searched by typing: names in groups, what is chosen explained below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradlab.ui import icons, theme
from gradlab.ui.widgets import plain_label, set_property

LINES = 14
"""Entries seen at once."""
WIDTH = 280


Judge = Callable[[str], str]
"""Says why an entry cannot be chosen, by its key; nothing when it can."""


def _all_fine(_key: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice: its key, its name, what it is, and where it belongs."""

    key: str
    name: str
    summary: str = ""
    group: str = ""

    def rank(self, words: str) -> int | None:
        """Return how well ``words`` (lower case) fits: 0 best, None not at all."""
        name = self.name.lower()
        if name.startswith(words):
            return 0
        if words in name or words in self.key:
            return 1
        return 2 if all(word in self.summary.lower() for word in words.split()) else None


class Picker(QFrame):
    """The open list under a combo box; ``chosen(key)`` and it closes."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._entries: Sequence[Entry] = ()
        self._judge: Judge = _all_fine
        self._refusals: dict[str, str] = {}
        self._judging = QTimer(self, interval=0)
        self._judging.timeout.connect(self._judge_next)
        self.setProperty("class", "popup")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setIconSize(QSize(14, 14))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._choose)
        self.list.currentItemChanged.connect(self._explain)
        self.note = plain_label(css_class="muted", parent=self)
        self.note.setWordWrap(True)
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing())
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for widget in (self.search, self.list, self.note):
            layout.addWidget(widget)

    def offer(self, entries: Sequence[Entry], current: str, text: str = "", judge: Judge = _all_fine) -> None:
        """Show ``entries`` with ``current`` at hand; ``text`` is typed already.

        ``judge(key)`` says why an entry cannot be chosen; as that may take time, it is asked while the list is open.
        """
        self._entries, self._judge = entries, judge
        self._refusals.clear()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search"))
        self.list.setAccessibleName(self.tr("Choices"))
        self.search.setText(text)
        self._fill(text, "" if text else current)

    def drop(self, combo: QComboBox) -> None:
        """Open under ``combo``, within the screen."""
        rows = min(LINES, self.list.count())
        height = sum(self.list.sizeHintForRow(row) for row in range(self.list.count())) if rows else 24
        line = height / max(1, self.list.count())
        self.list.setFixedHeight(round(min(LINES * line, height)) + 4)
        size = QSize(max(WIDTH, combo.width()), self.sizeHint().height())
        place = combo.mapToGlobal(QPoint(0, combo.height() + 2))
        room = combo.screen().availableGeometry()
        if place.y() + size.height() > room.bottom():
            place.setY(max(room.top(), combo.mapToGlobal(QPoint(0, -2)).y() - size.height()))
        place.setX(max(room.left(), min(place.x(), room.right() - size.width())))
        self.resize(size)
        self.move(place)
        self.show()
        self.search.setFocus()
        self._judging.start()

    def refusal(self, key: str) -> str:
        """Return why an entry cannot be chosen; empty when it can."""
        if key not in self._refusals:
            self._refusals[key] = self._judge(key)
        return self._refusals[key]

    def _judge_next(self) -> None:
        entry = next((entry for entry in self._entries if entry.key not in self._refusals), None)
        if entry is None:
            self._judging.stop()
        elif self.refusal(entry.key):
            for row in range(self.list.count()):
                if self._entry(self.list.item(row)) is entry:
                    self._grey(self.list.item(row))
            self._explain(self.list.currentItem())

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop asking."""
        self._judging.stop()
        super().hideEvent(event)

    def _filter(self, text: str) -> None:
        self._fill(text, "")

    def _fill(self, text: str, current: str) -> None:
        words = " ".join(text.lower().split())
        self.list.clear()
        if words:
            ranked = [(entry.rank(words), entry) for entry in self._entries]
            for entry in [entry for wanted in range(3) for rank, entry in ranked if rank == wanted]:
                self._add(entry)
        else:
            self._fill_groups()
        self._select(current)

    def _fill_groups(self) -> None:
        group = ""
        for entry in self._entries:
            if entry.group != group:
                group = entry.group
                self._add_heading(group)
            self._add(entry)

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text.upper(), self.list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(theme.sans_font(11, bold=True))
        item.setForeground(QColor(theme.current().faint))

    def _add(self, entry: Entry) -> None:
        item = QListWidgetItem(entry.name, self.list)
        item.setData(Qt.ItemDataRole.UserRole, entry.key)
        item.setFont(theme.sans_font(13))
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.summary)
        if self._refusals.get(entry.key):
            self._grey(item)

    def _grey(self, item: QListWidgetItem) -> None:
        item.setForeground(QColor(theme.current().faint))
        item.setIcon(icons.icon("warning", "faint"))
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, self._refusals[item.data(Qt.ItemDataRole.UserRole)])

    def _entry(self, item: QListWidgetItem | None) -> Entry | None:
        key = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return next((entry for entry in self._entries if entry.key == key), None)

    def _select(self, key: str) -> None:
        items = [self.list.item(row) for row in range(self.list.count())]
        real = [item for item in items if self._entry(item) is not None]
        wanted = next((item for item in real if item.data(Qt.ItemDataRole.UserRole) == key), real[0] if real else None)
        if wanted is not None:
            self.list.setCurrentItem(wanted)
            self.list.scrollToItem(wanted, QListWidget.ScrollHint.PositionAtCenter)
        self._explain(wanted)

    def _explain(self, item: QListWidgetItem | None) -> None:
        entry = self._entry(item)
        if entry is None:
            self.note.setText("" if self.list.count() else self.tr("Nothing is called that."))
            set_property(self.note, "class", "muted")
            return
        refusal = self._refusals.get(entry.key, "")
        self.note.setText(refusal or entry.summary)
        set_property(self.note, "class", "muted warn" if refusal else "muted")

    def _choose(self, item: QListWidgetItem | None) -> None:
        entry = self._entry(item)
        if entry is None:
            return
        if self.refusal(entry.key):
            self._explain(item)
            return
        self.hide()
        self.chosen.emit(entry.key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move and choose in the list while the search line keeps the focus."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -LINES, Qt.Key.Key_PageDown: LINES}
            if Qt.Key(event.key()) in step:
                self._move(step[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        rows = [row for row in range(self.list.count()) if self._entry(self.list.item(row)) is not None]
        if rows:
            at = rows.index(self.list.currentRow()) if self.list.currentRow() in rows else 0
            self.list.setCurrentRow(rows[max(0, min(len(rows) - 1, at + step))])
