"""The loss of a line over its two parameters, for a few points."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.losses import Loss
from gradlab.engine.losses.ways import applied

from .curves import of_an_error
from .spec import LossSpec
from .values import nothing

if TYPE_CHECKING:
    from torch import Tensor

SIZE = 161
W_RANGE, B_RANGE = (-4.0, 6.0), (-5.0, 5.0)
X = np.linspace(-2, 2, 9)
Y = 0.8 * X + 0.5 + np.array([0.3, -0.2, 0.1, -0.4, 0.2, 0.35, -0.3, 0.15, -0.2])
"""Points about the line 0.8 x + 0.5."""
YES = np.array([0, 0, 0, 1, 0, 1, 1, 1, 1], dtype=float)
"""A yes or no for each x, one out of line, so that no weights are the best by growing without end."""
COUNTS = np.array([0, 0, 1, 1, 2, 1, 3, 4, 7], dtype=float)
SHARES = 0.1 + 0.8 * YES
"""A yes or no of which nobody is sure: the share of yes."""
SPREAD = 0.25
"""The variance that every point has."""
CHOICES = ("bce", "bce_with_logits", "multilabel_soft_margin", "cross_entropy", "nll")
MARGINS = ("multi_margin", "multilabel_margin")
SIGNS = ("soft_margin", "margin_ranking")
TARGETS = {
    **dict.fromkeys((*CHOICES, *MARGINS), YES),
    **dict.fromkeys(SIGNS, 2 * YES - 1),
    "kl_div": SHARES,
    "hinge_embedding": 1 - YES,
    "poisson_nll": COUNTS,
    "gaussian_nll": Y,
}
"""What the line is fitted to, by loss, as it is drawn; Y for the losses of an error."""
SHAPES = {"poisson_nll": "exp", "hinge_embedding": "distance"} | dict.fromkeys((*CHOICES, "kl_div"), "sigmoid")
WORDS = {
    "gaussian_nll": f"Every point has the variance {SPREAD:g}.",
    "margin_ranking": "The line is the first input and 0 the second: above 0 it comes first.",
    "hinge_embedding": "The distance is |w x + b|: 0 where two belong together, the margin where they do not.",
    "kl_div": "The target is a share of yes, 0.1 or 0.9; the input the log-probabilities of the logits 0 and w x + b.",
} | dict.fromkeys(("cross_entropy", "nll", *MARGINS), "The scores of the two classes are 0 and w x + b.")
WEIGHTS = ("weight", "pos_weight", "ignore_index")
"""Parameters that are for other tables than these points."""


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
    """How the line becomes a prediction: line, sigmoid, exp or distance."""
    words: str = ""
    """What the points and the line are to this loss, and what of it is left out."""


def surface_reading(spec: LossSpec) -> SurfaceReading:
    """Return the surface, or why there is none for this loss."""
    loss = _bare(spec.loss)
    targets = _targets(loss)
    if targets is None:
        return SurfaceReading(spec, _why_not(loss))
    w, b, z = grid(loss)
    j, i = np.unravel_index(int(np.argmin(z)), z.shape)
    value, slopes = at(loss, *spec.weights)
    words = WORDS.get(loss.kind, "")
    if loss != spec.loss:
        words = f"{words} {', '.join(_set(spec.loss))}: left out, they are for other tables.".strip()
    return SurfaceReading(
        spec, "", w, b, z, X, targets, value, slopes,
        (float(w[i]), float(b[j])), float(z[j, i]), SHAPES.get(loss.kind, "line"), words,
    )  # fmt: skip


def _set(loss: Loss) -> tuple[str, ...]:
    """Return which of the parameters for other tables are set."""
    fields = type(loss).model_fields
    return tuple(name for name in WEIGHTS if name in fields and getattr(loss, name) != fields[name].default)


def _bare(loss: Loss) -> Loss:
    """Return the loss without what is for other tables."""
    return loss.replace(**{name: type(loss).model_fields[name].default for name in _set(loss)})


def _targets(loss: Loss) -> np.ndarray | None:
    """Return what the line is fitted to; None where a loss takes something else than points."""
    return TARGETS.get(loss.kind, Y if of_an_error(loss) else None)


def _why_not(loss: Loss) -> str:
    """Return why there is no line for a loss."""
    if loss.takes == "embeddings":
        return f"{loss.name()} compares vectors, not a number of a line with that of a point: see Values for its slopes"
    return f"{loss.name()} takes a sequence, which is no line through points: see Values for its slopes"


@functools.lru_cache(maxsize=32)
def grid(loss: Loss) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return w[n], b[n] and the mean loss z[n, n]."""
    import torch

    w, b = np.linspace(*W_RANGE, SIZE), np.linspace(*B_RANGE, SIZE)
    weights = torch.tensor(np.array(np.meshgrid(w, b)).reshape(2, -1))
    with torch.no_grad():
        z = mean_loss(loss)(weights[0], weights[1])
    return w, b, z.numpy().reshape(SIZE, SIZE)


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

    x, y = torch.tensor(X), torch.tensor(_targets(loss))

    def f(w: Tensor, b: Tensor) -> Tensor:
        z = w[:, None] * x + b[:, None]
        each = applied(loss, "none", *_tables(loss, z.reshape(-1), y.expand_as(z).reshape(-1)))
        mean: Tensor = each.reshape(*z.shape, -1).sum(2).mean(1)
        return mean

    return f


def _tables(loss: Loss, z: Tensor, t: Tensor) -> tuple[Tensor, ...]:
    """Return what the loss takes, made of the line z[n] at every point and of the targets t[n] there."""
    import torch

    scores = torch.stack([torch.zeros_like(z), z], -1)
    match loss.kind:
        case "bce":
            return torch.sigmoid(z), t
        case "poisson_nll":
            return (z if getattr(loss, "log_input", True) else z.exp()), t
        case "cross_entropy" | "multi_margin":
            return scores, t.long()
        case "nll":
            return scores.log_softmax(-1), t.long()
        case "multilabel_margin":
            return scores, torch.stack([t.long(), torch.full_like(t.long(), -1)], -1)
        case "multilabel_soft_margin":
            return z[:, None], t[:, None]
        case "kl_div":
            shares = torch.stack([1 - t, t], -1)
            return scores.log_softmax(-1), shares.log() if getattr(loss, "log_target", False) else shares
        case "hinge_embedding":
            return z.abs(), 1 - 2 * t
        case "margin_ranking":
            return z, torch.zeros_like(z), t
        case "gaussian_nll":
            return z, t, torch.full_like(z, SPREAD)
        case _:
            return z, t
