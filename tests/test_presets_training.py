"""What the shipped trainings promise: the gradient table, and the numbers that their comments name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradlab import resources
from gradlab.engine import presets
from gradlab.engine.history import History
from gradlab.engine.lab import lab_of
from gradlab.engine.run import iterate
from gradlab.labs.training.verdict import judge

TABLE = [
    ("deep-sigmoid-10", "a", 2.57e-7, 0.426, "vanishing"),
    ("deep-sigmoid-10", "b", 0.122, 0.126, "healthy"),
    ("deep-relu-he", "a", 0.421, 0.542, "healthy"),
    ("deep-relu-he", "b", 0.0182, 0.0158, "healthy"),
    ("deep-relu-too-large", "a", 66.6, 211.0, "exploding"),
    ("deep-relu-too-large", "b", 0.421, 0.542, "healthy"),
    ("deep-sigmoid-tiny", "a", 6.4e-17, 0.370, "vanishing"),
    ("deep-sigmoid-20-batchnorm", "a", 2.4e-13, 0.345, "vanishing"),
    ("deep-sigmoid-20-batchnorm", "b", 0.164, 0.100, "healthy"),
    ("deep-sigmoid-20-residual", "a", 1.13, 55.9, None),
    ("deep-tanh-20", "a", 0.155, 0.078, "healthy"),
]
"""Preset, arm, norm of the weight gradient of the first and of the last hidden layer at seed 0, and the verdict."""


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


@pytest.mark.parametrize(("name", "arm", "first", "last", "verdict"), TABLE)
def test_the_gradient_table(name, arm, first, last, verdict):
    spec, history = played(name, steps=1)
    norms = hidden_weights(history, arm)
    assert len(norms) in {10, 20}
    digits = 0.01 if first > 1e-12 else 0.03  # two digits are given of the smallest
    assert norms[0] == pytest.approx(first, rel=digits)
    assert norms[-1] == pytest.approx(last, rel=0.01)
    if verdict:
        assert judge(spec, history, arm, 0).kind == verdict


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
    spec, history = played("dead-relu", steps=300)
    assert judge(spec, history, "a").kind == "dead"


def test_the_tutorial_network_has_its_parameters():
    spec, history = played("cnn-waves", steps=1)
    names = history.columns["a.grad_norm"].labels[0]
    assert len(names) == 5
    network = spec.network.build((3, 32, 32), 10)
    assert sum(p.numel() for p in network.parameters()) == 145_578
