"""One racer on its way: its iterate, optimizer, schedule and noise, and the rows it leaves."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.optimizers.keep import keep_optimizer, restore_optimizer

from .closure import Closure
from .spec import DescentSpec, Noise, Racer
from .steps import refuse, stream, tune, update

if TYPE_CHECKING:
    import torch


class Lane:
    """A racer that steps as the bare torch loop does: step(closure), then the schedule, then the next evaluation."""

    def __init__(self, spec: DescentSpec, racer: Racer, device: str) -> None:
        import torch

        dtype = getattr(torch, spec.dtype)
        self.racer = racer
        self.ended: int | None = None
        self.frozen: dict[str, np.ndarray] = {}
        self._x = torch.tensor(spec.start_of(racer), dtype=dtype, device=device, requires_grad=True)
        refuse(racer, tuple(self._x.shape))
        self._optimizer = racer.optimizer.build([self._x])
        self._scheduler = racer.schedule.build(self._optimizer)
        self._closure = Closure(spec.objective, [self._x], spec.noise, stream(spec.noise, racer))
        self._keep: Callable[[torch.Tensor], Any] = torch.Tensor.tolist if device == "cpu" else torch.Tensor.clone

    def tune(self, racer: Racer, noise: Noise) -> None:
        """Take live values over: hyperparameters keep the optimizer's state, lr keeps the schedule's course."""
        self._closure.noise = noise
        if racer.optimizer != self.racer.optimizer:
            tune(self._optimizer, self._scheduler, self.racer, racer)
        self.racer = racer

    def advance(self, first: int, count: int) -> dict[str, np.ndarray]:
        """Make ``count`` updates from row ``first`` on; return count + 1 rows. A racer that diverges stays frozen."""
        if self.ended is not None:
            return self._padded(self._table([]), count + 1)
        rows = []
        for _ in range(count):
            state = self._state()
            went_on = update(self.racer, self._optimizer, self._scheduler, self._closure)
            rows.append((*state, self._momentum() if went_on else None))
            if not went_on:
                break
        rows.append((*self._state(), None))
        return self._padded(self._until_divergence(self._table(rows), first), count + 1)

    def _state(self) -> tuple[Any, ...]:
        keep, closure = self._keep, self._closure
        lr = self._optimizer.param_groups[0]["lr"]
        return keep(self._x.detach()), keep(closure.value), keep(closure.gradients[0]), float(lr), closure.calls

    def _momentum(self) -> Any:
        name = self.racer.optimizer.momentum_name
        kept = self._optimizer.state[self._x].get(name) if name else None
        return None if kept is None else self._keep(kept)

    def _table(self, rows: list[tuple[Any, ...]]) -> dict[str, np.ndarray]:
        size = self._x.numel()
        x, f, grad, lr, calls, momentum = zip(*rows, strict=True) if rows else ((),) * 6
        none = [math.nan] * size
        return {
            "x": _array(x, size),
            "f": _array(f),
            "grad": _array(grad, size),
            "lr": _array(lr),
            "momentum": _array([none if kept is None else kept for kept in momentum], size),
            "evaluations": _array(calls),
            "ended": np.full(len(rows), np.nan),
        }

    def _until_divergence(self, table: dict[str, np.ndarray], first: int) -> dict[str, np.ndarray]:
        finite = np.isfinite(table["f"]) & np.isfinite(table["x"]).all(1) & np.isfinite(table["grad"]).all(1)
        if finite.all():
            return table
        row = int(np.argmin(finite))
        self.ended = first + row
        self.frozen = {"x": table["x"][row], "f": table["f"][row], "ended": np.array(float(self.ended))}
        table["ended"][row] = self.ended
        return {name: values[: row + 1] for name, values in table.items()}

    def _padded(self, table: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
        """Return the table filled up with the place where the racer froze, and NaN for what it no longer has."""
        missing = rows - len(table["f"])
        if not missing:
            return table
        return {
            name: np.concatenate([values, np.broadcast_to(self.frozen.get(name, np.nan), (missing, *values.shape[1:]))])
            for name, values in table.items()
        }

    def state(self) -> Mapping[str, Any]:
        """Return all that this lane depends on, as a copy."""
        return {
            "x": self._x.detach().clone(),
            "optimizer": keep_optimizer(self._optimizer),
            "scheduler": copy.deepcopy(self._scheduler.state_dict()) if self._scheduler else None,
            "generator": self._closure.generator.get_state(),
            "calls": self._closure.calls,
            "ended": (self.ended, dict(self.frozen)),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take this lane back to a state."""
        import torch

        with torch.no_grad():
            self._x.copy_(state["x"])
        restore_optimizer(self._optimizer, state["optimizer"])
        if self._scheduler is not None:
            self._scheduler.load_state_dict(copy.deepcopy(state["scheduler"]))
        self._closure.generator.set_state(state["generator"])
        self._closure.evaluate()
        self._closure.calls = state["calls"]
        self.ended, self.frozen = state["ended"]


def _array(values: Any, width: int | None = None) -> np.ndarray:
    """Return floats, shape (rows,) or (rows, width), from Python numbers or from tensors still on their device."""
    if len(values) and hasattr(values[0], "cpu"):
        import torch

        rows = [v if hasattr(v, "cpu") else torch.tensor(v, device=values[0].device) for v in values]
        return np.asarray(torch.stack(rows).cpu().numpy(), dtype=float)
    return np.asarray(values, dtype=float).reshape((len(values),) if width is None else (len(values), width))
