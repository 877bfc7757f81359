"""The window's documents: what is typed as a name, what a signal leaves behind, what a run has said."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab import app
from gradlab.engine.errors import ErrorReport, UserError
from gradlab.engine.optimizers import SGD, Adam
from gradlab.engine.presets import Preset, load, save
from gradlab.engine.run import Phase
from gradlab.labs.descent.spec import DescentSpec, Racer
from gradlab.shell.recovery import Recovery
from gradlab.ui import formula
from gradlab.ui.editors.line_field import LineField
from gradlab.ui.editors.text_field import TextField

BUTTONS = QMessageBox.StandardButton


@pytest.fixture
def driver(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setattr("gradlab.shell.recovery.folder", lambda: tmp_path / "recovery")
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def save_as(driver: Driver, monkeypatch: pytest.MonkeyPatch, name: str, answer: BUTTONS | None = None) -> list[str]:
    """Save as ``name``; return the suggested name and the questions asked, answered with ``answer``."""
    said: list[str] = []

    def question(_parent: object, _title: str, text: str) -> BUTTONS:
        said.append(text)
        assert answer is not None
        return answer

    def ask(_parent: object, _title: str, suggestion: str, _filter: str) -> tuple[str, str]:
        said.append(suggestion)
        return name, ""

    monkeypatch.setattr("gradlab.shell.filing.QMessageBox.question", question)
    monkeypatch.setattr("gradlab.shell.filing.QFileDialog.getSaveFileName", ask)
    driver.window.filing.save_as()
    return said


def test_a_name_without_its_ending_overwrites_nothing_unasked(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "race.gradlab.json"
    there.write_text("mine")
    _, asked = save_as(driver, monkeypatch, str(tmp_path / "race"), BUTTONS.No)
    assert "race.gradlab.json" in asked
    assert there.read_text() == "mine"
    save_as(driver, monkeypatch, str(tmp_path / "race"), BUTTONS.Yes)
    assert load(there).spec == driver.page.spec
    assert len(save_as(driver, monkeypatch, str(tmp_path / "other"))) == 1


def test_a_title_becomes_a_file_name_that_every_system_takes(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.window.filing.document is not None
    driver.window.filing.document.title = 'Ratio a/b: "fast"?'
    assert save_as(driver, monkeypatch, "") == ["Ratio ab fast.gradlab.json"]


def test_the_window_is_called_after_the_file(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.window.filing.document is not None
    driver.window.filing.document.title = "Welcome"
    driver.window.changed()
    assert driver.window.windowTitle().startswith("Welcome")
    save_as(driver, monkeypatch, str(tmp_path / "mine"))
    assert driver.window.windowTitle().startswith("mine")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_unsaved_edits_for_the_next_start(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", lambda *arguments: codes.append(arguments[-1]))
    driver.window.filing.recovery.begin()
    app._listen_for_signals(QApplication.instance(), driver.window)  # type: ignore[arg-type]
    try:
        driver.page.apply(driver.page.spec.replace(steps=123))
        signal.raise_signal(number)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    driver.window.shut_down()
    assert codes == [128 + number]
    monkeypatch.setattr("gradlab.shell.recovery.os.getpid", lambda: 1)
    (left,) = Recovery(driver.window).leftovers()
    assert load(left.path).spec.steps == 123


def test_the_next_run_takes_away_what_the_last_one_said(driver: Driver) -> None:
    wild = DescentSpec(racers=(Racer(id="one", optimizer=SGD(lr=0.1)),), start=(0.0, 0.0), steps=500)
    notice = driver.window.notice
    page = driver.start(wild)
    driver.until(lambda: not notice.isHidden())
    assert "step 7" in notice.label.text()
    page.apply(wild.replace(racers=(Racer(id="one", optimizer=SGD(lr=1.0)),)))
    driver.until(lambda: page.session.spec == page.spec and page.session.phase is Phase.DIVERGED)
    driver.until(lambda: not notice.isHidden() and "step 7" not in notice.label.text())
    page.apply(wild.replace(racers=(Racer(id="one", optimizer=Adam()),)))
    driver.until(lambda: notice.isHidden())
    notice.show_text("a comment")
    page.restart()
    driver.until(lambda: page.session.phase is Phase.FINISHED)
    assert not notice.isHidden()


def test_names_and_comments_are_shown_as_they_are(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "presets" / "descent" / "one.gradlab.json"
    monkeypatch.setattr("gradlab.engine.presets.shelf.own_folder", lambda: tmp_path / "presets")
    own.parent.mkdir(parents=True)
    save(own, Preset("descent", DescentSpec(), "R&D", "<b>bold</b>"))
    menus = driver.window.menus
    menus.presets.aboutToShow.emit()
    (entry,) = (one for menu in menus.presets.findChildren(QMenu) for one in menu.actions() if "R&" in one.text())
    assert entry.text() == "R&&D"
    assert "&lt;b&gt;" in entry.toolTip()
    driver.window.settings.remember(tmp_path / "a&b.gradlab.json")
    menus.recent.aboutToShow.emit()
    assert menus.recent.actions()[0].text() == "a&&b.gradlab.json"


@pytest.mark.parametrize("field", [LineField, TextField])
def test_a_field_takes_text_that_is_dropped_and_leaves_files_to_the_window(qtbot: QtBot, field: type[QWidget]) -> None:
    widget = field()
    qtbot.addWidget(widget)
    target = widget.viewport() if isinstance(widget, TextField) else widget
    file, text = QMimeData(), QMimeData()
    file.setUrls([QUrl.fromLocalFile("/a.gradlab.json")])
    file.setData("text/plain", b"file:///a.gradlab.json")
    text.setText("x^2")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    taken = []
    for data in (file, text):
        enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, enter)
        taken.append(enter.isAccepted())
    assert taken == [False, True]


def test_a_title_with_tags_is_asked_about_literally(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.window.filing.document is not None
    driver.window.filing.document.title = "<i>sly</i>"
    driver.page.apply(driver.page.spec.replace(steps=123))
    asked: list[str] = []

    def question(_parent: object, _title: str, text: str, *_rest: object) -> BUTTONS:
        asked.append(text)
        return BUTTONS.Discard

    monkeypatch.setattr("gradlab.shell.filing.QMessageBox.question", question)
    driver.window.filing.new()
    assert "&lt;i&gt;sly" in asked[0]


def test_a_notice_stays_with_the_page_it_was_shown_on(driver: Driver) -> None:
    notice, home = driver.window.notice, driver.page.lab.id
    notice.show_text("about this page")
    driver.open("function")
    assert notice.isHidden()
    notice.show_error(UserError("at: wrong", "right it"))
    driver.window.open_lab(home)
    assert not notice.isHidden()
    assert notice.label.text() == "about this page"
    driver.window.open_lab("function")
    assert notice.label.text() == "at: wrong"
    assert notice.hint.text() == "right it"
    notice.clear()
    driver.window.open_lab(home)
    driver.window.open_lab("function")
    assert notice.isHidden()


def test_a_run_that_diverges_behind_says_so_on_its_own_page(driver: Driver) -> None:
    wild = DescentSpec(racers=(Racer(id="one", optimizer=SGD(lr=0.1)),), start=(0.0, 0.0), steps=500)
    notice, page = driver.window.notice, driver.put(wild)
    driver.open("activation")
    page.run()
    driver.until(lambda: page.session.phase is Phase.DIVERGED and page.announcer.said != "")
    assert notice.isHidden()
    driver.window.open_lab(page.lab.id)
    assert not notice.isHidden()
    assert "step 7" in notice.label.text()
    driver.window.open_lab("activation")
    page.apply(wild.replace(racers=(Racer(id="one", optimizer=Adam()),)))
    page.run()
    driver.until(lambda: page.session.phase is Phase.FINISHED)
    driver.window.open_lab(page.lab.id)
    driver.until(lambda: notice.isHidden())


def test_what_is_said_over_a_page_moves_nothing_and_leaves_the_transport_free(driver: Driver) -> None:
    window, page = driver.window, driver.page

    def places() -> list[object]:
        parts = (page, page.panel, page.view, page.transport, *page.view.plots())
        return [part.mapTo(window, part.rect().topLeft()) for part in parts] + [part.size() for part in parts]

    before = places()
    window.notice.show_error(UserError("at: wrong, " + "and at some length, " * 12, "right it"))
    window.show_report(ErrorReport.of(ValueError("broken")))
    driver.until(lambda: window.notice.isVisible() and window.notice.height() > 30)
    bar = page.transport.mapTo(window, page.transport.rect().topLeft()).y()
    for said in (window.notice, window.banner):
        top = said.mapTo(window, said.rect().topLeft()).y()
        assert 0 < top < top + said.height() < bar
        assert window.childAt(said.mapTo(window, said.rect().center())) in {said, *said.findChildren(QWidget)}
    assert window.notice.geometry().top() > window.banner.geometry().bottom()
    assert places() == before
    window.notice.clear()
    window.banner.clear()
    assert places() == before
