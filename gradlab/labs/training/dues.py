"""At which steps something is measured, and which need nothing but the bare loop and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .spec import TrainingSpec


def due(every: int, step: int) -> bool:
    """Tell whether what is measured every so many steps, 0 for never, is measured at ``step``."""
    return every > 0 and step % every == 0


def quiet_steps(spec: TrainingSpec, low: int, high: int) -> frozenset[int]:
    """Return the steps low … high − 1 whose loss is one plain pass, with nothing but gradients to be measured."""
    if spec.accumulate > 1 or spec.autocast != "none" or spec.l1:
        return frozenset()
    probes = spec.probes
    others = (probes.activations, probes.metrics, probes.sharpness, probes.noise)
    loud = (range(low + -low % every, high, every) for every in others if every)
    return frozenset(range(low, high)).difference(*loud)
