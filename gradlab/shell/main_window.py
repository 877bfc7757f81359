"""The frame around the labs: rail, pages, menus, messages, and the documents that the pages show."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradlab.engine.errors import ErrorReport
from gradlab.engine.lab import Lab
from gradlab.engine.phase import Phase
from gradlab.ui import icons, tab_order, theme
from gradlab.ui.error_box import ErrorBanner, Notice, Said

from .filing import Filing
from .help import Help
from .loader import Loader, make_classes
from .menus import Menus
from .settings import Settings
from .slices import Slices

if TYPE_CHECKING:
    from gradlab.engine.face import AnyBench

    from .lab_page import LabPage

log = logging.getLogger(__name__)

FOOT, ASIDE_PX, SAID_PX = 3, 12, 820
"""The row under what is said over a page, how far that stays from the edges, and how wide it is at most."""
FIRST_SIZE, SMALLEST = QSize(1440, 900), QSize(800, 560)


class MainWindow(QMainWindow):
    """Knows ``Lab`` and documents, no lab in particular.

    It stands before anything heavy is loaded: the bench, pages and documents are imported when they are first needed.
    """

    pageReady = Signal(str)
    """The id of a lab whose page can be used."""
    pageComplete = Signal(str)
    """The id of a lab whose page has everything on it."""

    def __init__(self, labs: Sequence[Lab], settings: Settings, bench: AnyBench | None = None) -> None:
        super().__init__()
        self.labs, self.settings, self._bench = labs, settings, bench
        self.pages: dict[str, LabPage] = {}
        self._said: dict[str, Said | None] = {}  # by lab: a notice belongs to the page that it was shown on
        self._comments: dict[str, Said | None] = {}
        self._wanted = ""
        self.loader, self.slices = Loader(self), Slices(self)
        self._after_build: dict[str, list[Callable[[], None]]] = {}
        self.setAcceptDrops(True)
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(SMALLEST.boundedTo(self.screen().availableSize()))
        self._lay_out()
        self.filing = Filing(self)
        self.help = Help(self)
        self.menus = Menus(self)
        tab_order.take_tab(self)
        if not settings.restore_geometry(self):
            self.resize(self._first_size())
        self.changed()

    def _lay_out(self) -> None:
        self.banner, self.notice, self.comment = ErrorBanner(self), Notice(self), Notice(self, floating=False)
        self.stack = QStackedWidget(self)
        self._empty = QLabel(self.tr("Loading…"), self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack.addWidget(self._empty)
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.comment)
        column.addLayout(self._lay_over(), 1)
        central = QWidget(self)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_rail())
        row.addWidget(main, 1)
        self.setCentralWidget(central)

    def _lay_over(self) -> QGridLayout:
        """Lay what is said over the foot of the pages, above their transport: nothing moves when it comes or goes."""
        self._over = QGridLayout()
        self._over.setSpacing(ASIDE_PX // 2)
        self._over.addWidget(self.stack, 0, 0, FOOT + 1, 3)
        for row, said in enumerate((self.banner, self.notice), 1):
            self._over.addWidget(said, row, 1)
            said.setMaximumWidth(SAID_PX)
        for column, stretch in enumerate((1, SAID_PX, 1)):
            self._over.setColumnStretch(column, stretch)
            self._over.setColumnMinimumWidth(column, ASIDE_PX)
        self._over.setRowStretch(0, 1)
        return self._over

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
            icons.put(button, lab.icon or lab.id)
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
    def bench(self) -> AnyBench:
        """Where runs are stepped, begun when it is first asked for."""
        if self._bench is None:
            from gradlab.engine.bench import Bench

            self._bench = Bench()
        return self._bench

    def lab(self, name: str) -> Lab:
        """Return the lab with this id, the first one where there is none."""
        return next((lab for lab in self.labs if lab.id == name), self.labs[0])

    def open_lab(self, name: str, then: Callable[[], None] | None = None, shown: tuple[Any, Any] | None = None) -> None:
        """Bring the page of a lab to the front, built where that is its first time, on ``shown``: spec and look."""
        self._mark(name)
        if name in self.pages and self.pages[name].ready:
            self._show_page(self.pages[name])
            if then:
                then()
        else:
            if then:
                self._after_build.setdefault(name, []).append(then)
            if name not in self.pages:
                self._begin_page(name, shown)

    def _mark(self, lab: str) -> None:
        """Mark a lab in the rail as the one that is in front, or will be when its page has been built."""
        self._wanted = lab
        for button in self.rail.buttons():
            button.setChecked(button.property("lab") == lab)

    def _begin_page(self, name: str, shown: tuple[Any, Any] | None) -> None:
        from .lab_page import LabPage

        page = LabPage(self.lab(name), self.bench, self)
        if shown is not None:
            page.load(*shown)
        self.pages[name] = page
        page.specChanged.connect(partial(self.filing.edited, page))
        page.lookChanged.connect(partial(self.filing.edited, page))
        page.lookCompleted.connect(partial(self.filing.look_completed, page))
        page.stateChanged.connect(self.menus.refresh)
        page.failed.connect(self.show_report)
        page.refused.connect(self.notice.show_error)
        page.announcer.noticed.connect(partial(self._notice, name))
        page.announcer.withdrawn.connect(partial(self._withdraw, name))
        page.undo.indexChanged.connect(self.menus.refresh)
        self.stack.addWidget(page)  # empty, behind the page in front
        self.slices.add(self._build(page))

    def _notice(self, lab: str, text: str) -> None:
        """Show what the page of ``lab`` noticed: now where it is in front, else when it comes there."""
        if self.page is self.pages[lab]:
            self.notice.show_text(text)
        else:
            self._said[lab] = (text, "", False)

    def _withdraw(self, lab: str, text: str) -> None:
        """Take back what the page of ``lab`` noticed."""
        said = self._said.get(lab)
        if self.page is self.pages[lab]:
            self.notice.withdraw(text)
        elif said is not None and said[0] == text:
            self._said[lab] = None

    def _build(self, page: LabPage) -> Iterator[None]:
        """Build a page whole where all it needs is loaded; else show its panel, and the rest when that has come."""
        try:
            yield from page.build()
        except Exception:
            self._drop(page)  # asked for again it is built anew
            raise
        stage = (page.lab.view.partition(":")[0],)
        if at_once := _loaded(stage):
            yield from self._furnish(page)
        self.filing.begin(page)
        self.settings.restore_layout(page)
        then = self._after_build.pop(page.lab.id, [])
        if then or self._wanted == page.lab.id:  # else another has been asked for in the meantime
            self._show_page(page)
        for act in then:
            act()
        self.pageReady.emit(page.lab.id)
        if at_once:
            self._finish(page)
        else:
            yield from make_classes()
            self.loader.load(stage, lambda: self.slices.add(self._furnish_late(page)))

    def _drop(self, page: LabPage) -> None:
        del self.pages[page.lab.id]
        self._after_build.pop(page.lab.id, None)
        self.stack.removeWidget(page)
        page.shut_down()
        page.deleteLater()

    def _furnish(self, page: LabPage) -> Iterator[None]:
        yield from page.furnish()
        self.settings.restore_layout(page.view)
        yield from page.unveil()
        if _loaded(page.view.LATE):
            yield from page.complete()

    def _furnish_late(self, page: LabPage) -> Iterator[None]:
        yield from self._furnish(page)
        self._finish(page)

    def _finish(self, page: LabPage) -> None:
        """Load the rest of a page; not while its run is on its way, which would wait for that and has more to show."""
        if page.whole:
            self.pageComplete.emit(page.lab.id)
        elif page.session.phase is Phase.LOADING:
            page.stateChanged.connect(partial(self._finish, page), Qt.ConnectionType.SingleShotConnection)
        else:
            self.loader.load(page.view.LATE, lambda: self.slices.add(self._complete(page)))

    def _complete(self, page: LabPage) -> Iterator[None]:
        yield from page.complete()
        self.pageComplete.emit(page.lab.id)

    def _show_page(self, page: LabPage) -> None:
        before = self.page
        self._mark(page.lab.id)
        self.stack.setCurrentWidget(page)
        transport = page.transport.sizeHint().height() if page.lab.run else 0
        self._over.setRowMinimumHeight(FOOT, transport + ASIDE_PX)
        if before is not None and before is not page:
            for place, kept in ((self.notice, self._said), (self.comment, self._comments)):
                kept[before.lab.id] = place.said()
                place.say_again(kept.pop(page.lab.id, None))
        page.setFocus()
        self.changed()

    # Documents.

    def changed(self) -> None:
        """Bring title and menus in line with the page in front."""
        self.menus.refresh()
        page, document = self.page, self.filing.document
        if page is None or document is None:
            self.setWindowTitle("gradlab")
            return
        name = document.name or self.tr("Untitled {lab}").format(lab=page.lab.title)
        self.setWindowTitle(f"{name}[*] — gradlab")
        self.setWindowModified(document.modified(page.spec, page.look))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one local file."""
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped."""
        event.acceptProposedAction()
        self.filing.open(Path(event.mimeData().urls()[0].toLocalFile()))

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
        self.resize(self._first_size())
        for page in self.pages.values():
            page.reset_layout()

    def _first_size(self) -> QSize:
        """Return the size of a new window: with its frame, as far as it is known, it fits on the screen."""
        frame = self.frameGeometry().size() - self.size()
        return FIRST_SIZE.boundedTo(self.screen().availableSize() - frame)

    def toggle_full_screen(self) -> None:
        """Take the whole screen, or give it back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_report(self, report: ErrorReport) -> None:
        """Show an unexpected error without getting in the way."""
        self.banner.show_report(report)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved edits, then stop what runs; an error while saving keeps the window open."""
        try:
            if not all(self.filing.may_lose(page) for page in list(self.pages.values()) if page.ready):
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
        self.slices.stop()
        self.loader.join()
        for page in self.pages.values():
            page.shut_down()
        if self._bench is not None:
            self._bench.close()
        self.filing.recovery.end()


def _loaded(modules: Sequence[str]) -> bool:
    return all(name in sys.modules for name in modules)
