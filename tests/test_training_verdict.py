"""The gradient norms by depth that are known, and the verdict on each; the rules, one by one, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from trainings import LAB, trained

from gradlab.engine.datasets import Circles, RandomNormal, Spirals
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import SGD, Adam
from gradlab.labs.training.facts import Facts, facts
from gradlab.labs.training.remedies import REMEDIES, remedies
from gradlab.labs.training.spec import Probes, TrainingSpec
from gradlab.labs.training.verdict import RULES, judge, verdict

XAVIER = {"kind": "xavier_normal"}
HE = {"kind": "kaiming_normal"}


def network(depth: int, activation: str, initializer: dict[str, Any], **facts: Any) -> Mlp:
    block = {"count": depth, "width": 64, "activation": activation, "initializer": initializer, "zero_bias": True}
    return Mlp(blocks=(LayerBlock(id="hidden", **{**block, **facts}),))


TABLE = {
    "10 sigmoid, Xavier": (network(10, "sigmoid", XAVIER), 2.57e-7, 0.426, (4.6e-7, 1.2e-6), "vanishing"),
    "10 tanh, Xavier": (network(10, "tanh", XAVIER), 0.122, 0.126, (0.55, 2), "healthy"),
    "10 ReLU, He": (network(10, "relu", HE), 0.421, 0.542, (0.15, 1.2), "healthy"),
    "10 ReLU, Xavier": (network(10, "relu", XAVIER), 0.0182, 0.0158, (0.42, 1.4), "healthy"),
    "10 ReLU, N(0, 0.25²)": (
        network(10, "relu", {"kind": "normal", "std": 0.25}), 66.6, 211, (0.12, 0.33), "exploding",
    ),
    "10 sigmoid, N(0, 0.01²)": (
        network(10, "sigmoid", {"kind": "normal", "std": 0.01}), 6.4e-17, 0.370, (1.1e-16, 3.8e-16), "vanishing",
    ),
    "20 sigmoid, Xavier": (network(20, "sigmoid", XAVIER), 2.4e-13, 0.345, (2e-13, 1.4e-11), "vanishing"),
    "20 sigmoid + BatchNorm": (network(20, "sigmoid", XAVIER, norm="batch"), 0.164, 0.100, (1.2, 1.7), "healthy"),
    "20 sigmoid + residual": (network(20, "sigmoid", XAVIER, residual=True), 1.13, 55.9, (0.02, 0.076), "saturated"),
    "20 tanh, Xavier": (network(20, "tanh", XAVIER), 0.155, 0.078, (0.83, 2), "healthy"),
}  # fmt: skip


def at_start(made: Mlp, seed: int = 0) -> TrainingSpec:
    """Return the recipe: seed, build, 256 samples of 64 numbers, mean squared error, no step."""
    return TrainingSpec(data=RandomNormal(), network=made, loss=MSELoss(), held_out=0.0, steps=1, seed=seed)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_gradients_by_depth(row: tuple[Mlp, float, float, tuple[float, float], str]) -> None:
    made, first, last, (low, high), kind = row
    for seed in range(5):
        spec = at_start(made, seed)
        history = trained(spec.replace(optimizer=SGD(lr=1e-9)))
        found = LAB.load("outcomes")(spec, history)
        if seed == 0:
            assert found["a.weight_grad.first"] == pytest.approx(first, rel=0.02)
            assert found["a.weight_grad.last"] == pytest.approx(last, rel=0.02)
        assert 0.94 * low <= found["a.weight_grad.first"] / found["a.weight_grad.last"] <= 1.06 * high
        assert found["a.verdict"] == kind, seed


def calm(**changes: Any) -> Facts:
    """Return the facts of a network of four hidden layers that is well."""
    names = ("h1", "h2", "h3", "h4")
    ones = np.ones(4)
    known = Facts(
        row=100, hidden=names, norms=ones, relative=0.1 * ones, total=2.0, first_total=2.0, spread=ones,
        dead=0 * ones, saturated=0 * ones, activations=names, loss=0.5, first_loss=1.0, best_loss=0.5, accuracy=0.7,
        lr=0.1, sharpness=float("nan"), momentum=0.0, plain_descent=True,
    )  # fmt: skip
    return replace(known, **changes)


FALLING = 10.0 ** np.array([-3.0, -2.0, -1.0, 0.0])
CASES: list[tuple[str, dict[str, Any]]] = [
    ("healthy", {}),
    ("vanishing", {"norms": FALLING}),
    ("vanishing", {"norms": np.array([0.0, 0.0, 0.0, 1.0])}),
    ("healthy", {"norms": 10.0 ** np.array([-0.72, -0.48, -0.24, 0.0])}),
    ("healthy", {"norms": np.array([0.3, 1.0]), "hidden": ("h1", "h2")}),
    ("healthy", {"norms": np.array([1.0]), "hidden": ("h1",)}),
    ("converged", {"norms": FALLING, "loss": 1e-4}),
    ("converged", {"norms": FALLING, "loss": 0.1, "accuracy": 1.0}),
    ("converged", {"norms": FALLING, "loss": 0.1, "total": 1e-4}),
    ("vanishing", {"norms": FALLING, "loss": 0.99, "total": 1e-4}),
    ("stalled", {"loss": 0.99, "total": 1e-4}),
    ("stalled", {"loss": 0.99, "total": 0.0, "first_total": 0.0}),
    ("healthy", {"loss": 0.99, "total": 1e-2}),
    ("dead", {"dead": np.array([0.0, 0.6, 0.9, 0.0]), "loss": 1e-4}),
    ("saturated", {"saturated": np.array([0.0, 0.6, 0.0, 0.0]), "dead": np.ones(4)}),
    ("healthy", {"saturated": np.full(4, np.nan)}),
    ("unstable", {"sharpness": 30.0, "saturated": np.ones(4)}),
    ("healthy", {"sharpness": 19.0}),
    ("healthy", {"sharpness": 30.0, "momentum": 0.9}),
    ("healthy", {"sharpness": 30.0, "plain_descent": False}),
    ("exploding", {"norms": FALLING[::-1], "relative": np.full(4, 2.0), "sharpness": 30.0}),
    ("healthy", {"norms": FALLING[::-1]}),
    ("exploding", {"spread": 10.0 ** np.array([0.0, 0.5, 1.0, 1.5]), "relative": np.full(4, 2.0)}),
    ("exploding", {"loss": 50.0, "total": 100.0}),
    ("nonfinite", {"ended": (17, "the output of h3", "h3"), "loss": float("nan"), "norms": np.full(4, np.nan)}),
]


@pytest.mark.parametrize(("kind", "changes"), CASES)
def test_the_first_rule_that_matches_speaks(kind: str, changes: dict[str, Any]) -> None:
    found = verdict(calm(**changes))
    assert found.kind == kind
    assert str(found.title)
    assert str(found.text).endswith(".")
    assert found.rule
    assert found.bad == (kind not in {"healthy", "converged"})
    assert set(found.remedies) <= set(REMEDIES)
    assert bool(found.remedies) == found.bad


def test_every_rule_is_told() -> None:
    assert all(rule.__doc__ for rule in RULES)


def test_a_trained_network_is_not_called_vanishing() -> None:
    spec = TrainingSpec(data=Circles(count=200, noise=0.05), network=network(10, "tanh", XAVIER, width=16), steps=300)
    history = trained(spec.replace(optimizer=Adam(lr=0.005)))
    assert judge(spec, history).kind == "converged"


def test_dead_units_are_seen() -> None:
    made = network(3, "relu", {"kind": "constant", "val": -1.0})
    spec = at_start(made).replace(probes=Probes(activations=1))
    found = judge(spec, trained(spec))
    assert found.kind == "dead"
    assert facts(spec, trained(spec)).dead.max() == 1.0


def test_sharpness_is_the_largest_eigenvalue() -> None:
    """A linear model: the Hessian of the mean squared error is 2 XᵀX / n, whatever the weights."""
    spec = TrainingSpec(
        data=RandomNormal(inputs=3), network=Mlp(blocks=()), loss=MSELoss(), held_out=0.0, steps=40,
        optimizer=SGD(lr=0.01), probes=Probes(sharpness=1), dtype="float64",
    )  # fmt: skip
    history = trained(spec)
    from gradlab.labs.training.arm import Arm

    x = Arm(spec, "cpu").feed.x.numpy()
    inputs = np.hstack([x, np.ones((len(x), 1))])
    exact = np.linalg.eigvalsh(2 * inputs.T @ inputs / len(x))[-1]
    assert float(history.row(40)["a.sharpness"]) == pytest.approx(exact, rel=0.01)


def test_a_remedy_runs_beside_and_helps() -> None:
    made = network(20, "sigmoid", XAVIER)
    spec = at_start(made).replace(steps=3)
    said = judge(spec, trained(spec))
    offers = {remedy.id: remedy for remedy in remedies(spec, said)}
    assert next(iter(offers)) == "batch_norm"
    both = offers["batch_norm"].apply(spec)
    found = LAB.load("outcomes")(both, trained(both))
    assert found["a.verdict"] == "vanishing"
    assert found["b.verdict"] == "healthy"
    assert both.beside is not None
    assert both.beside.name == "BatchNorm"


def test_every_remedy_that_applies_makes_a_valid_spec() -> None:
    spec = TrainingSpec(data=Spirals(count=60), network=network(4, "tanh", XAVIER), optimizer=SGD(lr=0.1))
    offered = remedies(spec)
    assert len(offered) >= 9
    for remedy in offered:
        assert remedy.apply(spec).beside is not None, remedy.id
        assert str(remedy.why)
