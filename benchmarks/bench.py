"""Compares ways of doing the same work, side by side in one process, and prints how they relate to the base.

Every round runs each contender once, in a new order, so that a machine that slows down slows all of them alike. What
is reported is the median over the rounds of the ratio to the base *in the same round*, with the range of the ratios:
a ratio of medians would mix fast rounds of one with slow rounds of the other.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

ROUNDS = 7
WARM_UP = 1

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Result:
    """One contender: seconds per unit of work (median), and its ratio to the base (median, lowest, highest)."""

    seconds: float
    ratio: float
    low: float
    high: float


def compare(
    contenders: Mapping[str, Work],
    base: str,
    *,
    units: Mapping[str, int] | int = 1,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> dict[str, Result]:
    """Time every contender in ``rounds`` shuffled rounds; ``units`` of work are done by one call."""
    if base not in contenders:
        raise ValueError(f"the base {base!r} is none of {', '.join(contenders)}")
    per_call = {name: units if isinstance(units, int) else units[name] for name in contenders}
    for _ in range(WARM_UP):
        for work in contenders.values():
            work()
    gc.collect()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    order, rng = list(contenders), random.Random(seed)
    for _ in range(rounds):
        rng.shuffle(order)
        for name in order:
            times[name].append(_seconds(contenders[name]) / per_call[name])
    return {name: ratios_of(own, times[base]) for name, own in times.items()}


def ratios_of(own: list[float], base: list[float]) -> Result:
    found = [mine / its for mine, its in zip(own, base, strict=True)]
    return Result(statistics.median(own), statistics.median(found), min(found), max(found))


def _seconds(work: Work) -> float:
    with _no_collection():
        began = time.perf_counter()
        work()
        return time.perf_counter() - began


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from striking one contender and not the other."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def show(title: str, results: Mapping[str, Result], base: str, goals: Mapping[str, float] | None = None) -> None:
    """Print a table of ratios; ``goals`` are the ratios that contenders ought not to exceed."""
    goals = goals or {}
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("contender")
    for heading in ("time", f"× {base}", "range", "goal"):
        table.add_column(heading, justify="right")
    for name, result in results.items():
        goal = goals.get(name)
        mark = "" if goal is None else f"≤ {goal:g} {'✓' if result.ratio <= goal else '✗'}"
        spread = f"{result.low:.3g} … {result.high:.3g}"
        table.add_row(name, duration(result.seconds), f"{result.ratio:.3g}", spread, mark)
    Console(width=None if sys.stdout.isatty() else 110).print(table)


def duration(seconds: float) -> str:
    """Return a duration with three digits and a fitting unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
