"""Every preset of the Descent lab shows what its comment says."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from gradlab.engine import presets
from gradlab.engine.history import History
from gradlab.engine.lab import lab_of
from gradlab.engine.run import iterate

NAMES = [entry.name for entry in presets.library("descent")]
MINIMA = np.array([(3, 2), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)])
"""Himmelblau's, from the literature, to six digits."""


@dataclass
class Played:
    """A preset that has run: its rows by column, (steps + 1, racers, …), and how it ended."""

    spec: Any
    history: History
    outcomes: dict[str, Any]

    def of(self, racer: str, column: str) -> np.ndarray:
        """Return a column of one racer, by row."""
        index = [part.id for part in self.spec.racers].index(racer)
        return self.history.read(0, self.history.rows)[column][:, index]

    def ends(self, racer: str) -> np.ndarray:
        return self.of(racer, "x")[-1]

    def arrives(self, racer: str, floor: float) -> int:
        """Return the first row at which f is below ``floor``."""
        return int(np.flatnonzero(self.of(racer, "f") < floor)[0])

    def status(self, racer: str) -> str:
        return str(self.outcomes[f"racers.{racer}.status"])


@functools.cache
def play(name: str, steps: int | None = None) -> Played:
    """Run a preset to its end, or for fewer steps."""
    preset = presets.load(presets.find(name))
    spec = preset.spec if steps is None else preset.spec.replace(steps=min(steps, preset.spec.steps))
    lab = lab_of(preset.lab)
    history = History(lab.load("columns")(spec))
    for block in iterate(lab, spec):
        history.extend(block)
    return Played(spec, history, lab.load("outcomes")(spec, history))


def near(point: np.ndarray, *wanted: float, tolerance: float = 1e-5) -> bool:
    return bool(np.allclose(point, wanted, atol=tolerance, rtol=0))


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_fifty_steps(name):
    played = play(name, 50)
    steps = played.spec.steps
    assert steps == 50 or name == "step-too-big"
    assert played.history.rows == steps + 1
    for racer in played.spec.racers:
        assert np.array_equal(played.of(racer.id, "x")[0], np.array(played.spec.start_of(racer)))
        assert np.isfinite(played.of(racer.id, "f")).all() or racer.id == "sgd-0-001"


CLAIMS: dict[str, Callable[[Played], None]] = {}


def claim(check: Callable[[Played], None]) -> Callable[[Played], None]:
    """Register what a preset's comment says, under the preset's name."""
    CLAIMS[check.__name__.replace("_", "-")] = check
    return check


LONG = {"himmelblau-adam"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LONG])
def test_it_shows_what_its_comment_says(name):
    CLAIMS[name](play(name))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", sorted(LONG))
def test_a_long_one_shows_what_its_comment_says(name):
    CLAIMS[name](play(name))


@claim
def global_or_local(run: Played) -> None:
    f = np.poly1d([1 / 6, -3 / 10, -9 / 8, 5 / 3, 0, 0, 0])
    slope, bend = f.deriv(), f.deriv(2)
    np.testing.assert_allclose(np.sort(slope.roots.real), [-2, 0, 0, 1, 2.5], atol=1e-6)
    assert bend(-2) > 0
    assert bend(2.5) > 0
    assert bend(1) < 0
    assert slope(-0.1) > 0
    assert slope(0.1) > 0
    assert (round(f(-2), 2), round(f(2.5), 2)) == (-11.07, -6.51)
    assert near(run.ends("left"), -2)
    assert near(run.ends("right"), 2.5)
    ways = {name: run.of(name, "x")[:, 0] for name in ("left", "between", "right")}
    assert (np.diff(ways["between"]) < 0).all()
    assert 0 < ways["between"][-1] < 0.1
    for name, way in ways.items():
        w = run.spec.start_of(next(racer for racer in run.spec.racers if racer.id == name))[0]
        for row in range(1, len(way)):
            w -= 0.01 * float(slope(w))
            assert way[row] == pytest.approx(w, abs=1e-6), (name, row)


@claim
def welcome(run: Played) -> None:
    for racer in ("adam", "momentum", "sgd"):
        assert near(run.ends(racer), -3.779310, -3.283186)
    assert run.of("rmsprop", "f")[-200:].max() > 1e-3
    assert near(run.ends("rmsprop"), -3.78, -3.28, tolerance=0.2)
    assert near(run.of("adam", "update")[0], -0.1, -0.1)
    distance = np.linalg.norm(run.of("momentum", "x") - MINIMA[2], axis=1)
    assert (np.diff(distance) > 0).sum() > 10, "momentum swings"


def himmelblau(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@claim
def himmelblau_adam(run: Played) -> None:
    ends = {"west": 2, "centre": 0, "east": 3, "north-west": 1}
    for racer, index in ends.items():
        assert near(run.ends(racer), *MINIMA[index], tolerance=1e-6)
        assert run.status(racer) == "converged to a minimum"
        assert np.allclose(np.abs(run.of(racer, "update")[0]), 0.001, rtol=1e-8)
    point = torch.tensor([-4.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([point], lr=0.001)
    bare = []
    for _ in range(20_000):
        bare.append(point.tolist())
        optimizer.zero_grad()
        himmelblau(*point.unbind()).backward()
        optimizer.step()
    bare.append(point.tolist())
    assert np.array_equal(run.of("west", "x"), np.array(bare)), "bit for bit the loop that a user would write"


@claim
def himmelblau_newton(run: Played) -> None:
    assert near(run.of("newton", "x")[4], 3.385154, 0.073852)
    assert run.status("newton") == "converged to a saddle"
    for racer in ("damped-newton", "descent"):
        assert near(run.ends(racer), *MINIMA[3])
        assert run.status(racer) == "converged to a minimum"


@claim
def himmelblau_one_start(run: Played) -> None:
    ends = {tuple(np.round(run.ends(racer.id), 3)) for racer in run.spec.racers}
    assert len(ends) == 3
    assert all(run.status(racer.id) == "converged to a minimum" for racer in run.spec.racers)


def swarm(run: Played) -> np.ndarray:
    """Return where the swarms' points are in the end, shape (racers, points, 2)."""
    snapshot = run.history.snapshot("swarm")
    assert snapshot is not None
    return snapshot[1]


@claim
def himmelblau_basins(run: Played) -> None:
    points = swarm(run).reshape(-1, 2)
    distance = np.linalg.norm(points[:, None] - MINIMA, axis=2)
    assert len(points) == 2500
    assert (distance.min(axis=1) < 0.2).all()
    assert (np.bincount(distance.argmin(axis=1)) > 250).all(), "each has a basin of a good size"


@claim
def rosenbrock_race(run: Played) -> None:
    assert near(run.of("lbfgs", "x")[3], 1, 1)
    assert run.of("lbfgs", "evaluations")[3] <= 60
    for racer in ("momentum", "adam"):
        assert near(run.ends(racer), 1, 1, tolerance=2e-3)
        assert run.arrives(racer, 1e-6) > 1000
    assert run.of("gd", "f")[-1] > 1e-2


@claim
def rosenbrock_10d(run: Played) -> None:
    assert near(run.of("lbfgs", "x")[6], *[1] * 10)
    adam = run.ends("adam")
    assert (np.diff(adam) < 0).all(), "the first coordinates are the furthest"
    assert adam[0] > 0.4
    assert adam[-1] < 0.05


@claim
def ravine_condition(run: Played) -> None:
    y = run.of("lr-0-0201", "x")[:, 1]
    assert (np.diff(np.abs(y)) > 0).all()
    bouncing = run.of("lr-0-019", "x")
    assert (np.diff(np.sign(bouncing[:50, 1])) != 0).all()
    assert abs(bouncing[-1, 1]) < 1e-9
    smooth = run.of("lr-0-002", "x")
    assert (np.diff(smooth[:, 1]) <= 0).all()
    assert smooth[-1, 0] > smooth[0, 0] / 2
    factors = smooth[1:20] / smooth[:19]
    assert np.allclose(factors, [1 - 0.002, 1 - 0.2]), "each coordinate shrinks by 1 − lr λ"


@claim
def momentum_ravine(run: Played) -> None:
    f = {racer: run.of(racer, "f") for racer in ("gd", "heavy-ball", "nesterov")}
    assert max(f["heavy-ball"][150], f["nesterov"][150]) * 1e5 < f["gd"][150]
    assert f["heavy-ball"].max() > 10 * f["heavy-ball"][0]
    assert f["nesterov"].max() == f["nesterov"][0]


@claim
def step_too_big(run: Played) -> None:
    k = np.arange(21)
    for racer, lr in (("lr-0-1", 0.1), ("lr-1-0", 1.0), ("lr-1-1", 1.1)):
        assert np.allclose(run.of(racer, "x")[:, 0], 2 * (1 - 2 * lr) ** k, rtol=1e-12)
    assert [round(float(run.ends(racer)[0]), 3) for racer in ("lr-0-1", "lr-1-0", "lr-1-1")] == [0.023, 2, 76.675]


@claim
def one_weight(run: Played) -> None:
    k = np.arange(61)
    assert (run.of("lr-0-1", "grad")[0] == 2).all(), "as autograd.grad and backward give it"
    for racer, lr in (("lr-0-1", 0.1), ("lr-0-5", 0.5), ("lr-0-9", 0.9)):
        assert np.allclose(run.of(racer, "x")[:, 0], 1 + (1 - 2 * lr) ** k, rtol=1e-12)
        assert run.status(racer) == "converged to a minimum"
    assert run.of("lr-0-5", "x")[1, 0] == 1


@claim
def saddle_escape(run: Played) -> None:
    for racer in run.spec.racers:
        x, y = run.ends(racer.id)
        assert abs(x) < 0.15
        assert abs(abs(y) - 1) < 0.15
    calm = presets.load(presets.find("saddle-escape")).spec.replace(noise="none")
    for block in iterate(lab_of("descent"), calm):
        assert (block.columns["x"][:, :, 1] == 0).all()
    assert np.abs(block.columns["x"][-1]).max() < 1e-6


@claim
def saddle_x2_y2(run: Played) -> None:
    y = run.of("sgd", "x")[:, 1]
    assert np.allclose(y[1:] / y[:-1], 1.1, rtol=1e-12)
    assert run.arrives("adam", -1) < 25
    assert run.arrives("sgd", -1) > 130
    assert np.linalg.norm(run.of("sgd", "x"), axis=1).min() < 0.02, "it lingers near the saddle"


@claim
def monkey_saddle(run: Played) -> None:
    ridge = run.of("on-the-ridge", "x")
    assert (ridge[:, 1] == 0).all()
    assert (np.diff(ridge[:, 0]) < 0).all()
    assert ridge[-1, 0] > 0.1
    assert run.of("aside", "f")[-1] < -10
    assert run.status("on-the-ridge") == "running"


@claim
def rastrigin_swarm(run: Played) -> None:
    points = swarm(run)
    for racer in points:
        middle = np.linalg.norm(racer, axis=1) < 0.1
        assert 2 <= middle.sum() <= 36, "only those near the middle find it"
        pits = np.abs(racer - np.round(racer)).max(axis=1) < 0.1
        assert pits.mean() > 0.85, "the local minima lie near whole numbers"


@claim
def ackley_funnel(run: Played) -> None:
    for racer in ("small-steps", "small-adam"):
        assert round(float(run.of(racer, "f")[-1]), 2) == 5.38
        assert run.status(racer) == "converged to a minimum"
    for racer in ("momentum", "large-adam"):
        assert np.linalg.norm(run.of(racer, "x")[-100:], axis=1).max() < 0.3
        assert run.status(racer) == "running"


@claim
def beale_cliffs(run: Played) -> None:
    assert run.status("sgd-0-001").startswith("diverged at step 4")
    assert run.of("sgd-0-0001", "f")[-1] < 0.1
    assert run.of("adam", "f")[-1] < run.of("sgd-0-0001", "f")[-1] < 1
    steps = np.abs(run.of("adam", "update")[:1])
    assert np.allclose(steps, 0.3)


@claim
def schedules(run: Played) -> None:
    late = {racer.id: run.of(racer.id, "f")[-20:].mean() for racer in run.spec.racers}
    assert max(late["cosine"], late["steps"], late["one-cycle"]) < late["constant"] / 3
    assert run.of("constant", "f")[20:40].mean() < run.of("warm-up", "f")[20:40].mean() / 3
    assert run.of("warm-up", "f")[-200:].mean() > late["cosine"] * 3


@claim
def amsgrad(run: Played) -> None:
    assert run.of("adam", "f")[-1] * 3 < run.of("amsgrad", "f")[-1]
    quick, slow = run.of("adam", "step_length"), run.of("amsgrad", "step_length")
    assert np.median(slow[1500:3000]) < np.median(quick[1500:3000])


@claim
def noise_floor(run: Played) -> None:
    late = {racer.id: run.of(racer.id, "f")[-300:].mean() for racer in run.spec.racers}
    assert 4 < late["lr-0-3"] / late["lr-0-03"] < 25
    assert late["asgd"] < late["lr-0-03"] / 3
    assert run.of("lr-0-3", "f")[20] < run.of("lr-0-03", "f")[20] / 3
    theory = 2 * 0.5 * 0.3 / (2 - 0.3)
    assert abs(late["lr-0-3"] / theory - 1) < 0.3, "E f = n σ² lr / (2 (2 − lr)) for the unit bowl"


@claim
def quartic_plateau(run: Played) -> None:
    stuck = run.of("gd", "x")[:, 0]
    assert (np.diff(stuck) > 0).all()
    assert -0.05 < stuck[-1] < 0
    for racer in ("momentum", "adam"):
        assert near(run.ends(racer), 2.25, tolerance=1e-4)


@claim
def kink_oscillation(run: Played) -> None:
    constant = run.of("constant", "x")[2:, 0]
    assert np.allclose(np.abs(constant), 0.05)
    assert (np.diff(np.sign(constant)) != 0).all()
    assert abs(run.ends("decay")[0]) < 1e-3


@claim
def line_search(run: Played) -> None:
    floor = 1e-5
    assert run.arrives("backtracking", floor) < run.arrives("adam", floor)
    assert run.of("sgd", "f")[-1] > floor
    lengths = run.of("backtracking", "effective_lr")[:300]
    assert lengths.max() > 8 * lengths.min()
    assert (np.diff(run.of("backtracking", "f")) <= 0).all()


@claim
def valley_of_minima(run: Played) -> None:
    assert np.array_equal(run.of("a", "grad")[0], [42, 14])
    for racer in run.spec.racers:
        x = run.of(racer.id, "x")
        nearest = x[0] - np.array([3, 1]) * (3 * x[0, 0] + x[0, 1]) / 10
        assert near(x[-1], *nearest, tolerance=1e-9)
        moves = np.diff(x, axis=0)[:5]
        assert np.allclose(moves[:, 0], 3 * moves[:, 1])


def test_every_preset_has_its_claim_checked():
    assert sorted(CLAIMS) == sorted(NAMES)
    assert len(NAMES) >= 14
