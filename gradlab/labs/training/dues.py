"""At which steps something is measured, and which need nothing but the bare loop and its gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .anatomy import anatomies, sample
from .feed import parts
from .metrics import passes

if TYPE_CHECKING:
    from .spec import Probes, TrainingSpec

SHARE = 1 / 20
"""What the metrics may add to the time of a step, where the spec leaves open how often they are measured."""
TEN = 10
"""They are measured at every so many steps at most, and at multiples of it, where other things are measured too."""
CALL = 1_000_000
"""Multiplications that take as long as the calls of a layer in a forward pass, on a processor."""
CALLS = 6
"""Such calls in a step, of each layer: forward, backward and the update."""
UPDATE = 50
"""Multiplications that take as long as the update of a parameter."""


def due(every: int, step: int) -> bool:
    """Tell whether what is measured every so many steps, 0 for never, is measured at ``step``."""
    return every > 0 and step % every == 0


def quiet_steps(spec: TrainingSpec, probes: Probes, low: int, high: int) -> frozenset[int]:
    """Return the steps low … high − 1 whose loss is one plain pass, with nothing but gradients to be measured."""
    if spec.accumulate > 1 or spec.autocast != "none" or spec.l1:
        return frozenset()
    others = (probes.activations, probes.metrics, probes.sharpness, probes.noise)
    loud = (range(low + -low % every, high, every) for every in others if every)
    return frozenset(range(low, high)).difference(*loud)


def settled(spec: TrainingSpec) -> Probes:
    """Return how often each thing is measured, in all arms alike: as the spec says, and the metrics where it is open.

    They take passes of their own over many samples. A step of a toy costs more than such a pass, a step of a
    convolutional network on a small batch a tenth of one: so the number of steps from one to the next follows from
    their shapes and numbers, so that all passes together take no more than ``SHARE`` of the steps. It never depends
    on a clock.
    """
    if spec.probes.metrics is not None:
        return spec.probes
    share = max(_in_steps(arm) for arm in spec.arms().values())
    return spec.probes.model_copy(update={"metrics": TEN * max(1, math.ceil(share / SHARE / TEN))})


def _in_steps(spec: TrainingSpec) -> float:
    """Return about how many steps of an arm take as long as the passes of a measurement, both counted in samples."""
    data, anatomy = sample(spec.data, spec.seed), anatomies(spec)["a"]
    products, entries = anatomy.products(data.shape), int(anatomy.sizes().sum())
    calls = CALL * len(anatomy.layers) / products
    trained, _ = parts(data, spec.held_out)
    batch = min(spec.batch, trained) or trained
    step = spec.accumulate * (CALLS * calls + 2 * batch) + UPDATE * entries / products
    return sum(calls + rows for rows in passes(spec)) / step
