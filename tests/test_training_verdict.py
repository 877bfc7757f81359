"""The gradient norms by depth that are known, and the verdict on each; the rules, one by one, in their order."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from trainings import GUIDE, LAB, depths, printed, trained

from gradlab.engine.datasets import Circles, Copy, Dataset, RandomNormal, Spirals, SyntheticImages
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Network, Recurrent
from gradlab.engine.optimizers import SGD, Adam
from gradlab.labs.training.anatomy import anatomies
from gradlab.labs.training.facts import Facts, facts
from gradlab.labs.training.measurement import measured
from gradlab.labs.training.remedies import REMEDIES, remedies
from gradlab.labs.training.spec import Probes, TrainingSpec
from gradlab.labs.training.verdict import RULES, judge, verdict

XAVIER = {"kind": "xavier_normal"}
HE = {"kind": "kaiming_normal"}


def network(depth: int, activation: str, initializer: dict[str, Any], **facts: Any) -> Mlp:
    block = {"count": depth, "width": 64, "activation": activation, "initializer": initializer, "zero_bias": True}
    return Mlp(blocks=(LayerBlock(id="hidden", **{**block, **facts}),))


NETWORKS = {
    "10 × sigmoid, Xavier": network(10, "sigmoid", XAVIER),
    "10 × tanh, Xavier": network(10, "tanh", XAVIER),
    "10 × ReLU, He": network(10, "relu", HE),
    "10 × ReLU, Xavier": network(10, "relu", XAVIER),
    "10 × ReLU, N(0, 0.25²)": network(10, "relu", {"kind": "normal", "std": 0.25}),
    "10 × sigmoid, N(0, 0.01²)": network(10, "sigmoid", {"kind": "normal", "std": 0.01}),
    "20 × sigmoid, Xavier": network(20, "sigmoid", XAVIER),
    "20 × sigmoid + BatchNorm": network(20, "sigmoid", XAVIER, norm="batch"),
    "20 × sigmoid + residual": network(20, "sigmoid", XAVIER, residual=True),
    "20 × tanh, Xavier": network(20, "tanh", XAVIER),
}
TABLE = depths()


def at_start(made: Mlp, seed: int = 0) -> TrainingSpec:
    """Return the recipe: seed, build, 256 samples of 64 numbers, mean squared error, no step."""
    return TrainingSpec(data=RandomNormal(), network=made, loss=MSELoss(), held_out=0.0, steps=1, seed=seed)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_by_depth(name: str) -> None:
    """Every number of the table, to its last printed digit; the range is that of the seeds 0 to 4."""
    wanted, ratios = TABLE[name], []
    for seed in range(5):
        spec = at_start(NETWORKS[name], seed)
        found = LAB.load("outcomes")(spec, trained(spec.replace(optimizer=SGD(lr=1e-9))))
        first, last = found["a.weight_grad.first"], found["a.weight_grad.last"]
        if seed == 0:
            assert (printed(first, wanted.first), printed(last, wanted.last)) == (wanted.first, wanted.last)
            assert (first, last) == pytest.approx((float(wanted.first), float(wanted.last)), rel=0.01)
        ratios.append(first / last)
        assert found["a.verdict"] == wanted.verdict, seed
    assert (printed(min(ratios), wanted.lowest), printed(max(ratios), wanted.highest)) == (
        wanted.lowest,
        wanted.highest,
    )


def calm(**changes: Any) -> Facts:
    """Return the facts of a network of four hidden layers that is well."""
    names = ("h1", "h2", "h3", "h4")
    ones = np.ones(4)
    known = Facts(
        row=100, hidden=names, norms=ones, relative=0.1 * ones, total=2.0, first_total=2.0, spread=ones,
        dead=0 * ones, saturated=0 * ones, activations=names, bypassed=frozenset(),
        loss=0.5, first_loss=1.0, best_loss=0.5, accuracy=0.7,
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
    ("healthy", {"saturated": np.array([0.0, 0.6, 0.0, 0.0]), "bypassed": frozenset({"h2"})}),
    ("saturated", {"saturated": np.array([0.0, 0.6, 0.7, 0.0]), "bypassed": frozenset({"h3"})}),
    ("healthy", {"saturated": np.ones(4), "loss": 0.3}),
    ("converged", {"saturated": np.ones(4), "loss": 0.3, "accuracy": 1.0}),
    ("saturated", {"saturated": np.ones(4), "first_loss": -1.0, "loss": -0.9, "best_loss": -1.0}),
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


def test_the_guide_tells_every_rule_in_its_order() -> None:
    told = re.split(r"^## ", GUIDE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    for number, rule in enumerate(RULES, 1):
        title, *lines = told[number - 1].splitlines()
        assert title == f"{number}. {rule.title.template.removesuffix(' at step {step}')}"
        assert [line.removeprefix("- ") for line in lines if line.startswith("- ")] == list(rule.criteria)
        tried = re.search(r"^\*Try:\* (.*)\.$", "\n".join(lines), re.MULTILINE)
        names = ", ".join(str(REMEDIES[name].title) for name in rule.remedies)
        assert (tried[1] if tried else "") == names
        found = next((verdict(calm(**changes)) for case, changes in CASES if case == rule.kind))
        assert (found.title.template, found.remedies) == (rule.title.template, rule.remedies)
        assert found.rule in rule.criteria


def test_a_trained_network_is_not_called_vanishing() -> None:
    spec = TrainingSpec(data=Circles(count=200, noise=0.05), network=network(10, "tanh", XAVIER, width=16), steps=300)
    history = trained(spec.replace(optimizer=Adam(lr=0.005)))
    assert judge(spec, history).kind == "converged"


def test_a_network_that_learned_with_its_units_at_their_ends_has_converged() -> None:
    """Large weights drive every tanh to its ends from the start: saturated until it has learned, and converged then."""
    made = network(3, "tanh", {"kind": "normal", "std": 1.0}, width=32)
    spec = TrainingSpec(data=Spirals(count=200), network=made, optimizer=Adam(lr=0.02), steps=200)
    history = trained(spec.replace(probes=Probes(activations=1)))
    assert facts(spec, history).saturated.max() > 0.5
    assert (judge(spec, history, row=0).kind, judge(spec, history).kind) == ("saturated", "converged")


@pytest.mark.parametrize("made", [network(3, "prelu", HE, norm="batch"), Cnn(), Recurrent(cell="gru")])
def test_the_record_alone_tells_what_an_arm_is_made_of(made: Network) -> None:
    data: Dataset = {"cnn": SyntheticImages(count=20), "recurrent": Copy(count=20)}.get(made.kind, Spirals(count=20))
    spec = TrainingSpec(data=data, network=made, steps=1)
    columns = {column.name: column for column in LAB.load("columns")(spec)}
    assert measured(columns, "a") == anatomies(spec)["a"]


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
