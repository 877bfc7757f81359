"""Opening, saving and handing out experiments: the documents that the pages of a window show."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from gradlab.engine.errors import UserError
from gradlab.engine.files import ChangedError, write_atomic
from gradlab.engine.text import Text
from gradlab.ui.i18n import plain_tip, render

from .recovery import Leftover, Recovery, set_aside

if TYPE_CHECKING:
    from gradlab.engine.presets import Preset

    from .document import Document
    from .lab_page import LabPage
    from .main_window import MainWindow

BUTTONS = QMessageBox.StandardButton
WEIGHTS = ".safetensors"
Act = Callable[[], object]
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
"""What a file name cannot hold on one system or another."""


class Filing(QObject):
    """One document per lab. What cannot be read or written is said in one line and changes nothing."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.documents: dict[str, Document] = {}
        self.recovery = Recovery(self)
        self._window = window

    @property
    def document(self) -> Document | None:
        """The document of the page in front."""
        page = self._window.page
        return self.documents.get(page.lab.id) if page else None

    def begin(self, page: LabPage) -> None:
        """Give a new page a document that was never saved."""
        from .document import Document

        self.documents[page.lab.id] = Document(page.lab.id, page.spec, seen=page.look)

    def look_completed(self, page: LabPage, before: Any) -> None:
        """Take what the stage filled in of a look as no edit of the user's."""
        document = self.documents.get(page.lab.id)
        if document is not None and not document.modified(document.saved, before):
            document.seen = page.look
            self.edited(page)  # what was filled in has been taken for an edit until now

    def new(self) -> None:
        """Begin a new experiment in the lab in front."""
        page = self._window.page
        if page is not None and self.may_lose(page):
            page.load(page.lab.spec())
            self.begin(page)
            self._say("")
            self.edited(page)

    def _say(self, comment: str) -> None:
        """Say what there is to an experiment, instead of what was said of the one before."""
        self._window.notice.clear()
        self._window.comment.clear()
        if comment:
            self._window.comment.show_text(comment)

    def open(self, path: Path, *, shipped: bool = False) -> None:
        """Open the preset at ``path`` and run it; what is on screen stays when it cannot be read."""
        from .document import open_document

        try:
            document, preset = open_document(path, shipped=shipped)
        except UserError as error:
            self._window.notice.show_error(error)
            return
        if not shipped:
            self._window.settings.remember(path)
        self._show(document, preset, run=True)

    def _show(self, document: Document, preset: Preset, *, run: bool, then: Act = int) -> None:
        from gradlab.engine.record import Record

        spec = Record(preset.spec, preset.changes).last_spec()
        put = partial(self._put, document, preset, spec, run=run, then=then)
        self._window.open_lab(preset.lab, put, (spec, preset.look))

    def _put(self, document: Document, preset: Preset, spec: Any, *, run: bool, then: Act) -> None:
        page = self._window.pages[preset.lab]
        if not self.may_lose(page):
            return
        self.documents[preset.lab] = document
        if page.spec is not spec:  # a new page has been built on it
            page.load(spec, preset.look)
        document.seen = page.look
        self._say(document.comment)
        if preset.changes and page.lab.run:
            page.repeat(preset.spec, preset.changes)
        elif run and page.lab.run:
            page.run()
        self.edited(page)
        then()

    def open_dialog(self) -> None:
        """Ask for a file and open it."""
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open experiment"), "", self._filter())
        if name:
            self.open(Path(name))

    def _filter(self) -> str:
        from gradlab.engine.presets import SUFFIX

        return self.tr("gradlab experiments") + f" (*{SUFFIX});;JSON (*.json)"

    def save(self) -> bool:
        """Save to the document's file; ask for one where it has none. Tell whether it was saved."""
        document = self.document
        return self._save_to(document.path) if document and document.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        from gradlab.engine.presets import SUFFIX

        document = self.document
        if document is None:
            return False
        suggestion = str(document.path or UNSAFE.sub("", document.name or document.lab) + SUFFIX)
        name, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save experiment"), suggestion, self._filter())
        path = Path(name if name.endswith(".json") else name + SUFFIX)
        return bool(name) and (str(path) == name or self._may_replace(path)) and self._save_to(path)

    def _may_replace(self, path: Path) -> bool:
        """Ask about a file that the dialog did not ask about, for it was not typed in full."""
        text = self.tr("{file} exists already.").format(file=path.name)
        return not path.exists() or self._overwrite(text)

    def _save_to(self, path: Path, *, overwrite: bool = False) -> bool:
        page, document, notice = self._window.page, self.document, self._window.notice
        if page is None or document is None:
            return False
        if not page.form.commit():
            page.form.focus_problem()
            where, message = page.form.problems()[0]
            notice.show_error(UserError(f"{where}: {message}", self.tr("not saved: correct the red field first")))
            return False
        try:
            document.save(path, page.spec, page.look, overwrite=overwrite)
        except ChangedError as error:
            return self._overwrite(error.message) and self._save_to(path, overwrite=True)
        except UserError as error:
            notice.show_error(error)
            return False
        self._window.settings.remember(path)
        self.edited(page)
        return True

    def save_run(self, path: Path | None = None) -> None:
        """Write the run on screen, live changes included, to a file that repeats it when it is opened."""
        from gradlab.engine.presets import SUFFIX, Preset, save

        page, document = self._window.page, self.document
        record = page.session.run.record if page and page.session.run else None
        if page is None or document is None or record is None:
            return
        if path is None:
            path = self._ask_run_path(document, SUFFIX)
        try:
            if path is not None:
                save(path, Preset(page.lab.id, record.spec, document.title, document.comment, page.look, record.tape))
                self._window.settings.remember(path)
        except UserError as error:
            self._window.notice.show_error(error)

    def _ask_run_path(self, document: Document, ending: str) -> Path | None:
        name = UNSAFE.sub("", document.name or document.lab)
        suggestion = str((document.path.parent if document.path else Path()) / f"{name}-run{ending}")
        typed, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save run"), suggestion, self._filter())
        path = Path(typed if typed.endswith(".json") else typed + ending)
        return path if typed and (str(path) == typed or self._may_replace(path)) else None

    def edit_properties(self) -> None:
        """Let title and comment of the experiment be edited."""
        from .properties import Properties

        page, document = self._window.page, self.document
        if page is not None and document is not None:
            dialog = Properties(document, self._window)
            dialog.accepted.connect(partial(self.edited, page))
            dialog.open()

    def edited(self, page: LabPage) -> None:
        """Show whether there are unsaved edits, and keep those of ``page`` aside, or forget those that were saved."""
        self._window.changed()
        document = self.documents.get(page.lab.id)
        if document is not None:
            unsaved = document.modified(page.spec, page.look)
            self.recovery.keep(page.lab.id, self._text(page) if unsaved else None)

    def _overwrite(self, why: Text | str) -> bool:
        text = f"{render(why)}\n\n" + self.tr("Overwrite it?")
        return QMessageBox.question(self._window, self.tr("Overwrite"), plain_tip(text)) == BUTTONS.Yes

    def may_lose(self, page: LabPage) -> bool:
        """Ask about unsaved edits; tell whether the experiment on the page may go."""
        document = self.documents[page.lab.id]
        if not document.modified(page.spec, page.look):
            return True
        self._window.open_lab(page.lab.id)
        text = self.tr("Save the changes of “{name}”?").format(name=document.name or page.lab.title)
        choices = BUTTONS.Save | BUTTONS.Discard | BUTTONS.Cancel
        title = self.tr("Unsaved changes")
        answer = QMessageBox.question(self._window, title, plain_tip(text), choices, BUTTONS.Save)
        return answer == BUTTONS.Discard or (answer == BUTTONS.Save and self.save())

    # What leaves the window and comes back as text.

    def copy_text(self) -> None:
        """Put the experiment on the clipboard as the text of its file."""
        page = self._window.page
        if page is not None:
            QGuiApplication.clipboard().setText(self._text(page))

    def _text(self, page: LabPage) -> str:
        from gradlab.engine.presets import dumps

        return dumps(self.documents[page.lab.id].preset(page.spec, page.look))

    def paste_text(self) -> None:
        """Open the experiment whose text is on the clipboard."""
        self._open_text(QGuiApplication.clipboard().text(), self.tr("clipboard"))

    def _open_text(self, text: str, where: str, then: Act = int) -> bool:
        from gradlab.engine.presets import loads

        from .document import Document

        try:
            preset = loads(text)
        except UserError as error:
            self._window.notice.show_error(UserError(f"{where}: {error.message}", error.hint))
            return False
        document = Document(preset.lab, self._window.lab(preset.lab).spec(), preset.title, preset.comment)
        self._show(document, preset, run=False, then=then)
        return True

    def export_run(self, path: Path | None = None) -> None:
        """Write every row of the run on screen as CSV."""
        page = self._window.page
        if page is None or page.session.history is None:
            return
        if path is None:
            name, _ = QFileDialog.getSaveFileName(self._window, self.tr("Export the run"), "run.csv", "CSV (*.csv)")
            if not name:
                return
            path = Path(name)
        try:
            write_atomic(path, partial(_write_rows, page))
        except UserError as error:
            self._window.notice.show_error(error)

    def save_checkpoint(self) -> None:
        """Write the weights at the cursor to a file; they are kept now and then, and the row that was found is said."""
        page, notice = self._window.page, self._window.notice
        if page is None or not page.session.tracks:
            return
        track = page.session.tracks[-1]
        try:
            step, data = page.lab.load("checkpoint")(track.spec, track.history, page.session.cursor)
            name, _ = QFileDialog.getSaveFileName(
                self._window, self.tr("Save checkpoint"), f"step-{step}{WEIGHTS}", self._weights()
            )
            path = Path(name if name.endswith(WEIGHTS) else name + WEIGHTS)
            if name and (str(path) == name or self._may_replace(path)):
                write_atomic(path, data)
                notice.show_text(self.tr("The weights of step {step} are in {file}.").format(step=step, file=path.name))
        except UserError as error:
            notice.show_error(error)

    def open_checkpoint(self) -> None:
        """Ask for a file of weights and begin a run that starts from them."""
        page, notice = self._window.page, self._window.notice
        if page is None:
            return
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open checkpoint"), "", self._weights())
        if not name:
            return
        try:
            page.apply(page.lab.load("start_from")(page.spec, name))
        except UserError as error:
            notice.show_error(error)
            return
        notice.clear()
        page.restart()

    def _weights(self) -> str:
        return self.tr("Checkpoints") + f" (*{WEIGHTS})"

    def copy_script(self) -> None:
        """Put the run on the clipboard as a PyTorch script."""
        page = self._window.page
        if page and page.session.run and page.session.run.record:
            QGuiApplication.clipboard().setText(page.lab.load("script")(page.session.run.record))

    # Edits that survive a crash.

    def offer_leftovers(self) -> None:
        """Ask what to do with the edits of a program that did not end cleanly, one after the other."""
        self._offer(list(self.recovery.leftovers()))

    def _offer(self, leftovers: list[Leftover], _answer: int = 0) -> None:
        if not leftovers:
            return
        leftover, *others = leftovers
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Unsaved edits found"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(
            self.tr("gradlab did not end cleanly. Restore the unsaved experiment of the lab “{lab}”?").format(
                lab=self._window.lab(leftover.lab).title
            )
        )
        restore = box.addButton(self.tr("Restore"), QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton(self.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Later"), QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        restore.clicked.connect(partial(self._restore, leftover))
        discard.clicked.connect(partial(leftover.path.unlink, missing_ok=True))
        box.finished.connect(partial(self._offer, others))
        box.open()

    def _restore(self, leftover: Leftover, _checked: bool = False) -> None:
        from gradlab.engine.files import read_limited

        try:
            text = read_limited(leftover.path).decode()
        except (UserError, UnicodeDecodeError):
            text = ""
        if not self._open_text(text, self.tr("recovered edits"), partial(self.recovery.take_over, leftover)):
            set_aside(leftover)


def _write_rows(page: LabPage, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    page.session.write_csv(text)
    text.detach()
