"""What every test gets: a home of its own, no network, one application with real OpenGL, and a check for leaks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import leaks
import pytest
from languages import foreign  # noqa: F401 - a fixture

if "PYTEST_XDIST_WORKER" in os.environ:  # the workers share the processors already
    os.environ.setdefault("OMP_NUM_THREADS", "1")
LINUX = sys.platform.startswith("linux")

if LINUX:  # before Qt and OpenGL load: X11 (virtual, see pytest-xvfb) drawn in software, the same everywhere
    os.environ.pop("WAYLAND_DISPLAY", None)
    has_screen = bool(shutil.which("Xvfb") or os.environ.get("DISPLAY"))
    os.environ["QT_QPA_PLATFORM"] = "xcb" if has_screen else "offscreen"
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # started in the background, which what a test starts would inherit
    signal.signal(signal.SIGINT, signal.default_int_handler)

_applications: list[Any] = []  # an application that is collected before the interpreter ends takes Qt down with it
_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember whether the test itself failed: what it left behind is then beside the point."""
    report = yield
    if call.when == "call":
        item.stash[_failed] = report.failed
    return report


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves the process by internet addresses."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            raise AssertionError(f"a test reached for the network: {address}")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, request: Any) -> Any:
    """Give the test a home folder of its own, empty; settings, caches and presets of the user stay out of sight."""
    folder = tmp_path_factory.mktemp("home", numbered=True)
    names = {"XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".local/share", "XDG_STATE_HOME": ".local/state"}
    names |= {"XDG_CACHE_HOME": ".cache", "APPDATA": "AppData/Roaming", "LOCALAPPDATA": "AppData/Local"}
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    for name, place in names.items():
        monkeypatch.setenv(name, str(folder / place))
    if "qapp" in request.fixturenames:
        from PySide6.QtCore import QSettings

        for kind in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(folder / ".config"))
    return folder


@pytest.fixture(scope="session")
def qapp() -> Any:
    """Return the one application, made as the program makes it."""
    from PySide6.QtWidgets import QApplication

    from gradlab.app import make_application

    running = QApplication.instance()
    if running is None:
        running = make_application(["gradlab"])
        _applications.append(running)
    return running


@pytest.fixture(autouse=True)
def no_questions(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that opens a dialog which waits for an answer: nobody is there. Patch the one it means to answer."""
    if "qapp" not in request.fixturenames:
        return
    from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox

    def asked(*arguments: Any, **options: Any) -> None:
        texts = [value for value in (*arguments, *options.values()) if isinstance(value, str)]
        raise AssertionError(f"a dialog waits for an answer: {texts}")

    names = {
        QDialog: ("exec",),
        QMessageBox: ("exec", "question", "information", "warning", "critical", "about"),
        QFileDialog: ("exec", "getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"),
        QInputDialog: ("exec", "getText", "getItem", "getInt", "getDouble"),
    }
    for dialog, ways in names.items():
        for way in ways:
            monkeypatch.setattr(dialog, way, asked)


@pytest.fixture(autouse=True)
def no_leaks(request: Any) -> Iterator[None]:
    """Fail a test that leaves a thread or process behind, or, where it uses Qt, a window, timer or Qt thread."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        found = [leaks.threads(monkeypatch), leaks.processes()]
        if "qapp" in request.fixturenames:
            found.append(leaks.qt(monkeypatch, request.getfixturevalue("qapp")))
        yield
        if not request.node.stash.get(_failed, False):
            left = leaks.eventually(lambda: [line for one in found for line in one()])
            if left:
                pytest.fail("left behind:\n  " + "\n  ".join(left), pytrace=False)
