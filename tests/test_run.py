"""Runs: spans, tape, keyframes, the one compute thread. Tried on a lab made for the purpose."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import toys
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import LAB, CountSpec, columns, inspect, run

from gradlab.engine.bench import Bench, Inspector
from gradlab.engine.errors import UserError
from gradlab.engine.face import AnyBench
from gradlab.engine.history import History
from gradlab.engine.lab import Rest
from gradlab.engine.record import Block, Change, Live, Record
from gradlab.engine.remote import RemoteBench
from gradlab.engine.run import Phase, Run, iterate


@pytest.fixture(scope="module")
def process() -> Iterator[RemoteBench]:
    one = RemoteBench()
    yield one
    assert one.close()


@pytest.fixture(params=["thread", "process"])
def bench(request: Any, process: RemoteBench) -> Iterator[AnyBench]:
    if request.param == "process":
        yield process
        return
    one = Bench()
    yield one
    assert one.close()


@pytest.fixture
def thread() -> Iterator[Bench]:
    one = Bench()
    yield one
    assert one.close()


def rows_of(blocks: Iterator[Block] | list[Block]) -> np.ndarray:
    history = History(columns(CountSpec()))
    for block in blocks:
        history.extend(block)
    return history.read(0, history.rows)


def until(condition: Any, seconds: float = 100.0) -> None:
    """Wait for the compute thread."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        threading.Event().wait(0.001)


def test_n_steps_give_n_plus_one_rows() -> None:
    found = rows_of(iterate(LAB, CountSpec(steps=2500)))
    assert len(found) == 2501
    assert found["x"][0] == 0.0


TAPE = st.lists(st.tuples(st.integers(0, 300), st.floats(-5, 5)), max_size=6)


@settings(max_examples=40, deadline=None)
@given(tape=TAPE, here=st.integers(0, 300))
def test_a_record_replays_and_goes_on_from_any_row_bit_for_bit(tape: list[tuple[int, float]], here: int) -> None:
    changes = tuple(Change(step, {"rate": rate}) for step, rate in sorted(tape, key=lambda one: one[0]))
    record = Record(CountSpec(steps=300), changes)
    whole = rows_of(iterate(LAB, record.spec, record=record))
    live = Live(record)
    live.allowance = 7
    again = rows_of(run(live.spec, live))
    assert (whole == again).all()
    keyframe = live.keyframe_before(here)
    assert keyframe is not None
    assert keyframe.step <= here
    resumed = list(iterate(LAB, record.spec, record=record, resume=keyframe))
    assert resumed[0].first == keyframe.step
    x = np.concatenate([block.columns["x"][:-1] for block in resumed] + [resumed[-1].columns["x"][-1:]])
    np.testing.assert_array_equal(x, whole["x"][keyframe.step :])


def test_row_k_has_the_rate_that_update_k_used() -> None:
    record = Record(CountSpec(steps=10), (Change(0, {"rate": 3.0}), Change(4, {"rate": 5.0})))
    assert rows_of(iterate(LAB, record.spec, record=record))["rate"].tolist() == [3.0] * 4 + [5.0] * 7


def test_keyframes_thin_out() -> None:
    live = Live(Record(CountSpec(steps=100_000)))
    live.allowance = 3
    for _ in run(live.spec, live):
        pass
    assert 10 < len(live.keyframes) <= 65
    assert live.keyframes[0].step == 0
    assert live.keyframes[-1].step > 90_000


def test_a_run_on_the_bench_equals_one_in_the_open(bench: AnyBench) -> None:
    spec = CountSpec(steps=3000, seed=3)
    one = bench.start(LAB, spec)
    until(lambda: one.status.phase is Phase.FINISHED)
    assert (rows_of(one.drain()) == rows_of(iterate(LAB, spec))).all()
    assert one.status.step == 3000


def test_pause_step_and_go(bench: AnyBench) -> None:
    one = bench.start(LAB, CountSpec(steps=10**8), paused=True)
    until(lambda: one.status.phase is Phase.PAUSED)
    assert one.status.step == 0
    assert one.drain()[0].tip == 0
    for step in (1, 2, 3):
        one.step()
        until(lambda step=step: one.status.step == step and one.status.phase is Phase.PAUSED)
    one.go()
    until(lambda: one.status.step > 1000)
    one.pause()
    until(lambda: one.status.phase is Phase.PAUSED)
    held = one.status.step
    one.change({"rate": 9.0})
    one.step()
    until(lambda: one.status.step == held + 1)
    assert one.record is not None
    assert one.record.tape == (Change(held, {"rate": 9.0}),)
    one.cancel()
    until(lambda: one.status.phase is Phase.CANCELLED)


def test_live_changes_replay(bench: AnyBench) -> None:
    one = bench.start(LAB, CountSpec(steps=20_000))
    blocks: list[Block] = []
    for rate in (2.0, 3.0, 4.0):
        until(lambda rate=rate: one.status.step > 1000 * rate or one.status.phase is Phase.FINISHED)
        one.change({"rate": rate})
    until(lambda: one.status.phase is Phase.FINISHED)

    def all_rows() -> bool:
        blocks.extend(one.drain())
        return blocks[-1].tip == 20_000

    until(all_rows)  # more of them may be waiting than are under way at once
    record = one.record
    assert record is not None
    assert len(record.tape) == 3
    assert (rows_of(blocks) == rows_of(iterate(LAB, record.spec, record=record))).all()


def test_a_raised_budget_takes_a_finished_run_on(bench: AnyBench) -> None:
    one = bench.start(LAB, CountSpec(steps=50))
    until(lambda: one.status.phase is Phase.FINISHED)
    one.change({"steps": 80})
    until(lambda: one.status.step == 80)
    found = rows_of(one.drain())
    assert len(found) == 81
    assert (found["x"] == rows_of(iterate(LAB, CountSpec(steps=80)))["x"]).all()


def test_the_pace_is_kept(bench: AnyBench) -> None:
    one = bench.start(LAB, CountSpec(steps=10**6), pace=200.0)
    until(lambda: one.status.step >= 1)
    began, first = time.monotonic(), one.status.step
    until(lambda: one.status.step >= first + 100)
    assert 0.35 < time.monotonic() - began < 5
    one.pace(None)
    until(lambda: one.status.step > 5000)


def test_failures_and_divergence_are_data(bench: AnyBench) -> None:
    broken, gone = bench.start(LAB, CountSpec(raise_at=5)), bench.start(LAB, CountSpec(explode_at=7))
    refused = bench.start(LAB, CountSpec(device="cuda"))
    until(lambda: all(one.status.phase.over or one.status.phase is Phase.FINISHED for one in (broken, gone, refused)))
    assert broken.status.phase is Phase.FAILED
    assert broken.status.error is not None
    assert "ZeroDivisionError: asked for" in broken.status.error.summary
    assert gone.status.phase is Phase.DIVERGED
    assert str(gone.status.message) == "diverged at step 7"
    assert rows_of(gone.drain())["x"].size == 9
    import torch

    if not torch.cuda.is_available():
        assert refused.status.phase is Phase.FAILED
        assert refused.status.error is None
        assert "cuda" in str(refused.status.message)
        with pytest.raises(UserError, match="no CUDA device"):
            list(iterate(LAB, CountSpec(device="cuda")))


def test_any_order_of_presses_leaves_a_consistent_run(bench: AnyBench) -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    one = bench.start(LAB, CountSpec(steps=10**7))
    blocks: list[Block] = []
    acts = [
        one.pause,
        one.go,
        one.step,
        lambda: one.pace(rng.choice([None, 50.0, 1e5])),
        lambda: blocks.extend(one.drain()),
    ]
    acts.append(lambda: one.change({"rate": rng.uniform(-1, 1)}))
    for _ in range(1000):
        rng.choice(acts)()
    one.pause()
    one.change({"steps": 10**8})
    until(lambda: one.record is not None and one.record.tape and "steps" in one.record.tape[-1].values)
    until(lambda: blocks.extend(one.drain()) or blocks[-1].tip == one.status.step)
    record = one.record
    assert record is not None
    found = rows_of(blocks)
    assert len(found) == one.status.step + 1, f"seed {seed}"
    replay = record.spec_at(10**9).replace(steps=max(1, one.status.step))
    again = Record(record.spec.replace(steps=replay.steps), tuple(c for c in record.tape if c.step < one.status.step))
    if one.status.step:
        assert (found["x"] == rows_of(iterate(LAB, again.spec, record=again))["x"]).all(), f"seed {seed}"


def test_two_runs_with_dropout_like_randomness_do_not_disturb_each_other(
    thread: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def noisy(spec: CountSpec, live: Live[CountSpec]) -> Iterator[Block]:
        torch.manual_seed(spec.seed)
        yield Block(0, {"x": np.zeros(1), "rate": np.zeros(1)})
        for span in live.spans():
            x = torch.rand(span.count + 1).double().numpy()
            yield Block(span.first, {"x": x, "rate": x})

    monkeypatch.setattr(toys, "run", noisy)
    state = torch.get_rng_state()
    runs = [Run(LAB, CountSpec(seed=5, steps=40)) for _ in range(2)]
    for one in runs:
        one.pause()
        thread.add(one)
    for step in range(1, 30):
        for one in runs:
            one.step()
        until(lambda step=step: all(one.status.step == step for one in runs))
    first, second = (rows_of(one.drain()) for one in runs)
    assert (first == second).all()
    assert torch.equal(state, torch.get_rng_state())
    for one in runs:
        one.cancel()


def test_the_latest_inspection_wins_and_an_error_is_reported(bench: AnyBench) -> None:
    one = bench.inspector(LAB)
    for step in range(50):
        one.ask(CountSpec(), None, None, step)
    until(lambda: not one.busy)
    assert one.drain()[-2:] == ["coarse 49", "fine 49"]
    one.ask(CountSpec(rate=-1), None, None, 50)
    until(lambda: one.error is not None)
    assert one.error is not None
    assert "cannot be pictured" in one.error.summary
    bench.remove(one)


def test_of_many_requests_before_a_turn_only_the_last_is_answered(thread: Bench) -> None:
    one = Inspector(inspect)
    for step in range(50):
        one.ask(CountSpec(), None, None, step)
    thread.add(one)
    until(lambda: not one.busy)
    assert one.drain() == ["coarse 49", "fine 49"]


def test_fine_pictures_are_for_a_hand_at_rest() -> None:
    def coarse_then_fine(name: str) -> Iterator[Any]:
        yield f"coarse {name}"
        yield Rest()
        yield f"more {name}"
        yield Rest(3600.0)
        yield f"fine {name}"

    one, told = Inspector(coarse_then_fine), []
    one.told = lambda: told.extend(one.drain())
    for name in ("a", "b"):
        one.ask(name)
        waits = [one.turn() for _ in range(5)]
        assert told == [f"coarse {name}", f"more {name}"]
        assert waits[-1] is not None
        assert waits[-1] > 3000
        assert one.busy
        told.clear()


def test_symbols_are_given_up_for_something_newer() -> None:
    import sympy

    x, reached = sympy.Symbol("x"), []

    def long_thought(name: str) -> Iterator[Any]:
        yield f"numbers of {name}"
        yield Rest(symbols=True)
        for k in range(1, 400):
            reached.append(k)
            if name == "a" and k == 3:
                one.ask("b")  # while sympy works at a
            sympy.sin(x * k).diff(x, 2)
            if name == "b":
                break
        yield f"formulas of {name}"

    one = Inspector(long_thought)
    one.ask("a")
    while one.busy:
        assert one.turn() == 0.0 or not one.busy
    assert one.drain() == ["numbers of a", "numbers of b", "formulas of b"]
    assert reached == [1, 2, 3, 1]
    assert one.error is None


def test_a_run_goes_on_from_a_state_that_another_keeps(bench: AnyBench) -> None:
    one = bench.start(LAB, CountSpec(steps=4000, seed=8))
    until(lambda: one.status.phase is Phase.FINISHED)
    whole, record = rows_of(one.drain()), one.record
    start = one.keyframe_before(3000)
    assert 0 < start <= 3000
    assert record is not None
    again = bench.start(LAB, record.spec, record=record, resume=(one, start))
    late = bench.start(LAB, record.spec, record=record, resume=(one, start + 7))
    for other, first in ((again, start), (late, start + 7)):
        until(lambda other=other: other.status.phase is Phase.FINISHED)
        blocks = other.drain()
        assert blocks[0].first == first
        x = np.concatenate([block.columns["x"][:-1] for block in blocks] + [blocks[-1].columns["x"][-1:]])
        np.testing.assert_array_equal(x, whole["x"][first:])
    resumed = again.keyframe_before(start - 1)
    assert resumed == 0


def test_specs_know_what_may_change_live() -> None:
    with pytest.raises(UserError, match="steps: must be ≥ 1"):
        CountSpec().replace(steps=0)
