"""The loss of a line over its two parameters, for a few points."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.losses import Loss
from gradlab.engine.losses.ways import applied

from .spec import LossSpec
from .values import nothing

if TYPE_CHECKING:
    from torch import Tensor

COARSE, FINE = 41, 161
W_RANGE, B_RANGE = (-4.0, 6.0), (-5.0, 5.0)
X = np.linspace(-2, 2, 9)
Y = 0.8 * X + 0.5 + np.array([0.3, -0.2, 0.1, -0.4, 0.2, 0.35, -0.3, 0.15, -0.2])
"""Points about the line 0.8 x + 0.5."""
YES = np.array([0, 0, 0, 1, 0, 1, 1, 1, 1], dtype=float)
"""A yes or no for each x, one out of line, so that no weights are the best by growing without end."""
SHAPES = {"poisson_nll": "exp"} | dict.fromkeys(
    ("bce", "bce_with_logits", "multilabel_soft_margin", "cross_entropy"), "sigmoid"
)
COUNTS = np.array([0, 0, 1, 1, 2, 1, 3, 4, 7], dtype=float)
TARGETS = {
    **dict.fromkeys(("l1", "mse", "huber", "smooth_l1"), Y),
    **dict.fromkeys(("bce", "bce_with_logits", "multilabel_soft_margin", "cross_entropy", "multi_margin"), YES),
    "soft_margin": 2 * YES - 1,
    "poisson_nll": COUNTS,
}
"""What the line is fitted to, by loss; the others compare something else than a number with a number."""


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceReading:
    """z[j, i] is the mean loss at w[i], b[j]; the points; the loss and its slopes at the line; the best on the grid."""

    spec: LossSpec
    refusal: str = ""
    w: np.ndarray = field(default_factory=nothing)
    b: np.ndarray = field(default_factory=nothing)
    z: np.ndarray = field(default_factory=nothing)
    x: np.ndarray = field(default_factory=nothing)
    y: np.ndarray = field(default_factory=nothing)
    loss: float = float("nan")
    slopes: tuple[float, float] = (float("nan"), float("nan"))
    best: tuple[float, float] = (float("nan"), float("nan"))
    least: float = float("nan")
    shape: str = "line"
    """How the line becomes a prediction: line, sigmoid or exp."""

    def coarser(self, other: SurfaceReading) -> bool:
        """Tell whether the other shows the same in more detail."""
        return self.spec.loss == other.spec.loss and len(self.w) < len(other.w)


def surface_reading(spec: LossSpec, size: int) -> SurfaceReading:
    """Return the surface, or why there is none for this loss."""
    loss = spec.loss
    if loss.kind not in TARGETS or (loss.kind == "poisson_nll" and not getattr(loss, "log_input", True)):
        return SurfaceReading(spec, f"{loss.name()} does not compare one number of a line with one of a point")
    if getattr(loss, "weight", None) is not None or getattr(loss, "pos_weight", None) is not None:
        loss = loss.replace(**{name: None for name in ("weight", "pos_weight") if name in type(loss).model_fields})
    if getattr(loss, "ignore_index", -100) >= 0:
        loss = loss.replace(ignore_index=-100)
    w, b, z = grid(loss, size)
    j, i = np.unravel_index(int(np.argmin(z)), z.shape)
    value, slopes = at(loss, *spec.weights)
    return SurfaceReading(
        spec, "", w, b, z, X, TARGETS[loss.kind], value, slopes,
        (float(w[i]), float(b[j])), float(z[j, i]), SHAPES.get(loss.kind, "line"),
    )  # fmt: skip


@functools.lru_cache(maxsize=32)
def grid(loss: Loss, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return w[n], b[n] and the mean loss z[n, n]."""
    import torch

    w, b = np.linspace(*W_RANGE, size), np.linspace(*B_RANGE, size)
    weights = torch.tensor(np.array(np.meshgrid(w, b)).reshape(2, -1))
    with torch.no_grad():
        z = mean_loss(loss)(weights[0], weights[1])
    return w, b, z.numpy().reshape(size, size)


def at(loss: Loss, w: float, b: float) -> tuple[float, tuple[float, float]]:
    """Return the mean loss of a line and its slopes by w and b."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        line = torch.tensor([[w], [b]], dtype=torch.float64, requires_grad=True)
        value = mean_loss(loss)(line[0], line[1]).sum()
        (slopes,) = torch.autograd.grad(value, line)
    return float(value.detach()), (float(slopes[0]), float(slopes[1]))


def mean_loss(loss: Loss) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the mean loss over the points as a function of w[k] and b[k]."""
    import torch

    x, y = torch.tensor(X), torch.tensor(TARGETS[loss.kind])

    def f(w: Tensor, b: Tensor) -> Tensor:
        z = w[:, None] * x + b[:, None]
        t = y.expand_as(z)
        if loss.kind in {"cross_entropy", "multi_margin"}:
            scores = torch.stack([torch.zeros_like(z), z], -1).reshape(-1, 2)
            each = applied(loss, "none", scores, t.reshape(-1).long()).reshape(z.shape)
        elif loss.kind == "multilabel_soft_margin":
            each = applied(loss, "none", z[..., None], t[..., None]).reshape(z.shape)
        else:
            each = applied(loss, "none", torch.sigmoid(z) if loss.kind == "bce" else z, t)
        mean: Tensor = each.mean(1)
        return mean

    return f
