"""What a descent measures at every step, per racer."""

from __future__ import annotations

import numpy as np

from gradlab.engine.record import Column

from .spec import DescentSpec


def columns(spec: DescentSpec) -> tuple[Column, ...]:
    """Return the columns of a descent: position, value, gradient, lr and update of every racer at every step.

    ``grad`` is the true gradient at x, without noise; ``update`` is x after the step minus x before it; ``momentum``
    the optimizer's first moment that the step used, NaN where it keeps none; ``effective_lr`` is ‖update‖ / ‖∇f‖;
    ``ended`` the row at which the racer diverged and froze, NaN while it runs.
    """
    racers, names = tuple(racer.id for racer in spec.racers), spec.objective.variables
    per_racer, per_coordinate = (racers,), (racers, names)
    return (
        Column("x", "racers.{0}.{1}", per_coordinate),
        Column("f", "racers.{0}.f", per_racer, curve=True),
        Column("grad", "racers.{0}.grad_{1}", per_coordinate),
        Column("grad_norm", "racers.{0}.grad_norm", per_racer, curve=True),
        Column("lr", "racers.{0}.lr", per_racer, curve=True),
        Column("update", "racers.{0}.update_{1}", per_coordinate),
        Column("step_length", "racers.{0}.step_length", per_racer, curve=True),
        Column("effective_lr", "racers.{0}.effective_lr", per_racer, curve=True),
        Column("momentum", "racers.{0}.momentum_{1}", per_coordinate),
        Column("evaluations", "racers.{0}.evaluations", per_racer),
        Column("ended", "racers.{0}.diverged_at", per_racer),
    )


def derived(measured: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns with those that follow from x, grad, lr, momentum and f; all with the step leading."""
    x, grad = measured["x"], measured["grad"]
    update = np.full_like(x, np.nan)
    with np.errstate(all="ignore"):
        update[:-1] = x[1:] - x[:-1]
        grad_norm, length = _norm(grad), _norm(update)
        effective = np.where(grad_norm > 0, length / grad_norm, np.nan)
    extra = {"update": update, "grad_norm": grad_norm, "step_length": length, "effective_lr": effective}
    return measured | extra


def _norm(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(np.hypot.reduce(vectors, axis=-1))
