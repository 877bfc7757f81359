"""The race against the bare torch loop: the same rows, bit for bit, and the same again after any replay."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradlab.engine.errors import UserError
from gradlab.engine.history import History
from gradlab.engine.objectives import Himmelblau, Objective, Quadratic, Rosenbrock
from gradlab.engine.optimizers import SGD, Adam, Optimizer
from gradlab.engine.record import Block, Change, Live, Record
from gradlab.engine.run import Phase, Run, iterate
from gradlab.engine.schedules import Constant, CyclicLR, OneCycleLR, ReduceLROnPlateau, Schedule
from gradlab.labs.descent import LAB
from gradlab.labs.descent.measurement import columns
from gradlab.labs.descent.outcomes import outcomes
from gradlab.labs.descent.runner import run
from gradlab.labs.descent.spec import DescentSpec, Gaussian, Racer, Swarm

HIMMELBLAU = Himmelblau()
START = (-0.5, -1.2)


def available(optimizer: type[Optimizer]) -> bool:
    return not optimizer().unavailable((2,))


OPTIMIZERS = [optimizer for optimizer in Optimizer.items() if available(optimizer)]
SCHEDULES = list(Schedule.items())


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def recorded(spec: DescentSpec, record: Record[Any] | None = None) -> History:
    history = History(columns(spec))
    for block in iterate(LAB, spec, record=record):
        history.extend(block)
    return history


def spec_of(optimizer: Optimizer, steps: int = 60, **more: Any) -> DescentSpec:
    fields = {
        "objective": HIMMELBLAU,
        "start": START,
        "steps": steps,
        "racers": (Racer(id="one", optimizer=optimizer),),
    }
    return DescentSpec(**{**fields, **more})


class Bare:
    """The closure of a user who writes the loop by hand."""

    def __init__(self, objective: Objective, x: torch.Tensor) -> None:
        self.objective, self.x = objective, x

    def loss(self) -> torch.Tensor:
        return self.objective(*(self.x[i] for i in range(len(self.x))))

    def __call__(self) -> torch.Tensor:
        self.x.grad = None
        loss = self.loss()
        loss.backward()
        return loss


def bare_rows(spec: DescentSpec, racer: Racer) -> tuple[torch.Tensor, torch.Tensor]:
    """Return x and f before every update, and after the last, as the bare loop has them."""
    x = torch.tensor(spec.start_of(racer), dtype=getattr(torch, spec.dtype), requires_grad=True)
    optimizer = racer.optimizer.build([x])
    scheduler = racer.schedule.build(optimizer)
    closure = Bare(spec.objective, x)
    points, values = [x.detach().clone()], [closure.loss().detach()]
    for _ in range(spec.steps):
        loss: Any = optimizer.step(closure)
        if scheduler is not None:
            scheduler.step(*([loss.detach()] if racer.schedule.needs_metric else []))
        points.append(x.detach().clone())
        values.append(closure.loss().detach())
    return torch.stack(points), torch.stack(values)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: one.__name__)
def test_rows_equal_the_bare_loop(optimizer: type[Optimizer], dtype: Any) -> None:
    spec = spec_of(optimizer(), dtype=dtype)
    history = recorded(spec)
    x, f = bare_rows(spec, spec.racers[0])
    rows = history.read(0, history.rows)
    assert len(rows) == spec.steps + 1
    assert torch.equal(torch.from_numpy(rows["x"][:, 0].copy()), x.double())
    assert torch.equal(torch.from_numpy(rows["f"][:, 0].copy()), f.double())
    assert optimizer.__name__ == "Backtracking" or not (rows["x"][0] == rows["x"][-1]).all()


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.__name__)
def test_schedules_equal_the_bare_loop(schedule: type[Schedule]) -> None:
    racer = Racer(id="one", optimizer=SGD(lr=0.004, momentum=0.5), schedule=schedule())
    spec = spec_of(SGD(), racers=(racer,), steps=120)
    history = recorded(spec)
    rows = history.read(0, history.rows)
    assert torch.equal(torch.from_numpy(rows["x"][:, 0].copy()), bare_rows(spec, racer)[0])


@pytest.mark.parametrize("kind", ["sgd", "lbfgs", "newton", "backtracking"])
def test_a_plateau_is_one_of_the_losses_that_updates_start_from(kind: str) -> None:
    optimizer = Optimizer.parse({"kind": kind, "lr": 0.002})
    racer = Racer(id="one", optimizer=optimizer, schedule=ReduceLROnPlateau(patience=0, threshold=0.5))
    spec = spec_of(optimizer, racers=(racer,), steps=80)
    rows = recorded(spec).read(0, 81)
    assert torch.equal(torch.from_numpy(rows["x"][:, 0].copy()), bare_rows(spec, racer)[0])
    assert rows["lr"][80, 0] < 0.002


def test_a_row_is_one_state() -> None:
    spec = DescentSpec(steps=50)
    history = recorded(spec)
    rows = history.read(0, history.rows)
    for index in range(4):
        for row in (0, 1, 17, 50):
            x = torch.tensor(rows["x"][row, index], requires_grad=True)
            f = HIMMELBLAU(x[0], x[1])
            (gradient,) = torch.autograd.grad(f, x)
            assert f.item() == rows["f"][row, index]
            assert torch.equal(gradient, torch.tensor(rows["grad"][row, index]))
    np.testing.assert_array_equal(rows["update"][:-1], np.diff(rows["x"], axis=0))
    assert np.isnan(rows["update"][-1]).all()
    norms = torch.from_numpy(rows["grad"].copy()).norm(dim=-1).numpy()
    np.testing.assert_allclose(rows["grad_norm"], norms, rtol=1e-15)
    np.testing.assert_allclose(rows["effective_lr"][:-1], (rows["step_length"] / rows["grad_norm"])[:-1])


def test_momentum_is_what_the_update_used() -> None:
    rows = recorded(DescentSpec(steps=20)).read(0, 21)
    adam, momentum, sgd = 0, 1, 3
    expected = np.zeros(2)
    for row in range(20):
        expected = 0.9 * expected + 0.1 * rows["grad"][row, adam]
        np.testing.assert_allclose(rows["momentum"][row, adam], expected, rtol=1e-12)
    np.testing.assert_allclose(rows["update"][:-1, momentum], -0.002 * rows["momentum"][:-1, momentum], rtol=1e-9)
    assert np.isnan(rows["momentum"][:, sgd]).all()


def test_the_first_rows_of_himmelblau_with_adam_are_those_of_the_notes() -> None:
    starts = {"a": (-4.0, 0.0), "b": (1.0, 0.0), "c": (4.0, 0.0)}
    racers = tuple(Racer(id=name, optimizer=Adam(), start=start) for name, start in starts.items())
    history = recorded(DescentSpec(racers=racers, steps=10))
    first = history.row(0)
    np.testing.assert_array_equal(first["f"], [146, 136, 34])
    np.testing.assert_array_equal(first["grad"], [(-102, 10), (-52, -20), (74, 10)])
    np.testing.assert_allclose(history.row(1)["x"][0], (-3.999, -0.001), atol=1e-9)


RATES = st.floats(1e-4, 0.02)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    optimizer=st.sampled_from(OPTIMIZERS),
    schedule=st.sampled_from(SCHEDULES),
    tape=st.lists(st.tuples(st.integers(0, 60), RATES), max_size=3),
    spans=st.lists(st.integers(5, 40), min_size=1, max_size=4),
    here=st.integers(0, 60),
)
def test_a_record_replays_bit_for_bit(
    optimizer: type[Optimizer], schedule: type[Schedule], tape: list[Any], spans: list[int], here: int
) -> None:
    racer = Racer(id="one", optimizer=optimizer(), schedule=schedule())
    spec = spec_of(optimizer(), racers=(racer,), noise=Gaussian(sigma=0.5), objective=Rosenbrock(), start=(-1.0, 1.5))
    changes = tuple(Change(step, {"racers.one.optimizer.lr": lr}) for step, lr in sorted(tape))
    record = Record(spec, changes)
    whole = recorded(spec, record)
    x = whole.read(0, whole.rows)["x"]
    live = Live(record)
    again = History(columns(spec))
    for n, block in enumerate(run(live.spec, live)):
        again.extend(block)
        live.allowance = spans[n % len(spans)]
    np.testing.assert_array_equal(again.read(0, again.rows)["x"], x)
    keyframe = live.keyframe_before(here)
    assert keyframe is not None
    resumed = again.fork(keyframe.step)
    for block in iterate(LAB, spec, record=record, resume=keyframe):
        resumed.extend(block)
    assert resumed.rows == whole.rows
    np.testing.assert_array_equal(resumed.read(0, resumed.rows)["x"], x)


@pytest.mark.parametrize("schedule", [OneCycleLR(max_lr=0.003, total_steps=40), CyclicLR(max_lr=0.003)])
def test_a_change_before_the_first_step_replays_as_it_was_made(schedule: Schedule) -> None:
    racer = Racer(id="one", optimizer=SGD(lr=0.003, momentum=0.5), schedule=schedule)
    spec = spec_of(SGD(), steps=20, racers=(racer,))
    live, history = Run(LAB, spec), History(columns(spec))
    live.change({"racers.one.optimizer.lr": 0.001})
    while live.status.phase is not Phase.FINISHED:
        live.turn()
        history.extend(*live.drain())
    assert live.record is not None
    assert [change.step for change in live.record.tape] == [0]
    again = recorded(spec, live.record)
    assert _same(again.read(0, 21), history.read(0, 21))


def test_a_live_lr_acts_from_its_step_on_and_the_schedule_keeps_its_course() -> None:
    racer = Racer(id="one", optimizer=SGD(lr=0.002), schedule=Schedule.parse({"kind": "exponentiallr", "gamma": 0.99}))
    spec = spec_of(SGD(), racers=(racer,), steps=40)
    record = Record(spec, (Change(10, {"racers.one.optimizer.lr": 0.001}),))
    rows = recorded(spec, record).read(0, 41)
    expected = 0.002 * 0.99 ** np.arange(41) * np.where(np.arange(41) < 10, 1, 0.5)
    np.testing.assert_allclose(rows["lr"][:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(rows["update"][:-1, 0], -(rows["lr"] * rows["grad"][:, 0])[:-1], rtol=1e-9)


def test_a_racer_that_diverges_freezes_and_the_others_go_on() -> None:
    racers = (Racer(id="wild", optimizer=SGD(lr=0.1)), Racer(id="calm", optimizer=Adam(lr=0.1)))
    for dtype, step in (("float64", 7), ("float32", 5)):
        spec = DescentSpec(racers=racers, start=(0.0, 0.0), steps=100, dtype=dtype)
        history = recorded(spec)
        rows = history.read(0, history.rows)
        assert len(rows) == 101
        assert rows["ended"][-1, 0] == step
        assert not np.isfinite(rows["f"][step, 0])
        assert np.isfinite(rows["f"][:step, 0]).all()
        np.testing.assert_array_equal(rows["x"][-1, 0], rows["x"][step, 0])
        assert np.isnan(rows["lr"][-1, 0])
        alone = recorded(spec.replace(racers=racers[1:]))
        np.testing.assert_array_equal(rows["x"][:, 1], alone.read(0, 101)["x"][:, 0])
        assert f"diverged at step {step}" in outcomes(spec, history)["racers.wild.status"]


def test_a_race_in_which_all_diverge_ends_with_a_reason() -> None:
    spec = spec_of(SGD(lr=0.1), steps=5000, start=(0.0, 0.0))
    live = Live(Record(spec))
    blocks = list(run(spec, live))
    assert live.diverged is not None
    assert "at step 7" in str(live.diverged)
    assert blocks[-1].tip == 7


def test_newton_from_four_lands_on_the_saddle() -> None:
    spec = spec_of(Optimizer.parse({"kind": "newton", "lr": 1.0}), steps=8, start=(4.0, 0.0))
    found = outcomes(spec, recorded(spec))
    np.testing.assert_allclose(found["racers.one.x"], (3.385154, 0.073852), atol=1e-6)
    assert found["racers.one.status"] == "converged to a saddle"


def test_noise_is_reproducible_and_each_racer_has_its_own() -> None:
    racers = tuple(Racer(id=name, optimizer=SGD(lr=0.001)) for name in ("a", "b"))
    spec = spec_of(SGD(), racers=racers, noise=Gaussian(sigma=5.0, seed=3), steps=50)
    x = recorded(spec).read(0, 51)["x"]
    np.testing.assert_array_equal(x, recorded(spec).read(0, 51)["x"])
    assert (x[-1, 0] != x[-1, 1]).all()
    alone = recorded(spec.replace(racers=racers[1:])).read(0, 51)["x"]
    np.testing.assert_array_equal(x[:, 1], alone[:, 0])
    rows = recorded(spec.replace(steps=4000, objective=Quadratic(), start=(0.0, 0.0))).read(0, 4000)
    noise = -rows["update"][:, 0] / 0.001 - rows["grad"][:, 0]
    assert abs(noise.std() - 5.0) < 0.2
    assert abs(noise.mean()) < 0.3


@pytest.mark.parametrize(
    ("kind", "schedule"),
    [
        ("adam", Constant()),
        ("adafactor", Constant()),
        ("lbfgs", Constant()),
        ("sgd", Constant()),
        ("sgd", ReduceLROnPlateau(patience=0, threshold=0.05)),
    ],
)
def test_a_swarm_moves_each_point_as_if_it_were_alone(kind: str, schedule: Schedule) -> None:
    optimizer = Optimizer.parse({"kind": kind, "lr": 0.003})
    racers = (Racer(id="one", optimizer=optimizer, schedule=schedule),)
    spec = spec_of(optimizer, steps=30, racers=racers, swarm=Swarm(count=9, layout="random", seed=4))
    history = recorded(spec)
    kept = history.snapshot("swarm")
    assert kept is not None
    row, points = kept
    assert row == 30
    from gradlab.labs.descent.swarm import starts

    for start, point in zip(starts(spec.swarm, HIMMELBLAU.domain), points[0], strict=True):
        alone = recorded(spec.replace(start=tuple(start.tolist()), swarm=Swarm()))
        np.testing.assert_allclose(alone.row(30)["x"][0], point, rtol=1e-12, atol=1e-12)


def test_what_cannot_run_says_why() -> None:
    refused = [one for one in Optimizer.items() if not available(one)]
    assert refused
    for optimizer in refused:
        with pytest.raises(UserError, match=f"racers.one.optimizer: {optimizer.name()} cannot run here: "):
            recorded(spec_of(optimizer()))


def test_specs_are_refused_with_field_and_value() -> None:
    with pytest.raises(ValueError, match="two racers have the id 'a'"):
        DescentSpec(racers=(Racer(id="a"), Racer(id="a")))
    with pytest.raises(ValueError, match="Himmelblau takes 2 coordinates, not 3"):
        DescentSpec(start=(0.0, 0.0, 0.0))
    spec = DescentSpec(start=(1.0, 1.0))
    assert spec.edited(objective=Rosenbrock(dimension=3)).start is None
    assert spec.edited(steps=5).start == (1.0, 1.0)


def test_rows_stay_exact_whatever_the_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = DescentSpec(steps=200)
    whole = recorded(spec).read(0, 201)
    rng = random.Random(1)
    live = Live(Record(spec))
    history = History(columns(spec))
    for block in run(spec, live):
        assert isinstance(block, Block)
        history.extend(block)
        live.allowance = rng.randint(1, 30)
    assert (history.read(0, 201) == whole)[:-1].all() or _same(history.read(0, 201), whole)


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one.dtype.names or ())


def test_evaluations_of_a_search_are_counted() -> None:
    calls = {}
    for kind in ("sgd", "lbfgs", "backtracking"):
        optimizer = Optimizer.parse({"kind": kind})
        calls[kind] = outcomes(spec_of(optimizer, 10), recorded(spec_of(optimizer, 10)))["racers.one.evaluations"]
    assert calls["sgd"] == 10
    assert calls["lbfgs"] > 10
    assert calls["backtracking"] > 10


def test_a_line_search_at_lr_zero_stays_where_it_is() -> None:
    optimizer = Optimizer.parse({"kind": "lbfgs", "line_search_fn": "strong_wolfe"})
    racer = Racer(id="one", optimizer=optimizer, schedule=Schedule.parse({"kind": "polynomiallr", "total_iters": 3}))
    history = recorded(spec_of(optimizer, 10, racers=(racer,), swarm=Swarm(count=3)))
    assert history.rows == 11
    assert (history.row(5)["x"] == history.row(10)["x"]).all()
    assert np.isfinite(history.row(10)["f"]).all()
