"""The frame around the labs: rail, pages, menus, messages, and the documents that the pages show."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradlab import __version__
from gradlab.engine.errors import ErrorReport, UserError
from gradlab.engine.files import ChangedError, write_atomic
from gradlab.engine.lab import Lab
from gradlab.ui import theme
from gradlab.ui.error_box import ErrorBanner, Notice
from gradlab.ui.gl import gl_available
from gradlab.ui.icons import icon

from .menus import Menus
from .settings import Settings

if TYPE_CHECKING:
    from gradlab.engine.presets import Preset
    from gradlab.engine.run import Bench

    from .document import Document
    from .lab_page import LabPage

log = logging.getLogger(__name__)

SLICE_MS = 40
"""Building a page goes on for this long before the window gets to breathe."""
FIRST_SIZE = QSize(1440, 900)


class MainWindow(QMainWindow):
    """Knows ``Lab`` and documents, no lab in particular.

    It stands before anything heavy is loaded: the bench, pages and documents are imported when they are first needed.
    """

    pageReady = Signal(str)
    """The id of a lab whose page has been built."""

    def __init__(self, labs: Sequence[Lab], settings: Settings, bench: Bench | None = None) -> None:
        super().__init__()
        self.labs, self.settings, self._bench = labs, settings, bench
        self.pages: dict[str, LabPage] = {}
        self.documents: dict[str, Document] = {}
        self._building: Iterator[None] | None = None
        self._after_build: list[Callable[[], None]] = []
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_slice)
        self.setAcceptDrops(True)
        self.setMinimumSize(800, 560)
        self._lay_out()
        self._claim_opengl()
        self.menus = Menus(self)
        if not settings.restore_geometry(self):
            self.resize(FIRST_SIZE)
        self._retitle()

    def _lay_out(self) -> None:
        self.banner, self.notice = ErrorBanner(self), Notice(self)
        self.stack = QStackedWidget(self)
        self._empty = QLabel(self.tr("Loading…"), self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack.addWidget(self._empty)
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.banner, self.notice, self.stack):
            column.addWidget(widget, 1 if widget is self.stack else 0)
        central = QWidget(self)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_rail())
        row.addWidget(main, 1)
        self.setCentralWidget(central)

    def _claim_opengl(self) -> None:
        """Have an OpenGL widget from the start, a pixel of it: the first one added to a shown window rebuilds it."""
        if gl_available():
            from PySide6.QtOpenGLWidgets import QOpenGLWidget

            pixel = QOpenGLWidget(self)
            pixel.resize(1, 1)
            pixel.lower()

    def _make_rail(self) -> QWidget:
        rail = QWidget()
        rail.setObjectName("rail")
        rail.setFixedWidth(84)
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(0)
        self.rail = QButtonGroup(rail)
        for lab in self.labs:
            button = QToolButton(rail)
            button.setText(lab.title)
            button.setCheckable(True)
            button.setIcon(icon(lab.icon or lab.id))
            button.setIconSize(QSize(20, 20))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
            button.setToolTip(lab.summary)
            button.setAccessibleName(lab.title)
            button.setProperty("lab", lab.id)
            button.clicked.connect(lambda _=False, name=lab.id: self.open_lab(name))
            self.rail.addButton(button)
            column.addWidget(button)
        column.addStretch()
        return rail

    # Pages.

    @property
    def page(self) -> LabPage | None:
        """The page in front, once it has been built."""
        widget = self.stack.currentWidget()
        return cast("LabPage", widget) if widget is not self._empty else None

    @property
    def bench(self) -> Bench:
        """The compute thread, begun when it is first asked for."""
        if self._bench is None:
            from gradlab.engine.run import Bench

            self._bench = Bench()
        return self._bench

    def open_lab(self, name: str, then: Callable[[], None] | None = None) -> None:
        """Bring the page of a lab to the front, building it where that is its first time."""
        for button in self.rail.buttons():
            button.setChecked(button.property("lab") == name)
        if name in self.pages and self.pages[name].ready:
            self._show_page(self.pages[name])
            if then:
                then()
        else:
            if then:
                self._after_build.append(then)
            if name not in self.pages:
                self._begin_page(name)

    def _begin_page(self, name: str) -> None:
        from .document import Document
        from .lab_page import LabPage

        lab = next(lab for lab in self.labs if lab.id == name)
        page = LabPage(lab, self.bench, self)
        self.pages[name] = page
        self.documents[name] = Document(name, page.spec)
        page.specChanged.connect(self._changed)
        page.stateChanged.connect(self.menus.refresh)
        page.failed.connect(self.show_report)
        page.noticed.connect(self.notice.show_text)
        page.undo.indexChanged.connect(lambda _index: self.menus.refresh())
        page.hide()
        self._building = self._build(page)
        self._builder.start()

    def _build(self, page: LabPage) -> Iterator[None]:
        yield from page.build()
        self.settings.restore_layout(page)
        self.stack.addWidget(page)
        self._show_page(page)
        then, self._after_build = self._after_build, []
        for act in then:
            act()
        self.pageReady.emit(page.lab.id)

    def _build_slice(self) -> None:
        until = time.monotonic() + SLICE_MS / 1000
        try:
            while self._building is not None and time.monotonic() < until:
                next(self._building)
        except StopIteration:
            self._building = None
            self._builder.stop()
        except BaseException:
            self._building = None
            self._builder.stop()
            raise

    def _show_page(self, page: LabPage) -> None:
        self.stack.setCurrentWidget(page)
        page.setFocus()
        self._changed()

    # Documents.

    @property
    def document(self) -> Document | None:
        """The document of the page in front."""
        return self.documents.get(self.page.lab.id) if self.page else None

    def _changed(self) -> None:
        self.menus.refresh()
        self._retitle()

    def _retitle(self) -> None:
        page, document = self.page, self.document
        if page is None or document is None:
            self.setWindowTitle("gradlab")
            return
        name = document.name or self.tr("Untitled {lab}").format(lab=page.lab.title)
        self.setWindowTitle(f"{name}[*] — gradlab")
        self.setWindowModified(document.modified(page.spec))

    def open(self, path: Path, *, shipped: bool = False, run: bool = True) -> None:
        """Open the preset at ``path``; what is on screen stays when it cannot be read."""
        from .document import open_document

        try:
            document, preset = open_document(path, shipped=shipped)
        except UserError as error:
            self.notice.show_error(error)
            return
        self.open_lab(preset.lab, lambda: self._put(document, preset, run=run))
        if not shipped:
            self.settings.remember(path)

    def _put(self, document: Document, preset: Preset, *, run: bool) -> None:
        page = self.pages[preset.lab]
        if not self._may_lose(page):
            return
        self.documents[preset.lab] = document
        page.load(preset.spec, preset.look)
        self.notice.clear()
        if document.comment:
            self.notice.show_text(document.comment)
        self._changed()
        if run and page.lab.run:
            page.run()

    def new(self) -> None:
        """Begin a new experiment in the lab in front."""
        from .document import Document

        page = self.page
        if page is not None and self._may_lose(page):
            self.documents[page.lab.id] = Document(page.lab.id, page.lab.spec())
            page.load(page.lab.spec())
            self.notice.clear()
            self._changed()

    def open_dialog(self) -> None:
        """Ask for a file and open it."""
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Open experiment"), "", self._filter())
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
        suggestion = f"{document.name or document.lab}{SUFFIX}" if document.path is None else str(document.path)
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save experiment"), suggestion, self._filter())
        if not name:
            return False
        return self._save_to(Path(name if name.endswith(".json") else name + SUFFIX))

    def _save_to(self, path: Path, *, overwrite: bool = False) -> bool:
        page, document = self.page, self.document
        if page is None or document is None:
            return False
        if not page.form.commit():
            page.form.focus_problem()
            where, message = page.form.problems()[0]
            self.notice.show_error(UserError(f"{where}: {message}", self.tr("not saved: correct the red field first")))
            return False
        try:
            document.save(path, page.spec, page.look, overwrite=overwrite)
        except ChangedError as error:
            return self._ask_overwrite(error) and self._save_to(path, overwrite=True)
        except UserError as error:
            self.notice.show_error(error)
            return False
        self.settings.remember(path)
        self._changed()
        return True

    def _ask_overwrite(self, error: ChangedError) -> bool:
        answer = QMessageBox.question(
            self, self.tr("Changed on disk"), f"{error.message}\n\n{self.tr('Overwrite it?')}"
        )
        return answer == QMessageBox.StandardButton.Yes

    def _may_lose(self, page: LabPage) -> bool:
        """Ask about unsaved edits; tell whether the experiment on the page may go."""
        document = self.documents[page.lab.id]
        if not document.modified(page.spec):
            return True
        self.open_lab(page.lab.id)
        buttons = QMessageBox.StandardButton
        name = document.name or page.lab.title
        answer = QMessageBox.question(
            self,
            self.tr("Unsaved changes"),
            self.tr("Save the changes of “{name}”?").format(name=name),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        return answer == buttons.Discard or (answer == buttons.Save and self.save())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one local file."""
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped."""
        event.acceptProposedAction()
        self.open(Path(event.mimeData().urls()[0].toLocalFile()))

    # What leaves the window.

    def copy_text(self) -> None:
        """Put the experiment on the clipboard as the text of its file."""
        from gradlab.engine.presets import dumps

        if self.page and self.document:
            QGuiApplication.clipboard().setText(dumps(self.document.preset(self.page.spec, self.page.look)))

    def paste_text(self) -> None:
        """Open the experiment whose text is on the clipboard."""
        from gradlab.engine.presets import loads

        from .document import Document

        try:
            preset = loads(QGuiApplication.clipboard().text())
        except UserError as error:
            self.notice.show_error(UserError(f"clipboard: {error.message}", error.hint))
            return
        document = Document(preset.lab, preset.spec, preset.title, preset.comment)
        self.open_lab(preset.lab, lambda: self._put(document, preset, run=False))

    def export_run(self, path: Path | None = None) -> None:
        """Write every row of the run on screen as CSV."""
        page = self.page
        if page is None or page.session.history is None:
            return
        if path is None:
            name, _ = QFileDialog.getSaveFileName(self, self.tr("Export the run"), "run.csv", "CSV (*.csv)")
            if not name:
                return
            path = Path(name)
        try:
            write_atomic(path, page.session.csv().encode())
        except UserError as error:
            self.notice.show_error(error)

    def copy_script(self) -> None:
        """Put the run on the clipboard as a PyTorch script."""
        page = self.page
        if page and page.session.run and page.session.run.record:
            QGuiApplication.clipboard().setText(page.lab.load("script")(page.session.run.record))

    # The rest of the menus.

    def undo(self) -> None:
        """Take the last edit of the spec back."""
        if self.page:
            self.page.undo.undo()

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        if self.page:
            self.page.undo.redo()

    def set_theme(self, mode: str) -> None:
        """Switch to dark, light or what the system has."""
        self.settings.theme = mode
        application = QGuiApplication.instance()
        theme.apply(application, mode)  # type: ignore[arg-type]

    def reset_layout(self) -> None:
        """Divide every page as it was the first time."""
        self.settings.forget_layout()
        for page in self.pages.values():
            page.reset_layout()
        self.resize(FIRST_SIZE)

    def toggle_full_screen(self) -> None:
        """Take the whole screen, or give it back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_keys(self) -> None:
        """Show what the keys do."""
        lines = [self.tr("Space — run / pause"), self.tr(". and , — one step forward, one step back")]
        for menu in self.menuBar().actions():
            for action in cast("QMenu", menu.menu()).actions():
                if not action.shortcut().isEmpty():
                    text = action.text().replace("&", "")
                    lines.append(f"{action.shortcut().toString()} — {text}")
        self._show_box(self.tr("Keyboard"), "\n".join(lines))

    def show_about(self) -> None:
        """Say what this program is."""
        text = self.tr("gradlab {version}\nA laboratory bench for gradients.").format(version=__version__)
        self._show_box(self.tr("About gradlab"), text)

    def _show_box(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Close, self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def show_report(self, report: ErrorReport) -> None:
        """Show an unexpected error without getting in the way."""
        self.banner.show_report(report)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved edits, then stop what runs; an error while saving keeps the window open."""
        try:
            if not all(self._may_lose(page) for page in list(self.pages.values()) if page.ready):
                event.ignore()
                return
            self.settings.save_layout(self)
        except Exception as error:
            event.ignore()
            log.exception("closing failed")
            self.show_report(ErrorReport.of(error))
            return
        self.shut_down()
        event.accept()

    def shut_down(self) -> None:
        """Stop what runs; the bench has ended when this returns, or is left to die with the process."""
        self._builder.stop()
        for page in self.pages.values():
            page.shut_down()
        if self._bench is not None:
            self._bench.close()
