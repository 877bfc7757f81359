"""Gradients against a second implementation in numpy, what a look at a state says, and the script of a run."""

from __future__ import annotations

import contextlib
import io
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from trainings import LAB, column, trained

from gradlab.engine.datasets import Adding, Csv, RandomNormal, Sine, Spirals
from gradlab.engine.errors import UserError
from gradlab.engine.history import History
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import LayerBlock, Mlp, Recurrent
from gradlab.engine.optimizers import LBFGS, SGD, Adam
from gradlab.engine.probes import BINS
from gradlab.engine.record import Change, Notes
from gradlab.engine.run import resolve
from gradlab.engine.schedules import ExponentialLR, ReduceLROnPlateau
from gradlab.labs.training import readings
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.spec import Beside, NormClip, Probes, TrainingSpec


def mlp(**facts: Any) -> Mlp:
    return Mlp(blocks=(LayerBlock(id="hidden", **{"count": 2, "width": 8, "activation": "tanh", **facts}),))


SPIRALS = TrainingSpec(data=Spirals(count=80), network=mlp(), steps=12)


def look_at(spec: TrainingSpec, picture: str, **facts: Any) -> list[Any]:
    """Return the readings of the last state of a run."""
    history = trained(spec)
    row = history.rows - 1
    look = TrainingLook(picture=picture, **facts)
    return list(LAB.load("inspect")(spec, history.state(row), look, row))


def backward_by_hand(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """Return the mean squared error of a tanh perceptron and its gradients, δ by δ, from the output to the input."""
    values, h = [x], x
    for i in range(0, len(weights) - 2, 2):
        h = np.tanh(h @ weights[i].T + weights[i + 1])
        values.append(h)
    out = h @ weights[-2].T + weights[-1]
    delta = 2 * (out - y) / y.size
    slopes: list[np.ndarray] = []
    for i in range(len(weights) - 2, -1, -2):
        slopes[:0] = [delta.T @ values[i // 2], delta.sum(0)]
        if i:
            delta = (delta @ weights[i]) * (1 - values[i // 2] ** 2)
    return float(((out - y) ** 2).mean()), slopes


def test_losses_and_gradients_equal_a_second_implementation() -> None:
    spec = TrainingSpec(
        data=RandomNormal(count=40, inputs=3, outputs=2), network=mlp(count=3), loss=MSELoss(), held_out=0.0,
        dtype="float64", optimizer=SGD(lr=0.1),
    )  # fmt: skip
    arm = Arm(spec, "cpu")
    x, y = arm.feed.x.numpy(), arm.feed.y.numpy()
    for step in range(8):
        weights = [p.detach().numpy().copy() for p in arm.parameters]
        loss, slopes = backward_by_hand(weights, x, y)
        rows = arm.advance(step, 1)
        assert rows["loss"][0] == pytest.approx(loss, rel=1e-12)
        norms = [float(np.linalg.norm(slope)) for slope in slopes]
        np.testing.assert_allclose(rows["tensor_grad"][0], norms, rtol=1e-9)
        layers = np.sqrt(np.square(norms).reshape(-1, 2).sum(1))
        np.testing.assert_allclose(rows["grad_norm"][0], layers, rtol=1e-9)
        for p, before, slope in zip(arm.parameters, weights, slopes, strict=True):
            np.testing.assert_allclose(p.detach().numpy(), before - 0.1 * slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_histograms_count_powers_of_two(dtype: str) -> None:
    spec = SPIRALS.replace(dtype=dtype)
    arm = Arm(spec, "cpu")
    found = arm.heavy()["histogram"]
    for layer in range(len(arm.anatomy.layers)):
        slopes = [arm.parameters[i].grad for i in arm.anatomy.owned(layer)]
        sizes = np.abs(np.concatenate([s.double().numpy().reshape(-1) for s in slopes if s is not None]))
        wanted = np.zeros(BINS, dtype=int)
        for size in sizes:
            wanted[0 if size < 2.0**-126 else int(np.floor(np.log2(size))) + 127] += 1
        np.testing.assert_array_equal(found[layer], wanted)


def test_a_histogram_covers_the_rows_since_the_last_one() -> None:
    arm = Arm(SPIRALS, "cpu")
    size = sum(p.numel() for p in arm.parameters)
    assert arm.heavy()["histogram"].sum() == size
    arm.advance(0, 5)
    assert arm.heavy()["histogram"].sum() == 5 * size


def test_norms_that_float32_cannot_square_are_right() -> None:
    arm = Arm(SPIRALS, "cpu")
    for scale in (1e-30, 1e30):
        for p in arm.parameters:
            p.grad.copy_(torch.full_like(p, scale))  # type: ignore[union-attr]
        with np.errstate(over="ignore"):
            squares = arm._instruments.meter.norms()[: len(arm.parameters)]
        exact = [p.numel() * scale**2 for p in arm.parameters]
        np.testing.assert_allclose(squares, exact, rtol=1e-5)


def test_activations_are_told_as_numpy_would() -> None:
    """Sigmoids: spread, and the share where σ(1 − σ) is below a twentieth of its top, 1/4."""
    spec = SPIRALS.replace(network=mlp(activation="sigmoid", initializer={"kind": "normal", "std": 8.0}))
    arm = Arm(spec, "cpu")
    weights = [p.detach().double().numpy() for p in arm.parameters]
    x, rows = arm.feed.x.double().numpy(), arm.tip.columns()
    for layer in range(2):
        before = x @ weights[2 * layer].T + weights[2 * layer + 1]
        x = 1 / (1 + np.exp(-before))
        assert rows["pre_std"][0, layer] == pytest.approx(before.std(ddof=1), rel=1e-4)
        assert rows["act_std"][0, layer] == pytest.approx(x.std(ddof=1), rel=1e-4)
        assert rows["saturated"][0, layer] == pytest.approx((x * (1 - x) < 0.0125).mean(), abs=2e-3)


def test_a_map_comes_coarse_then_fine_for_both_arms() -> None:
    found = look_at(SPIRALS.replace(beside=Beside(optimizer=SGD(lr=0.1))), "map")
    maps = [one for one in found if isinstance(one, readings.DecisionMap)]
    assert [one.arm for one in maps] == ["a", "b", "a", "b"]
    assert len(maps[0].x) < len(maps[2].x)
    for one in maps:
        assert one.values.shape == one.margin.shape == (len(one.y), len(one.x))
        assert set(np.unique(one.values)) <= {0, 1}
        assert ((one.margin >= 0.5 - 1e-6) & (one.margin <= 1)).all()
        assert one.step == 12
    points = next(one for one in found if isinstance(one, readings.Points))
    assert points.x.shape == (80, 2)
    assert points.held_out.sum() == 16


def test_a_map_is_of_the_row_that_is_looked_at() -> None:
    history = trained(SPIRALS.replace(steps=300, optimizer=Adam(lr=0.05)))
    start = list(LAB.load("inspect")(SPIRALS, None, TrainingLook(), None))
    end = list(LAB.load("inspect")(SPIRALS, history.state(300), TrainingLook(), 300))
    maps = [next(one for one in found if isinstance(one, readings.DecisionMap)) for found in (start, end)]
    assert (maps[0].values != maps[1].values).any()


def test_a_fit_runs_along_the_line_of_inputs() -> None:
    spec = TrainingSpec(data=Sine(count=50), network=mlp(), loss=MSELoss(), steps=5)
    found = look_at(spec, "map")
    fits = [one for one in found if isinstance(one, readings.Fit)]
    assert fits
    assert fits[-1].x.shape == (len(fits[-1].y),)
    assert np.isfinite(fits[-1].y).all()


def test_units_are_shown_over_the_plane() -> None:
    (found,) = [one for one in look_at(SPIRALS, "neurons", layer="hidden_2") if isinstance(one, readings.Neurons)]
    assert found.layer == "hidden_2"
    assert found.values.shape == (8, len(found.y), len(found.x))
    assert (np.abs(found.values) <= 1).all()


def test_single_gradients_are_a_cloud_around_their_mean() -> None:
    found = next(one for one in look_at(SPIRALS, "samples") if isinstance(one, readings.SampleGradients))
    assert found.at.shape == (64, 2)
    np.testing.assert_allclose(found.at.mean(0), 0, atol=1e-6 * found.spread)
    assert found.at[:, 0].std() >= found.at[:, 1].std()
    assert np.linalg.norm(found.toward_zero) <= found.mean_norm * (1 + 1e-6)


def test_one_step_opened_fills_accumulates_and_updates() -> None:
    spec = SPIRALS.replace(optimizer=SGD(lr=0.1))
    found = next(one for one in look_at(spec, "backprop") if isinstance(one, readings.Backprop))
    assert [layer.layer for layer in found.layers] == ["hidden_1", "hidden_2", "output"]
    for layer in found.layers:
        assert layer.before is None
        assert layer.accumulated == pytest.approx(2 * layer.filled, rel=1e-5)
        assert layer.update == pytest.approx(0.1 * layer.filled, rel=1e-4)
        assert layer.output > 0
        assert layer.slope > 0


def test_gradients_through_time() -> None:
    spec = TrainingSpec(
        data=Adding(count=40, length=12), network=Recurrent(cell="rnn", hidden=8), loss=MSELoss(), steps=2
    )
    found = next(one for one in look_at(spec, "time") if isinstance(one, readings.TimeGradients))
    assert found.norms.shape == (12,)
    assert (found.norms > 0).all()
    assert found.norms[0] < found.norms[-1]
    assert found.cell == "rnn"


def test_an_inspection_moves_no_random_number() -> None:
    before = torch.get_rng_state()
    history = trained(SPIRALS)
    for picture in ("map", "neurons", "samples", "backprop", "activations"):
        list(LAB.load("inspect")(SPIRALS, history.state(3), TrainingLook(picture=picture), 3))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": ExponentialLR(gamma=0.9), "beside": Beside(optimizer=SGD(lr=0.3))},
        {"schedule": ReduceLROnPlateau(patience=0), "beside": Beside(optimizer=LBFGS(lr=0.3, max_iter=3))},
    ],
)
def test_the_script_makes_the_same_losses(tmp_path: Path, changes: dict[str, Any]) -> None:
    spec = SPIRALS.replace(
        batch=20, network=mlp(dropout=0.2), clip=NormClip(limit=0.5), l1=1e-4, steps=20, **changes
    )  # fmt: skip
    record = replace(resolve(LAB, spec), tape=(Change(7, {"optimizer.lr": 0.02}),))
    history = trained(spec, record)
    path = tmp_path / "run.py"
    path.write_text(LAB.load("script")(record), encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(str(path))
    lines = [line.split() for line in said.getvalue().splitlines()]
    assert len(lines) == 40
    for arm, step, loss in lines:
        assert float(loss) == column(history, f"{arm}.loss")[int(step)]


def test_what_is_not_measured_is_not_there() -> None:
    history = trained(SPIRALS.replace(probes=Probes(norms=2, ratios=0, activations=5, metrics=4)))
    assert np.isnan(column(history, "a.update_ratio")).all()
    assert (~np.isnan(column(history, "a.grad_total"))).tolist() == [step % 2 == 0 for step in range(13)]
    assert (~np.isnan(column(history, "a.accuracy"))).tolist() == [step % 4 == 0 for step in range(13)]
    measured = (~np.isnan(column(history, "a.act_std")[:, 0])).tolist()
    assert measured == [step % 5 == 0 or step == 12 for step in range(13)], "and where it ends"


def test_data_that_are_not_there_are_told_and_nothing_breaks(tmp_path: Path) -> None:
    spec = SPIRALS.replace(data=Csv(file=str(tmp_path / "none.csv")))
    found = list(LAB.load("inspect")(spec, None, TrainingLook(), None))
    told, nothing = found
    assert isinstance(told, Notes)
    assert "none.csv" in str(told.texts["data"])
    assert told.faults == {"data"}
    assert isinstance(nothing, readings.Nothing)
    assert "none.csv" in nothing.why
    with pytest.raises(UserError, match=r"none\.csv"):
        LAB.load("columns")(spec)
    assert History(()).rows == 0


def test_a_network_that_does_not_fit_is_told() -> None:
    spec = TrainingSpec(data=Adding(count=40), network=mlp(), loss=MSELoss())
    assert LAB.load("columns")(spec)
    other = SPIRALS.replace(network=Recurrent())
    told, nothing = LAB.load("inspect")(other, None, TrainingLook(), None)
    assert "sequences" in str(told.texts["network"])
    assert told.faults == {"network"}
    assert "sequences" in nothing.why
