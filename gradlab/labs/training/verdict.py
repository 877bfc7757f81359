"""What the gradients of a network say, in words: an ordered table of rules, of which the first that matches speaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradlab.engine.history import History
from gradlab.engine.text import Text

from .facts import Facts, facts
from .spec import TrainingSpec

FALL = 0.25
"""Decades per hidden layer by which the gradient norm falls towards the input when it vanishes."""
WHOLE_FALL = 1.0
"""Decades that it falls altogether: two or three layers are never exactly alike."""
SIGNAL = 0.1
"""Decades per layer by which the activations grow when a network explodes forward."""
LARGE = 1.0
"""Gradient norm of a hidden layer, relative to that of its weights, that is large."""
RISEN = 10.0
"""Factor over its best by which the loss has risen when a training explodes."""
FLAT = 0.5
"""Share of saturated values in a layer from which it is called saturated."""
DEAD = 0.5
"""Share of dead units in a layer from which it is called dead."""
DONE = 1e-3
"""Share of the first loss below which a training has converged."""
STILL = 1e-3
"""Share of the first gradient below which a training stands still."""
LEARNED = 0.3
"""Share of the first loss below which a training that stands still has converged."""
EDGE = 1.1
"""Factor of the stability bound by which lr has to be above it: descent hovers just there by itself."""

Kind = Literal[
    "nonfinite", "exploding", "unstable", "saturated", "dead", "converged", "vanishing", "stalled", "healthy"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is the matter: the numbers behind it, the rule that spoke, where, and which remedies may help."""

    kind: Kind
    title: Text
    text: Text
    rule: str
    layer: str = ""
    remedies: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        """Something is wrong."""
        return self.kind not in {"healthy", "converged"}


def judge(spec: TrainingSpec, history: History, arm: str = "a", row: int | None = None) -> Verdict:
    """Return the verdict on an arm at ``row`` of its record, None for the newest."""
    return verdict(facts(spec, history, arm, row))


def verdict(known: Facts) -> Verdict:
    """Return what the first rule that matches says."""
    return next(found for rule in RULES if (found := rule(known)) is not None)


def nonfinite(known: Facts) -> Verdict | None:
    """Not finite: something became infinite or NaN, and the arm stopped there."""
    if known.ended is None:
        return None
    step, what, layer = known.ended
    return Verdict(
        "nonfinite",
        Text("Not finite at step {step}", {"step": step}),
        Text("First to go: {what}. The arm stopped there.", {"what": what}),
        "the first value that is infinite or not a number ends an arm",
        layer,
        ("lower_lr", "clip", "relu_he", "batch_norm"),
    )


def exploding(known: Facts) -> Verdict | None:
    """Exploding: forward, backward, or in time."""
    large = bool(len(known.relative)) and float(np.nanmax(known.relative, initial=0.0)) >= LARGE
    whole = -known.fall * (len(known.norms) - 1)
    if large and -known.fall >= FALL and whole >= WHOLE_FALL:
        text = Text(
            "The gradient grows by {growth:.2f} decades per layer towards the input; {layer} has {norm:.3g}.",
            {"growth": -known.fall, "layer": known.hidden[0], "norm": float(known.norms[0])},
        )
        return _explodes(text, f"≥ {FALL} decades per hidden layer towards the input", known.hidden[0])
    if large and known.growth >= SIGNAL and known.growth * (len(known.spread) - 1) >= WHOLE_FALL:
        values = {"growth": 10**known.growth, "norm": float(np.nanmax(known.norms))}
        text = Text("Each layer makes the signal {growth:.2f} times larger; gradients reach {norm:.3g}.", values)
        return _explodes(text, f"activations grow by ≥ {SIGNAL} decades per layer, gradients ≥ weights")
    if known.loss > RISEN * known.best_loss and known.loss > known.first_loss and known.total > known.first_total:
        values = {"loss": known.loss, "best": known.best_loss, "total": known.total}
        text = Text("The loss is {loss:.3g}, from {best:.3g} at its best; the gradient has {total:.3g}.", values)
        return _explodes(text, f"loss ≥ {RISEN:g} × its best and above its start, gradient above its start")
    return None


def _explodes(text: Text, rule: str, layer: str = "") -> Verdict:
    return Verdict("exploding", Text("Exploding"), text, rule, layer, ("clip", "lower_lr", "relu_he", "batch_norm"))


def unstable(known: Facts) -> Verdict | None:
    """Learning rate above the stability bound of descent, where the sharpness is measured."""
    bound = 2 * (1 + known.momentum) / known.sharpness if known.sharpness > 0 else math.inf
    if not (known.plain_descent and known.lr > EDGE * bound):
        return None
    values = {"lr": known.lr, "bound": bound, "sharpness": known.sharpness}
    return Verdict(
        "unstable",
        Text("Learning rate above the bound"),
        Text("lr {lr:.3g} is above {bound:.3g}, the largest stable one at sharpness {sharpness:.3g}.", values),
        f"lr > {EDGE:g} × 2 (1 + momentum) / sharpness",
        "",
        ("lower_lr", "adam"),
    )


def saturated(known: Facts) -> Verdict | None:
    """Saturated: most values of a layer sit on the flat ends of its activation."""
    place = _worst(known.saturated, FLAT)
    if place is None:
        return None
    values = {"share": 100 * float(known.saturated[place]), "layer": known.activations[place]}
    return Verdict(
        "saturated",
        Text("Saturated"),
        Text("{share:.0f} % of {layer} sits where its activation is flat and passes no gradient.", values),
        f"≥ {FLAT:.0%} of the values where the slope is below 5 % of the steepest",
        known.activations[place],
        ("batch_norm", "relu_he", "xavier", "layer_norm"),
    )


def dead(known: Facts) -> Verdict | None:
    """Dead: most units of a layer have no slope for any sample."""
    place = _worst(known.dead, DEAD)
    if place is None:
        return None
    values = {"share": 100 * float(known.dead[place]), "layer": known.activations[place]}
    return Verdict(
        "dead",
        Text("Dead units"),
        Text("{share:.0f} % of the units of {layer} pass no gradient, whatever the sample.", values),
        f"≥ {DEAD:.0%} of the units with slope 0 for every sample of the batch",
        known.activations[place],
        ("leaky_relu", "lower_lr", "batch_norm", "relu_he"),
    )


def _worst(shares: np.ndarray, limit: float) -> int | None:
    """Return the place of the largest share when it reaches the limit."""
    known = np.nan_to_num(shares, nan=-1.0)
    if not known.size or known.max() < limit:
        return None
    return int(known.argmax())


def converged(known: Facts) -> Verdict | None:
    """Converged: the loss is a fraction of what it was; small gradients are its success, not its ailment."""
    share = known.loss / known.first_loss if known.first_loss > 0 else 1.0
    still = known.total <= STILL * known.first_total
    certain = known.accuracy >= 0.99 and share <= LEARNED
    if not (share <= DONE or certain or (still and share <= LEARNED)):
        return None
    values = {"loss": known.loss, "share": share}
    return Verdict(
        "converged",
        Text("Converged"),
        Text("The loss is {loss:.3g}, {share:.2g} of what it was; small gradients are no fault now.", values),
        f"loss ≤ {DONE:g} of its start, or ≤ {LEARNED:g} with accuracy ≥ 99 % or gradient ≤ {STILL:g} of its start",
    )


def vanishing(known: Facts) -> Verdict | None:
    """Vanishing towards the input: each hidden layer has a fraction of the gradient of the next."""
    if not (known.fall >= FALL and known.fall * (len(known.norms) - 1) >= WHOLE_FALL):
        return None
    values = {"ratio": known.ratio, "fall": known.fall, "count": len(known.hidden)}
    return Verdict(
        "vanishing",
        Text("Vanishing towards the input"),
        Text(
            "The first layer's gradient is {ratio:.2g} of the last hidden one's: "
            "it falls by {fall:.2f} decades at each of {count} layers.",
            values,
        ),
        f"median of 20 steps falls by ≥ {FALL} decades per hidden layer, ≥ {WHOLE_FALL:g} in all; output layer apart",
        known.hidden[0],
        ("batch_norm", "relu_he", "residual", "xavier", "shallower", "lstm"),
    )


def stalled(known: Facts) -> Verdict | None:
    """Stalled: hardly any gradient is left, and little has been learned."""
    share = known.loss / known.first_loss if known.first_loss > 0 else 0.0
    if not (known.total <= STILL * known.first_total and share > LEARNED):
        return None
    values = {"total": known.total, "part": known.total / (known.first_total or 1.0), "share": share}
    return Verdict(
        "stalled",
        Text("Stalled"),
        Text("The gradient is {total:.2g}, {part:.1g} of what it was, and the loss still {share:.2g} of it.", values),
        f"gradient ≤ {STILL:g} of its start with the loss above {LEARNED:g} of its start",
        "",
        ("batch_norm", "relu_he", "residual", "adam", "xavier", "shallower"),
    )


def healthy(known: Facts) -> Verdict:
    """Healthy: nothing of the above."""
    if len(known.hidden) < 2:
        text = Text("The gradient has norm {total:.3g}.", {"total": known.total})
    else:
        text = Text(
            "First over last hidden layer {ratio:.2g}; the whole gradient has {total:.3g}.",
            {"ratio": known.ratio, "total": known.total},
        )
    return Verdict("healthy", Text("Healthy"), text, "no rule before this one matches")


RULES: tuple[Callable[[Facts], Verdict | None], ...] = (
    nonfinite,
    exploding,
    unstable,
    saturated,
    dead,
    converged,
    vanishing,
    stalled,
    healthy,
)
"""In this order; the first that matches speaks."""
