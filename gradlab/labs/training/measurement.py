"""What a training measures at every step, by arm: row k is the state before update k, on the batch of update k."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.probes import Anatomy
from gradlab.engine.record import Column

from .anatomy import Shapes, anatomies, states
from .dues import settled
from .spec import Probes, TrainingSpec

if TYPE_CHECKING:
    from gradlab.engine.history import History

SCALARS = {
    "loss": "",
    "test_loss": "",
    "accuracy": "",
    "test_accuracy": "",
    "lr": "",
    "grad_total": "",
    "clipped_total": "",
    "sharpness": "",
    "noise_scale": "samples",
}
"""Curves of one number per row, with their units. NaN on rows where they were not measured."""
PER_LAYER = ("grad_norm", "weight_norm", "update_ratio")
PER_ACTIVATION = ("pre_std", "act_std", "dead", "saturated")
PROBE = {
    "metrics": ("test_loss", "accuracy", "test_accuracy"),
    "norms": ("grad_total", "clipped_total", "grad_norm", "weight_norm", "tensor_grad"),
    "ratios": ("update_ratio",),
    "activations": PER_ACTIVATION,
    "sharpness": ("sharpness",),
    "noise": ("noise_scale",),
}
"""What each probe measures, by the fields of ``Probes``; all else is there at every step."""


def columns(spec: TrainingSpec) -> tuple[Column, ...]:
    """Return the columns of a training; every name begins with its arm, as in ``a.loss``.

    ``loss`` is that of the batch, with L1 when there is one; ``test_loss`` is on the data held out, ``accuracy`` and
    ``test_accuracy`` are shares of the data trained on and held out, in evaluation mode. ``grad_total`` is the norm of
    the whole gradient before clipping, ``clipped_total`` after. ``grad_norm``, ``weight_norm`` and ``update_ratio``
    (‖update‖ / ‖weights‖) are by layer, ``tensor_grad`` by tensor. ``pre_std`` and ``act_std`` are the spread before
    and after each activation, ``dead`` the share of its units with no slope anywhere in the batch, ``saturated`` the
    share of values on the flat ends of a bounded activation, NaN for others. ``ended`` is the row at which the arm
    became non-finite and stopped, NaN while it runs; ``ended_in`` and ``ended_at`` say which tensor (see
    ``culprit.describe``). The newest row lacks what the update adds to it. ``parameters``, now and then, are those of
    the network and its floating-point buffers.
    """
    every = settled(spec)
    rows = [_timed(column, every) for arm, one in anatomies(spec).items() for column in _columns(arm, one)]
    return (*rows, *(_state(arm, shapes) for arm, shapes in states(spec).items()))


def _state(arm: str, shapes: Shapes) -> Column:
    name = f"{arm}.parameters"
    return Column(name, f"{arm}.{{0}}", (tuple(shapes),), sizes=tuple(shapes.values()), heavy=True)


def _timed(column: Column, probes: Probes) -> Column:
    name = column.name.partition(".")[2]
    return replace(column, every=next((getattr(probes, probe) for probe, names in PROBE.items() if name in names), 1))


def _columns(arm: str, anatomy: Anatomy) -> list[Column]:
    layers, tensors, activations = (anatomy.layers,), (anatomy.tensors,), (anatomy.activations,)
    found = [Column(f"{arm}.{name}", f"{arm}.{name}", unit=unit, curve=True) for name, unit in SCALARS.items()]
    found += [Column(f"{arm}.{name}", f"{arm}.{{0}}.{name}", layers, curve=True) for name in PER_LAYER]
    found += [Column(f"{arm}.tensor_grad", f"{arm}.{{0}}.grad", tensors, sizes=anatomy.shapes)]
    found += [Column(f"{arm}.{name}", f"{arm}.{{0}}.{name}", activations) for name in PER_ACTIVATION]
    found += [Column(f"{arm}.{name}", f"{arm}.{name}") for name in ("ended_in", "ended_at")]
    return [*found, Column(f"{arm}.ended", f"{arm}.diverged_at")]


def measured(columns: Mapping[str, Column], arm: str) -> Anatomy:
    """Return what an arm was made of, from its columns alone: without torch, and without a line of an own model."""
    tensor, layers = columns[f"{arm}.tensor_grad"], columns[f"{arm}.grad_norm"].labels[0]
    owners = [name.rpartition(".")[0] for name in tensor.labels[0]]
    starts = tuple(owners.index(layer) for layer in layers)
    return Anatomy(layers, tensor.labels[0], tensor.sizes, starts, columns[f"{arm}.dead"].labels[0])


def latest(history: History, name: str, row: int) -> np.ndarray:
    """Return a column of an arm at ``row``, or as it was last measured before; one that has ended stays as it was."""
    ended = float(history.latest(f"{name.partition('.')[0]}.ended", row))
    return history.latest(name, row if math.isnan(ended) else min(row, int(ended)))


def by_layer(squares: np.ndarray, anatomy: Anatomy) -> np.ndarray:
    """Return norms by layer, shape (rows, layers), from squared norms by tensor, shape (rows, tensors)."""
    return np.asarray(np.sqrt(np.add.reduceat(squares, anatomy.starts, axis=1)))


def arm_row(row: Mapping[str, np.ndarray], arm: str) -> dict[str, np.ndarray]:
    """Return what a row holds of one arm, by the names without it."""
    return {name[2:]: value for name, value in row.items() if name.startswith(f"{arm}.")}
