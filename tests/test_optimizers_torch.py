"""What is built goes, bit for bit, where the torch optimizer that a user would write goes; live changes too."""

from __future__ import annotations

import inspect
import random
from typing import Any

import pytest
import torch
from descents import Closure, path, point, quadratic, rosenbrock, same, sample
from torch import Tensor

from gradlab.engine.optimizers import LBFGS, SGD, Adam, Muon, NAdam, Optimizer, RMSprop, Rprop, SparseAdam
from gradlab.engine.schedules import OneCycleLR

STEPS = 60
KINDS = [kind for kind, member in Optimizer.family.items() if hasattr(torch.optim, member.__name__) and ":" not in kind]
ON_VECTORS = [kind for kind in KINDS if kind not in {"sparseadam", "muon"}]
DTYPES = [torch.float32, torch.float64]


def bare(item: Optimizer, parameters: list[Tensor]) -> torch.optim.Optimizer:
    """Return what a user writes: torch's class with the arguments that differ from its defaults."""
    made = getattr(torch.optim, type(item).__name__)
    written = {}
    for name, parameter in inspect.signature(made).parameters.items():
        value = getattr(item, name, parameter.default)
        if name != "params" and value != parameter.default:
            written[name] = value
    if item.implementation:
        written |= {"foreach": item.implementation == "foreach"} if "foreach" in item.switches else {}
        written |= {"fused": item.implementation == "fused"} if "fused" in item.switches else {}
    return made(parameters, **written)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("f", [rosenbrock, quadratic])
@pytest.mark.parametrize("kind", ON_VECTORS)
def test_defaults_go_where_torch_goes(kind: str, f: Any, dtype: torch.dtype) -> None:
    ours, theirs = point(dtype=dtype), point(dtype=dtype)
    opt = getattr(torch.optim, Optimizer.family[kind].__name__)([theirs])
    got = path(Optimizer.parse(kind).build([ours]), Closure(f, ours), STEPS)
    assert same(got, path(opt, Closure(f, theirs), STEPS))
    assert not torch.equal(got[0], got[-1])


@pytest.mark.parametrize("kind", ON_VECTORS)
def test_random_hyperparameters_go_where_torch_goes(kind: str) -> None:
    rng = random.Random(kind)
    moved = 0
    for index in range(4):
        item, dtype = sample(Optimizer.family[kind], rng), DTYPES[index % 2]
        ours, theirs = point(dtype=dtype), point(dtype=dtype)
        f = rosenbrock if index < 2 else quadratic
        got = path(item.build([ours]), Closure(f, ours), STEPS)
        assert same(got, path(bare(item, [theirs]), Closure(f, theirs), STEPS)), item
        moved += bool(got.isfinite().all()) and not torch.equal(got[0], got[-1])
    assert moved


def test_muon_goes_where_torch_goes_on_a_matrix() -> None:
    start = ((1.0, 2.0, -1.0), (0.5, -3.0, 2.0))
    for item in (Muon(lr=0.05), Muon(lr=0.1, nesterov=False, ns_steps=3, adjust_lr_fn="match_rms_adamw")):
        ours, theirs = point(start, torch.float32), point(start, torch.float32)
        got = path(item.build([ours]), Closure(torch.square, ours), STEPS)
        assert same(got, path(bare(item, [theirs]), Closure(torch.square, theirs), STEPS))
        assert got[-1].norm() < got[0].norm()


def test_sparse_adam_goes_where_torch_goes_on_sparse_gradients() -> None:
    def run(opt: torch.optim.Optimizer, p: Tensor) -> Tensor:
        for step in range(STEPS):
            row = step % 3
            p.grad = torch.sparse_coo_tensor([[row]], 2 * p.detach()[row : row + 1], p.shape, check_invariants=False)
            opt.step()
        return p.detach()

    start = ((1.0, 2.0), (3.0, -1.0), (0.5, 0.5))
    ours, theirs = point(start), point(start)
    item = SparseAdam(lr=0.05, betas=(0.8, 0.99))
    assert same(run(item.build([ours]), ours), run(bare(item, [theirs]), theirs))
    assert ours.norm() < 2


@pytest.mark.parametrize("kind", ON_VECTORS)
def test_a_live_change_is_what_writing_the_groups_does(kind: str) -> None:
    member = Optimizer.family[kind]
    rng = random.Random(kind)
    for _ in range(3):
        before = sample(member, rng)
        other = sample(member, rng)
        changed = {name: getattr(other, name) for name in member.tunable() if name != "lr"}
        if changed.get("nesterov") and not (other.momentum > 0 and other.dampening == 0):
            changed["nesterov"] = False
        after = before.replace(**changed)
        ours, theirs = point(), point()
        opt, hand = before.build([ours]), bare(before, [theirs])
        a, b = Closure(quadratic, ours), Closure(quadratic, theirs)
        assert same(path(opt, a, 20), path(hand, b, 20))
        after.apply(opt)
        for name in changed:
            hand.param_groups[0][name] = after.arguments()[name]
        assert same(path(opt, a, 20), path(hand, b, 20)), (before, after)


@pytest.mark.parametrize("kind", ON_VECTORS)
def test_applying_the_same_values_changes_nothing(kind: str) -> None:
    item = Optimizer.parse(kind)
    ours, untouched = point(), point()
    opt, hand = item.build([ours]), item.build([untouched])
    a, b = Closure(rosenbrock, ours), Closure(rosenbrock, untouched)
    for _ in range(10):
        item.apply(opt)
        assert same(path(opt, a, 3), path(hand, b, 3))


def test_the_learning_rate_is_left_to_the_schedule() -> None:
    opt = SGD(lr=0.1).build([point()])
    SGD(lr=0.5, momentum=0.3).apply(opt)
    assert (opt.param_groups[0]["lr"], opt.param_groups[0]["momentum"]) == (0.1, 0.3)


def test_momentum_turned_on_later_is_momentum_from_then_on() -> None:
    p = point((1.0, 1.0))
    opt = SGD(lr=0.01).build([p])
    closure = Closure(quadratic, p)
    path(opt, closure, 5)
    SGD(lr=0.01, momentum=0.9).apply(opt)
    x = p.detach().clone()
    velocity = torch.zeros_like(x)
    for index in range(10):
        gradient = torch.stack([x[0] + 0.3 * x[1], 20 * x[1] + 0.3 * x[0]])
        velocity = gradient if index == 0 else 0.9 * velocity + gradient
        x = x - 0.01 * velocity
        path(opt, closure, 1)
        assert torch.allclose(p.detach(), x, rtol=1e-12, atol=0)


def test_what_torch_cannot_change_in_flight_is_not_offered() -> None:
    p = point()
    opt = RMSprop().build([p])
    path(opt, Closure(quadratic, p), 2)
    opt.param_groups[0]["momentum"] = 0.9
    with pytest.raises(KeyError):
        opt.step()
    assert "momentum" not in RMSprop.tunable()
    assert "centered" not in RMSprop.tunable()
    assert "amsgrad" not in Adam.tunable()
    assert "lr" not in Rprop.tunable()
    assert "history_size" not in LBFGS.tunable()
    assert not any("implementation" in member.tunable() for member in Optimizer.items())


def test_lr_of_rprop_is_read_once() -> None:
    ours, theirs = point(), point()
    a, b = Rprop().build([ours]), Rprop().build([theirs])
    path(a, Closure(quadratic, ours), 1)
    path(b, Closure(quadratic, theirs), 1)
    a.param_groups[0]["lr"] = 7.0
    assert same(path(a, Closure(quadratic, ours), 20), path(b, Closure(quadratic, theirs), 20))


def test_a_schedule_that_cycles_momentum_keeps_it() -> None:
    for item, changed in [
        (SGD(momentum=0.9), SGD(momentum=0.2, weight_decay=0.1)),
        (NAdam(), NAdam(betas=(0.1, 0.5), weight_decay=0.1)),
    ]:
        p = point()
        opt = item.build([p])
        OneCycleLR(total_steps=20).build(opt)
        changed.apply(opt)
        (group,) = opt.param_groups
        assert group["weight_decay"] == 0.1
        if "betas" in group:
            assert group["betas"] == (0.95, 0.5)
        else:
            assert group["momentum"] == 0.95
