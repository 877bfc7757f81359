"""A field in a grid: its label, its editor, and what is to be read under it; headings of sections."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gradlab.ui.i18n import render
from gradlab.ui.widgets import plain_label, set_property

from .base import Editor, Remark
from .slot import MISSING


class FieldRow(QObject):
    """One field in a grid: its label, its editor, and what is to be read under it."""

    def __init__(self, editor: Editor, grid: QGridLayout, parent: QWidget, *, headed: bool = False) -> None:
        super().__init__(parent)
        self.editor = editor
        self._grid = grid
        self._headed = headed
        self._line = grid.rowCount()
        grid.setRowMinimumHeight(self._line + 2, 0)  # a row for the remark, should one come
        self._remark: Remark | None = None
        self.label: QLabel | None = None
        self.shown = True
        if not editor.labelled and not (headed and editor.slot.section):
            self.label = plain_label(css_class="h" if headed else "muted", parent=parent)
            self.label.setBuddy(editor)
        self._place()
        editor.remarked.connect(self.refresh)
        self.refresh()

    def _place(self) -> None:
        under = self.editor.wide or self.label is None or self._headed
        if self.label is not None:
            self._grid.addWidget(self.label, self._line, 0, 1, 2 if under else 1)
        if under:
            self._grid.addWidget(self.editor, self._line + 1, 0, 1, 2)
        else:
            self._grid.addWidget(self.editor, self._line, 1)

    def set_shown(self, shown: bool) -> None:
        """Leave the row out, or let it back in."""
        if shown == self.shown:
            return
        self.shown = shown
        for widget in (self.label, self.editor):
            if widget is not None:
                widget.setVisible(shown)
        self.refresh()

    def refresh(self) -> None:
        """Show name, refusal or hint, and whether the value differs from the default."""
        self._say(self.editor.problem(), self.editor.hint(), fault=self.editor.at_fault())
        if self.label is None:
            return
        text = self.editor.label_text()
        self.label.setText(text.upper() if self._headed else text)
        self.label.setToolTip(self.editor.tip())
        set_property(self.label, "changed", not self._headed and is_changed(self.editor))

    def _say(self, problem: str, hint: str, *, fault: bool) -> None:
        if self._remark is None and (problem or hint):
            self._remark = Remark(self.editor.parentWidget())
            self._grid.addWidget(self._remark, self._line + 2, 0, 1, 2)
        if self._remark is not None:
            self._remark.say(problem, hint, fault=fault)
            self._remark.setVisible(self.shown and bool(problem or hint))


def is_changed(editor: Editor) -> bool:
    """Tell whether the value of a field differs from its default."""
    default = editor.slot.default
    return default is not MISSING and not editor.wide and bool(editor.value() != default)


class Heading(QLabel):
    """The heading of a section, in the language of the window; it is there while one of its ``rows`` is."""

    def __init__(self, text: str, css_class: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.rows: list[FieldRow] = []
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("class", css_class)
        self._say()

    def _say(self) -> None:
        self.setText(render(self._text).upper())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._say()
        super().changeEvent(event)
