"""The start: what comes first needs nothing of what comes later, and what comes later comes by itself."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from processes import ROOT, python
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine import presets
from gradlab.engine.bench import Bench
from gradlab.engine.eager import keep_eager
from gradlab.engine.run import Phase
from gradlab.labs.descent import LAB
from gradlab.labs.descent.spec import DescentSpec
from gradlab.labs.descent.view.descent_view import DescentView
from gradlab.shell.loader import Loader
from gradlab.shell.main_window import MainWindow
from gradlab.shell.settings import Settings
from gradlab.ui import formula
from gradlab.ui.plots.fallback import LaterSurface
from gradlab.ui.plots.surface import SurfaceView

WAIT = 120_000

FRAME = """
import sys
from gradlab import app
heavy = {"torch", "numpy", "pydantic", "pyqtgraph", "OpenGL", "sympy", "typer"}
class Window(app.MainWindow):
    def show(self):
        print(*sorted(heavy & set(sys.modules)), "before the frame")
        sys.stdout.flush()
        raise SystemExit(0)
app.MainWindow = Window
app.main()
"""

COMPUTING = """
import sys
import gradlab.cli
import gradlab.engine.begin
def begin():
    print(*sorted({"torch", "numpy", "pydantic", "PySide6", "typer"} & set(sys.modules)), "before computing is begun")
    sys.stdout.flush()
    raise SystemExit(0)
gradlab.engine.begin.begin = begin
gradlab.cli.main([])
"""


@pytest.mark.parametrize(("code", "said"), [(FRAME, "before the frame"), (COMPUTING, "before computing is begun")])
def test_what_comes_first_imports_nothing_that_can_come_later(code: str, said: str, tmp_path: Path) -> None:
    homes = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    result = python("-c", code, folder=ROOT, **homes)
    assert (result.stdout.strip(), result.returncode) == (said, 0), result.stderr


def test_the_loader_does_one_thing_after_another_and_survives_what_fails(qtbot: QtBot) -> None:
    parent, here = QObject(), threading.current_thread()
    done: list[Any] = []
    loader = Loader(parent)
    loader.load(["json"], lambda: done.append("at once"))
    assert done == ["at once"]
    threads = []
    loader.do(lambda: threads.append(threading.current_thread()), lambda: done.append(threading.current_thread()))
    loader.load(["gradlab_has_no_such_module"], lambda: done.append("all the same"))
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done[1:] == [here, "all the same"]
    assert threads[0] is not here
    loader.join()
    assert not threads[0].is_alive()


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a module with the view of a descent in it that nobody has imported."""
    name = "a_view_that_comes_late"
    (tmp_path / f"{name}.py").write_text("from gradlab.labs.descent.view.descent_view import DescentView\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


@pytest.fixture
def window(qtbot: QtBot, late: str) -> Iterator[MainWindow]:
    """A window whose first page has to wait for its stage."""
    keep_eager()  # loads torch, which the bench of this process would otherwise do beside the window
    bench = Bench()
    one = MainWindow([replace(LAB, view=f"{late}:DescentView")], Settings(), bench)
    one.resize(1440, 900)
    one.show()
    yield one
    one.shut_down()
    one.deleteLater()
    assert bench.close(10)
    formula.shutdown()


def test_a_panel_is_used_before_its_stage_is_there(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.pageReady, timeout=WAIT):
        window.filing.open(presets.find("welcome"), shipped=True)
    page: Any = window.page
    assert page is not None
    assert not page.furnished
    panel, cards = page.panel.geometry(), dict(page.form._context.decorations)
    assert cards["momentum"].name == "Momentum"
    edited = page.spec.replace(start=(1.0, 1.0))
    page.apply(edited)
    with qtbot.waitSignal(window.pageComplete, timeout=WAIT):
        pass
    assert page.whole
    assert page.spec == edited
    assert page.view._spec == edited
    assert page.form._context.decorations == cards
    assert page.panel.geometry() == panel
    assert page.splitter.count() == 2
    assert page.view.isVisible()
    qtbot.waitUntil(lambda: page.view.maps.landscape is not None and page.session.head > 3, timeout=WAIT)


def test_the_surface_comes_by_itself_and_shows_what_the_contour_shows(
    qtbot: QtBot, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DescentView, "LATE", (late,))
    driver = Driver(qtbot)
    with qtbot.waitSignal(driver.window.pageComplete, timeout=WAIT):
        with qtbot.waitSignal(driver.window.pageReady, timeout=WAIT):
            driver.window.open_lab("descent")
        page: Any = driver.page
        assert not page.whole
        assert isinstance(page.view.surface, LaterSurface)
        frame = page.view.surface_frame.geometry()
        page.load(DescentSpec(steps=50), page.look.replace(camera=(10.0, 80.0, 1.0)))
    assert page.view.surface_frame.widget is page.view.surface
    assert isinstance(page.view.surface, SurfaceView)
    assert page.view.surface_frame.geometry() == frame
    assert (page.view.surface.camera().azimuth, page.view.surface.camera().elevation) == (10.0, 80.0)
    page.run()
    driver.until(lambda: page.session.head == 50 and page.view.maps.landscape is not None)
    driver.until(lambda: page.view.surface._field is not None and len(page.view.surface._paths) > 0)
    driver.close()
    formula.shutdown()


def test_what_a_page_can_do_without_waits_for_a_run_that_is_on_its_way(
    qtbot: QtBot, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DescentView, "LATE", (late,))
    computing = threading.Event()

    def loads_long() -> Iterator[None]:
        computing.wait(WAIT / 1000)
        yield

    driver = Driver(qtbot, Bench(loads_long()))
    driver.window.filing.open(presets.find("welcome"), shipped=True)
    driver.until(lambda: driver.window.page is not None and driver.page.furnished)
    page = driver.page
    driver.until(lambda: page.session.phase is Phase.LOADING and page.drawing.current)
    driver.window.loader.do(int, int)  # is done after all that has been asked for
    assert late not in sys.modules
    with qtbot.waitSignal(driver.window.pageComplete, timeout=WAIT):
        computing.set()
    assert page.session.head > 0
    assert late in sys.modules
    driver.close()
    formula.shutdown()


def test_a_stage_is_painted_plot_by_plot_and_all_of_it(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.pageReady, timeout=WAIT):
        window.open_lab("descent")
    page: Any = window.page
    waiting: list[int] = []
    unveil = page.unveil

    def watched() -> Iterator[None]:
        for _ in unveil():
            waiting.append(sum(not plot.updatesEnabled() for plot in page.view.plots()))
            yield

    page.unveil = watched
    with qtbot.waitSignal(window.pageComplete, timeout=WAIT):
        pass
    count = len(page.view.plots())
    assert waiting == [*range(count, -1, -1)]
