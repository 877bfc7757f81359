"""The benchmark frame: ratios per round, shuffled rounds, a base that is 1."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from processes import ROOT

BENCH = runpy.run_path(str(ROOT / "benchmarks" / "bench.py"))


def test_ratios_are_taken_within_a_round() -> None:
    """A machine that slows down tenfold in the third round leaves the ratio alone: a ratio of means would not."""
    result = BENCH["ratios_of"]([2.0, 2.2, 20.0], [1.0, 1.0, 10.0])
    assert (result.seconds, result.ratio, result.low, result.high) == (2.2, 2.0, 2.0, 2.2)


def test_the_base_is_one_and_every_round_runs_each_once() -> None:
    calls: list[str] = []
    work = {name: (lambda name=name: calls.append(name)) for name in "abc"}
    results: dict[str, Any] = BENCH["compare"](work, "b", rounds=20)
    assert results["b"].ratio == results["b"].low == results["b"].high == 1.0
    rounds = ["".join(calls[i : i + 3]) for i in range(3, len(calls), 3)]
    assert len(rounds) == 20
    assert {"".join(sorted(order)) for order in rounds} == {"abc"}
    assert len(set(rounds)) > 2, "the order never changes"


def test_units_divide_the_time() -> None:
    slow = BENCH["compare"](
        {"one": lambda: sum(range(20000)), "many": lambda: sum(range(20000))}, "one", units={"one": 1, "many": 1000}
    )
    assert slow["many"].ratio < 0.1


def test_a_base_that_is_no_contender_is_refused() -> None:
    with pytest.raises(ValueError, match="the base 'z' is none of a"):
        BENCH["compare"]({"a": lambda: None}, "z")


def test_the_table_shows_ratio_and_goal(capsys: pytest.CaptureFixture[str]) -> None:
    result = BENCH["Result"]
    BENCH["show"]("t", {"bare": result(1e-3, 1, 1, 1), "ours": result(2e-3, 2, 1.9, 2.1)}, "bare", {"ours": 1.5})
    out = capsys.readouterr().out
    assert "× bare" in out
    assert "2 ms" in out
    assert "1.9 … 2.1" in out
    assert "≤ 1.5 ✗" in out


@pytest.mark.parametrize(
    ("seconds", "text"), [(2, "2 s"), (0.0123, "12.3 ms"), (4.5e-5, "45 µs"), (3e-9, "3 ns"), (0.0, "0 ns")]
)
def test_durations_have_fitting_units(seconds: float, text: str) -> None:
    assert BENCH["duration"](seconds) == text
