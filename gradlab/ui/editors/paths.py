"""Editors of files and folders: typed, or chosen in a dialog of the system."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gradlab.engine.model import at

from .base import edits, gesture
from .context import Context
from .line import LineEditor
from .slot import Slot


def picks(what: str) -> Any:
    """Return the rule that a slot is the path of ``what``: a table, weights, code or a folder."""
    return lambda slot: slot.type is str and slot.extra.get("pick") == what


@edits(picks("table"))
class PathEdit(LineEditor):
    """The path of a file: a line, and a button that opens the dialog."""

    wide = True

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        self.choose: QPushButton | None = None
        super().__init__(slot, context, path, parent)
        self.choose = QPushButton(self)
        self.choose.clicked.connect(self.open_dialog)
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        self.row.addWidget(self.choose)
        self.row.addStretch(1)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.setSpacing(6)
        column.addLayout(self.row)
        self.retranslate()

    def read(self, text: str) -> str:
        """Return the text as it is."""
        return text

    def owner(self) -> Any:
        """Return the item whose field this is; None where the form has no spec."""
        spec = self.context.spec()
        if spec is None:
            return None
        try:
            return at(spec, self.path.rpartition(".")[0])
        except KeyError:
            return None

    def open_dialog(self) -> None:
        """Let a path be chosen."""
        dialog = QFileDialog(self.window(), self.title(), self._value if isinstance(self._value, str) else "")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.prepare(dialog)
        dialog.fileSelected.connect(self.take)
        dialog.open()

    def prepare(self, dialog: QFileDialog) -> None:
        """Say what the dialog is for."""
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Tables (*.csv *.tsv *.txt)"), self.tr("All files (*)")])

    def take(self, path: str) -> None:
        """Ask the owner for the path that was chosen."""
        self.propose(path, gesture("choose"))

    def title(self) -> str:
        """Return what the dialog is called."""
        return self.tr("Choose a table")

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        if self.choose is not None:
            self.choose.setText(self.tr("Choose…"))
            self.choose.setAccessibleName(self.title())


@edits(picks("weights"))
class WeightsPathEdit(PathEdit):
    """The path of a checkpoint."""

    def prepare(self, dialog: QFileDialog) -> None:
        """Say what the dialog is for."""
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Checkpoints (*.safetensors)"), self.tr("All files (*)")])

    def title(self) -> str:
        """Return what the dialog is called."""
        return self.tr("Choose a checkpoint")
