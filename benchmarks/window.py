"""The real Descent page while its run goes flat out: how evenly the window ticks, and what the run loses to it.

The base is the same run on the same compute thread with nobody painting: the page's history takes its blocks in, the
event loop idles. Rounds of both alternate.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from rich.console import Console
from rich.table import Table

from gradlab.app import make_application
from gradlab.engine.bench import Bench
from gradlab.engine.face import AnyRun
from gradlab.engine.history import History
from gradlab.engine.lab import discover, lab_of
from gradlab.engine.remote import RemoteBench
from gradlab.engine.run import Run
from gradlab.shell.main_window import MainWindow
from gradlab.shell.settings import Settings
from gradlab.ui import formula, theme

ROUNDS = 5
ROUND_S = 3.0
SETTLE_S = 2.0
"""Time for the governor to find its rate."""
TICK_MS = 16
DRAIN_MS = 33
STEPS = 10**8
SIZE = (1440, 900)
LATEST_MS = 20.0
LEAST_RATE = 0.90


def spin(seconds: float = 0.0, until: Callable[[], bool] | None = None) -> None:
    """Let the event loop run for a time, or until something holds."""
    loop, clock = QEventLoop(), QTimer(interval=TICK_MS)
    end = time.monotonic() + seconds
    clock.timeout.connect(lambda: loop.quit() if (until() if until else time.monotonic() > end) else None)
    clock.start()
    loop.exec()
    clock.stop()


def rate(run: AnyRun, seconds: float) -> float:
    """Return the steps per second that ``run`` makes while the event loop goes on."""
    first, began = run.status.step, time.perf_counter()
    spin(seconds)
    return (run.status.step - first) / (time.perf_counter() - began)


def bare() -> float:
    """Return the rate of a run that nobody looks at."""
    lab, bench = lab_of("descent"), Bench()
    spec = lab.spec(steps=STEPS)
    run, history = Run(lab, spec), History(lab.load("columns")(spec))
    drain = QTimer(interval=DRAIN_MS)
    drain.timeout.connect(lambda: list(map(history.extend, run.drain())))
    drain.start()
    bench.add(run)
    spin(until=lambda: run.status.step > 0)
    spin(SETTLE_S)
    found = rate(run, ROUND_S)
    drain.stop()
    bench.close()
    history.close()
    return found


def watched(window: MainWindow) -> tuple[float, np.ndarray]:
    """Return the rate of the page's run, and of a timer beside it in ms, ``[3, ticks]``.

    The times between its ticks, these without the time that the window's thread waited for a core, and the work of that
    thread between them.
    """
    page = window.page
    assert page is not None
    page.set_pace(None)
    page.load(page.lab.spec(steps=STEPS))
    page.run()
    spin(until=lambda: page.session.head > 0)
    spin(SETTLE_S)
    ticks: list[tuple[float, float, float]] = []
    timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append((time.perf_counter(), waiting(), time.thread_time())))
    timer.start()
    assert page.session.run is not None
    found = rate(page.session.run, ROUND_S)
    timer.stop()
    page.stop()
    page.session.end()
    gaps, waited, worked = (np.diff(times) * 1e3 for times in np.array(ticks).T)
    return found, np.stack((gaps, gaps - waited, worked))


def waiting() -> float:
    """Return how long this thread has waited for a core so far, in seconds; 0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def main() -> None:
    """Print rates and ticks."""
    application = make_application(["gradlab"])
    theme.apply(application, "dark")
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CONFIG_HOME"] = home  # a window as on the first day
        window = MainWindow(discover(), Settings(), RemoteBench())
        window.resize(*SIZE)
        window.show()
        window.open_lab("descent")
        spin(until=lambda: window.page is not None and window.page.whole)
        ratios: list[float] = []
        bares: list[float] = []
        gaps: list[np.ndarray] = []
        for _ in range(ROUNDS):
            alone = bare()
            seen, ticks = watched(window)
            ratios.append(seen / alone)
            bares.append(alone)
            gaps.append(ticks)
        window.hide()
        window.shut_down()
    formula.shutdown()
    show(ratios, bares, np.concatenate(gaps, axis=1))


def show(ratios: list[float], bares: list[float], times: np.ndarray) -> None:
    """Print the table."""
    ratio, gaps = statistics.median(ratios), times[0]
    p99, alone, work = np.quantile(times, 0.99, axis=1).tolist()
    table = Table(
        title=f"Descent page of {SIZE[0]} × {SIZE[1]}, run flat out", title_justify="left", title_style="bold"
    )
    for heading in ("figure", "value", "range", "goal"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    spread = f"{min(ratios):.2f} … {max(ratios):.2f}"
    good = "✓" if ratio >= LEAST_RATE else "✗"
    table.add_row("rate of the run / bare", f"{ratio:.2f}", spread, f"≥ {LEAST_RATE:.2f} {good}")
    table.add_row("bare rate", f"{statistics.median(bares):,.0f}/s", f"{min(bares):,.0f} … {max(bares):,.0f}", "")
    good = "✓" if p99 <= LATEST_MS else "✗"
    table.add_row(
        f"p99 of a {TICK_MS} ms timer", f"{p99:.1f} ms", f"… {max(gaps):.0f} ms", f"≤ {LATEST_MS:.0f} ms {good}"
    )
    table.add_row("… without waiting for a core", f"{alone:.1f} ms", "", "")
    table.add_row("p99 of the window's work between its ticks", f"{work:.1f} ms", f"… {max(times[2]):.0f} ms", "")
    table.add_row("median of that timer", f"{statistics.median(gaps):.1f} ms", "", "")
    if hasattr(os, "getloadavg"):
        table.add_row("load of this machine", f"{os.getloadavg()[0]:.1f}", f"{os.cpu_count()} cores", "")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
