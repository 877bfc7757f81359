"""The labs of single gradients under the hand: from an edit to the first answer on screen, and to the page's picture.

The base is a bare Qt window with one curve of as many points, given new numbers and painted. Rounds of all alternate.
GUI time is the processor time of the GUI's thread from the edit to the end of the painting.
"""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from bench import duration
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget
from rich.console import Console
from rich.table import Table

from gradlab.app import make_application
from gradlab.engine.activations import Activation
from gradlab.engine.lab import discover
from gradlab.engine.losses import Loss
from gradlab.engine.objectives import Objective
from gradlab.engine.remote import RemoteBench
from gradlab.labs.activation.spec import Unit
from gradlab.shell.lab_page import LabPage
from gradlab.shell.main_window import MainWindow
from gradlab.shell.settings import Settings
from gradlab.ui import formula, theme
from gradlab.ui.plots.offscreen import OffscreenGL

ROUNDS, EDITS = 3, 8
POINTS = 1201
SIZE = (1440, 900)
WAIT_MS = 60_000
FRAME_S = 1 / 30
"""A frame of the page."""
KINDS = ("sigmoid", "tanh", "relu", "gelu", "silu", "mish", "elu", "softplus")


@dataclass
class Case:
    """A page and the edits on it; the k-th edit is a function of the page. ``pictures`` names what it waits for."""

    lab: str
    spec: dict[str, Any]
    look: dict[str, Any]
    edit: Callable[[Any, int], None]
    pictures: tuple[str, ...]
    first: list[float] = field(default_factory=list)
    """Seconds until anything that was computed for the edit is painted: the numbers, as a rule."""
    wall: list[float] = field(default_factory=list)
    """Seconds until the picture that the case waits for is painted."""
    gui: list[float] = field(default_factory=list)


def cases() -> dict[str, Case]:
    """Return what is done: drags on the stage and values from the panel."""

    def panel(**change: Callable[[int], Any]) -> Callable[[Any, int], None]:
        return lambda page, k: page.apply(page.spec.edited(**{name: f(k) for name, f in change.items()}))

    def replaced(name: str, f: Callable[[int], Any]) -> Callable[[Any, int], None]:
        return lambda page, k: page.apply(page.spec.replace(**{name: f(k)}))

    def wave(k: int) -> float:
        return round(3.4 * math.modf(0.618 * k)[0] - 1.7, 4)  # no two alike: such an edit paints nothing

    units = tuple(Unit(id=kind, activation=Activation.parse(kind)) for kind in KINDS)
    himmelblau, ripples = Objective.parse("himmelblau"), {"kind": "rastrigin", "dimension": 10}
    found = {
        "Function · curve, point dragged": Case(
            "function", {}, {}, lambda p, k: p.view.maps.line.startMoved.emit("", wave(k), True), ("PointReading",)
        ),
        "Function · map, point dragged": Case(
            "function", {"objective": himmelblau}, {},
            lambda p, k: p.view.maps.contour.startMoved.emit("", wave(k), wave(k + 3), True), ("PointReading",),
        ),
        "Function · map of another parameter": Case(
            "function", {"objective": Objective.parse("rosenbrock")}, {},
            panel(objective=lambda k: Objective.parse({"kind": "rosenbrock", "b": 50.0 + k})), ("Landscape",),
        ),
        "Function · chain rule": Case(
            "function", {"objective": himmelblau}, {"page": "chain"},
            panel(at=lambda k: (wave(k), wave(k + 3))), ("ChainReading",),
        ),
        "Function · 10 coordinates": Case(
            "function", {"objective": Objective.parse(ripples)}, {},
            panel(at=lambda k: (wave(k),) * 10), ("PointReading",),
        ),
        "Activation · 8 units, x dragged": Case(
            "activation", {"units": units}, {}, lambda p, k: p.view.curves.moved.emit(wave(k), True), ("Points",)
        ),
        "Activation · 8 units, threshold": Case(
            "activation", {"units": units}, {}, replaced("saturation", lambda k: 0.01 + 0.01 * (k % 30)), ("Curves",)
        ),
        "Activation · 8 units through depth": Case(
            "activation", {"units": units}, {"page": "depth"},
            lambda p, k: p.apply(p.spec.replace(depth=p.spec.depth.replace(spread=1.0 + 0.01 * k))), ("Depths",),
        ),
        "Activation · softmax, a logit": Case(
            "activation", {}, {"page": "softmax"},
            lambda p, k: p.apply(p.spec.replace(softmax=p.spec.softmax.replace(logits=(wave(k), 2.0, 3.0)))),
            ("SoftmaxReading",),
        ),
        "Activation · derivation, x": Case(
            "activation", {"units": units}, {"page": "derivation"}, replaced("x", wave), ("Derivation",)
        ),
        "Loss · 8 × 8 values, input": Case(
            "loss", {"loss": Loss.parse("mse"), "input": ((0.5,) * 8,) * 8, "target": ((0.0,) * 8,) * 8}, {},
            replaced("input", lambda k: ((0.5 + 0.01 * k,) * 8,) * 8), ("ValuesReading",),
        ),
        "Loss · surface of another loss": Case(
            "loss", {}, {"page": "surface"},
            replaced("loss", lambda k: Loss.parse({"kind": "huber", "delta": 1.0 + 0.01 * k})), ("SurfaceReading",),
        ),
    }  # fmt: skip
    changes: dict[str, tuple[str, Callable[[int], Any], str]] = {
        "values": ("input", lambda k: ((0.1 + 0.01 * k, 0.2, 0.3),), "ValuesReading"),
        "curves": ("prediction", wave, "CurvesReading"),
        "outlier": ("outlier", lambda k: 4.0 + 0.1 * k, "OutlierReading"),
        "surface": ("weights", lambda k: (wave(k), wave(k + 3)), "SurfaceReading"),
        "entropy": ("input", lambda k: ((0.1 + 0.01 * k, 0.2, 0.3),), "EntropyReading"),
        "logit": ("logit", lambda k: -8.0 + 0.1 * k, "LogitReading"),
        "kink": ("lr", lambda k: 0.1 + 0.001 * k, "KinkReading"),
    }
    for page, (name, value, picture) in changes.items():
        found[f"Loss · {page}, {name}"] = Case("loss", {}, {"page": page}, replaced(name, value), (picture,))
    return found


class Painted(QObject):
    """Tells when a window has painted after a picture came: an update was asked of it and is over.

    Once for the first picture, again for the one that is waited for.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.came = self.ready = False
        self.first: float | None = None
        self.last: float | None = None
        self.spent = 0.0
        """Processor time of this thread when the last was painted."""
        window.installEventFilter(self)

    def reset(self) -> None:
        """Wait for the next ones."""
        self.came = self.ready = False
        self.first = self.last = None

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """See the update pass by, and what it paints; then take the time."""
        if event.type() == QEvent.Type.UpdateRequest and self.came and self.last is None:
            window.event(event)
            now, self.spent = time.perf_counter(), time.thread_time()
            self.first = self.first or now
            late = any(scene.waits and scene.isVisible() for scene in window.findChildren(OffscreenGL))
            self.last = now if self.ready and not late else None
            return True
        return False


def wait(condition: Callable[[], bool]) -> None:
    """Let the event loop run until something holds, looked at every millisecond."""
    loop, clock, late = QEventLoop(), QTimer(interval=1), QTimer(interval=WAIT_MS, singleShot=True)
    clock.timeout.connect(lambda: loop.quit() if condition() else None)
    late.timeout.connect(loop.quit)
    clock.start()
    late.start()
    loop.exec()
    clock.stop()
    if not late.isActive():
        raise TimeoutError(f"nothing was painted in {WAIT_MS / 1000:g} s")


def opened(window: MainWindow, lab: str) -> None:
    """Bring a lab to the front and wait until its page is whole."""
    window.open_lab(lab)
    wait(lambda: window.page is not None and window.page.lab.id == lab and window.page.whole)


def settled(page: LabPage) -> bool:
    """Tell whether everything that was asked for is on screen."""
    return not page.drawing.inspection.inspector.busy and page.drawing.current


def measure(window: MainWindow, case: Case, edits: int) -> None:
    """Make edits on a page and take down what each costs."""
    page = window.page
    assert page is not None
    page.load(page.lab.spec(**case.spec), page.lab.look(**case.look))
    pause(0.5)
    wait(lambda: settled(page))
    painted = Painted(window)
    show = page.view.show_reading

    def shown(reading: Any) -> None:
        show(reading)
        painted.came = True
        if type(reading).__name__ in case.pictures:
            painted.ready = True

    page.view.show_reading = shown  # type: ignore[method-assign]
    for k in range(len(case.wall) + 1, len(case.wall) + 1 + edits):
        painted.reset()
        began, spent = time.perf_counter(), time.thread_time()
        case.edit(page, k)
        _take(case, painted, began, spent)
        pause(0.05)
        wait(lambda: settled(page))
    del page.view.show_reading
    window.removeEventFilter(painted)


def _take(case: Case, painted: Painted, began: float, spent: float) -> None:
    wait(lambda: painted.last is not None)
    assert painted.first
    assert painted.last
    case.first.append(painted.first - began)
    case.wall.append(painted.last - began)
    case.gui.append(painted.spent - spent)


def pause(seconds: float) -> None:
    """Let the event loop run for a time."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def bare(plot: Any, case: Case, edits: int) -> None:
    """Give one curve new numbers and wait until it is painted."""
    x, painted = np.linspace(-3, 3, POINTS), Painted(plot.window())
    for k in range(edits):
        painted.reset()
        painted.came = painted.ready = True
        began, spent = time.perf_counter(), time.thread_time()
        plot.curve.setData(x, np.sin(x + 0.3 * k))
        _take(case, painted, began, spent)
        pause(0.02)
    plot.window().removeEventFilter(painted)


def main() -> None:
    """Print how long a change takes to be seen."""
    application = make_application(["gradlab"])
    theme.apply(application, "dark")
    base = Case("", {}, {}, lambda _p, _k: None, ())
    found = cases()
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CONFIG_HOME"] = home  # a window as on the first day
        plot = pg.PlotWidget()
        plot.curve = plot.plot()
        plot.resize(*SIZE)
        plot.show()
        window = MainWindow(discover(), Settings(), RemoteBench())
        window.resize(*SIZE)
        window.show()
        for _ in range(ROUNDS):
            plot.raise_()
            bare(plot, base, EDITS)
            window.raise_()
            for case in found.values():
                opened(window, case.lab)
                measure(window, case, EDITS)
        plot.close()
        window.hide()
        window.shut_down()
    formula.shutdown()
    show(found, base)


def show(found: dict[str, Case], base: Case) -> None:
    """Print the table: medians, p95, frames until the picture, and the ratio of GUI time to the bare curve's."""
    table = Table(title=f"An edit until it is painted, window of {SIZE[0]} × {SIZE[1]}", title_justify="left")
    table.add_column("case")
    for heading in ("first answer", "picture", "p95", "frames", "GUI thread", "p95", "× bare curve"):
        table.add_column(heading, justify="right")
    plain = statistics.median(base.gui)
    for name, case in {"bare curve": base, **found}.items():
        first, wall, gui = (statistics.median(times) for times in (case.first, case.wall, case.gui))
        late, dear = (duration(float(np.quantile(times, 0.95))) for times in (case.wall, case.gui))
        frames = f"{wall / FRAME_S:.2f}"
        table.add_row(name, duration(first), duration(wall), late, frames, duration(gui), dear, f"{gui / plain:.3g}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
