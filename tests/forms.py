"""Drives a form as a user does: a shown form, what it emitted, and the editor at a path."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QWidget

from gradlab.engine.model import Frozen
from gradlab.ui import theme
from gradlab.ui.editors import Editor
from gradlab.ui.spec_form import SpecForm


class Driven:
    """A form in a panel; every accepted edit goes back into it, as a page does."""

    def __init__(self, qtbot: Any, spec: Frozen, *, echo: bool = True) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if theme.watcher().mode != "dark" or not app.styleSheet():
            theme.apply(app, "dark")
        self.qtbot = qtbot
        self.form = SpecForm(spec)
        self.emitted: list[tuple[Any, str]] = []
        self.form.changed.connect(self._keep)
        if echo:
            self.form.changed.connect(lambda value, _gesture: self.form.set_value(value))
        self.panel = QScrollArea(objectName="panel", widgetResizable=True)
        self.panel.setWidget(self.form)
        self.panel.resize(300, 900)
        qtbot.addWidget(self.panel)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.panel.activateWindow()

    def _keep(self, value: Any, gesture: str) -> None:
        self.emitted.append((value, gesture))

    @property
    def spec(self) -> Any:
        """The spec of the form."""
        return self.form.value()

    @property
    def last(self) -> Any:
        """The spec emitted last."""
        return self.emitted[-1][0]

    def editor(self, path: str) -> Any:
        """Return the editor at ``path``, unfolded."""
        self.form.reveal(path)
        found = [e for e in self.form.findChildren(Editor) if e.path == path]
        assert found, f"no editor at {path}"
        return found[0]  # the outermost: a field may be made of editors that stand for it in turn

    def line(self, path: str) -> QLineEdit:
        """Return the text field of the editor at ``path``, focused."""
        field = self.editor(path).field
        self.focus(field)
        return field

    def focus(self, widget: QWidget) -> None:
        """Give a widget the focus and wait until it has it."""
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        self.qtbot.waitUntil(widget.hasFocus, timeout=3000)

    def type(self, path: str, text: str, *, enter: bool = False) -> Any:
        """Replace the text at ``path`` by typing; return the field."""
        field = self.line(path)
        field.selectAll()
        self.qtbot.keyClicks(field, text)
        if enter:
            self.qtbot.keyClick(field, Qt.Key.Key_Return)
        return field

    def wheel(self, widget: QWidget, notches: float) -> None:
        """Turn the wheel over a widget."""
        middle = QPointF(widget.rect().center())
        event = QWheelEvent(
            middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, round(120 * notches)), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def press(self, button: QWidget) -> None:
        """Press a button or a box by the space bar."""
        self.focus(button)
        self.qtbot.keyClick(button, Qt.Key.Key_Space)

    def click(self, widget: QWidget) -> None:
        """Click the middle of a widget."""
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
