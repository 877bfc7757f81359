"""The networks of a training as named arrays, as ``load_state_dict`` knows them, and the way back from such a file."""

from __future__ import annotations

import math

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.history import History
from gradlab.engine.record import Column

from .spec import TrainingSpec


def packed(spec: TrainingSpec, history: History, row: int | None = None) -> tuple[int, bytes]:
    """Return the newest kept row up to ``row`` (None: the newest of all) and its checkpoint as a safetensors file."""
    from safetensors.numpy import save

    step, found = checkpoint(spec, history, row)
    return step, save(found, metadata={"lab": "training", "step": str(step)})


def checkpoint(spec: TrainingSpec, history: History, row: int | None = None) -> tuple[int, dict[str, np.ndarray]]:
    """Return the row of the snapshot up to ``row``, None for the newest, and the tensors of every arm there.

    Under torch's names, in the precision of the run; with two arms each name begins with its arm, as in
    ``b.hidden_1.linear.weight``. Raises ``UserError`` when nothing has been kept.
    """
    found: dict[str, np.ndarray] = {}
    arms, step = spec.arms(), 0
    for arm in arms:
        kept = history.snapshot(f"{arm}.parameters", row)
        if kept is None:
            raise UserError("checkpoint: the run has not begun")
        step, named = kept[0], _tensors(history.kept[f"{arm}.parameters"], kept[1])
        found |= named if len(arms) == 1 else {f"{arm}.{name}": values for name, values in named.items()}
    return step, found


def start_from(spec: TrainingSpec, path: str) -> TrainingSpec:
    """Return ``spec`` with weights that start from the checkpoint at ``path``, which the user has picked.

    No weight stays set by hand. Raises ``UserError`` where there is no checkpoint; whether it fits the network is for
    the run to say, which knows the network: building it is nothing for a window.
    """
    return spec.edited(start=spec.start.edited(file=path).checked(), pins=())


def _tensors(state: Column, vector: np.ndarray) -> dict[str, np.ndarray]:
    """Return the parts of the vector of an arm's state, by torch's names."""
    ends = np.cumsum([math.prod(shape) for shape in state.sizes])
    parts = np.split(vector, ends[:-1])
    named = zip(state.labels[0], parts, state.sizes, strict=True)
    return {name: part.reshape(shape).copy() for name, part, shape in named}
