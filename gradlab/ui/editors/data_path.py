"""The editor of a folder of data: chosen, or filled by a download that the user asks for, watches and can cancel."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gradlab.engine.errors import UserError
from gradlab.ui.widgets import plain_label

from .base import RENEWAL, edits, gesture
from .context import Context
from .paths import PathEdit, picks
from .slot import Slot

if TYPE_CHECKING:
    from gradlab.engine.datasets import Remote
    from gradlab.engine.datasets.transfer import Transfer

POLL_MS = 100
MEGABYTE = 1e6


@edits(picks("folder"))
class DataPathEdit(PathEdit):
    """A folder of data: empty for the one that downloads go to."""

    def __init__(self, slot: Slot, context: Context, path: str, parent: QWidget | None = None) -> None:
        self.download: QPushButton | None = None
        self.transfer: Transfer | None = None
        super().__init__(slot, context, path, parent)
        self.download = QPushButton(self)
        self.download.clicked.connect(self.start)
        self.row.insertWidget(1, self.download)
        self.bar = QProgressBar(self)
        self.stop = QPushButton(self)
        self.stop.clicked.connect(self.cancel)
        self.note = plain_label(css_class="muted", parent=self)
        self.note.setWordWrap(True)
        line = QHBoxLayout()
        line.addWidget(self.bar, 1)
        line.addWidget(self.stop)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.addLayout(line)
        column.addWidget(self.note)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.retranslate()

    def prepare(self, dialog: QFileDialog) -> None:
        """Say what the dialog is for."""
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)

    def title(self) -> str:
        """Return what the dialog is called."""
        return self.tr("Choose the folder of the data")

    def accept(self, value: Any) -> None:
        """Take the owner's word that ``value`` stands."""
        super().accept(value)
        self.say_state()

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        super().set_value(value)
        self.say_state()

    def retranslate(self) -> None:
        """Say everything again."""
        super().retranslate()
        self.say_state()

    def showEvent(self, event: QShowEvent) -> None:
        """Look whether the files are there."""
        super().showEvent(event)
        self.say_state()

    def missing(self) -> tuple[Remote, ...]:
        """Return what can be downloaded and is not there; empty when the folder cannot be looked into."""
        try:
            found: tuple[Remote, ...] = getattr(self.owner(), "missing", tuple)()
        except UserError:
            return ()
        return found

    def say_state(self) -> None:
        """Show what can be done: download, cancel, or nothing."""
        if self.download is None:
            return
        loading = self.transfer is not None
        missing = () if loading else self.missing()
        size = sum(remote.size for remote in missing) / MEGABYTE
        self.download.setVisible(bool(missing))
        self.download.setText(self.tr("Download {size} MB").format(size=f"{size:.0f}"))
        self.download.setAccessibleName(self.download.text())
        if missing:
            self.download.setToolTip("\n".join(address for remote in missing for address in remote.addresses[:1]))
        self.stop.setText(self.tr("Cancel"))
        self.stop.setAccessibleName(self.tr("Cancel the download"))
        self.bar.setAccessibleName(self.tr("Download"))
        self.bar.setVisible(loading)
        self.stop.setVisible(loading)
        self.note.setVisible(bool(self.note.text()))

    def start(self) -> None:
        """Download what is missing."""
        from gradlab.engine.datasets.transfer import Transfer

        missing = self.missing()
        if not missing or self.transfer is not None:
            return
        self.transfer = Transfer(missing, self.owner().place())
        self.destroyed.connect(self.transfer.cancel)
        self.note.setText("")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.stop.setEnabled(True)
        self._timer.start()
        self._poll()
        with self._keeping_focus():
            self.say_state()

    @contextlib.contextmanager
    def _keeping_focus(self) -> Iterator[None]:
        """Let the button that comes take the focus of the one that goes; else a field below would have the keys."""
        window = self.window()
        here = window.focusWidget() in (self.download, self.stop)
        yield
        if here:
            buttons = (self.stop, self.download, self.choose)
            next(button for button in buttons if button is not None and not button.isHidden()).setFocus()

    def cancel(self) -> None:
        """End the download; what has come is kept for the next one."""
        if self.transfer is not None:
            self.transfer.cancel()
            if self.window().focusWidget() is self.stop and self.choose is not None:
                self.choose.setFocus()
            self.stop.setEnabled(False)

    def _poll(self) -> None:
        transfer = self.transfer
        if transfer is None:
            return
        self.bar.setValue(int(1000 * transfer.done / max(1, transfer.total)))
        done, total = f"{transfer.done / MEGABYTE:.1f}", f"{transfer.total / MEGABYTE:.1f}"
        self.note.setText(self.tr("{done} of {total} MB").format(done=done, total=total))
        if transfer.finished:
            self._end(transfer)

    def _end(self, transfer: Transfer) -> None:
        self._timer.stop()
        self.transfer = None
        cancelled = self.tr("Cancelled; what has come is kept.") if transfer.cancelled else ""
        self.note.setText(transfer.error or cancelled)
        with self._keeping_focus():
            self.say_state()
        if not self.note.text():
            self.edited.emit(self._value, gesture(RENEWAL))
