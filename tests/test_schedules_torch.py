"""Every schedule has torch's parameters and gives, bit for bit, the learning rates that torch's scheduler gives."""

from __future__ import annotations

import inspect
import math
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import values
from descents import Closure, path, point, quadratic, short
from pydantic import ValidationError
from torch.optim import lr_scheduler

from gradlab.engine.errors import UserError, explain
from gradlab.engine.optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop
from gradlab.engine.schedules import (
    Chain,
    ChainPart,
    Constant,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    FactorPart,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    Product,
    ReduceLROnPlateau,
    Schedule,
    StepLR,
    Warmup,
    lrs,
)

LR = 0.1
OWN = {"constant", "chain", "product", "warmup"}
LEFT_OUT = {
    "optimizer", "last_epoch",  # given when it is built
    "epochs", "steps_per_epoch",  # total_steps says it
    "scale_fn", "scale_mode",  # Python functions; the modes of torch are there
    "schedulers", "milestones of SequentialLR",
}  # fmt: skip
COMPOSED = {"SequentialLR": "chain", "ChainedScheduler": "product"}


def torch_schedulers() -> dict[str, Any]:
    return {name: getattr(lr_scheduler, name) for name in lr_scheduler.__all__ if name != "LRScheduler"}


def test_every_scheduler_of_torch_is_there() -> None:
    covered = {member.__name__ for member in Schedule.items()} | set(COMPOSED)
    assert set(torch_schedulers()) - covered == set()
    assert all(kind in Schedule.family for kind in COMPOSED.values())


NAMED = [kind for kind, member in Schedule.family.items() if member.__name__ in torch_schedulers()]


@pytest.mark.parametrize("kind", NAMED)
def test_parameters_and_defaults_are_torchs(kind: str) -> None:
    member = Schedule.family[kind]
    parameters = inspect.signature(torch_schedulers()[member.__name__]).parameters
    asked = {name: p.default for name, p in parameters.items() if name not in LEFT_OUT and name != "lr_lambda"}
    own = {"text"} if "lr_lambda" in parameters else set()
    assert set(member.model_fields) - {"kind", "unit"} - own == set(asked)
    item = Schedule.parse(kind)
    ours_alone = {"total_steps", "max_lr", "base_lr"}  # torch asks for these, or for something in their place
    for name, default in asked.items():
        if default is not inspect.Parameter.empty and name not in ours_alone:
            assert getattr(item, name) == default, name


def rates(item: Schedule, optimizer: Optimizer, steps: int) -> list[tuple[Any, ...]]:
    """Return lr and momentum before each update."""
    opt = optimizer.build([point()])
    return follow(opt, item.build(opt), steps, item.needs_metric)


def follow(opt: torch.optim.Optimizer, scheduler: Any, steps: int, metric: bool = False) -> list[tuple[Any, ...]]:
    found = []
    for step in range(steps):
        (group,) = opt.param_groups
        found.append((group["lr"], group.get("momentum"), group.get("betas")))
        opt.step()
        if scheduler is not None:
            scheduler.step(*([math.sin(step)] if metric else []))
    return found


def written(item: Any) -> dict[str, Any]:
    """Return the arguments that a user writes for the same schedule of an optimizer with ``LR``."""
    arguments: dict[str, Any] = item.arguments()
    if "max_lr" in arguments:
        arguments["max_lr"] = item.max_lr or LR
    if "base_lr" in arguments:
        arguments["base_lr"] = item.base_lr or arguments["max_lr"] / 10
    text = arguments.pop("text", None)
    if text is not None:
        arguments["lr_lambda"] = LAMBDAS[text]
    return arguments


LAMBDAS = {
    "1 / (1 + t/100)": lambda t: 1 / (1 + t / 100),
    "0.999": lambda t: 0.999,
    "0.9 + 0.1*cos(t)": lambda t: 0.9 + 0.1 * math.cos(t),
}


@pytest.mark.parametrize("kind", NAMED)
def test_rates_are_torchs(kind: str) -> None:
    rng = random.Random(kind)
    member = Schedule.family[kind]
    drawn = [values.draw(member, rng) for _ in range(12)]
    for item in [Schedule.parse(kind), short(Schedule.parse(kind)), *drawn]:
        assert isinstance(item, Schedule)
        if isinstance(item, CyclicLR) and item.max_lr is None and (item.base_lr or 0) > LR:
            with pytest.raises(UserError, match=r"base_lr: must be ≤ the optimizer's lr, 0\.1, not"):
                rates(item, SGD(lr=LR), 1)
            continue
        arguments = written(item)
        steps = min(40, arguments.get("total_steps", 40))
        opt = torch.optim.SGD([point()], lr=LR, momentum=0.5)
        try:
            expected = follow(opt, torch_schedulers()[member.__name__](opt, **arguments), steps, item.needs_metric)
        except ZeroDivisionError:
            continue  # torch's one-cycle with a rise of one step
        assert rates(item, SGD(lr=LR, momentum=0.5), steps) == expected, item


def test_the_rise_of_one_step_that_torch_cannot_divide_starts_at_the_top() -> None:
    opt = torch.optim.SGD([point()], lr=LR)
    with pytest.raises(ZeroDivisionError):
        lr_scheduler.OneCycleLR(opt, max_lr=1.0, total_steps=10, pct_start=0.1)
    got = lrs(OneCycleLR(max_lr=1.0, total_steps=10, pct_start=0.1), LR, 10)
    assert got[0] == 1.0
    assert bool((np.diff(got) < 0).all())


COURSES: list[tuple[Schedule, Callable[[int], float]]] = [
    (Constant(), lambda t: 1.0),
    (StepLR(step_size=7, gamma=0.3), lambda t: 0.3 ** (t // 7)),
    (MultiStepLR(milestones=(5, 11), gamma=0.5), lambda t: 0.5 ** ((t >= 5) + (t >= 11))),
    (ConstantLR(factor=0.25, total_iters=6), lambda t: 0.25 if t < 6 else 1.0),
    (LinearLR(start_factor=0.2, end_factor=0.6, total_iters=8), lambda t: 0.2 + 0.4 * min(t, 8) / 8),
    (ExponentialLR(gamma=0.9), lambda t: 0.9**t),
    (PolynomialLR(total_iters=10, power=2.0), lambda t: (1 - min(t, 10) / 10) ** 2),
    (CosineAnnealingLR(T_max=10), lambda t: (1 + math.cos(math.pi * t / 10)) / 2),
    (CosineAnnealingWarmRestarts(T_0=6), lambda t: (1 + math.cos(math.pi * (t % 6) / 6)) / 2),
    (CyclicLR(step_size_up=4), lambda t: 0.1 + 0.9 * (1 - abs(t % 8 - 4) / 4)),
    (
        OneCycleLR(total_steps=20, anneal_strategy="linear"),
        lambda t: 0.04 + 0.96 * t / 5 if t <= 5 else 1 - (1 - 4e-6) * (min(t, 19) - 5) / 14,
    ),
    (LambdaLR(text="cos(t/9)^2"), lambda t: math.cos(t / 9) ** 2),
    (MultiplicativeLR(text="t/(t + 1)"), lambda t: 1 / (t + 1)),
    (
        Warmup(steps=5, start_factor=0.1, then=ExponentialLR(gamma=0.9)),
        lambda t: 0.1 + 0.9 * t / 5 if t < 5 else 0.9 ** (t - 5),
    ),
    (
        Product(
            parts=(
                FactorPart(id="a", schedule=LinearLR(start_factor=0.5, total_iters=10)),
                FactorPart(id="b", schedule=ExponentialLR(gamma=0.95)),
                FactorPart(id="c", schedule=StepLR(step_size=6, gamma=0.5)),
            )
        ),
        lambda t: (0.5 + 0.5 * min(t, 10) / 10) * 0.95**t * 0.5 ** (t // 6),
    ),
]


@pytest.mark.parametrize(("item", "course"), COURSES, ids=lambda value: getattr(value, "kind", ""))
def test_rates_follow_the_formula(item: Schedule, course: Callable[[int], float]) -> None:
    expected = np.array([LR * course(t) for t in range(30)])
    assert np.allclose(lrs(item, LR, 30), expected, rtol=1e-9, atol=1e-12)


def test_a_plateau_waits_and_then_reduces() -> None:
    item = ReduceLROnPlateau(factor=0.5, patience=2, cooldown=1, min_lr=0.03)
    opt = torch.optim.SGD([point()], lr=LR)
    scheduler: Any = item.build(opt)
    seen = []
    for loss in (5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0):
        opt.step()
        scheduler.step(loss)
        seen.append(opt.param_groups[0]["lr"])
    assert seen == [0.1] * 4 + [0.05] * 4 + [0.03] * 4
    assert item.needs_metric
    assert not any(member().needs_metric for member in Schedule.items() if member is not ReduceLROnPlateau)


def test_no_schedule_is_no_scheduler() -> None:
    opt = torch.optim.SGD([point()], lr=LR)
    assert Constant().build(opt) is None
    assert opt.param_groups[0] == torch.optim.SGD([opt.param_groups[0]["params"][0]], lr=LR).param_groups[0]


def test_one_cycle_stays_at_its_end_where_torch_stops_the_run() -> None:
    item = OneCycleLR(total_steps=10, max_lr=1.0)
    opt = torch.optim.SGD([point()], lr=LR)
    theirs = lr_scheduler.OneCycleLR(opt, max_lr=1.0, total_steps=10)
    expected = follow(opt, theirs, 10)
    with pytest.raises(ValueError, match="Tried to step 11 times"):
        follow(opt, theirs, 1)
    got = rates(item, SGD(lr=LR), 25)
    assert got[:10] == expected
    assert got[10:] == [expected[-1]] * 15


@pytest.mark.parametrize("item", [OneCycleLR(total_steps=20), CyclicLR(step_size_up=5)])
def test_momentum_is_cycled_where_there_is_one(item: Schedule) -> None:
    with_momentum = [row[1] for row in rates(item, SGD(lr=LR), 20)]
    with_beta = [row[2][0] for row in rates(item, Adam(lr=LR), 20)]
    assert with_momentum == with_beta
    assert min(with_momentum) < 0.87 < max(with_momentum)
    assert all(row[2][1] == 0.999 for row in rates(item, Adam(lr=LR), 20))
    without = rates(item, Adagrad(lr=LR), 20)
    assert [row[0] for row in without] == [row[0] for row in rates(item, SGD(lr=LR), 20)]
    assert [row[1:] for row in without] == [(None, None)] * 20
    still = item.replace(cycle_momentum=False)
    assert [row[1] for row in rates(still, SGD(lr=LR, momentum=0.3), 20)] == [0.3] * 20


def test_momentum_that_a_schedule_turns_on_reaches_every_optimizer() -> None:
    for kind, member in Optimizer.family.items():
        if ":" in kind or member().unavailable((2,)):  # type: ignore[attr-defined]
            continue
        item = short(Warmup(steps=4, then=short(OneCycleLR())))
        p = point()
        optimizer = Optimizer.parse(kind).replace(lr=1e-3)
        opt = optimizer.build([p])
        assert path(opt, Closure(quadratic, p), 40, item.build(opt)).isfinite().all(), kind
    assert rates(OneCycleLR(), RMSprop(), 2)[0][1] == 0.95


@pytest.mark.parametrize(
    ("optimizer", "schedule", "theirs"),
    [
        (SGD(lr=0.01), StepLR(step_size=7), lambda o: lr_scheduler.StepLR(o, 7)),
        (
            Adam(lr=0.05),
            Warmup(steps=5, start_factor=0.1, then=CosineAnnealingLR(T_max=30)),
            lambda o: lr_scheduler.SequentialLR(
                o, [lr_scheduler.LinearLR(o, 0.1, 1.0, 5), lr_scheduler.CosineAnnealingLR(o, 30)], [5]
            ),
        ),
        (
            SGD(lr=0.01, momentum=0.9),
            Product(parts=(FactorPart(id="a", schedule=ConstantLR()), FactorPart(id="b", schedule=ExponentialLR()))),
            lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(o), lr_scheduler.ExponentialLR(o, 0.999)]),
        ),
    ],
)
def test_a_run_with_a_schedule_goes_where_torch_goes(optimizer: Optimizer, schedule: Schedule, theirs: Any) -> None:
    p, q = point(), point()
    ours = optimizer.build([p])
    bare = getattr(torch.optim, type(optimizer).__name__)([q], **optimizer.arguments())
    got = path(ours, Closure(quadratic, p), 60, schedule.build(ours))
    assert torch.equal(got, path(bare, Closure(quadratic, q), 60, theirs(bare)))


REFUSED = [
    (StepLR, {"step_size": 0}, "step_size: must be ≥ 1, not 0"),
    (StepLR, {"gamma": 0}, "gamma: must be > 0.0, not 0"),
    (ExponentialLR, {"gamma": math.nan}, "gamma: must be a finite number, not nan"),
    (MultiStepLR, {"milestones": (5, 5)}, "milestones: must rise, but 5 follows 5"),
    (MultiStepLR, {"milestones": ()}, "milestones: "),
    (ConstantLR, {"factor": 0.0}, "factor: must be > 0.0, not 0.0"),
    (LinearLR, {"start_factor": 1.5}, "start_factor: must be ≤ 1.0, not 1.5"),
    (CyclicLR, {"base_lr": 0.5, "max_lr": 0.1}, "max_lr: must be ≥ base_lr, 0.5, not 0.1"),
    (CyclicLR, {"max_momentum": 0.1}, "max_momentum: must be ≥ base_momentum, 0.8, not 0.1"),
    (OneCycleLR, {"pct_start": 1.5}, "pct_start: must be ≤ 1.0, not 1.5"),
    (OneCycleLR, {"max_momentum": 1.0}, "max_momentum: must be < 1.0, not 1.0"),
    (ReduceLROnPlateau, {"factor": 1.0}, "factor: must be < 1.0, not 1.0"),
    (CosineAnnealingLR, {"eta_min": -1.0}, "eta_min: must be ≥ 0.0, not -1.0"),
    (Chain, {"parts": ()}, "parts: "),
    (Warmup, {"then": ReduceLROnPlateau()}, "then: ReduceLROnPlateau cannot be chained"),
    (Warmup, {"then": Product()}, "then: Product cannot be chained"),
    (
        Chain,
        {"parts": (ChainPart(id="a", schedule=ReduceLROnPlateau()),)},
        "parts: ReduceLROnPlateau cannot be chained",
    ),
    (Chain, {"parts": (ChainPart(id="a"), ChainPart(id="a"))}, "parts: two parts have the id 'a'"),
    (
        Product,
        {"parts": (FactorPart(id="a", schedule=CyclicLR()),)},
        "parts: CyclicLR sets the learning rate outright, so it cannot be a factor",
    ),
    (LambdaLR, {"text": "1/(1 + s)"}, "text: unknown name 's', column 8"),
    (MultiplicativeLR, {"text": "__import__('os')"}, "text: "),
    (StepLR, {"unit": "batch"}, "unit: must be 'step' or 'epoch', not 'batch'"),
]


@pytest.mark.parametrize(("member", "arguments", "message"), REFUSED)
def test_nonsense_is_refused_by_name_and_range(member: type[Schedule], arguments: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        member(**arguments)
    assert str(explain(caught.value)).startswith(message)


def test_a_chain_runs_each_part_as_if_the_run_began_with_it() -> None:
    parts = [
        (Constant(), 4),
        (OneCycleLR(total_steps=8), 8),
        (CyclicLR(step_size_up=3), 7),
        (OneCycleLR(total_steps=10, max_lr=0.7), 10),
        (CosineAnnealingWarmRestarts(T_0=4), 9),
        (ExponentialLR(gamma=0.9), 5),
        (StepLR(step_size=2, gamma=0.5), 6),
    ]
    chain = Chain(parts=tuple(ChainPart(id=f"p{i}", schedule=s, steps=n) for i, (s, n) in enumerate(parts)))
    expected = np.concatenate([lrs(s, LR, n + (5 if i == len(parts) - 1 else 0)) for i, (s, n) in enumerate(parts)])
    assert np.allclose(lrs(chain, LR, len(expected)), expected, rtol=1e-14)


def test_chains_in_chains_come_apart() -> None:
    inner = Chain(
        parts=(
            ChainPart(id="a", schedule=ConstantLR(factor=0.5, total_iters=99), steps=3),
            ChainPart(id="b", schedule=ExponentialLR(gamma=0.5), steps=1),
        )
    )
    outer = Chain(
        parts=(
            ChainPart(id="first", schedule=inner, steps=6),
            ChainPart(id="cut", schedule=Warmup(steps=10, start_factor=0.1, then=inner), steps=4),
            ChainPart(id="last", schedule=inner, steps=1),
        )
    )
    assert [(leg.kind, steps) for leg, steps in outer.legs()] == [
        ("constantlr", 3), ("exponentiallr", 3), ("linearlr", 4), ("constantlr", 3), ("exponentiallr", None),
    ]  # fmt: skip
    exponential = [LR, LR / 2, LR / 4]
    expected = [LR / 2] * 3 + exponential + [LR * (0.1 + 0.9 * t / 10) for t in range(4)] + [LR / 2] * 3 + exponential
    assert np.allclose(lrs(outer, LR, 16), expected, rtol=1e-12)


def test_parts_count_what_the_whole_counts() -> None:
    chain = Chain(unit="epoch", parts=(ChainPart(id="a", schedule=Warmup(then=StepLR())),))
    first = chain.parts[0].schedule
    assert isinstance(first, Warmup)
    assert (first.unit, first.then.unit) == ("epoch", "epoch")
    again = chain.replace(unit="step")
    assert again.parts[0].schedule == Warmup(then=StepLR())
    assert Schedule.parse(again.model_dump(mode="json")) == again


@pytest.mark.parametrize("kind", [kind for kind, member in Schedule.family.items() if not member().needs_metric])  # type: ignore[attr-defined]
def test_what_multiplies_can_be_a_factor_and_the_rest_cannot(kind: str) -> None:
    """In torch's product, each factor must do to the rate what it does alone."""
    item = short(Schedule.parse(kind))
    steps = 10  # a cosine multiplies until it turns
    opt = torch.optim.SGD([point()], lr=LR)
    opt.param_groups[0]["initial_lr"] = LR
    parts = [item.replace(eta_min=0.0) if "eta_min" in type(item).model_fields else item, ExponentialLR(gamma=0.9)]
    combined = lr_scheduler.ChainedScheduler([part.scheduler(opt) for part in parts])
    got = [row[0] for row in follow(opt, combined, steps)]
    alone = [lrs(part, LR, steps) for part in parts]
    assert np.allclose(got, alone[0] * alone[1] / LR, rtol=1e-9) == type(item).multiplies


@pytest.mark.parametrize("text", ["1/(3 - t)", "3 - t", "log(-1)"])
def test_a_factor_that_is_no_factor_stops_the_run_and_says_where(text: str) -> None:
    where = {"1/(3 - t)": "is inf at step 3", "3 - t": "is -1 at step 4", "log(-1)": "is nan at step 0"}[text]
    with pytest.raises(UserError, match=re.escape(where)):
        lrs(LambdaLR(text=text), LR, 10)
