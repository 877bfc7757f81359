"""While a command works: a progress bar on the screen, and an ear for the signal to end."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from . import output


@contextlib.contextmanager
def progress_bar(total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while the block runs, where stderr is a screen; gives a function that takes the step."""
    screen = output.console(stderr=True) if shown else None
    if screen is None or not screen.is_terminal:
        yield lambda _step: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (MofNCompleteColumn(), TextColumn("steps"), BarColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeRemainingColumn(), console=screen, transient=True) as progress:
        task = progress.add_task("", total=total, rate="")
        began = time.perf_counter()

        def advance(step: int) -> None:
            rate = f"{step / (time.perf_counter() - began):,.0f} steps/s"
            progress.update(task, completed=step, rate=rate)

        yield advance


@contextlib.contextmanager
def terminated() -> Iterator[None]:
    """Let SIGTERM unwind the block as Ctrl-C does, with exit code 143, so that nothing half-written is left."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
