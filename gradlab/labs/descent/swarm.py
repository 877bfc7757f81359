"""A swarm: many starts of one racer, in one tensor where its optimizer allows that."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.batching import Way, how_to_batch
from gradlab.engine.optimizers.keep import keep_optimizer, restore_optimizer

from .closure import Closure
from .spec import DescentSpec, Noise, Racer, Swarm
from .steps import refuse, stream, tune, update

if TYPE_CHECKING:
    import torch

LOOP_LIMIT = 256
"""Points of a swarm whose optimizer takes them one at a time only."""


def way(racer: Racer) -> Way:
    """Return how the swarm of a racer runs; one by one where the schedule asks for the loss, which is each point's."""
    return "loop" if racer.schedule.needs_metric else how_to_batch(racer.optimizer)


def starts(swarm: Swarm, domain: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Return the starts of a swarm over a box, shape (count, D)."""
    low, high = np.array(domain).T
    if swarm.layout == "random":
        return np.random.default_rng(swarm.seed).uniform(low, high, size=(swarm.count, len(domain)))
    side = int(np.ceil(swarm.count ** (1 / len(domain))))
    places = (np.arange(side) + 0.5) / side
    mesh = np.stack(np.meshgrid(*[places] * len(domain), indexing="ij"), axis=-1).reshape(-1, len(domain))
    chosen = mesh[np.linspace(0, len(mesh) - 1, swarm.count).round().astype(int)]
    return np.asarray(low + chosen * (high - low))


class Shoal:
    """The swarm of one racer: one tensor, one optimizer over N parameters, or N optimizers, as its probe allows."""

    def __init__(self, spec: DescentSpec, racer: Racer, device: str) -> None:
        import torch

        self.racer = racer
        self.how = way(racer)
        points = torch.tensor(
            starts(spec.swarm, spec.objective.domain), dtype=getattr(torch, spec.dtype), device=device
        )
        self._count = len(points)
        whole = [points] if self.how == "tensor" else list(points[: LOOP_LIMIT if self.how == "loop" else None])
        self._parts = [part.clone().requires_grad_() for part in whole]
        refuse(racer, tuple(self._parts[0].shape[-1:]))
        teams = [self._parts] if self.how == "parameters" else [[part] for part in self._parts]
        seed = stream(spec.noise, racer) ^ 0x5A5A5A5A
        self._teams = [
            _Team(Closure(spec.objective, team, spec.noise, seed + index), racer) for index, team in enumerate(teams)
        ]

    def tune(self, racer: Racer, noise: Noise) -> None:
        """Take live values over."""
        for team in self._teams:
            team.closure.noise = noise
            if racer.optimizer != self.racer.optimizer:
                tune(team.optimizer, team.scheduler, self.racer, racer)
        self.racer = racer

    def advance(self, count: int) -> None:
        """Make ``count`` updates of every point."""
        for team in self._teams:
            for _ in range(count):
                update(self.racer, team.optimizer, team.scheduler, team.closure)

    def positions(self) -> np.ndarray:
        """Return where the points are, shape (N, D); NaN for points that were left out."""
        import torch

        found = torch.cat([part.detach().reshape(-1, part.shape[-1]) for part in self._parts]).cpu().numpy()
        missing = np.full((self._count - len(found), found.shape[1]), np.nan)
        return np.concatenate([found, missing]).astype(float)

    def state(self) -> Any:
        """Return all that the swarm depends on, as a copy."""
        return [part.detach().clone() for part in self._parts], [team.state() for team in self._teams]

    def restore(self, state: Any) -> None:
        """Take the swarm back to a state."""
        import torch

        parts, teams = state
        with torch.no_grad():
            for part, kept in zip(self._parts, parts, strict=True):
                part.copy_(kept)
        for team, kept in zip(self._teams, teams, strict=True):
            team.restore(kept)


class _Team:
    """One optimizer with the points it moves."""

    def __init__(self, closure: Closure, racer: Racer) -> None:
        self.closure = closure
        self.optimizer: torch.optim.Optimizer = racer.optimizer.build(closure.parameters)
        self.scheduler = racer.schedule.build(self.optimizer)

    def state(self) -> Any:
        schedule = copy.deepcopy(self.scheduler.state_dict()) if self.scheduler else None
        return keep_optimizer(self.optimizer), schedule, self.closure.generator.get_state()

    def restore(self, state: Any) -> None:
        optimizer, schedule, generator = state
        restore_optimizer(self.optimizer, optimizer)
        if self.scheduler is not None:
            self.scheduler.load_state_dict(copy.deepcopy(schedule))
        self.closure.generator.set_state(generator)
        self.closure.evaluate()
