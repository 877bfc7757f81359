"""The editor of a Python file: it shows the code, and lets it run only once the user has confirmed it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gradlab.engine import own_files
from gradlab.engine.errors import UserError
from gradlab.ui import theme
from gradlab.ui.widgets import plain_label

from .base import RENEWAL, edits, gesture
from .context import Context
from .paths import PathEdit, picks
from .slot import Slot


@edits(picks("code"))
class CodePathEdit(PathEdit):
    """The path of a Python file, and whether its very content may run."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        self.confirm: QPushButton | None = None
        super().__init__(slot, context, path, parent)
        self.confirm = QPushButton(self)
        self.confirm.clicked.connect(self.show_code)
        self.row.insertWidget(1, self.confirm)
        self.retranslate()

    def prepare(self, dialog: QFileDialog) -> None:
        """Say what the dialog is for."""
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Python (*.py)"), self.tr("All files (*)")])

    def title(self) -> str:
        """Return what the dialog is called."""
        return self.tr("Choose a Python file")

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        super().accept(value)
        self._say_state_soon()

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        super().set_value(value)
        self._say_state_soon()

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        self._say_state()

    def _say_state_soon(self) -> None:
        """Say it when the owner has the SHA-256 that belongs to the path: it gets both after its editors do."""
        QTimer.singleShot(0, self, self._say_state)

    def _say_state(self) -> None:
        if self.confirm is None:
            return
        confirmed = own_files.is_code_allowed(getattr(self.owner(), "sha256", ""))
        self.confirm.setVisible(bool(self._value))
        self.confirm.setText(self.tr("Confirmed · read…") if confirmed else self.tr("Read and confirm…"))
        self.confirm.setAccessibleName(self.tr("Read the code and confirm that it may run"))

    def show_code(self) -> None:
        """Show the code and what running it means; of a file that has changed since, as it is now."""
        try:
            path, text, sha256 = self._source()
        except UserError as error:
            self.refuse(str(error))
            return
        dialog = CodeDialog(str(path), text, sha256, self.window())
        dialog.accepted.connect(self._confirmed)
        dialog.open()

    def _source(self) -> tuple[Any, str, str]:
        """Return what the file holds; when it is another one than it was, it is taken anew first, and not confirmed."""
        try:
            found: tuple[Any, str, str] = self.owner().source()
        except UserError:
            self.take(str(own_files.find(self._value)))  # a name alone is one beside the preset
            found = self.owner().source()
        return found

    def _confirmed(self) -> None:
        self._say_state()
        self.edited.emit(self._value, gesture(RENEWAL))


class CodeDialog(QDialog):
    """The code that would run, read before it does. Accepting lets this very content run until the program ends."""

    def __init__(self, path: str, text: str, sha256: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Run this code?"))
        self.resize(760, 560)
        self._sha256 = sha256
        words = self.tr("This file is a program. It can do whatever you can: change your files, use the network.")
        warning = plain_label(words + " " + self.tr("Let it run only if you know what it does."), "", self)
        warning.setWordWrap(True)
        place = plain_label(f"{path}\nSHA-256 {sha256}", "muted", self)
        place.setWordWrap(True)
        self.code = QPlainTextEdit(text, self)
        self.code.setReadOnly(True)
        self.code.setFont(theme.mono_font())
        self.code.setAccessibleName(self.tr("The code"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.run = self.buttons.addButton(self.tr("Let it run"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.run.setAutoDefault(False)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (warning, place, self.code, self.buttons):
            layout.addWidget(widget)

    def accept(self) -> None:
        """Remember that the user has confirmed this content."""
        own_files.allow_code(self._sha256)
        super().accept()
