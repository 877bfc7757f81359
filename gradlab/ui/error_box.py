"""Errors on screen, never modal: a banner for what went wrong inside, a strip for what the user can mend."""

from __future__ import annotations

import logging

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradlab.engine.errors import ErrorReport, UserError
from gradlab.engine.text import Text
from gradlab.ui.widgets import plain_label, set_property

from . import icons, theme
from .i18n import render

log = logging.getLogger(__name__)

KEPT = 20
"""Different reports that are kept for the details."""
SUMMARY_LIMIT = 300
NOTICE_LIMIT = 600
DETAILS_LIMIT = 100_000
DETAILS_HEIGHT = 220


class ErrorBanner(QFrame):
    """An unexpected error: its summary, its traceback on demand, Copy and Close; the same one again is counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("class", "banner")
        self._counts: dict[ErrorReport, int] = {}
        self._latest: ErrorReport | None = None
        self._showing = False
        self.sign = plain_label(parent=self)
        self.summary = plain_label(parent=self)
        self.summary.setWordWrap(True)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.summary.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.count = plain_label(css_class="chip", parent=self)
        self.details_button, self.copy_button = QPushButton(self), QPushButton(self)
        self.close_button = QToolButton(self)
        self.details = QPlainTextEdit(self)
        self._lay_out()
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self.details.setVisible)
        self.copy_button.clicked.connect(self.copy)
        self.close_button.clicked.connect(self.close_banner)
        theme.watcher().changed.connect(self._draw_sign)
        self._draw_sign()
        self.retranslate()
        self.hide()

    def _draw_sign(self) -> None:
        self.sign.setPixmap(icons.icon("warning", "bad").pixmap(QSize(18, 18)))

    def _lay_out(self) -> None:
        icons.put(self.close_button, "close")
        self.details.setReadOnly(True)
        self.details.setProperty("class", "mono")
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFixedHeight(DETAILS_HEIGHT)
        self.details.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in (self.sign, self.summary, self.count, self.details_button, self.copy_button, self.close_button):
            line.addWidget(widget, 1 if widget is self.summary else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.addLayout(line)
        column.addWidget(self.details)

    def show_report(self, report: ErrorReport) -> None:
        """Show ``report``, or count it where it was shown before; never raises.

        An error that showing it causes in turn is only logged.
        """
        if self._showing:
            log.error("while an error was being shown: %s", report.details)
            return
        self._showing = True
        try:
            self._take(report)
        except Exception:
            log.exception("an error could not be shown: %s", report.details)
        finally:
            self._showing = False

    def _take(self, report: ErrorReport) -> None:
        known = report in self._counts
        self._counts[report] = self._counts.get(report, 0) + 1
        if len(self._counts) > KEPT:
            del self._counts[next(iter(self._counts))]
        if report is not self._latest and report != self._latest:
            self._latest = report
            self.summary.setText(_cut(report.summary, SUMMARY_LIMIT))
        if not known:
            self.details.setPlainText(self.text())
        self._show_count()
        self.show()

    def _show_count(self) -> None:
        times = self._counts.get(self._latest, 0) if self._latest is not None else 0
        words = [self.tr("{count} times").format(count=times)] if times > 1 else []
        others = len(self._counts) - 1
        if others > 0:
            more = self.tr("1 other error") if others == 1 else self.tr("{count} other errors")
            words.append(more.format(count=others))
        self.count.setText(" · ".join(words))
        self.count.setVisible(bool(words))

    def text(self) -> str:
        """Return every report as plain text, the latest first."""
        parts = [f"{report.summary}\n\n{report.details}".strip() for report in reversed(self._counts)]
        return _cut("\n\n".join(parts), DETAILS_LIMIT)

    def copy(self) -> None:
        """Put everything on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def close_banner(self) -> None:
        """Forget everything."""
        self.clear()

    def clear(self) -> None:
        """Forget every report and hide."""
        self._counts.clear()
        self._latest = None
        self.details_button.setChecked(False)
        self.details.clear()
        self.hide()

    def retranslate(self) -> None:
        """Say everything again in the language of the window."""
        self.details_button.setText(self.tr("Details"))
        self.copy_button.setText(self.tr("Copy"))
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.setToolTip(self.tr("Close"))
        self.details.setAccessibleName(self.tr("Details of the error"))
        self.sign.setAccessibleName(self.tr("Error"))
        self._show_count()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


Said = tuple[Text | str, Text | str, bool]
"""Message and hint of a notice, and whether something is wrong."""


class Notice(QFrame):
    """One line about something the user can mend or should know, until it is closed or replaced."""

    def __init__(self, parent: QWidget | None = None, *, floating: bool = True) -> None:
        """``floating``: it lies over what it is about, else it is a strip that stands above."""
        super().__init__(parent)
        self.setProperty("class", "notice" if floating else "comment")
        self._message: Text | str = ""
        self._hint: Text | str = ""
        self._bad = False
        self.label = plain_label(parent=self)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = plain_label(css_class="muted", parent=self)
        self.hint.setWordWrap(True)
        self.close_button = QToolButton(self)
        icons.put(self.close_button, "close")
        self.close_button.clicked.connect(self.close_notice)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 4, 8, 4)
        line.setSpacing(12)
        line.addWidget(self.label, 3)
        line.addWidget(self.hint, 2)
        line.addWidget(self.close_button)
        self.retranslate()
        self.hide()

    def show_error(self, error: UserError) -> None:
        """Show the message and the hint of ``error``."""
        self._show(error.message, error.hint, bad=True)

    def show_text(self, text: Text | str, hint: Text | str = "") -> None:
        """Show ``text`` as something to know."""
        self._show(text, hint, bad=False)

    def said(self) -> Said | None:
        """Return what is shown, None for nothing."""
        return None if self.isHidden() else (self._message, self._hint, self._bad)

    def say_again(self, said: Said | None) -> None:
        """Show what was shown before."""
        if said is None:
            self.clear()
        else:
            self._show(said[0], said[1], bad=said[2])

    def clear(self) -> None:
        """Hide."""
        self.hide()

    def withdraw(self, text: Text | str) -> None:
        """Hide where ``text`` is still what is said."""
        if self._message == text:
            self.clear()

    def close_notice(self) -> None:
        """Hide."""
        self.clear()

    def _show(self, message: Text | str, hint: Text | str, *, bad: bool) -> None:
        self._message, self._hint, self._bad = message, hint, bad
        set_property(self.label, "class", "bad" if bad else "")
        self.retranslate()
        self.show()

    def retranslate(self) -> None:
        """Say everything again in the language of the window."""
        self.label.setText(_cut(render(self._message), NOTICE_LIMIT))
        self.hint.setText(_cut(render(self._hint), NOTICE_LIMIT))
        self.hint.setVisible(bool(self._hint))
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.setToolTip(self.tr("Close"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_notice()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
