"""Pages that are asked for, left and come back to; edits kept aside for whichever page they were made on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile, QObject, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox
from pytestqt.qtbot import QtBot
from windows import Driver, preset_file

from gradlab.engine.presets import library, load
from gradlab.labs.activation.spec import ActivationSpec
from gradlab.labs.descent.spec import DescentSpec
from gradlab.shell.document import Document
from gradlab.shell.main_window import MainWindow
from gradlab.shell.recovery import Recovery
from gradlab.shell.settings import Settings
from gradlab.ui import formula
from gradlab.ui.spec_form import SpecForm

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setattr("gradlab.shell.recovery.folder", lambda: tmp_path / "recovery")
    one = Driver(qtbot)
    one.open()
    one.window.filing.recovery.begin()
    yield one
    one.close()
    formula.shutdown()


def rail(driver: Driver, lab: str) -> QAbstractButton:
    """Return the button of a lab."""
    return next(button for button in driver.window.rail.buttons() if button.property("lab") == lab)


def marked(driver: Driver) -> list[str]:
    """Return the labs that the rail marks."""
    return [button.property("lab") for button in driver.window.rail.buttons() if button.isChecked()]


# The page in front.


def test_a_page_whose_building_failed_is_built_anew_when_it_is_asked_for_again(
    driver: Driver, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, qtbot.captureExceptions() as raised:
        patched.setattr(SpecForm, "build", lambda *_: iter([1 / 0]))
        driver.window.open_lab("loss")
        driver.until(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError
    assert driver.page.lab.id == "descent"
    assert "loss" not in driver.window.pages
    assert driver.open("loss").whole


def test_an_experiment_opened_while_another_page_is_built_comes_on_its_own(driver: Driver) -> None:
    window, entry = driver.window, library("loss")[0]
    window.open_lab("activation")
    window.filing.open(entry.path, shipped=True)
    driver.until(lambda: all(name in window.pages and window.pages[name].whole for name in ("activation", "loss")))
    preset = load(entry.path)
    assert (driver.page.lab.id, driver.page.spec) == ("loss", preset.spec)
    assert window.windowTitle().startswith(preset.title)
    assert window.filing.documents["activation"].title == ""


def test_who_goes_back_while_a_page_is_built_stays(driver: Driver) -> None:
    driver.qtbot.mouseClick(rail(driver, "activation"), LEFT)
    assert marked(driver) == ["activation"]
    driver.qtbot.mouseClick(rail(driver, "descent"), LEFT)
    driver.until(lambda: driver.window.pages["activation"].whole)
    assert driver.page.lab.id == "descent"
    assert marked(driver) == ["descent"]


# Edits that are kept aside.


def test_a_new_experiment_leaves_nothing_aside(driver: Driver, tmp_path: Path) -> None:
    driver.window.filing.open(preset_file(tmp_path, DescentSpec(steps=50)))
    driver.window.filing.new()
    driver.window.filing.recovery.write()
    assert not driver.window.isWindowModified()
    assert not list((tmp_path / "recovery").glob("*.json"))


def leave(folder: Path, lab: str, spec: DescentSpec | ActivationSpec) -> Path:
    """Leave edits as a program does that was killed."""
    path = folder / "recovery" / f"999990-{lab}.json"
    Document(lab, spec).save(path, spec, None)
    return path


def answer(driver: Driver, word: str) -> None:
    """Press a button of the question that is asked."""
    (box,) = (one for one in driver.window.findChildren(QMessageBox) if one.isVisible())
    driver.qtbot.mouseClick(next(button for button in box.buttons() if button.text() == word), LEFT)


def test_restored_edits_survive_the_next_crash_too(driver: Driver, tmp_path: Path) -> None:
    left = leave(tmp_path, "activation", ActivationSpec(x=0.25))
    driver.window.filing.offer_leftovers()
    answer(driver, "Restore")
    assert left.exists()  # its page has still to be built
    driver.until(lambda: driver.page.lab.id == "activation" and driver.page.whole)
    assert not left.exists()
    assert driver.page.spec.x == 0.25
    (kept,) = (tmp_path / "recovery").glob("*-activation.json")
    assert load(kept).spec == driver.page.spec


def test_edits_that_are_not_restored_after_all_are_kept(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave(tmp_path, "descent", DescentSpec(steps=77))
    driver.page.apply(driver.page.spec.replace(steps=78))
    monkeypatch.setattr(
        "gradlab.shell.filing.QMessageBox.question", lambda *_arguments: QMessageBox.StandardButton.Cancel
    )
    driver.window.filing.offer_leftovers()
    answer(driver, "Restore")
    assert left.exists()
    assert driver.page.spec.steps == 78


def test_edits_of_a_process_that_had_the_same_number_are_offered(driver: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "recovery"
    alive = QLockFile(str(folder / "mine.lock"))
    assert alive.tryLock(0)
    for name in (f"{os.getpid()}.lock", f"{os.getpid()}_17.lock"):
        (folder / name).write_bytes((folder / "mine.lock").read_bytes())
    for name in (f"{os.getpid()}-descent", f"{os.getpid()}_17-loss"):
        preset_file(folder, DescentSpec(steps=5), name).rename(folder / f"{name}.json")
    owner = QObject()
    again = Recovery(owner)
    again.begin()
    assert {left.lab for left in again.leftovers()} == {"descent", "loss"}
    again.keep("descent", "edits")
    again.write()
    assert "edits" in [path.read_text() for path in folder.glob("*-descent.json")]
    again.end()
    assert len(list(folder.glob("*.json"))) == 2
    alive.unlock()


# The window itself.


def test_the_window_is_never_larger_than_the_screen(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen:
        def availableSize(self) -> QSize:
            return QSize(911, 512)

    monkeypatch.setattr("gradlab.shell.recovery.folder", lambda: tmp_path / "recovery")
    monkeypatch.setattr(MainWindow, "screen", lambda _window: Screen())
    window = MainWindow((), Settings())
    qtbot.addWidget(window)
    assert (window.minimumSize(), window.size()) == (QSize(800, 512), QSize(911, 512))
