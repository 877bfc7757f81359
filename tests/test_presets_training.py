"""What the shipped trainings promise: the gradient table, and the numbers that their comments name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from trainings import depths, printed

from gradlab import resources
from gradlab.engine import presets
from gradlab.engine.history import History
from gradlab.engine.lab import lab_of
from gradlab.engine.run import iterate
from gradlab.labs.training.feed import parted
from gradlab.labs.training.remedies import remedies
from gradlab.labs.training.verdict import judge

TABLE = [
    ("deep-sigmoid-10", "a", "10 × sigmoid, Xavier"),
    ("deep-sigmoid-10", "b", "10 × tanh, Xavier"),
    ("deep-relu-he", "a", "10 × ReLU, He"),
    ("deep-relu-he", "b", "10 × ReLU, Xavier"),
    ("deep-relu-too-large", "a", "10 × ReLU, N(0, 0.25²)"),
    ("deep-relu-too-large", "b", "10 × ReLU, He"),
    ("deep-sigmoid-tiny", "a", "10 × sigmoid, N(0, 0.01²)"),
    ("deep-sigmoid-20-batchnorm", "a", "20 × sigmoid, Xavier"),
    ("deep-sigmoid-20-batchnorm", "b", "20 × sigmoid + BatchNorm"),
    ("deep-sigmoid-20-residual", "a", "20 × sigmoid + residual"),
    ("deep-tanh-20", "a", "20 × tanh, Xavier"),
]
"""Preset, arm, and its row in the table of gradient norms by depth."""


def played(name: str, steps: int | None = None) -> tuple[Any, History]:
    """Run a shipped training and return its spec and its record."""
    lab = lab_of("training")
    spec = presets.load(resources.path("presets", "training", f"{name}.gradlab.json")).spec
    spec = spec if steps is None else spec.replace(steps=steps)
    history = History(lab.load("columns")(spec))
    for block in iterate(lab, spec):
        history.extend(block)
    return spec, history


def hidden_weights(history: History, arm: str) -> list[float]:
    """Return the norms of the gradients of the hidden layers' weights at step 0."""
    names = history.columns[f"{arm}.tensor_grad"].labels[0]
    norms = history.row(0)[f"{arm}.tensor_grad"]
    return [float(n) for name, n in zip(names, norms, strict=True) if name.endswith(".weight") and name.count("_") == 1
            and "norm" not in name]  # fmt: skip


@pytest.mark.parametrize(("name", "arm", "row"), TABLE)
def test_the_gradient_table(name, arm, row):
    spec, history = played(name, steps=1)
    norms, wanted = hidden_weights(history, arm), depths()[row]
    assert len(norms) == int(row[:2])
    assert [printed(norms[0], wanted.first), printed(norms[-1], wanted.last)] == [wanted.first, wanted.last]
    assert [norms[0], norms[-1]] == pytest.approx([float(wanted.first), float(wanted.last)], rel=0.01)
    assert judge(spec, history, arm, 0).kind == wanted.verdict


def test_every_row_of_the_table_has_a_preset():
    assert {row for _, _, row in TABLE} == set(depths())


def first_at(history: History, name: str, limit: float) -> int:
    """Return the first row at which a column reaches a limit."""
    return int(np.flatnonzero(history.read(0, history.rows)[name] >= limit)[0])


def test_cross_entropy_beats_mse_with_sgd_and_not_with_adam():
    _, history = played("mse-or-ce-sgd", steps=480)
    assert first_at(history, "a.accuracy", 0.9) == pytest.approx(255, abs=5)
    assert first_at(history, "b.accuracy", 0.9) == pytest.approx(459, abs=10)
    _, history = played("mse-or-ce-adam", steps=130)
    assert abs(first_at(history, "a.accuracy", 0.9) - first_at(history, "b.accuracy", 0.9)) < 10


def test_spirals_are_told_apart():
    spec, history = played("spirals", steps=400)
    out = lab_of("training").load("outcomes")(spec, history)
    assert out["a.test_accuracy"] > 0.95


def test_xor_needs_a_hidden_layer():
    spec, history = played("xor")
    out = lab_of("training").load("outcomes")(spec, history)
    assert out["a.test_accuracy"] > 0.95
    assert out["b.test_accuracy"] < 0.8


def test_an_explosion_is_named_and_clipping_goes_on():
    spec, history = played("exploding-clip", steps=30)
    out = lab_of("training").load("outcomes")(spec, history)
    assert "diverged at step" in out["a.status"]
    assert "hidden" in out["a.status"] or "output" in out["a.status"]
    assert "diverged" not in out["b.status"]


def test_dead_units_are_called_dead():
    spec, history = played("dead-relu")
    assert judge(spec, history, "a").kind == "dead"
    out = lab_of("training").load("outcomes")(spec, history)
    assert out["a.loss"] == pytest.approx(np.log(2), abs=1e-3)
    assert out["b.accuracy"] > 0.95


def test_an_open_gate_carries_the_gradient_through_forty_steps():
    """The RNN loses eight decades, the LSTM keeps a fifth; with its gate as torch draws it, it loses all of it, too."""
    spec = presets.load(resources.path("presets", "training", "rnn-or-lstm.gradlab.json")).spec
    arms = spec.arms()
    shut = arms["b"].replace(network=arms["b"].network.replace(forget_bias=None))
    kept = [carried(arm) for arm in (arms["a"], arms["b"], shut)]
    assert kept == pytest.approx([1.02e-8, 0.203, 3.1e-10], rel=0.02)
    assert [remedy.apply(arms["a"]).beside for remedy in remedies(arms["a"]) if remedy.id == "lstm"] == [spec.beside]


@pytest.mark.slow
def test_an_lstm_finds_the_two_numbers_and_a_plain_cell_does_not():
    _, history = played("rnn-or-lstm")
    losses = [float(history.row(history.rows - 1)[f"{arm}.loss"]) for arm in "ab"]
    assert losses[0] > 0.08, "the variance of the sum of two even numbers is a sixth"
    assert losses[1] < 0.04


def carried(spec: Any) -> float:
    """Return the gradient of the state after the first step over that after the last, by hand."""
    import torch

    torch.manual_seed(spec.seed)
    data = spec.data.sample(spec.seed)
    network = spec.network.build(data.shape, 1)
    x, y = (torch.from_numpy(part[parted(data, spec.held_out, spec.seed)[1][:128]]) for part in (data.x, data.y))
    answers, states = network.unrolled(x)
    slopes = torch.autograd.grad(torch.nn.functional.mse_loss(answers, y), [states[0][0], states[-1][0]])
    return float(slopes[0].norm() / slopes[1].norm())


def test_the_tutorial_network_has_its_parameters():
    spec, history = played("cnn-waves", steps=1)
    names = history.columns["a.grad_norm"].labels[0]
    assert len(names) == 5
    network = spec.network.build((3, 32, 32), 10)
    assert sum(p.numel() for p in network.parameters()) == 145_578
