"""Two small experiments on the slope of a loss: one wrong logit, and descent onto a kink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlab.engine.losses.ways import module, one_thread

from .curves import error_losses
from .spec import LossSpec

LOGITS = 1001
LATE = 20
"""Steps at the end by which it is said whether x still moves."""
SETTLED = 1e-9


@dataclass(frozen=True, slots=True)
class LogitReading:
    """MSE of σ(z) and cross-entropy of z against a yes, over the logit: losses, slopes, and both at the one asked."""

    spec: LossSpec
    z: np.ndarray
    mse: np.ndarray
    mse_slope: np.ndarray
    bce: np.ndarray
    bce_slope: np.ndarray
    probability: float
    at: tuple[float, float]
    """The two losses at the logit."""
    slopes: tuple[float, float]
    """dMSE/dz and dBCE/dz at the logit."""


@dataclass(frozen=True, slots=True)
class Way:
    """Plain descent on one loss: x before each step and after the last, and how far it still swings."""

    key: str
    name: str
    x: np.ndarray
    swing: float


@dataclass(frozen=True, slots=True)
class KinkReading:
    """Descent from one start on every loss of an error."""

    spec: LossSpec
    ways: tuple[Way, ...]


def logit_reading(spec: LossSpec) -> LogitReading:
    """Return the two losses of a logit against the target 1."""
    import torch
    from torch.nn import functional

    z = np.append(np.linspace(min(-10.0, 1.25 * spec.logit), max(10.0, 1.25 * spec.logit), LOGITS), spec.logit)
    with torch.inference_mode(False), torch.enable_grad():
        x = torch.tensor(z, requires_grad=True)
        ones = torch.ones_like(x)
        mse = functional.mse_loss(torch.sigmoid(x), ones, reduction="none")
        bce = functional.binary_cross_entropy_with_logits(x, ones, reduction="none")
        slopes = [torch.autograd.grad(loss.sum(), x)[0].numpy() for loss in (mse, bce)]
        losses = [loss.detach().numpy() for loss in (mse, bce)]
    return LogitReading(
        spec, z[:-1], losses[0][:-1], slopes[0][:-1], losses[1][:-1], slopes[1][:-1],
        float(torch.sigmoid(x.detach()[-1])), (float(losses[0][-1]), float(losses[1][-1])),
        (float(slopes[0][-1]), float(slopes[1][-1])),
    )  # fmt: skip


def kink_reading(spec: LossSpec) -> KinkReading:
    """Return the way of x under x ← x − lr ℓ′(x), the target at 0, for every loss of an error."""
    import torch

    losses = error_losses(spec)
    x = np.empty((spec.steps + 1, len(losses)))
    with one_thread(), torch.inference_mode(False), torch.enable_grad():
        at = torch.full((len(losses), 1), spec.start, dtype=torch.float64, requires_grad=True)
        zero, modules = at.new_zeros(1), [module(loss, "sum", at.dtype) for loss in losses.values()]
        for k in range(spec.steps + 1):
            x[k] = at.detach()[:, 0]
            (slope,) = torch.autograd.grad([one(z, zero) for one, z in zip(modules, at.unbind(), strict=True)], at)
            at = (at.detach() - spec.lr * slope).requires_grad_()
    late = np.abs(np.diff(x[-LATE - 1 :], axis=0)).max(0)
    return KinkReading(
        spec, tuple(Way(k, one.name(), x[:, i], float(late[i])) for i, (k, one) in enumerate(losses.items()))
    )
