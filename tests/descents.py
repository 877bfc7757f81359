"""Small descents for the tests of optimizers and schedules: functions, the closure contract, exact copies of state."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import torch
import values
from torch import Tensor

from gradlab.engine.optimizers import Optimizer
from gradlab.engine.schedules import Chain, ChainPart, Product, Schedule


def rosenbrock(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def quadratic(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return 0.5 * (x * x + 20 * y * y) + 0.3 * x * y


def himmelblau(p: Tensor) -> Tensor:
    x, y = p.unbind(-1)
    return (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2


class Closure:
    """The closure of ``f`` at ``p``: a call leaves the gradient, ``loss`` does not."""

    def __init__(self, f: Callable[[Tensor], Tensor], p: Tensor) -> None:
        self.f, self.p, self.calls, self.trials = f, p, 0, 0

    def loss(self) -> Tensor:
        self.trials += 1
        return self.f(self.p).sum()

    def __call__(self) -> Tensor:
        self.calls += 1
        self.p.grad = None
        value = self.f(self.p).sum()
        value.backward()
        return value.detach()


def point(start: Any = (-1.2, 1.0), dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor(start, dtype=dtype, requires_grad=True)


def path(
    opt: torch.optim.Optimizer, closure: Closure, steps: int, scheduler: Any = None, metric: bool = False
) -> Tensor:
    """Return the iterates before and after ``steps`` updates, shape (steps + 1, …)."""
    rows = [closure.p.detach().clone()]
    for _ in range(steps):
        loss = opt.step(closure)
        if scheduler is not None:
            scheduler.step(*([loss] if metric else []))
        rows.append(closure.p.detach().clone())
    return torch.stack(rows)


def same(a: Tensor, b: Tensor) -> bool:
    """Tell whether two tensors hold the same bits; NaN is NaN."""
    return a.dtype == b.dtype and torch.equal(a.isnan(), b.isnan()) and torch.equal(a.nan_to_num(), b.nan_to_num())


def sample(member: type[Optimizer], rng: random.Random) -> Optimizer:
    """Return a random valid ``member`` that does not take minutes."""
    drawn = values.draw(member, rng)
    assert isinstance(drawn, Optimizer)
    short = {name: min(getattr(drawn, name) or 12, 12) for name in ("max_iter", "max_eval") if hasattr(drawn, name)}
    loose = ("tolerance_grad", "tolerance_change")
    short |= {name: min(getattr(drawn, name), 1e-5) for name in loose if hasattr(drawn, name)}
    return drawn.replace(lr=10 ** rng.uniform(-4, -0.5), **short)


def keep(opt: torch.optim.Optimizer, scheduler: Any) -> Any:
    """Return an exact copy of the state of an optimizer and its scheduler, as a keyframe holds it."""
    groups = [{k: copy.deepcopy(v) for k, v in group.items() if k != "params"} for group in opt.param_groups]
    states = [copy.deepcopy(opt.state.get(p, {})) for group in opt.param_groups for p in group["params"]]
    return groups, states, copy.deepcopy(scheduler.state_dict()) if scheduler is not None else None


def resume(opt: torch.optim.Optimizer, scheduler: Any, kept: Any) -> None:
    """Take an optimizer and its scheduler back to a kept state."""
    groups, states, schedule = copy.deepcopy(kept)
    for group, group_values in zip(opt.param_groups, groups, strict=True):
        group.update(group_values)
    for parameter, state in zip((p for g in opt.param_groups for p in g["params"]), states, strict=True):
        opt.state[parameter] = state
    if scheduler is not None:
        scheduler.load_state_dict(schedule)


def short(schedule: Schedule) -> Schedule:
    """Return the schedule with its long default counts made short, so that much happens in few steps."""
    small = {"step_size": 7, "milestones": (5, 11, 23), "total_iters": 9, "T_max": 10, "T_0": 6, "step_size_up": 6}
    small |= {
        "text": "0.9 + 0.1*cos(t)",
        "total_steps": 30,
        "patience": 2,
        "gamma": 0.7,
        "steps": 8,
        "eta_min": 1e-4,
        "min_lr": 1e-5,
    }
    if isinstance(schedule, Chain | Product):
        parts = (part.replace(schedule=short(part.schedule)) for part in schedule.parts)
        parts = (part.replace(steps=6) if isinstance(part, ChainPart) else part for part in parts)
        return schedule.replace(parts=tuple(parts))
    fields = {name: value for name, value in small.items() if name in type(schedule).model_fields}
    return schedule.replace(**fields)
