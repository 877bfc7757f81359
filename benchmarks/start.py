"""From the command to the window: frame, page, first step, in fresh processes, beside an empty window with a plot."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time

from bench import ratios_of, show

ROUNDS = 7
BASE = "empty window with a plot"
GOALS = {"gradlab: frame shown": 0.6, "gradlab: page usable": 2.0, "gradlab: first step drawn": 3.7}
"""The last is what a program takes that imports torch before it shows anything; 1 for the frame would be the base."""
PATIENCE_S = 60

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
from PySide6.QtCore import Qt, QTimer
from gradlab import app
began, told, ticks = float(os.environ["BEGAN"]), set(), []
def tell(name):
    if name not in told:
        told.add(name)
        print(name, time.time() - began, flush=True)
def look():
    ticks.append(time.perf_counter())
    if window.windowHandle() and window.windowHandle().isExposed():
        tell("frame shown")
    page = window.page
    if page is not None and page.ready:
        tell("page usable")
        if page.session.head > 0 and "steps" in told:
            tell("first step drawn")
            print("stall", max(b - a for a, b in zip(ticks, ticks[1:])), flush=True)
            os._exit(0)
        if page.session.head > 0:
            told.add("steps")
def watch(*_):
    global window, timer
    window = next(w for w in application.topLevelWidgets() if isinstance(w, app.MainWindow))
    timer = QTimer(interval=2, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(look)
    timer.start()
    return run()
make, run = app.make_application, app.QApplication.exec
def make_application(arguments):
    global application
    application = make(arguments)
    return application
app.make_application, app.QApplication.exec = make_application, watch
app.main()
"""


def times(code: str, home: str) -> dict[str, float]:
    """Run ``code`` in a fresh interpreter; return what it prints, in seconds since its start."""
    environment = os.environ | {"BEGAN": repr(time.time()), "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
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
    with tempfile.TemporaryDirectory() as home:
        for code in (EMPTY, OURS):
            times(code, home)  # the files are in memory from here on
        for _ in range(ROUNDS):
            contenders = [(BASE, EMPTY), ("gradlab", OURS)]
            random.shuffle(contenders)
            for name, code in contenders:
                for what, seconds in times(code, home).items():
                    found.setdefault(name if name == BASE else f"{name}: {what}", []).append(seconds)
    stalls = found.pop("gradlab: stall")
    results = {name: ratios_of(own, found[BASE]) for name, own in found.items()}
    show("From the command to the window", dict(sorted(results.items(), key=lambda one: one[1].ratio)), BASE, GOALS)
    print(f"longest stall of the window meanwhile: {1e3 * max(stalls):.0f} ms (goal ≤ 200)")


if __name__ == "__main__":
    main()
