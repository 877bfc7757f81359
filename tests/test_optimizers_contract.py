"""Every optimizer has torch's hyperparameters and torch's defaults, explains itself, and refuses nonsense."""

from __future__ import annotations

import inspect
import math
import random
from typing import Any

import pytest
import torch
import values
from descents import Closure, path, point, quadratic, sample
from pydantic import ValidationError

from gradlab.engine.errors import explain
from gradlab.engine.optimizers import (
    LBFGS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Backtracking,
    DampedNewton,
    NAdam,
    Optimizer,
    RMSprop,
    Rprop,
    SparseAdam,
)

MEMBERS = {kind: member for kind, member in Optimizer.family.items() if ":" not in kind}
OWN = {"newton", "damped_newton", "backtracking"}
TORCH = {kind: member for kind, member in MEMBERS.items() if kind not in OWN}
LEFT_OUT = {"params", "capturable", "differentiable"}
SWITCHES = {"foreach", "fused"}


def torch_classes() -> dict[str, type[torch.optim.Optimizer]]:
    found = {name: getattr(torch.optim, name) for name in dir(torch.optim)}
    classes = {n: c for n, c in found.items() if inspect.isclass(c) and issubclass(c, torch.optim.Optimizer)}
    del classes["Optimizer"]
    return classes


def test_every_optimizer_of_torch_is_there() -> None:
    assert {name.lower() for name in torch_classes()} == set(TORCH)
    assert {member.__name__ for member in TORCH.values()} == set(torch_classes())


@pytest.mark.parametrize("kind", TORCH)
def test_hyperparameters_and_defaults_are_torchs(kind: str) -> None:
    parameters = inspect.signature(torch_classes()[TORCH[kind].__name__]).parameters
    asked = {name: p.default for name, p in parameters.items() if name not in LEFT_OUT | SWITCHES}
    fields = set(TORCH[kind].model_fields) - {"kind", "implementation"}
    assert fields == set(asked)
    item = Optimizer.parse(kind)
    assert {name: getattr(item, name) for name in asked} == asked
    assert set(item.switches) == SWITCHES & set(parameters)


@pytest.mark.parametrize("kind", TORCH)
def test_what_torch_keeps_is_what_the_item_was_given(kind: str) -> None:
    rng = random.Random(kind)
    shape = (2, 2) if kind == "muon" else (2,)
    for item in [MEMBERS[kind](), *(sample(MEMBERS[kind], rng) for _ in range(10))]:
        (group,) = item.build([torch.zeros(shape, requires_grad=True)]).param_groups
        assert {name: group[name] for name in item.arguments()} == item.arguments()


@pytest.mark.parametrize("kind", MEMBERS)
def test_the_formula_and_the_source_are_told(kind: str) -> None:
    member = MEMBERS[kind]
    assert member.formula_tex()
    assert any(c.isdigit() for c in inspect.getdoc(member) or ""), "the docstring names the paper and its year"


@pytest.mark.parametrize(
    ("name", "flags"), [("forloop", (False, False)), ("foreach", (True, False)), ("fused", (False, True))]
)
def test_the_implementation_is_chosen(name: Any, flags: tuple[bool, bool]) -> None:
    (group,) = Adam(implementation=name).build([point()]).param_groups
    assert (group["foreach"], group["fused"]) == flags
    (group,) = Adam().build([point()]).param_groups
    assert (group["foreach"], group["fused"]) == (None, None)
    if name != "fused":
        (group,) = NAdam(implementation=name).build([point()]).param_groups
        assert group["foreach"] is flags[0]
        assert "fused" not in group


REFUSED = [
    (SGD, {"lr": math.nan}, "lr: must be a finite number, not nan"),
    (SGD, {"lr": math.inf}, "lr: must be a finite number, not inf"),
    (SGD, {"lr": -0.1}, "lr: must be > 0.0, not -0.1"),
    (SGD, {"lr": 0}, "lr: must be > 0.0, not 0"),
    (SGD, {"lr": "0.1"}, "lr: must be a number, not '0.1'"),
    (SGD, {"lr": True}, "lr: must be a number, not True"),
    (SGD, {"momentum": 1.5}, "momentum: must be < 1.0, not 1.5"),
    (SGD, {"momentum": 1.0}, "momentum: must be < 1.0, not 1.0"),
    (SGD, {"momentum": -0.1}, "momentum: must be ≥ 0.0, not -0.1"),
    (SGD, {"weight_decay": -1.0}, "weight_decay: must be ≥ 0.0, not -1.0"),
    (SGD, {"nesterov": True}, "nesterov: must be false unless momentum is > 0 and dampening is 0"),
    (SGD, {"nesterov": 1, "momentum": 0.9}, "nesterov: must be true or false, not 1"),
    (SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "nesterov: must be false unless"),
    (RMSprop, {"alpha": 2}, "alpha: must be < 1.0, not 2"),
    (RMSprop, {"alpha": 1.0}, "alpha: must be < 1.0, not 1.0"),
    (RMSprop, {"momentum": 1}, "momentum: must be < 1.0, not 1"),
    (RMSprop, {"implementation": "fused"}, "implementation: must be 'forloop' or 'foreach', not 'fused'"),
    (Adam, {"eps": 0.0}, "eps: must be > 0.0, not 0.0"),
    (Adam, {"betas": (0.9,)}, "betas[1]: is missing"),
    (Adam, {"betas": (0.9, 0.99, 0.999)}, "betas: "),
    (Adam, {"betas": (0.9, 1.0)}, "betas[1]: must be < 1.0, not 1.0"),
    (Adam, {"betas": (-0.1, 0.9)}, "betas[0]: must be ≥ 0.0, not -0.1"),
    (Adam, {"betas": 0.9}, "betas: "),
    (Adam, {"momentum": 0.9}, "momentum: is not a known field"),
    (Adadelta, {"rho": 1.0}, "rho: must be < 1.0, not 1.0"),
    (Adagrad, {"eps": 0.0}, "eps: must be > 0.0, not 0.0"),
    (Adafactor, {"eps": (0.0, 1e-3)}, "eps[0]: must be > 0.0, not 0.0"),
    (Adafactor, {"beta2_decay": 0.8}, "beta2_decay: must be ≤ 0.0, not 0.8"),
    (Adafactor, {"d": 0.5}, "d: must be ≥ 1.0, not 0.5"),
    (Rprop, {"step_sizes": (50.0, 1e-6)}, "step_sizes: the smallest must be < the largest, not 50.0 and 1e-06"),
    (Rprop, {"etas": (1.2, 0.5)}, "etas[0]: must be < 1.0, not 1.2; etas[1]: must be > 1.0, not 0.5"),
    (LBFGS, {"max_iter": 2.5}, "max_iter: must be a whole number, not 2.5"),
    (LBFGS, {"max_iter": 0}, "max_iter: must be ≥ 1, not 0"),
    (LBFGS, {"line_search_fn": "armijo"}, "line_search_fn: must be 'strong_wolfe', not 'armijo'"),
    (DampedNewton, {"damping": -1.0}, "damping: must be ≥ 0.0, not -1.0"),
    (Backtracking, {"shrink": 1.0}, "shrink: must be < 1.0, not 1.0"),
]


@pytest.mark.parametrize(("member", "arguments", "message"), REFUSED)
def test_nonsense_is_refused_by_name_and_range(member: type[Optimizer], arguments: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        member(**arguments)
    assert str(explain(caught.value)).startswith(message)


def test_whole_numbers_are_taken_as_numbers() -> None:
    item = SGD(lr=1, momentum=0)
    assert (type(item.lr), type(item.momentum)) == (float, float)


def test_an_editor_that_turns_nesterov_on_gets_the_momentum_it_needs() -> None:
    assert SGD().edited(nesterov=True) == SGD(momentum=0.9, nesterov=True)
    assert SGD(momentum=0.5, dampening=0.1).edited(nesterov=True) == SGD(momentum=0.5, nesterov=True)
    ahead = SGD(momentum=0.9, nesterov=True)
    assert ahead.edited(momentum=0.0) == SGD()
    assert ahead.edited(dampening=0.2) == SGD(momentum=0.9, dampening=0.2)
    assert ahead.edited(lr=0.5) == SGD(lr=0.5, momentum=0.9, nesterov=True)


def test_what_cannot_run_on_a_vector_says_why() -> None:
    reasons = {kind: MEMBERS[kind]().unavailable((2,)) for kind in MEMBERS}
    assert {kind for kind, reason in reasons.items() if reason} == {"sparseadam", "muon"}
    assert "dense gradients" in reasons["sparseadam"]
    assert "2D" in reasons["muon"]
    assert MEMBERS["muon"]().unavailable((3, 4)) == ""
    assert SparseAdam().unavailable((3, 4)) != ""


def test_newton_says_when_there_are_too_many_parameters() -> None:
    assert MEMBERS["newton"]().unavailable((2001,)) == "Newton's method takes at most 2000 parameters, not 2001"


def test_a_trial_leaves_the_random_numbers_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    assert Adam(lr=0.123).unavailable((5,)) == ""
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("kind", sorted(set(MEMBERS) - {"sparseadam"}))
def test_the_state_has_the_names_that_are_told(kind: str) -> None:
    flags = {"amsgrad": True, "centered": True, "momentum": 0.9}
    item = MEMBERS[kind]()
    item = item.replace(**{name: value for name, value in flags.items() if name in type(item).model_fields})
    p = point(((1.0, 2.0), (3.0, -1.0))) if kind == "muon" else point()
    opt = item.build([p])
    path(opt, Closure(lambda q: quadratic(q).sum(), p), 3)
    kept = {name for name, value in opt.state[p].items() if torch.is_tensor(value) and value.shape == p.shape}
    assert kept == set(item.state_names)
    assert not item.momentum_name or item.momentum_name in kept


def test_only_what_smooths_the_gradient_is_called_momentum() -> None:
    p = point((1.0, 1.0))
    g = torch.tensor([2.0, -3.0], dtype=torch.float64)
    for kind, member in MEMBERS.items():
        item = member()
        if not item.momentum_name or item.unavailable((2,)):
            continue
        item = item.replace(momentum=0.9) if "momentum" in type(item).model_fields else item
        opt = item.build([p])
        for _ in range(500):
            p.grad = g.clone()
            opt.step()
        ratio = opt.state[p][item.momentum_name] / g
        assert ratio[0].item() > 0, kind
        if kind != "rmsprop":  # its velocity is that of the scaled gradient
            assert torch.allclose(ratio, ratio[0].expand(2)), kind


@pytest.mark.parametrize("kind", MEMBERS)
def test_random_valid_hyperparameters_are_taken_by_torch(kind: str) -> None:
    rng = random.Random(kind)
    shape = (2, 2) if kind == "muon" else (2,)
    for _ in range(20):
        item = values.draw(MEMBERS[kind], rng)
        assert isinstance(item, Optimizer)
        item.build([torch.zeros(shape, requires_grad=True)])
