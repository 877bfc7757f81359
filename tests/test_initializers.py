"""Every initializer fills a weight as torch.nn.init does, from torch's global generator."""

from __future__ import annotations

import inspect
import math
import random
from typing import Any

import pytest
import torch
import values
from torch.nn import init

from gradlab.engine.errors import UserError
from gradlab.engine.initializers import Initializer, XavierNormal, XavierUniform

SHAPES = [(64, 48), (7, 64), (1, 3), (8, 4, 3, 3), (6, 2, 5)]
PLAIN = [m for m in Initializer.items() if m().kind != "default"]
every = pytest.mark.parametrize("member", Initializer.items(), ids=lambda m: m().kind)
plain = pytest.mark.parametrize("member", PLAIN, ids=lambda m: m().kind)


def torch_function(kind: str) -> Any:
    return getattr(init, kind + "_")


def test_all_of_torch_is_there() -> None:
    there = {n[:-1] for n in dir(init) if n.endswith("_") and not n.startswith("_") and callable(getattr(init, n))}
    assert {m().kind for m in PLAIN} == there


@plain
def test_parameters_and_defaults_are_torchs(member: type[Initializer]) -> None:
    known = inspect.signature(torch_function(member().kind)).parameters
    own = set(member.model_fields) - {"kind"}
    if issubclass(member, XavierUniform | XavierNormal):
        assert own == {"gain", "nonlinearity", "a"}
        assert member().factor() == known["gain"].default == 1
        return
    assert own == set(known) - {"tensor", "generator"}
    for name in own:
        default = known[name].default
        assert default is inspect.Parameter.empty or getattr(member(), name) == default, name


@plain
@pytest.mark.parametrize("shape", SHAPES)
def test_it_draws_what_torch_draws(member: type[Initializer], shape: tuple[int, ...]) -> None:
    rng = random.Random(member().kind)
    for item in [member(), *(values.draw(member, rng) for _ in range(5))]:
        assert isinstance(item, Initializer)
        mine, theirs = torch.full(shape, 9.0, requires_grad=True), torch.full(shape, 9.0)
        arguments = {n: getattr(item, n) for n in member.model_fields if n != "kind"}
        if isinstance(item, XavierUniform | XavierNormal):
            arguments = {"gain": item.gain or init.calculate_gain(item.nonlinearity, item.a)}
        if item.unavailable(shape):
            with pytest.raises(ValueError, match=r"dimensions|divisible"):
                torch_function(item.kind)(theirs, **arguments)
            with pytest.raises(UserError, match=r"^initializer: "):
                item.apply_(mine)
            continue
        torch.manual_seed(3)
        item.apply_(mine)
        after = torch.get_rng_state()
        torch.manual_seed(3)
        torch_function(item.kind)(theirs, **arguments)
        assert torch.equal(mine.detach(), theirs)
        assert torch.equal(after, torch.get_rng_state())
        assert mine.requires_grad
        assert mine.grad_fn is None
        assert torch.isfinite(theirs).all()


@every
def test_a_vector_is_filled_or_refused(member: type[Initializer]) -> None:
    """Every refusal is ours; torch's own errors never come through."""
    for shape in [(5,), (), (2, 0), (2, 3, 4, 5, 6, 7)]:
        weight = torch.zeros(shape)
        if member().unavailable(shape):
            with pytest.raises(UserError, match="dimensions, not one of shape"):
                member().apply_(weight)
        else:
            member().apply_(weight)


def test_the_default_leaves_what_the_layer_drew() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(5, 3)
    before, state = layer.weight.detach().clone(), torch.get_rng_state()
    Initializer.parse("default").apply_(layer.weight)
    assert torch.equal(layer.weight, before)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("kind", "spread"),
    [
        ({"kind": "xavier_normal"}, math.sqrt(2 / (400 + 300))),
        ({"kind": "xavier_normal", "nonlinearity": "tanh"}, 5 / 3 * math.sqrt(2 / (400 + 300))),
        ({"kind": "xavier_uniform", "gain": 2.0, "nonlinearity": "tanh"}, 2 * math.sqrt(2 / (400 + 300))),
        ({"kind": "kaiming_normal"}, math.sqrt(2 / 400)),
        ({"kind": "kaiming_uniform", "mode": "fan_out", "nonlinearity": "relu"}, math.sqrt(2 / 300)),
        ({"kind": "kaiming_normal", "a": 1.0}, math.sqrt(1 / 400)),
        ({"kind": "normal", "mean": 0.0, "std": 0.25}, 0.25),
        ({"kind": "uniform", "a": -1.0, "b": 1.0}, 1 / math.sqrt(3)),
    ],
    ids=str,
)
def test_the_spread_is_the_papers(kind: dict[str, Any], spread: float) -> None:
    torch.manual_seed(1)
    weight = torch.empty(300, 400)
    Initializer.parse(kind).apply_(weight)
    assert float(weight.std()) == pytest.approx(spread, rel=0.01)


def test_orthogonal_keeps_norms() -> None:
    torch.manual_seed(1)
    weight = torch.empty(40, 40, dtype=torch.float64)
    Initializer.parse({"kind": "orthogonal", "gain": 3.0}).apply_(weight)
    assert torch.allclose(weight.T @ weight, 9 * torch.eye(40, dtype=torch.float64))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ({"kind": "uniform", "a": 2.0}, "a: must be at most b = 1.0, not 2.0"),
        ({"kind": "trunc_normal", "a": 2.0}, "a: must be below b = 2.0, not 2.0"),
        ({"kind": "trunc_normal", "mean": 9.0}, "mean: must be within two std"),
        ({"kind": "normal", "std": -1.0}, "greater than or equal to 0"),
        ({"kind": "normal", "std": math.nan}, "finite number"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(kind: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Initializer.parse(kind)
