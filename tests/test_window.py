"""The window with real clicks and keys: the race, its record, its documents, and what goes wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot
from windows import Driver, preset_file

from gradlab import app
from gradlab.engine.errors import ErrorReport
from gradlab.engine.objectives import Booth, Himmelblau, Parabola, Rosenbrock
from gradlab.engine.optimizers import SGD, Adam
from gradlab.engine.presets import find
from gradlab.engine.run import Phase, iterate
from gradlab.labs.descent import LAB
from gradlab.labs.descent.spec import DescentSpec, Racer
from gradlab.shell.lab_page import PANES
from gradlab.ui import formula

LEFT = Qt.MouseButton.LeftButton
SPEC = DescentSpec(steps=400)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def editor(driver: Driver, path: str) -> Any:
    """Return the editor of the field at ``path``."""
    from gradlab.ui.editors import Editor

    found = [one for one in driver.page.form.findChildren(Editor) if one.path == path]
    assert found, path
    return found[0]


def line(driver: Driver, path: str) -> QLineEdit:
    field = editor(driver, path)
    return field if isinstance(field, QLineEdit) else field.findChild(QLineEdit)


def choose(driver: Driver, path: str, words: str) -> None:
    """Choose a member of a family as one does: open the list, type, Enter."""
    field = editor(driver, path)
    field.open()
    driver.until(field._picker.isVisible)
    driver.qtbot.keyClicks(field._picker.search, words + "\r")


def retype(driver: Driver, path: str, text: str, *, enter: bool = True) -> QLineEdit:
    field = line(driver, path)
    field.setFocus()
    field.selectAll()
    driver.qtbot.keyClicks(field, text)
    if enter:
        driver.qtbot.keyClick(field, Qt.Key.Key_Return)
    return field


# The race and its transport.


def test_run_pause_step_back_and_scrub(driver: Driver) -> None:
    page = driver.start(DescentSpec(steps=10**6), pace=2000.0)
    bar, qtbot = page.transport, driver.qtbot
    qtbot.mouseClick(bar.run, LEFT)
    driver.until(lambda: page.session.phase is Phase.PAUSED)
    driver.until(lambda: page.session.run is not None and page.session.head == page.session.run.status.step)
    head = page.session.head
    qtbot.mouseClick(bar.step, LEFT)
    driver.until(lambda: page.session.head == head + 1)
    qtbot.mouseClick(bar.back, LEFT)
    qtbot.mouseClick(bar.back, LEFT)
    assert page.session.cursor == head - 1
    assert page.session.head == head + 1
    qtbot.mouseClick(bar.step, LEFT)
    assert page.session.cursor == head
    bar.timeline.setFocus()
    qtbot.keyClick(bar.timeline, Qt.Key.Key_Home)
    assert page.session.cursor == 0
    driver.until(lambda: "step 0 " in bar.count.text().replace("\u202f", " "))
    driver.until(lambda: page.view.reading.at.text().startswith("AT STEP 0"))


def test_the_record_on_screen_equals_the_bare_run(driver: Driver) -> None:
    page = driver.start(SPEC)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 400)
    x = np.concatenate([b.columns["x"][:-1] for b in iterate(LAB, SPEC)][1:])
    history = page.session.history
    assert history is not None
    np.testing.assert_array_equal(history.read(0, 400)["x"], x)


def test_keys_run_step_and_go_back(driver: Driver) -> None:
    page = driver.paused(DescentSpec(steps=10**6))
    page.setFocus()
    head = page.session.head
    driver.qtbot.keyClick(page, Qt.Key.Key_Period)
    driver.until(lambda: page.session.head == head + 1)
    driver.qtbot.keyClick(page, Qt.Key.Key_Comma)
    assert page.session.cursor == head
    driver.qtbot.keyClick(page, Qt.Key.Key_Space)
    driver.until(lambda: page.session.cursor is None and page.session.head > head + 1)
    driver.qtbot.keyClick(page, Qt.Key.Key_Space)
    driver.until(lambda: page.session.phase is Phase.PAUSED)


def test_a_live_lr_acts_at_the_next_step_and_leaves_a_mark(driver: Driver) -> None:
    page = driver.paused(DescentSpec(steps=10**6))
    head, run = page.session.head, page.session.run
    retype(driver, "racers.adam.optimizer.lr", "0.02")
    driver.qtbot.mouseClick(page.transport.step, LEFT)
    driver.until(lambda: page.session.head == head + 1)
    assert page.session.run is run
    assert run is not None
    assert run.record is not None
    assert [(c.step, dict(c.values)) for c in run.record.tape] == [(head, {"racers.adam.optimizer.lr": 0.02})]
    history = page.session.history
    assert history is not None
    assert history.row(head)["lr"][0] == 0.02
    assert history.row(head - 1)["lr"][0] == 0.1
    driver.until(lambda: "1 change" in page.transport.status.text())
    page.undo.undo()
    assert page.spec.racers[0].optimizer.lr == 0.1
    driver.qtbot.mouseClick(page.transport.step, LEFT)
    driver.until(lambda: page.session.head == head + 2)
    assert history.row(head + 1)["lr"][0] == 0.1
    assert page.session.run is run


def test_another_function_restarts_and_keeps_the_old_run_faint(driver: Driver) -> None:
    page = driver.start(SPEC, pace=200.0)
    first = page.session.run
    page.form.reveal("objective")
    page.apply(page.spec.edited(start=(1.0, 1.0)))
    driver.until(lambda: page.session.run is not first and page.session.head > 2)
    assert [track.faint for track in page.session.tracks] == [True, False]
    assert page.session.tracks[-1].history.row(0)["x"][0].tolist() == [1.0, 1.0]
    page.undo.undo()
    driver.until(lambda: page.session.spec == SPEC and page.session.head > 2)


def test_choosing_a_function_in_the_panel(driver: Driver) -> None:
    page = driver.paused(SPEC)
    choose(driver, "objective", "booth")
    driver.until(lambda: isinstance(page.spec.objective, Booth) and page.session.spec == page.spec)
    driver.until(lambda: page.session.head >= 0 and page.session.history is not None)
    assert page.spec.start is None


def test_adding_and_removing_a_racer(driver: Driver) -> None:
    page = driver.paused(SPEC)
    parts = editor(driver, "racers")
    driver.qtbot.mouseClick(parts.add, LEFT)
    assert len(page.spec.racers) == 5
    new = page.spec.racers[-1].id
    colours = {name: one.color for name, one in page.view.decorations(page.spec, page.look).items()}
    assert len(set(colours.values())) == 5
    card = parts.cards["adam"]
    driver.qtbot.mouseClick(card.more, LEFT)
    menu = next(menu for menu in card.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == "Remove").trigger()
    menu.close()
    assert "adam" not in [racer.id for racer in page.spec.racers]
    after = {name: one.color for name, one in page.view.decorations(page.spec, page.look).items()}
    assert after[new] == colours[new]
    page.undo.undo()
    page.undo.undo()
    assert page.spec == SPEC


def test_hiding_a_racer_restarts_nothing(driver: Driver) -> None:
    page = driver.paused(SPEC)
    run = page.session.run
    page.form.decorated.emit("adam", "visible", False)
    assert page.look.of("adam").visible is False
    assert page.session.run is run
    assert page.spec == SPEC


def test_clicking_the_contour_sets_the_start(driver: Driver) -> None:
    page = driver.paused(SPEC)
    contour = page.view.contour
    driver.until(lambda: page.view.maps.landscape is not None)
    place = contour.to_pixels(2.0, -3.0) - contour.graphics.pos()
    driver.qtbot.mouseClick(contour.graphics.viewport(), LEFT, pos=QPoint(round(place.x()), round(place.y())))
    driver.until(lambda: page.spec.start is not None)
    np.testing.assert_allclose(page.spec.start, (2.0, -3.0), atol=0.1)
    driver.until(lambda: page.session.spec == page.spec)


def test_continue_from_here_goes_on_from_the_row_with_the_lr_of_now(driver: Driver) -> None:
    page = driver.start(DescentSpec(steps=300))
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 300)
    old = page.session.history
    assert old is not None
    before = old.read(0, 121)
    page.seek(120)
    retype(driver, "racers.adam.optimizer.lr", "0.01")
    driver.qtbot.mouseClick(page.transport.continue_here, LEFT)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 300)
    new = page.session.history
    assert new is not None
    assert new is not old
    np.testing.assert_array_equal(new.read(0, 120)["x"], before["x"][:120])
    assert new.row(120)["lr"][0] == 0.01
    assert new.row(119)["lr"][0] == 0.1


def test_a_replay_runs_over_the_record_to_the_head(driver: Driver) -> None:
    page = driver.start(SPEC)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 400)
    page.seek(10)
    page.set_pace(5000.0)
    driver.qtbot.mouseClick(page.transport.run, LEFT)
    assert page.running
    driver.until(lambda: page.session.cursor is None)
    assert page.session.head == 400


def test_divergence_is_said_in_words(driver: Driver) -> None:
    racers = (Racer(id="wild", optimizer=SGD(lr=0.1)),)
    page = driver.put(DescentSpec(racers=racers, start=(0.0, 0.0), steps=500))
    page.set_pace(None)
    page.run()
    driver.until(lambda: page.session.phase is Phase.DIVERGED)
    driver.until(lambda: not driver.window.notice.isHidden())
    assert page.session.head == 7
    driver.until(lambda: page.view.reading.table.item(0, 4).text() == "diverged at 7")


@pytest.mark.parametrize("objective", [Parabola(), Rosenbrock(dimension=5)], ids=["1-D", "5-D"])
def test_one_and_many_dimensions_have_their_pictures(driver: Driver, objective: Any) -> None:
    page = driver.start(DescentSpec(objective=objective, racers=(Racer(id="a", optimizer=Adam(lr=0.05)),), steps=200))
    one = objective.dimension == 1
    driver.until(lambda: page.view.line_frame.isVisible() is one and page.view.contour_frame.isVisible() is not one)
    plot = page.view.line if one else page.view.contour
    driver.until(lambda: len(plot.columns()) > 1)


# Typing.


def test_a_refused_number_stays_red_and_loses_nothing(driver: Driver) -> None:
    page = driver.paused(SPEC)
    run = page.session.run
    field = retype(driver, "racers.adam.optimizer.lr", "-1")
    assert field.property("invalid")
    assert field.text() == "-1"
    assert page.spec == SPEC
    assert page.session.run is run
    (where, message), *_ = page.form.problems()
    assert where == "racers.adam.optimizer.lr"
    assert "must be" in message
    retype(driver, "racers.adam.optimizer.lr", "0.5")
    assert not page.form.problems()
    assert page.spec.racers[0].optimizer.lr == 0.5


def test_a_bad_expression_is_refused_with_its_reason(driver: Driver) -> None:
    page = driver.paused(SPEC)
    choose(driver, "objective", "expression")
    driver.until(lambda: page.spec.objective.kind == "expression")
    good = page.spec
    text = editor(driver, "objective.text")
    field = text.findChild(QPlainTextEdit)
    field.setFocus()
    field.selectAll()
    driver.qtbot.keyClicks(field, "sin(x) + __import__('os')")
    driver.until(lambda: bool(page.form.problems()))
    assert page.spec == good
    assert "__import__" in field.toPlainText()
    assert driver.window.banner.isHidden()


# Documents.


def test_save_open_and_the_modified_marker(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, window = driver.page, driver.window
    assert not window.isWindowModified()
    retype(driver, "racers.adam.optimizer.lr", "0.03")
    assert window.isWindowModified()
    path = tmp_path / "race.gradlab.json"
    monkeypatch.setattr("gradlab.shell.filing.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    assert window.filing.save()
    assert not window.isWindowModified()
    assert "race" in window.windowTitle()
    saved = page.spec
    window.filing.new()
    assert page.spec == DescentSpec()
    window.filing.open(path)
    driver.until(lambda: page.spec == saved)
    assert window.settings.recent == [path]


def test_a_red_field_stops_saving_and_gets_the_focus(driver: Driver, tmp_path: Path) -> None:
    driver.window.filing.document.path = tmp_path / "x.gradlab.json"  # type: ignore[union-attr]
    field = retype(driver, "racers.adam.optimizer.lr", "abc")
    assert not driver.window.filing.save()
    assert driver.window.focusWidget() is field
    assert not driver.window.notice.isHidden()
    assert not (tmp_path / "x.gradlab.json").exists()


def test_dropping_a_file_opens_it(driver: Driver, tmp_path: Path) -> None:
    path = preset_file(tmp_path, SPEC.replace(steps=77))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(driver.window, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(driver.window, drop)
    driver.until(lambda: driver.page.spec.steps == 77)
    driver.until(lambda: driver.page.session.run is not None)


@pytest.mark.parametrize("text", ["", "{", '{"schema": 99}', '{"schema": 1, "lab": "descent", "spec": {"steps": -4}}'])
def test_a_corrupt_preset_changes_nothing(driver: Driver, tmp_path: Path, text: str) -> None:
    page = driver.paused(SPEC)
    run = page.session.run
    path = tmp_path / "broken.gradlab.json"
    path.write_text(text)
    driver.window.filing.open(path)
    assert not driver.window.notice.isHidden()
    assert page.spec == SPEC
    assert page.session.run is run


def test_unsaved_edits_are_asked_about(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    page = driver.page
    page.apply(page.spec.replace(steps=123))
    buttons = QMessageBox.StandardButton
    monkeypatch.setattr("gradlab.shell.filing.QMessageBox.question", lambda *_: buttons.Cancel)
    driver.window.filing.new()
    assert page.spec.steps == 123
    assert not driver.window.close()
    monkeypatch.setattr("gradlab.shell.filing.QMessageBox.question", lambda *_: buttons.Discard)
    driver.window.filing.new()
    assert page.spec == DescentSpec()


def test_text_on_the_clipboard_is_an_experiment(driver: Driver) -> None:
    page = driver.put(SPEC.replace(steps=55))
    driver.window.filing.copy_text()
    driver.put(SPEC)
    driver.window.filing.paste_text()
    assert page.spec.steps == 55
    QGuiApplication.clipboard().setText("not an experiment")
    driver.window.filing.paste_text()
    assert page.spec.steps == 55
    assert not driver.window.notice.isHidden()


def test_the_run_leaves_as_csv(driver: Driver, tmp_path: Path) -> None:
    page = driver.start(SPEC)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 400)
    path = tmp_path / "run.csv"
    driver.window.filing.export_run(path)
    rows = [row for row in csv.reader(path.read_text().splitlines()) if not row[0].startswith("#")]
    assert len(rows) == 402
    column = rows[0].index("racers.adam.x")
    last = page.session.history.row(400)["x"][0][0]  # type: ignore[union-attr]
    assert float(rows[-1][column]) == last


# What goes wrong, and the end.


def test_an_error_is_shown_and_the_window_goes_on(driver: Driver) -> None:
    driver.window.show_report(ErrorReport.of(ValueError("<b>bold</b> and broken")))
    assert not driver.window.banner.isHidden()
    page = driver.start(SPEC)
    assert page.session.head > 3


def test_closing_during_a_run_ends_it(qtbot: QtBot) -> None:
    driver = Driver(qtbot)
    driver.open()
    page = driver.start(DescentSpec(steps=10**8))
    run = page.session.run
    driver.close()
    assert run is not None
    assert run.status.phase is Phase.CANCELLED
    formula.shutdown()


def test_without_opengl_the_contour_takes_the_place_of_the_surface(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("gradlab.ui.plots.fallback", "gradlab.labs.descent.view.maps"):
        monkeypatch.setattr(f"{module}.gl_available", lambda: False)
    driver = Driver(qtbot)
    page = driver.open()
    driver.start(SPEC)
    driver.until(lambda: page.view.contour_frame.isVisible())
    assert not page.view.surface_frame.isVisible()
    assert "OpenGL" in page.view.contour_frame.accessibleName()
    driver.close()
    formula.shutdown()


def test_maximise_and_restore(driver: Driver) -> None:
    page = driver.paused(SPEC)
    frame = page.view.curve_frames[0]
    frame.maximiseRequested.emit(True)
    assert frame.isVisible()
    assert not page.view.contour_frame.isVisible()
    assert not page.panel.isVisible()
    frame.maximiseRequested.emit(False)
    assert page.view.contour_frame.isVisible()
    assert not page.view.line_frame.isVisible()
    assert page.panel.isVisible()
    frame.maximiseRequested.emit(True)
    driver.qtbot.keyClick(driver.window.focusWidget() or page, Qt.Key.Key_Escape)
    assert page.panel.isVisible()
    assert not frame.maximised()


def test_random_presses_keep_the_window_consistent(driver: Driver) -> None:
    import random

    rng = random.Random(7)
    page = driver.start(DescentSpec(steps=10**6), pace=500.0)
    acts = [page.toggle, page.step, page.back, page.restart, page.continue_here, page.stop, page.run]
    acts += [lambda: page.seek(rng.randrange(50)), lambda: page.set_pace(rng.choice([None, 50.0, 1000.0]))]
    acts += [lambda: page.apply(page.spec.replace(steps=rng.randrange(100, 10**6)))]
    left = 120

    def press() -> None:
        nonlocal left
        left -= 1
        rng.choice(acts)()

    timer = QTimer(interval=5)
    timer.timeout.connect(press)
    timer.start()
    driver.until(lambda: left <= 0)
    timer.stop()
    timer.deleteLater()
    page.restart()
    page.set_pace(None)
    page.run()
    driver.until(lambda: page.session.head > 20)
    assert driver.window.banner.isHidden()
    history = page.session.history
    assert history is not None
    assert history.row(0)["x"].shape == (4, 2)


def test_himmelblau_is_the_first_thing_one_sees(driver: Driver) -> None:
    assert driver.page.spec.objective == Himmelblau()
    assert driver.window.windowTitle().startswith("Untitled Descent")


def test_a_page_opened_later_is_divided_like_the_first_and_can_be_again(driver: Driver) -> None:
    for lab in ("descent", "training", "loss"):
        page = driver.page if lab == driver.page.lab.id else driver.open(lab)
        assert page.splitter.sizes()[0] == PANES[0], lab
        page.splitter.setSizes([500, 500])
        assert page.splitter.sizes()[0] != PANES[0]
        driver.window.reset_layout()
        assert page.splitter.sizes()[0] == PANES[0], lab


def test_a_window_made_anew_fits_on_the_screen_with_its_frame(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    window = driver.window
    monkeypatch.setattr(window, "frameGeometry", lambda: QRect(QPoint(), window.size() + QSize(8, 30)))
    monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(1366, 768))
    window.reset_layout()
    assert window.size() == QSize(1358, 738)


def test_who_went_elsewhere_before_the_welcome_stays_there_but_a_named_experiment_opens(driver: Driver) -> None:
    page = driver.open("loss")
    for _ in app._open_first(driver.window, None, shipped=False):
        pass
    assert driver.page is page
    for _ in app._open_first(driver.window, find("saddle-escape"), shipped=True):
        pass
    driver.until(lambda: driver.page is driver.window.pages["descent"])
    assert not formula._typesetter._held
