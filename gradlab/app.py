"""The composition root: one application, one bench, one window, and what catches every error."""

from __future__ import annotations

import importlib
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6 import __version_info__ as pyside_version
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtWidgets import QApplication

from gradlab.engine.begin import begin
from gradlab.engine.errors import ErrorReport, UserError
from gradlab.engine.face import AnyBench
from gradlab.engine.lab import discover
from gradlab.shell.main_window import MainWindow
from gradlab.shell.settings import Settings
from gradlab.ui import theme

log = logging.getLogger(__name__)

DEFAULT_PRESET = "welcome"
SIGNAL_MS = 200
"""How often Python gets to see signals while Qt's loop runs."""
PANEL = ("ui.editors", "ui.plots.export", "ui.lab_view", "ui.spec_form", "ui.transport", "shell.lab_page")
"""What draws a panel, the parts before what is made of them."""
SETTLE_MS = 1500
"""How long the first page has the interpreter for itself, once all of it is there."""


class Errors(QObject):
    """Every exception that nobody caught, from any thread, as a report on the GUI thread."""

    reported = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._reporting = False

    def install(self) -> None:
        """Catch what main, threads and Qt's messages let through."""
        sys.excepthook = self._uncaught
        threading.excepthook = lambda args: self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)
        sys.unraisablehook = lambda args: self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(self._qt_message)

    def _uncaught(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        error = error or kind()
        log.error("uncaught", exc_info=(kind, error, trace))
        if self._reporting:
            return  # an error while an error is shown stays in the log
        self._reporting = True
        try:
            self.reported.emit(ErrorReport.of(error.with_traceback(trace)))
        finally:
            self._reporting = False

    def _qt_message(self, level: QtMsgType, _context: Any, message: str) -> None:
        serious = level in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}
        log.log(
            logging.ERROR if serious else logging.WARNING if level == QtMsgType.QtWarningMsg else logging.DEBUG, message
        )


def check_versions() -> None:
    """Refuse the pair of Python and PySide6 that aborts: 6.12 drops references of None that older Pythons count."""
    if sys.version_info < (3, 12) and pyside_version[:2] >= (6, 12):
        found = ".".join(str(part) for part in pyside_version[:3])
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise UserError(f"PySide6 {found} aborts on Python {python}", "pip install 'PySide6-Essentials<6.12'")


def make_application(arguments: list[str]) -> QApplication:
    """Return the application, with what must be settled before it and before OpenGL is first used."""
    if sys.platform == "win32":
        import torch  # noqa: F401 - loaded after Qt it fails to find its libraries
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    surface = QSurfaceFormat.defaultFormat()
    surface.setDepthBufferSize(24)
    surface.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    QSurfaceFormat.setDefaultFormat(surface)
    QCoreApplication.setApplicationName("gradlab")
    return QApplication(arguments)


def main(
    preset: Path | None = None, demo: Path | None = None, *, shipped: bool = False, bench: AnyBench | None = None
) -> int:
    """Open the window, on ``preset`` or on the default experiment; ``demo`` plays it to its end into a folder.

    ``bench``: what computes, where it has been begun already.
    """
    check_versions()
    bench = bench or begin()
    application = make_application(["gradlab"])
    settings = Settings()
    theme.apply(application, settings.theme)
    errors = Errors()
    errors.install()
    window = MainWindow(discover(), settings, bench)
    errors.reported.connect(window.show_report)
    _listen_for_signals(application, window)
    window.show()
    first = _open_first(window, preset, shipped=shipped)
    window.loader.load(_first_modules(), lambda: window.slices.add(first))
    window.pageComplete.connect(partial(_when_settled, window), Qt.ConnectionType.SingleShotConnection)
    if demo is not None:
        from gradlab.shell.demo import Demo

        Demo(window, demo).start()
    try:
        return application.exec()
    finally:
        window.shut_down()
        from gradlab.ui import formula

        formula.shutdown()


def _first_modules() -> tuple[str, ...]:
    """Return what the first panel asks for and is made of, without Qt: that is not imported on another thread yet."""
    first = discover()[0]
    engine = ("gradlab.engine.presets", "gradlab.engine.history", "gradlab.engine.run")
    return (*engine, _module(first.spec_path), _module(first.look_path))


def _when_settled(window: MainWindow, _lab: str) -> None:
    from gradlab.ui import formula

    formula.hold(False)
    QTimer.singleShot(SETTLE_MS, window, partial(_load_others, window))


def _load_others(window: MainWindow) -> None:
    """Load what pages need that are opened later, and the plug-ins, while the first page is in use."""
    from gradlab.engine.catalog import load_plugins

    window.loader.load([_module(lab.view) for lab in window.labs], lambda: window.loader.do(load_plugins, int))


def _module(path: str) -> str:
    return path.partition(":")[0]


def _open_first(window: MainWindow, preset: Path | None, *, shipped: bool) -> Iterator[None]:
    """Import what draws a panel, piece by piece, and open the first experiment; who went elsewhere meanwhile stays."""
    for name in PANEL:
        importlib.import_module(f"gradlab.{name}")
        yield
    from gradlab.engine.presets import find
    from gradlab.ui import formula

    if not window.pages:
        formula.hold(True)  # until the first page is complete, which another may have been by now
    try:
        path = preset or find(DEFAULT_PRESET)
        yield
        if preset is not None or not window.pages:
            window.filing.open(path, shipped=shipped or preset is None)
    except UserError as error:
        window.notice.show_error(error)
    if not window.pages:
        window.open_lab(window.labs[0].id)
    window.filing.recovery.begin()
    window.filing.offer_leftovers()


def _listen_for_signals(application: QApplication, window: MainWindow) -> None:
    """End cleanly on Ctrl-C and SIGTERM, unsaved edits kept aside; the timer lets Python see them."""
    code = {signal.SIGINT: 130, signal.SIGTERM: 143}

    def stop(number: int, _frame: object) -> None:
        window.filing.recovery.leave()
        for page in window.pages.values():
            page.shut_down()
        application.exit(code[signal.Signals(number)])

    for number in code:
        signal.signal(number, stop)
    timer = QTimer(window, interval=SIGNAL_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
