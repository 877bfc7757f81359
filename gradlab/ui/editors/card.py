"""The card of one part of a list: dot, name and menu above, its first choice and number inline, the rest folded."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QColorDialog, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gradlab.engine.catalog import Item
from gradlab.ui import icons, theme
from gradlab.ui.i18n import plain_tip, render

from .context import Context, Decoration, look_up
from .group import GroupEdit
from .item import ItemEdit
from .line_field import LineField
from .marks import Elided, dot_icon
from .slot import Slot

NAME_LIMIT = 60
BUTTON = 20


class PartCard(GroupEdit):
    """One part. What becomes of the part itself is asked of the list; how it is shown is asked of the look."""

    asked = Signal(str)
    """duplicate, remove, up or down."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        super().__init__(slot, context, path, parent)
        self._decoration = look_up(context.decorations, path.rpartition(".")[2])
        self._first: ItemEdit | None = None
        self._rest: QWidget | None = None
        self._can: dict[str, bool] = {}
        self._open = False
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("class", "card")
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setContentsMargins(10, 6, 8, 10)
        layout.setSpacing(6)
        layout.insertLayout(0, self._header())
        layout.addWidget(self.digest)
        self.retranslate()

    @property
    def id(self) -> str:
        """The part's id."""
        return self.path.rpartition(".")[2]

    def _header(self) -> QHBoxLayout:
        self.dot, self.eye, self.chevron, self.more = (QToolButton(self) for _ in range(4))
        self.name, self.digest = Elided("title", self), Elided("muted", self)
        self.digest.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.naming = LineField(self)
        self.naming.setMaxLength(NAME_LIMIT)
        self.naming.hide()
        for button, picture in ((self.eye, "eye"), (self.chevron, "chevron-right"), (self.more, "more")):
            button.setIconSize(QSize(14, 14))
            button.setFixedSize(BUTTON, BUTTON)
            icons.put(button, picture)
            button.setProperty("class", "tool")
        self.dot.setProperty("class", "dot")
        keep = self.eye.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.eye.setSizePolicy(keep)
        self._connect_header()
        header = QHBoxLayout()
        header.setSpacing(2)
        for widget, stretch in ((self.dot, 0), (self.name, 0), (self.naming, 1)):
            header.addWidget(widget, stretch)
        header.addStretch()
        for button in (self.eye, self.chevron, self.more):
            header.addWidget(button)
        header.insertSpacing(1, 6)
        return header

    def _connect_header(self) -> None:
        self.dot.clicked.connect(self.open_colors)
        self.eye.clicked.connect(self.toggle_visible)
        self.chevron.clicked.connect(self.toggle)
        self.more.clicked.connect(self.open_menu)
        self.name.clicked_twice.connect(self.rename)
        self.naming.entered.connect(self._renamed)
        self.naming.left.connect(self._renamed)
        self.naming.escaped.connect(self._keep_name)
        theme.watcher().changed.connect(self._draw_dot)

    # Its rows.

    def _fill(self) -> Iterator[None]:
        assert self.fields is not None
        assert self._body is not None
        first = next((name for name, slot in self.fields.slots.items() if is_family(slot)), "")
        self._rest = None
        if first:
            editor = self.fields.editor(first, self._body, compact)
            assert isinstance(editor, ItemEdit)
            self._first = editor
            self.without = (first,)
            self._column().addWidget(editor)
        self.set_open(self._open or not first)
        self.refresh()
        yield

    def is_open(self) -> bool:
        """Tell whether everything is unfolded."""
        return self._open

    def toggle(self) -> None:
        """Unfold or fold."""
        self.set_open(not self._open)

    def set_open(self, opened: bool) -> None:
        """Unfold or fold everything but the first line."""
        self._open = opened
        icons.put(self.chevron, "chevron-down" if opened else "chevron-right")
        if self._first is not None:
            self._first.set_open(opened)
        if opened and self._rest is None and self._body is not None and self.fields is not None:
            names = [name for name in self.fields.slots if name not in self.without]
            self._rest = QWidget(self._body)
            self._rest.setLayout(self._block(names, self._rest))
            self._column().addWidget(self._rest)
        if self._rest is not None:
            self._rest.setVisible(opened)
        self.retranslate()

    def reveal(self, path: str) -> bool:
        """Unfold where the field is folded away, and focus it."""
        name, _, rest = path.partition(".")
        inline = name in self.without and self._first is not None and self._first.is_beside(rest)
        if path and not inline:
            self.set_open(True)
        return super().reveal(path)

    def refresh(self) -> None:
        """Show the rows, the name and what is folded away again."""
        super().refresh()
        decoration = self._decoration
        fallback = render(self._first.value().name()) if self._first is not None else self.id
        self.name.say((decoration.name if decoration else "") or fallback)
        words = [self._first.summary()] if self._first is not None else []
        self.digest.say(" · ".join(word for word in [*words, self.summary()] if word))
        self.digest.setVisible(not self._open and bool(self.digest.whole()))
        visible = decoration is None or decoration.visible
        self.eye.setVisible(decoration is not None and (not visible or self.underMouse()))
        icons.put(self.eye, "eye" if visible else "eye-off")
        self._draw_dot()
        self._say_names()

    # How it is shown.

    def decorate(self, decoration: Decoration | None) -> None:
        """Show colour, name and visibility."""
        if decoration != self._decoration:
            self._decoration = decoration
            self.refresh()

    def _draw_dot(self) -> None:
        self.dot.setVisible(self._decoration is not None)
        if self._decoration is not None:
            self.dot.setIcon(dot_icon(self._decoration.color, filled=self._decoration.visible))

    def toggle_visible(self) -> None:
        """Ask for the plots to show it, or no longer."""
        if self._decoration is not None:
            self.context.decorate(self.id, "visible", not self._decoration.visible)

    def open_colors(self) -> None:
        """Offer the colours of the traces, and any other."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = (self.tr("Orange"), self.tr("Sky blue"), self.tr("Green"), self.tr("Pink"))
        for number, name in enumerate((*names, self.tr("Vermilion"), self.tr("Blue"))):
            menu.addAction(dot_icon(number), name).setData(number)
        menu.addSeparator()
        menu.addAction(self.tr("Other colour…"))
        menu.triggered.connect(self._color_chosen)
        menu.popup(self.dot.mapToGlobal(QPoint(0, self.dot.height())))

    def _color_chosen(self, action: QAction) -> None:
        if action.data() is not None:
            self.context.decorate(self.id, "color", action.data())
            return
        dialog = QColorDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        if self._decoration is not None:
            dialog.setCurrentColor(theme.current().colour(self._decoration.color))
        dialog.colorSelected.connect(self._color_mixed)
        dialog.open()

    def _color_mixed(self, color: QColor) -> None:
        self.context.decorate(self.id, "color", color.name())

    def rename(self) -> None:
        """Let the name be typed where it stands."""
        self.naming.setText(self.name.whole())
        self.naming.untaken = True
        self.name.hide()
        self.naming.show()
        self.naming.setFocus()
        self.naming.selectAll()

    def _renamed(self) -> None:
        text = " ".join(self.naming.text().split())
        changed = self.naming.untaken and text != self.name.whole()
        self._keep_name()
        if changed:
            self.context.decorate(self.id, "name", text)

    def _keep_name(self) -> None:
        self.naming.untaken = False
        self.naming.hide()
        self.name.show()

    # What becomes of it.

    def set_place(self, *, first: bool, last: bool, removable: bool, repeatable: bool) -> None:
        """Know what may be asked for: depends on where it stands in the list."""
        self._can = {"duplicate": repeatable, "up": not first, "down": not last, "remove": removable}

    def open_menu(self) -> None:
        """Offer what can be done with it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._decoration is not None:
            menu.addAction(self.tr("Rename")).triggered.connect(self.rename)
            words = self.tr("Hide in plots") if self._decoration.visible else self.tr("Show in plots")
            menu.addAction(words).triggered.connect(self.toggle_visible)
            menu.addSeparator()
        texts = (self.tr("Duplicate"), self.tr("Move up"), self.tr("Move down"), self.tr("Remove"))
        for name, text in zip(("duplicate", "up", "down", "remove"), texts, strict=True):
            action = menu.addAction(text)
            action.setData(name)
            action.setEnabled(self._can.get(name, False))
        menu.triggered.connect(self._picked)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _picked(self, action: QAction) -> None:
        if action.data():
            self.asked.emit(action.data())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the card with Alt and the arrows."""
        moves = {Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}
        name = moves.get(Qt.Key(event.key())) if event.modifiers() & Qt.KeyboardModifier.AltModifier else None
        if name and self._can.get(name):
            self.asked.emit(name)
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the eye while the pointer is here."""
        super().enterEvent(event)
        self.eye.setVisible(self._decoration is not None)

    def leaveEvent(self, event: QEvent) -> None:
        """Show the eye only where it says something."""
        super().leaveEvent(event)
        self.eye.setVisible(self._decoration is not None and not self._decoration.visible)

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        self.refresh()

    def _say_names(self) -> None:
        name = self.name.whole()
        self.setAccessibleName(name)
        for button, text in (
            (self.dot, self.tr("Colour of {name}")),
            (self.eye, self.tr("Show {name} in plots")),
            (self.chevron, self.tr("Less of {name}") if self._open else self.tr("More of {name}")),
            (self.more, self.tr("What to do with {name}")),
        ):
            button.setAccessibleName(text.format(name=name))
            button.setToolTip(plain_tip(button.accessibleName()))
        self.naming.setAccessibleName(self.tr("Name"))


def is_family(slot: Slot) -> bool:
    """Tell whether a field is a choice from a family."""
    return not slot.optional and isinstance(slot.type, type) and issubclass(slot.type, Item)


def compact(slot: Slot, context: Context, path: str, parent: QWidget) -> ItemEdit:
    """Return the editor of a choice as it stands on the first line of a card."""
    return ItemEdit(slot, context, path, parent, compact=True)
