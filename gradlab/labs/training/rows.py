"""The rows that one arm writes during a span, preallocated, and what follows from them when the span is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .measurement import PER_ACTIVATION, by_layer

if TYPE_CHECKING:
    from gradlab.engine.probes import Anatomy

PLAIN = ("loss", "test_loss", "accuracy", "test_accuracy", "lr", "clipped_total", "sharpness", "noise_scale", "ended")
CULPRIT = ("ended_in", "ended_at")


class Rows:
    """Arrays with a row for each state of a span. Norms are squared until ``columns`` makes a table of them."""

    def __init__(self, anatomy: Anatomy, count: int) -> None:
        self.anatomy = anatomy
        self._numbers = np.full((len(PLAIN) + len(CULPRIT), count), np.nan)
        self.plain = dict(zip((*PLAIN, *CULPRIT), self._numbers, strict=True))
        tensors, layers = len(anatomy.tensors), len(anatomy.layers)
        self.norms = np.full((count, tensors + layers), np.nan)
        self.squares, self.weights = self.norms[:, :tensors], self.norms[:, tensors:]
        self.moves = np.full((count, layers), np.nan)
        self.activations = np.full((count, len(PER_ACTIVATION), len(anatomy.activations)), np.nan)
        tables = {"norms": self.norms, "weights": self.weights, "moves": self.moves, "activations": self.activations}
        self.tables = tables | self.plain
        """All that is measured, by name; the first axis is the row."""

    def row(self, place: int) -> Rows:
        """Return a copy of one row, as rows of length one."""
        copy = Rows(self.anatomy, 1)
        copy.put(0, self, place)
        return copy

    def put(self, place: int, other: Rows, source: int = 0) -> None:
        """Take a row of ``other`` over."""
        self._numbers[:, place] = other._numbers[:, source]
        for name in ("norms", "moves", "activations"):
            self.tables[name][place] = other.tables[name][source]

    def clear(self) -> None:
        """Take everything out."""
        for table in self.tables.values():
            table[:] = np.nan

    def unsound(self, last: int) -> bool:
        """Tell whether some row after the first, up to ``last``, has a loss or a norm that is not finite."""
        sound = np.isfinite(self.plain["loss"][1 : last + 1])
        for norms in (self.squares[1 : last + 1], self.weights[1 : last + 1]):
            sound &= np.isfinite(norms).all(1) | np.isnan(norms).all(1)
        return not bool(sound.all())

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns of these rows, by the names without the arm."""
        with np.errstate(all="ignore"):
            weights, moves = np.sqrt(self.weights), np.sqrt(self.moves)
            norms = {"grad_norm": by_layer(self.squares, self.anatomy), "weight_norm": weights}
            norms |= {"update_ratio": np.where(weights > 0, moves / weights, np.nan)}
            norms |= {"tensor_grad": np.sqrt(self.squares), "grad_total": np.sqrt(self.squares.sum(1))}
        spread = {name: self.activations[:, i] for i, name in enumerate(PER_ACTIVATION)}
        return self.plain | norms | spread
