"""From the command to the window: frame, panel, first step, in fresh processes, beside an empty window with a plot."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

from bench import ratios_of, show

ROUNDS = 7
BASE = "empty window with a plot"
TORCH = "the same, torch imported first"
GOALS = {"gradlab: frame shown": 0.6, "gradlab: panel usable": 2.0}
"""The first step is to be drawn by the time that a program which imports torch first shows an empty window."""
PATIENCE_S = 120

EMPTY = """
import os, time
import pyqtgraph
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application, window = QApplication([]), QMainWindow()
plot = pyqtgraph.PlotWidget()
plot.plot([1, 2, 3])
window.setCentralWidget(plot)
window.resize(1440, 900)
window.show()
def look():
    if window.windowHandle().isExposed():
        plot.viewport().repaint()
        print("shown", time.time() - float(os.environ["BEGAN"]), flush=True)
        os._exit(0)
timer = QTimer(interval=1)
timer.timeout.connect(look)
timer.start()
application.exec()
"""

OURS = """
import os, time
from gradlab import cli
from gradlab.engine import begin as beginning
began, told, ticks, parts = float(os.environ["BEGAN"]), set(), [], None
def tell(name):
    if name not in told:
        told.add(name)
        print(name, time.time() - began, flush=True)
def look():
    global parts
    ticks.append(time.perf_counter())
    if window.windowHandle() and window.windowHandle().isExposed():
        tell("frame shown")
    page = window.page
    if page is not None and page.ready:
        tell("panel usable")
    if "steps" in told:
        tell("first step drawn")
        print("stall", max(b - a for a, b in zip(ticks, ticks[1:])), flush=True)
        os._exit(0)
    if page is not None and page.furnished and parts is None:
        parts, page.view.parts = page.view.parts, drawing
def drawing(tracks, cursor):
    if tracks and tracks[-1].history.rows > 1:
        told.add("steps")  # painted when the loop comes to the next tick
    return parts(tracks, cursor)
def begin():
    bench = begin_at_once()
    from gradlab import app
    from PySide6.QtCore import Qt, QTimer
    def make_application(arguments):
        global application
        application = make(arguments)
        return application
    def watch(*_):
        global window, timer
        window = next(w for w in application.topLevelWidgets() if isinstance(w, app.MainWindow))
        timer = QTimer(interval=2, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(look)
        timer.start()
        return run()
    make, run = app.make_application, app.QApplication.exec
    app.make_application, app.QApplication.exec = make_application, watch
    return bench
begin_at_once, beginning.begin = beginning.begin, begin
cli.main([])
"""


def times(code: str, home: str) -> dict[str, float]:
    """Run ``code`` in a fresh interpreter; return what it prints, in seconds since its start."""
    environment = os.environ | {"BEGAN": repr(time.time()), "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
    environment |= {"PYTHONPYCACHEPREFIX": f"{home}/bytecode"}  # as an installed program, everybody finds bytecode
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if not result.stdout:
        raise RuntimeError(result.stderr)
    lines = (line.rpartition(" ") for line in result.stdout.splitlines())
    return {name: float(seconds) for name, _, seconds in lines}


def main() -> None:
    """Print the table."""
    found: dict[str, list[float]] = {}
    contenders = {BASE: EMPTY, TORCH: f"import torch\n{EMPTY}", "gradlab": OURS}
    with tempfile.TemporaryDirectory() as home:
        for code in contenders.values():
            times(code, home)  # the files are in memory from here on
        for _ in range(ROUNDS):
            for name, code in random.sample(list(contenders.items()), len(contenders)):
                for what, seconds in times(code, home).items():
                    found.setdefault(f"{name}: {what}" if name == "gradlab" else name, []).append(seconds)
    stalls = found.pop("gradlab: stall")
    results = {name: ratios_of(own, found[BASE]) for name, own in found.items()}
    goals = GOALS | {"gradlab: first step drawn": round(results[TORCH].ratio, 2)}
    show("From the command to the window", dict(sorted(results.items(), key=lambda one: one[1].ratio)), BASE, goals)
    middle, worst = 1e3 * statistics.median(stalls), 1e3 * max(stalls)
    print(f"longest stall of the window meanwhile: {middle:.0f} ms, at worst {worst:.0f} ms (goal ≤ 200)")


if __name__ == "__main__":
    main()
