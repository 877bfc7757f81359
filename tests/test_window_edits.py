"""What counts as an edit of an experiment beside its spec: its look, its texts; and runs that are kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox
from pytestqt.qtbot import QtBot
from windows import Driver, preset_file

from gradlab.engine.lab import Lab, discover
from gradlab.engine.presets import library, load
from gradlab.engine.run import Phase
from gradlab.labs.descent.spec import DescentSpec
from gradlab.shell.properties import LONGEST_COMMENT, Properties
from gradlab.ui import formula

BUTTONS = QMessageBox.StandardButton
LEFT = Qt.MouseButton.LeftButton
LR = "racers.adam.optimizer.lr"


@pytest.fixture
def driver(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setattr("gradlab.shell.recovery.folder", lambda: tmp_path / "recovery")
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def with_lr(spec: DescentSpec, lr: float) -> DescentSpec:
    first, *others = spec.racers
    return spec.replace(racers=(first.replace(optimizer=first.optimizer.replace(lr=lr)), *others))


def opened(driver: Driver, folder: Path) -> Path:
    path = preset_file(folder, DescentSpec(steps=50))
    driver.window.filing.open(path)
    driver.until(lambda: driver.page.session.phase is Phase.FINISHED)
    assert not driver.window.isWindowModified()
    return path


# The look.


def test_an_experiment_that_a_new_page_is_built_on_has_no_edits(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradlab.shell.recovery.folder", lambda: tmp_path / "recovery")
    one = Driver(qtbot)
    entry = next(entry for entry in library("descent") if entry.path.name.startswith("noise-floor"))
    with qtbot.waitSignal(one.window.pageComplete, timeout=60_000):
        one.window.filing.open(entry.path, shipped=True)
    one.until(lambda: one.page.session.head > 3)
    assert not one.window.isWindowModified()
    one.close()
    formula.shutdown()


@pytest.mark.parametrize(("what", "value"), [("name", "quick"), ("color", "#ff0000"), ("visible", False)])
def test_an_edit_of_a_card_is_an_unsaved_edit(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, value: object
) -> None:
    path = opened(driver, tmp_path)
    page, window = driver.page, driver.window
    page.form.decorated.emit("adam", what, value)
    assert window.isWindowModified()
    asked: list[str] = []

    def question(_parent: object, _title: str, text: str, *_rest: object) -> BUTTONS:
        asked.append(text)
        return BUTTONS.Cancel

    monkeypatch.setattr("gradlab.shell.filing.QMessageBox.question", question)
    assert not window.close()
    assert "mine" in asked[0]
    assert window.filing.save()
    assert not window.isWindowModified()
    assert getattr(load(path).look.of("adam"), what) == value


def test_an_edit_of_a_card_is_undone_and_nothing_else_of_the_look(driver: Driver, tmp_path: Path) -> None:
    opened(driver, tmp_path)
    page = driver.page
    page.form.decorated.emit("adam", "name", "quick")
    page.form.decorated.emit("sgd", "visible", False)
    page.apply_look(page.look.replace(height="rank"))
    page.undo.undo()
    assert page.look.of("sgd").visible
    page.undo.undo()
    assert page.look.of("adam").name is None
    assert page.look.height == "rank"
    page.apply_look(page.look.replace(height="log"))
    assert not driver.window.isWindowModified()
    page.undo.redo()
    assert page.look.of("adam").name == "quick"


def test_where_the_eye_is_asks_no_question(driver: Driver, tmp_path: Path) -> None:
    opened(driver, tmp_path)
    page = driver.page
    page.view.surface.cameraChanged.emit(page.view.surface.camera())
    page.apply_look(page.look.replace(focus="adam", camera=(10.0, 20.0, 1.5)))
    assert not driver.window.isWindowModified()


def test_a_racer_that_came_and_went_leaves_no_edit(driver: Driver, tmp_path: Path) -> None:
    opened(driver, tmp_path)
    page = driver.page
    page.apply(page.spec.replace(racers=(*page.spec.racers, page.spec.new_part("racers"))))
    assert driver.window.isWindowModified()
    page.undo.undo()
    assert not driver.window.isWindowModified()


def test_an_edited_look_survives_a_crash(driver: Driver, tmp_path: Path) -> None:
    opened(driver, tmp_path)
    driver.window.filing.recovery.begin()
    driver.page.form.decorated.emit("adam", "name", "quick")
    driver.window.filing.recovery.write()
    (left,) = (tmp_path / "recovery").glob("*-descent.json")
    assert load(left).look.of("adam").name == "quick"
    driver.page.form.decorated.emit("adam", "name", None)
    driver.window.filing.recovery.write()
    assert not left.exists()


# Title and comment.


def test_title_and_comment_are_edited_and_saved(driver: Driver, tmp_path: Path) -> None:
    path = opened(driver, tmp_path)
    window, qtbot = driver.window, driver.qtbot
    next(one for one in window.findChildren(QAction) if one.text() == "Propert&ies…").trigger()
    dialog = window.findChild(Properties)
    assert dialog.title.text() == "mine"
    dialog.title.selectAll()
    qtbot.keyClicks(dialog.title, "A <b>race</b>")
    qtbot.keyClicks(dialog.comment, "Watch momentum.")
    qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)
    assert window.isWindowModified()
    assert window.filing.save()
    assert not window.isWindowModified()
    found = load(path)
    assert (found.title, found.comment) == ("A <b>race</b>", "Watch momentum.")


def test_a_comment_that_no_file_takes_is_refused_with_the_reason(driver: Driver) -> None:
    driver.window.filing.edit_properties()
    dialog = driver.window.findChild(Properties)
    dialog.comment.setPlainText("x" * (LONGEST_COMMENT + 1))
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    assert str(LONGEST_COMMENT) in dialog.problem.text()
    dialog.comment.setPlainText("x" * LONGEST_COMMENT)
    assert ok.isEnabled()
    dialog.reject()
    assert driver.window.filing.document is not None
    assert driver.window.filing.document.comment == ""


# Runs.


def test_a_saved_run_repeats_its_live_changes_bit_for_bit(driver: Driver, tmp_path: Path) -> None:
    page = driver.start(DescentSpec(steps=10**6), pace=2000.0)
    page.apply(with_lr(page.spec, 0.02))
    driver.until(lambda: page.session.run is not None and page.session.run.record is not None)
    driver.until(lambda: len(page.session.run.record.tape) == 1)  # type: ignore[union-attr]
    page.pause()
    driver.until(lambda: page.session.phase is Phase.PAUSED)
    driver.until(lambda: page.session.head == page.session.run.status.step)  # type: ignore[union-attr]
    page.apply(with_lr(page.spec, 0.005))
    head = page.session.head
    driver.until(lambda: len(page.session.run.record.tape) == 2)  # type: ignore[union-attr]
    rows = page.session.history.read(0, head)  # type: ignore[union-attr]
    path = tmp_path / "kept.gradlab.json"
    driver.window.filing.save_run(path)
    found = load(path)
    assert [dict(change.values) for change in found.changes] == [{LR: 0.02}, {LR: 0.005}]
    assert found.spec.racers[0].optimizer.lr == 0.1

    driver.window.filing.documents["descent"].keep(page.spec, page.look)
    page.set_pace(None)
    driver.window.filing.open(path)
    assert page.spec.racers[0].optimizer.lr == 0.005  # as the panel showed it
    driver.until(lambda: page.session.head > head)
    page.pause()
    again = page.session.history.read(0, head)  # type: ignore[union-attr]
    for name in rows.dtype.names or ():
        np.testing.assert_array_equal(again[name], rows[name])
    driver.until(lambda: len(page.session.tracks[-1].marks) == 2)
    assert not page.stale


def test_saving_what_was_opened_as_a_run_never_takes_its_changes_away(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = driver.paused(DescentSpec(steps=10**6))
    page.apply(with_lr(page.spec, 0.02))
    page.step()
    driver.until(lambda: len(page.session.run.record.tape) == 1)  # type: ignore[union-attr]
    path = tmp_path / "kept.gradlab.json"
    driver.window.filing.save_run(path)
    driver.window.filing.documents["descent"].keep(page.spec, page.look)
    driver.window.filing.open(path)
    assert driver.window.windowTitle().startswith("kept")
    assert not driver.window.isWindowModified()
    driver.until(lambda: page.session.run.record is not None)  # type: ignore[union-attr]
    asked: list[str] = []

    def ask(_parent: object, _title: str, suggestion: str, _filter: str) -> tuple[str, str]:
        asked.append(suggestion)
        return "", ""

    monkeypatch.setattr("gradlab.shell.filing.QFileDialog.getSaveFileName", ask)
    assert not driver.window.filing.save()
    driver.window.filing.save_run()
    assert asked == ["kept.gradlab.json", "kept-run.gradlab.json"]
    assert len(load(path).changes) == 1


def test_a_run_that_cannot_be_written_says_so(driver: Driver, tmp_path: Path) -> None:
    driver.paused(DescentSpec(steps=50))
    driver.window.filing.save_run(tmp_path / "none" / "run.gradlab.json")
    assert "none" in driver.window.notice.label.text()


# What others left, and the keys.


def test_leftovers_are_offered_one_after_the_other(driver: Driver, tmp_path: Path) -> None:
    window, folder = driver.window, tmp_path / "recovery"
    folder.mkdir()
    files = [preset_file(tmp_path, DescentSpec(steps=n), f"left{n}") for n in (11, 12, 13)]
    for number, file in enumerate(files, 999_990):
        file.rename(folder / f"{number}-descent.json")
    window.filing.offer_leftovers()
    for answer in ("Discard", "Later", "Restore"):
        (box,) = (one for one in window.findChildren(QMessageBox) if one.isVisible())
        button = next(one for one in box.buttons() if one.text() == answer)
        driver.qtbot.mouseClick(button, LEFT)
    assert not any(one.isVisible() for one in window.findChildren(QMessageBox))
    assert [path.name for path in sorted(folder.glob("*.json"))] == ["999991-descent.json"]
    assert driver.page.spec.steps == 13


def test_no_letter_stands_for_two_entries_of_a_menu(driver: Driver) -> None:
    for menu in driver.window.menuBar().actions():
        texts = [entry.text() for entry in menu.menu().actions()]  # type: ignore[attr-defined]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(set(letters)) == len(letters), texts


def test_the_help_the_menu_and_the_tooltips_name_the_same_keys(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(driver.window.help, "_show", lambda _title, text: said.append(text))
    driver.window.help.show_keys()
    lines = said[0].splitlines()
    for line in ("Space or F5 — Run / pause", ". or F10 — One step forward", "Ctrl+R — Restart"):
        assert line in lines
    bar = driver.page.transport
    tips = {bar.run: "Space", bar.step: ".", bar.back: ",", bar.restart: "Ctrl+R", bar.stop: "Shift+F5"}
    for button, key in tips.items():
        assert button.toolTip().endswith(f"({key})")


@pytest.mark.parametrize("lab", discover(), ids=lambda lab: lab.id)
def test_where_the_eye_is_and_who_is_gone_do_not_last(lab: Lab) -> None:
    spec, look = lab.spec(), lab.look()
    assert set(lab.look.model_fields) >= look.PASSING
    moved = {"camera": (1.0, 2.0, 3.0), "focus": "x"}
    other = look.replace(**{name: value for name, value in moved.items() if name in look.PASSING})
    assert other.lasting(spec) == look.lasting(spec)
    for name in lab.look.model_fields.keys() & {"height", "curve", "log"}:
        value = {"height": "linear", "curve": "lr", "log": False}[name]
        if value != getattr(look, name):
            assert look.replace(**{name: value}).lasting(spec) != look.lasting(spec)
