"""What an experiment is called and what is said of it, edited in a small dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from gradlab.ui.widgets import plain_label

from .document import Document

LONGEST_TITLE, LONGEST_COMMENT = 200, 10_000
"""Characters that a file takes."""
WIDTH = 460


class Properties(QDialog):
    """Writes title and comment into the document when it is accepted."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Properties of the experiment"))
        self._document = document
        self.title, self.comment = QLineEdit(document.title, self), QPlainTextEdit(document.comment, self)
        self.title.setMaxLength(LONGEST_TITLE)
        self.comment.setTabChangesFocus(True)
        self.problem = plain_label("", "bad", self)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, parent=self
        )
        self._lay_out()
        self.comment.textChanged.connect(self._check)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.resize(WIDTH, self.sizeHint().height())

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(16, 16, 16, 16)
        form.setSpacing(10)
        for text, field in ((self.tr("&Title"), self.title), (self.tr("&Comment"), self.comment)):
            field.setAccessibleName(text.replace("&", ""))
            form.addRow(text, field)
        form.addRow(self.problem)
        form.addRow(self.buttons)
        self.problem.hide()

    def _check(self) -> None:
        """Refuse a comment that no file takes, and say why."""
        length = len(self.comment.toPlainText())
        text = self.tr("{length} characters; a file takes {most}").format(length=length, most=LONGEST_COMMENT)
        self.problem.setText(text)
        self.problem.setVisible(length > LONGEST_COMMENT)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(length <= LONGEST_COMMENT)

    def accept(self) -> None:
        """Take what was typed."""
        self._document.title = self.title.text().strip()
        self._document.comment = self.comment.toPlainText().strip()
        super().accept()
