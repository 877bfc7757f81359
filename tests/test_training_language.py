"""The language is switched while a training is on screen: its view says everything anew and goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.datasets import Moons
from gradlab.engine.lab import lab_of
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.run import Phase
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.spec import TrainingSpec
from gradlab.ui import formula

SMALL = TrainingSpec(data=Moons(count=80), network=Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8),)), steps=40)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    assert list(lab_of("training").load("inspect")(SMALL, None, TrainingLook(), None))
    one = Driver(qtbot)
    one.open("training")
    yield one
    one.close()
    formula.shutdown()


def test_the_view_of_a_run_is_said_anew(driver: Driver, foreign: QTranslator) -> None:
    page = driver.start(SMALL)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == SMALL.steps)
    view: Any = page.view
    driver.until(lambda: bool(view.flow.bars.series()))
    norms = view.flow.bars.series()[0].values.tolist()
    page.seek(7)
    app = QCoreApplication.instance()
    assert app is not None
    app.installTranslator(foreign)
    driver.until(lambda: page.view is not view)
    fresh: Any = page.view
    driver.until(lambda: bool(fresh.flow.bars.series()) and fresh.reading.at.text() == "«AT STEP 7»")
    assert fresh.flow.bars_frame.title() == "««gradient norm» by layer»"
    assert fresh.charts.frame.title() == "«Loss»"
    assert fresh.flow.bars_frame.accessibleName().endswith("«every step»")
    assert fresh.reading.remedies.cards[0].button.text() == "«Try»"
    driver.until(lambda: fresh.reading.verdicts["a"].title.text().startswith("«"))
    driver.until(lambda: fresh.pictures["a"].plane.has_picture())
    app.removeTranslator(foreign)
    driver.until(lambda: page.view is not fresh)
    last: Any = page.view
    driver.until(lambda: last.reading.at.text() == "AT STEP 7")
    page.seek(SMALL.steps)
    driver.until(lambda: bool(last.flow.bars.series()) and last.flow.bars.series()[0].values.tolist() == norms)
    page.reset_layout()
    page.maximise(last.plots()[0], True)
    page.maximise(last.plots()[0], False)
    assert page.undo.count() == 0
