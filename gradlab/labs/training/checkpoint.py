"""The networks of a training as named arrays, as ``load_state_dict`` knows them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.history import History

from .anatomy import blank, sample
from .spec import TrainingSpec
from .tasks import outputs


def checkpoint(spec: TrainingSpec, history: History, row: int | None = None) -> dict[str, np.ndarray]:
    """Return the float32 tensors of every arm at the snapshot of ``row``, None for the newest.

    Under torch's names; with two arms each name begins with its arm, as in ``b.hidden_1.linear.weight``. Raises
    ``UserError`` when nothing has been kept.
    """
    found: dict[str, np.ndarray] = {}
    arms = spec.arms()
    for arm, own in arms.items():
        kept = history.snapshot(f"{arm}.parameters", row)
        if kept is None:
            raise UserError("checkpoint: the run has not begun")
        named = tensors(own, kept[1])
        found |= named if len(arms) == 1 else {f"{arm}.{name}": values for name, values in named.items()}
    return found


def tensors(spec: TrainingSpec, vector: np.ndarray) -> Mapping[str, np.ndarray]:
    """Return the parts of the vector of an arm's state, by torch's names."""
    data = sample(spec.data, spec.seed)
    network = blank(spec.network, data.shape, outputs(data, spec.loss))
    buffers = [(name, b) for name, b in network.named_buffers() if b.is_floating_point()]
    parts = [*network.named_parameters(), *buffers]
    found, place = {}, 0
    for name, part in parts:
        found[name] = vector[place : place + part.numel()].reshape(tuple(part.shape)).copy()
        place += part.numel()
    return found
