"""Cross-entropy taken apart: logits, softmax, log-softmax, the weighted sum, and what the mean divides by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gradlab.engine.losses import CrossEntropyLoss
from gradlab.engine.losses.classes import class_count, pulled
from gradlab.engine.losses.ways import gradient

from .spec import LossSpec, refusal
from .values import nothing

GAPS = np.linspace(0, 200, 801)
"""How far the right logit lies below another, where log(softmax) is followed into its underflow."""


@dataclass(frozen=True, slots=True, eq=False)
class EntropyReading:
    """Shapes (rows, classes) but for ``losses`` (rows,); ``naive`` is log(softmax) as float32 computes it in two steps.

    ``share``: how much of each −ln p the loss takes, weights included. ``divisor`` is what torch's mean divides by.
    """

    spec: LossSpec
    refusal: str = ""
    logits: np.ndarray = field(default_factory=nothing)
    softmax: np.ndarray = field(default_factory=nothing)
    log_softmax: np.ndarray = field(default_factory=nothing)
    naive: np.ndarray = field(default_factory=nothing)
    share: np.ndarray = field(default_factory=nothing)
    losses: np.ndarray = field(default_factory=nothing)
    slope: np.ndarray = field(default_factory=nothing)
    mean: float = float("nan")
    divisor: float = float("nan")
    nll: float = float("nan")
    gaps: np.ndarray = field(default_factory=nothing)
    gap_naive: np.ndarray = field(default_factory=nothing)
    gap_stable: np.ndarray = field(default_factory=nothing)

    @property
    def total(self) -> float:
        """The sum of the losses."""
        return float(self.losses.sum())

    @property
    def per_sample(self) -> float:
        """The sum divided by the number of samples: what 1/N would give."""
        return self.total / len(self.losses)


def entropy_reading(spec: LossSpec) -> EntropyReading:
    """Return every station of cross-entropy, or why there is none."""
    loss = spec.loss
    if not isinstance(loss, CrossEntropyLoss):
        return EntropyReading(spec, f"this page takes cross-entropy apart; the loss is {loss.name()}")
    told = refusal(spec)
    if told:
        return EntropyReading(spec, told)
    arrays = spec.arrays()
    logits = arrays[0]
    losses, _ = gradient(loss, "none", arrays)
    mean, slope = gradient(loss, "mean", arrays)
    softmax, log_softmax, naive = stations(logits)
    share = pulled(loss, *arrays)
    divisor = loss.replace(reduction="mean").denominator(*arrays)
    kept = np.where(share > 0, share * log_softmax, 0.0)
    naive_gap, stable_gap = underflow()
    return EntropyReading(
        spec, "", logits, softmax, log_softmax, naive, share, losses, slope, float(mean), divisor,
        float(-kept.sum() / divisor) if divisor else float("nan"), GAPS, naive_gap, stable_gap,
    )  # fmt: skip


def stations(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return softmax and log-softmax in float64, and log(softmax) in two steps in float32; along the classes."""
    import torch

    axis = 0 if logits.ndim == 1 else 1
    assert class_count(logits)
    x = torch.tensor(logits, dtype=torch.float64)
    naive = torch.log(torch.softmax(x.float(), axis)).numpy()
    return torch.softmax(x, axis).numpy(), torch.log_softmax(x, axis).numpy(), naive.astype(float)


def underflow() -> tuple[np.ndarray, np.ndarray]:
    """Return log(softmax) and log_softmax of the lower of two logits, by how far it is below, both in float32."""
    import torch

    x = torch.tensor(np.column_stack([-GAPS, np.zeros_like(GAPS)]), dtype=torch.float32)
    return torch.log(torch.softmax(x, 1))[:, 0].double().numpy(), torch.log_softmax(x, 1)[:, 0].double().numpy()
