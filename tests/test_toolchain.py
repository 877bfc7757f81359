"""What gradlab stands on: the Qt binding, OpenGL, the versions it admits, and its files in a checkout and a wheel."""

from __future__ import annotations

import gc
import importlib.metadata
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from processes import ROOT, python

from gradlab import __version__, resources

CALLS = 2000
DRIFT = 50
"""References that come and go by themselves while the binding is called; one lost per call would be 2,000."""


def emit(qtbot: Any) -> Callable[[], None]:
    from PySide6.QtCore import QObject, Signal

    class Source(QObject):
        fired = Signal(bool)

    source = Source()
    source.fired.connect(lambda _on: None)
    return lambda: source.fired.emit(True)


def single_shot(qtbot: Any) -> Callable[[], None]:
    from PySide6.QtCore import QTimer

    return lambda: QTimer.singleShot(0, lambda: None)


def set_text(qtbot: Any) -> Callable[[], None]:
    from PySide6.QtWidgets import QLabel

    label = QLabel()
    qtbot.addWidget(label)
    return lambda: label.setText("x")


def repaint(qtbot: Any) -> Callable[[], None]:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    class Canvas(QWidget):
        def paintEvent(self, event: Any) -> None:
            super().paintEvent(event)
            painter = QPainter(self)
            painter.drawLine(0, 0, 5, 5)
            painter.end()

    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas.repaint


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal there, their counts constant")
@pytest.mark.parametrize("prepare", [emit, single_shot, set_text, repaint])
def test_the_binding_keeps_the_references_it_does_not_own(
    prepare: Callable[[Any], Callable[[], None]], qtbot: Any
) -> None:
    call = prepare(qtbot)
    call()
    gc.collect()  # what other tests left holds references too
    before = sys.getrefcount(True), sys.getrefcount(False), sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    qtbot.wait(1)
    after = sys.getrefcount(True), sys.getrefcount(False), sys.getrefcount(None)
    assert all(abs(new - old) < DRIFT for new, old in zip(after, before, strict=True)), (before, after)


def admits(python_version: str, version: str) -> bool:
    """Tell whether gradlab's requirements let this PySide6 onto this Python."""
    told = [Requirement(line) for line in importlib.metadata.requires("gradlab") or []]
    wanted = [r for r in told if r.name.lower() == "pyside6-essentials"]
    where = {"python_version": python_version, "python_full_version": f"{python_version}.1", "extra": ""}
    return all(r.specifier.contains(version) for r in wanted if r.marker is None or r.marker.evaluate(where))


def test_the_requirements_keep_a_binding_out_that_kills_python() -> None:
    assert admits("3.11", "6.10.1")
    assert admits("3.11", "6.11.3")
    assert not admits("3.11", "6.12.0")
    assert admits("3.12", "6.12.0")
    assert not admits("3.12", "6.9.2")
    assert not admits("3.13", "7.0")


@pytest.mark.parametrize(
    ("python_version", "binding", "refused"),
    [((3, 11, 7), (6, 12, 0), True), ((3, 11, 7), (6, 11, 3), False), ((3, 12, 0), (6, 12, 0), False)],
)
def test_a_pair_that_aborts_is_refused_at_the_start(
    python_version: tuple[int, ...], binding: tuple[int, ...], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gradlab import app
    from gradlab.engine.errors import UserError

    version = type("Version", (tuple,), {"major": python_version[0], "minor": python_version[1]})(python_version)
    monkeypatch.setattr(app, "sys", SimpleNamespace(version_info=version))
    monkeypatch.setattr(app, "pyside_version", binding)
    if refused:
        with pytest.raises(UserError, match=r"PySide6 6\.12\.0 aborts on Python 3\.11"):
            app.check_versions()
    else:
        app.check_versions()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the tests use the screen there is")
def test_the_tests_have_a_screen_with_opengl(qapp: Any) -> None:
    from PySide6.QtGui import QOffscreenSurface, QOpenGLContext

    assert qapp.platformName() == "xcb", "install Xvfb: scripts/system_libraries screen"
    context, surface = QOpenGLContext(), QOffscreenSurface()
    assert context.create()
    surface.create()
    assert context.makeCurrent(surface)
    assert context.format().version() >= (3, 0)
    context.doneCurrent()


def test_windows_may_share_what_they_upload(qapp: Any) -> None:
    from PySide6.QtCore import Qt

    assert qapp.testAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


def test_the_resources_of_a_checkout_are_found() -> None:
    assert resources.root() == ROOT / "resources"
    assert list(resources.path("presets", "descent").glob("*.gradlab.json"))
    assert list(resources.path("icons").glob("*.svg"))


def build(folder: Path, out: Path, target: str) -> Path:
    """Build the sdist or the wheel of the checkout in ``folder``; return its file."""
    result = python("-m", "hatchling", "build", "-t", target, "-d", str(out), folder=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = (file for file in out.iterdir() if file.suffix == (".gz" if target == "sdist" else ".whl"))
    return built


@pytest.mark.slow
def test_a_wheel_made_from_the_sdist_brings_its_resources(tmp_path: Path) -> None:
    with tarfile.open(build(ROOT, tmp_path / "sdist", "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    wheel = build(tmp_path / f"gradlab-{__version__}", tmp_path / "wheel", "wheel")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        packed.extractall(site)
    shipped = {file.relative_to(ROOT / "resources").as_posix() for file in files(ROOT / "resources")}
    assert {f"gradlab/_resources/{name}" for name in shipped} <= names
    assert {name.split("/")[0] for name in names} == {"gradlab", f"gradlab-{__version__}.dist-info"}
    code = "from gradlab import resources; print(resources.root())"
    told = python("-c", code, folder=tmp_path, PYTHONPATH=str(site))
    assert (told.stdout.strip(), told.stderr) == (str(site / "gradlab" / "_resources"), "")


def files(folder: Path) -> list[Path]:
    """Return the files under ``folder`` that are no leftovers."""
    return [file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
