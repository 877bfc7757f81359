"""The numbers that a verdict is made from, taken out of the record of one arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlab.engine.history import History
from gradlab.engine.probes import Anatomy

from .culprit import describe
from .measurement import latest, measured
from .spec import TrainingSpec

WINDOW = 20
"""Rows whose median counts, up to the row that is judged."""
SMALLEST = 1e-45
"""Norm that stands for an exact zero on a log axis: the smallest float32."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One arm at one row. Norms by hidden layer (from the input), the output layer apart; NaN for not measured.

    ``dead`` and ``saturated`` are shares by activation; ``bypassed`` names the layers with a way around them.
    """

    row: int
    hidden: tuple[str, ...]
    norms: np.ndarray
    relative: np.ndarray
    total: float
    first_total: float
    spread: np.ndarray
    dead: np.ndarray
    saturated: np.ndarray
    activations: tuple[str, ...]
    bypassed: frozenset[str]
    loss: float
    first_loss: float
    best_loss: float
    accuracy: float
    lr: float
    sharpness: float
    momentum: float
    plain_descent: bool
    ended: tuple[int, str, str] | None = None

    @property
    def share(self) -> float:
        """The loss over what it was at the start; NaN where it started at 0 or below."""
        return self.loss / self.first_loss if self.first_loss > 0 else float("nan")

    @property
    def ratio(self) -> float:
        """Gradient norm of the first hidden layer over that of the last."""
        return float(self.norms[0] / self.norms[-1]) if len(self.norms) and self.norms[-1] else float("nan")

    @property
    def fall(self) -> float:
        """Decades by which the gradient norm falls per hidden layer towards the input; 0 for fewer than two layers."""
        return slope(self.norms)

    @property
    def growth(self) -> float:
        """Decades by which the spread of the activations grows per layer towards the output."""
        return slope(self.spread)


def slope(values: np.ndarray) -> float:
    """Return the decades per entry of the straight line through log10 of ``values``; exact zeros count as tiny."""
    if len(values) < 2 or not np.isfinite(values).all():
        return 0.0
    return float(np.polyfit(np.arange(len(values)), np.log10(np.maximum(values, SMALLEST)), 1)[0])


def facts(spec: TrainingSpec, history: History, arm: str = "a", row: int | None = None) -> Facts:
    """Return what is known of an arm at ``row``, None for the newest."""
    own = spec.arms()[arm]
    anatomy = measured(history.columns, arm)
    row = history.rows - 1 if row is None else min(row, history.rows - 1)
    late = _read(history, max(0, row - WINDOW + 1), row)
    hidden = anatomy.deep[:-1]
    norms = _median(late[f"{arm}.grad_norm"])[list(hidden)]
    weights = _median(late[f"{arm}.weight_norm"])[list(hidden)]
    state = {name: latest(history, f"{arm}.{name}", row) for name in ("act_std", "dead", "saturated")}
    early = history.row(0)
    losses = history.curves(f"{arm}.loss", 0, row, 200)[1]
    with np.errstate(all="ignore"):
        relative = norms / weights
    return Facts(
        row=row,
        hidden=tuple(anatomy.layers[i] for i in hidden),
        norms=norms,
        relative=relative,
        total=float(_median(late[f"{arm}.grad_total"])),
        first_total=float(early[f"{arm}.grad_total"]),
        spread=state["act_std"],
        dead=state["dead"],
        saturated=state["saturated"],
        activations=anatomy.activations,
        bypassed=own.network.bypassed(anatomy.shapes[0][1:]),
        loss=float(_median(late[f"{arm}.loss"])),
        first_loss=float(early[f"{arm}.loss"]),
        best_loss=float(np.nanmin(losses)) if np.isfinite(losses).any() else float("nan"),
        accuracy=float(latest(history, f"{arm}.accuracy", row)),
        lr=float(history.row(row)[f"{arm}.lr"]),
        sharpness=float(latest(history, f"{arm}.sharpness", row)),
        momentum=float(getattr(own.optimizer, "momentum", 0.0)),
        plain_descent=own.optimizer.kind == "sgd",
        ended=_ended(history, arm, anatomy, row),
    )


def _ended(history: History, arm: str, anatomy: Anatomy, row: int) -> tuple[int, str, str] | None:
    last = history.row(row)
    ended = float(last[f"{arm}.ended"])
    if not ended <= row:
        return None
    what, where = (int(last[f"{arm}.{name}"]) for name in ("ended_in", "ended_at"))
    words, layer = describe(anatomy, what, where)
    return int(ended), str(words), layer


def _read(history: History, low: int, high: int) -> np.ndarray:
    try:
        return history.read(low, high + 1)
    except LookupError:
        found = history.row(high)
        record = np.empty(1, dtype=history.dtype)
        for name, value in found.items():
            record[name] = value
        return record


def _median(values: np.ndarray) -> np.ndarray:
    """Return the median over the rows that were measured; NaN where none was."""
    known = values[~np.isnan(values).reshape(len(values), -1).all(1)]
    return np.asarray(np.median(known, axis=0) if len(known) else np.full(values.shape[1:], np.nan))
