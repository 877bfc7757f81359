"""The window as the program opens it: with its runs in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from processes import ROOT, python
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.history import History
from gradlab.engine.optimizers import Adam
from gradlab.engine.remote import RemoteBench
from gradlab.engine.run import Phase, iterate
from gradlab.labs.descent import LAB
from gradlab.labs.descent.spec import DescentSpec, Racer
from gradlab.ui import formula
from gradlab.ui.waiting import Waiting


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot, RemoteBench())
    one.open()
    yield one
    one.close()
    formula.shutdown()


def test_a_race_is_changed_scrubbed_and_gone_on_with(driver: Driver) -> None:
    spec = DescentSpec(steps=300, racers=(Racer(id="adam", optimizer=Adam(lr=0.01)),))
    page = driver.start(spec, pace=60.0)
    driver.until(lambda: page.session.head > 10)
    page.apply(spec.replace(racers=(Racer(id="adam", optimizer=Adam(lr=0.05)),)))
    driver.until(lambda: len(page.session.run.record.tape) == 1)
    page.set_pace(None)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 300)
    record = page.session.run.record
    assert len(record.tape) == 1
    assert len(page.session.tracks[-1].marks) == 1
    again = History(LAB.load("columns")(spec))
    for block in iterate(LAB, record.spec, record=record):
        again.extend(block)
    np.testing.assert_array_equal(page.session.history.read(0, 301)["x"], again.read(0, 301)["x"])
    again.close()
    page.seek(150)
    page.continue_here()
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 300)
    assert page.view.maps.landscape is not None


def test_what_takes_long_is_said_to_be_computed_until_it_is_there(driver: Driver) -> None:
    page, bench = driver.open("function"), driver.bench
    driver.until(lambda: not page.drawing.inspection.inspector.busy)
    said = page.findChild(Waiting)
    assert not said.isVisible()
    process = psutil.Process(bench.child.pid)  # type: ignore[attr-defined]
    process.suspend()
    try:
        page.apply(page.spec.edited(at=(0.25,)))
        driver.until(said.isVisible)
        page.resize(page.width(), page.height() - 40)
        assert page.panel.rect().contains(said.geometry())
    finally:
        process.resume()
    driver.until(lambda: not said.isVisible())
    driver.until(lambda: page.view.reading is not None and not page.drawing.inspection.inspector.busy)


def test_the_window_goes_on_when_the_process_dies(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    page = driver.start(DescentSpec(steps=10**6), pace=200.0)
    bench: Any = driver.bench
    psutil.Process(bench.child.pid).kill()
    driver.until(lambda: page.session.phase is Phase.FAILED)
    driver.until(lambda: "compute process ended" in driver.window.notice.label.text())
    assert "compute process ended" in caplog.text
    held = page.session.head
    page.seek(held // 2)
    page.seek(held)
    page.run()
    driver.until(lambda: page.session.phase is Phase.RUNNING and page.session.head > 3)
    page.stop()
    driver.until(lambda: page.session.phase is Phase.CANCELLED)


OPEN = """
import sys
from PySide6.QtCore import QTimer
from gradlab import app
make = app.make_application
def make_application(arguments):
    global application, timer
    application = make(arguments)
    timer = QTimer(interval=20)
    timer.timeout.connect(look)
    timer.start()
    return application
def done():
    timer.stop()
    print(*sorted({"torch", "sympy"} & set(sys.modules)), "still light")
    window.close()
def look():
    global window
    window = next(w for w in application.topLevelWidgets() if isinstance(w, app.MainWindow))
    if window.page is not None and window.page.whole:
        act(window.page)
app.make_application = make_application
"""
RACE = """
def act(page):
    if page.session.head > 5 and page.view.maps.landscape is not None:
        done()
"""
TRAINING = """
opened = []
def act(page):
    if page.lab.id != "training":
        if not opened:
            opened.append(window.open_lab("training"))
    elif page.session.run is None:
        page.run()
    elif page.session.head > 30 and page.view._verdict is not None:
        done()
"""


@pytest.mark.parametrize("act", [RACE, TRAINING], ids=["race", "training"])
def test_the_program_opens_runs_judges_and_closes_without_torch_in_the_window(act: str, tmp_path: Path) -> None:
    homes = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    result = python("-c", f"{OPEN}{act}\nsys.exit(app.main())", folder=ROOT, **homes)
    assert (result.stdout.strip(), result.returncode) == ("still light", 0), result.stderr
