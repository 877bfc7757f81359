"""Weights leave the window as a checkpoint and come back as the start of another run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.datasets import Moons
from gradlab.engine.lab import lab_of
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.run import Phase
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.spec import TrainingSpec
from gradlab.ui import formula
from gradlab.ui.editors import Editor
from gradlab.ui.editors.paths import WeightsPathEdit

NET = Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8),))
SPEC = TrainingSpec(data=Moons(count=80), network=NET, steps=40, held_out=0.0)


@pytest.fixture(scope="module")
def warm() -> None:
    """Load torch once, outside every wait."""
    assert list(lab_of("training").load("inspect")(SPEC, None, TrainingLook(), None))


@pytest.fixture
def driver(qtbot: QtBot, warm: None) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open("training")
    yield one
    one.close()
    formula.shutdown()


def finished(driver: Driver) -> None:
    session = driver.page.session
    driver.until(lambda: session.phase is Phase.FINISHED and session.head == session.spec.steps)


def answer(monkeypatch: pytest.MonkeyPatch, way: str, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, way, lambda *_: (str(path), ""))


def act(driver: Driver, text: str) -> None:
    """Choose an entry of the file menu."""
    (menu,) = [action.menu() for action in driver.window.menuBar().actions() if action.text() == "&File"]
    (action,) = [entry for entry in menu.actions() if entry.text() == text]  # type: ignore[attr-defined]
    assert action.isEnabled()
    action.trigger()


def test_weights_saved_at_a_step_are_the_start_of_the_next_run(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, path = driver.start(SPEC), tmp_path / "net.safetensors"
    finished(driver)
    history = page.session.history
    assert history is not None
    kept = history.snapshot("a.parameters", 20)
    assert kept is not None
    wanted = history.row(kept[0])["a.loss"]
    page.seek(20)
    answer(monkeypatch, "getSaveFileName", tmp_path / "net")
    act(driver, "Save &weights as checkpoint…")
    assert f"step {kept[0]}" in driver.window.notice.label.text()
    answer(monkeypatch, "getOpenFileName", path)
    act(driver, "Open chec&kpoint…")
    assert page.spec.start.file == str(path)
    finished(driver)
    assert page.session.history is not None
    assert page.session.history.row(0)["a.loss"] == wanted
    page.undo.undo()
    assert page.spec == SPEC


def test_a_checkpoint_that_does_not_fit_is_told_and_undone(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, path = driver.start(SPEC), tmp_path / "net.safetensors"
    finished(driver)
    answer(monkeypatch, "getSaveFileName", path)
    act(driver, "Save &weights as checkpoint…")
    wide = SPEC.replace(network=NET.replace(blocks=(NET.blocks[0].replace(width=9),)))
    driver.put(wide)
    answer(monkeypatch, "getOpenFileName", path)
    act(driver, "Open chec&kpoint…")
    said = "hidden_1.linear.weight is 8×2, and the network's 9×2"
    driver.until(lambda: said in driver.window.notice.label.text())
    driver.until(lambda: page.session.phase is Phase.FAILED)
    page.undo.undo()
    assert page.spec == wide
    path.write_bytes(b"no weights")
    act(driver, "Open chec&kpoint…")
    assert page.spec == wide, "what is no checkpoint changes nothing"
    assert "is no checkpoint" in driver.window.notice.label.text()


def editor(driver: Driver, path: str) -> Any:
    return next(one for one in driver.page.form.findChildren(Editor) if one.path == path)


def test_a_checkpoint_is_chosen_in_the_panel_and_refused_where_it_does_not_fit(driver: Driver, tmp_path: Path) -> None:
    page, path = driver.start(SPEC), tmp_path / "net.safetensors"
    finished(driver)
    history = page.session.history
    path.write_bytes(page.lab.load("checkpoint")(SPEC, history)[1])
    assert page.form.reveal("start.file")
    chooser = editor(driver, "start.file")
    assert isinstance(chooser, WeightsPathEdit)
    chooser.take(str(path))
    assert page.spec.start.file == str(path)
    assert len(page.spec.start.sha256) == 64
    page.run()
    finished(driver)
    assert history is not None
    assert page.session.history is not None
    assert page.session.history.row(0)["a.loss"] == history.row(SPEC.steps)["a.loss"]
    chooser.take(str(tmp_path / "gone.safetensors"))
    assert page.spec.start.file == str(path)
    assert "gone.safetensors" in chooser.problem()


def test_only_a_lab_with_weights_opens_and_saves_them(driver: Driver) -> None:
    driver.open("descent")
    menus = driver.window.menus
    assert not menus.open_weights.isEnabled()
    assert not menus.save_weights.isEnabled()
