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


@dataclass(frozen=True, slots=True)
class Match:
    """Why a rule speaks: which of its criteria, the sentence with the numbers, and the layer where there is one."""

    text: Text
    layer: str = ""
    criterion: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: any one of the ``criteria`` is enough; ``find`` tells which of them the facts meet.

    The title may name values of the text.
    """

    kind: Kind
    title: Text
    criteria: tuple[str, ...]
    find: Callable[[Facts], Match | None]
    remedies: tuple[str, ...] = ()


def judge(spec: TrainingSpec, history: History, arm: str = "a", row: int | None = None) -> Verdict:
    """Return the verdict on an arm at ``row`` of its record, None for the newest."""
    return verdict(facts(spec, history, arm, row))


def verdict(known: Facts) -> Verdict:
    """Return what the first rule that matches says."""
    rule, found = next((rule, found) for rule in RULES if (found := rule.find(known)) is not None)
    title = Text(rule.title.template, found.text.values)
    return Verdict(rule.kind, title, found.text, rule.criteria[found.criterion], found.layer, rule.remedies)


def nonfinite(known: Facts) -> Match | None:
    """Something became infinite or NaN, and the arm stopped there."""
    if known.ended is None:
        return None
    step, what, layer = known.ended
    return Match(Text("First to go: {what}. The arm stopped there.", {"what": what, "step": step}), layer)


def exploding(known: Facts) -> Match | None:
    """Forward, backward, or in time."""
    large = bool(len(known.relative)) and float(np.nanmax(known.relative, initial=0.0)) >= LARGE
    whole = -known.fall * (len(known.norms) - 1)
    if large and -known.fall >= FALL and whole >= WHOLE_FALL:
        text = Text(
            "The gradient grows by {growth:.2f} decades per layer towards the input; {layer} has {norm:.3g}.",
            {"growth": -known.fall, "layer": known.hidden[0], "norm": float(known.norms[0])},
        )
        return Match(text, known.hidden[0], 0)
    if large and known.growth >= SIGNAL and known.growth * (len(known.spread) - 1) >= WHOLE_FALL:
        values = {"growth": 10**known.growth, "norm": float(np.nanmax(known.norms))}
        text = Text("Each layer makes the signal {growth:.2f} times larger; gradients reach {norm:.3g}.", values)
        return Match(text, criterion=1)
    if known.loss > RISEN * known.best_loss and known.loss > known.first_loss and known.total > known.first_total:
        values = {"loss": known.loss, "best": known.best_loss, "total": known.total}
        text = Text("The loss is {loss:.3g}, from {best:.3g} at its best; the gradient has {total:.3g}.", values)
        return Match(text, criterion=2)
    return None


def unstable(known: Facts) -> Match | None:
    """Learning rate above the stability bound of descent, where the sharpness is measured."""
    bound = 2 * (1 + known.momentum) / known.sharpness if known.sharpness > 0 else math.inf
    if not (known.plain_descent and known.lr > EDGE * bound):
        return None
    values = {"lr": known.lr, "bound": bound, "sharpness": known.sharpness}
    return Match(Text("lr {lr:.3g} is above {bound:.3g}, the largest stable one at sharpness {sharpness:.3g}.", values))


def saturated(known: Facts) -> Match | None:
    """Most values of a layer that the gradient must pass sit on flat ends, and little has been learned.

    A layer with a way around it shuts nothing off, and flat ends are how a network that has learned says yes and no.
    """
    barred = [name in known.bypassed for name in known.activations]
    place = _worst(np.where(barred, np.nan, known.saturated), FLAT)
    if place is None or known.share <= LEARNED:
        return None
    layer = known.activations[place]
    values = {"share": 100 * float(known.saturated[place]), "layer": layer}
    text = Text("{share:.0f} % of {layer} sits where its activation is flat and passes no gradient.", values)
    return Match(text, layer)


def dead(known: Facts) -> Match | None:
    """Most units of a layer have no slope for any sample."""
    place = _worst(known.dead, DEAD)
    if place is None:
        return None
    layer = known.activations[place]
    values = {"share": 100 * float(known.dead[place]), "layer": layer}
    return Match(Text("{share:.0f} % of the units of {layer} pass no gradient, whatever the sample.", values), layer)


def _worst(shares: np.ndarray, limit: float) -> int | None:
    """Return the place of the largest share when it reaches the limit."""
    known = np.nan_to_num(shares, nan=-1.0)
    if not known.size or known.max() < limit:
        return None
    return int(known.argmax())


def converged(known: Facts) -> Match | None:
    """The loss is a fraction of what it was; small gradients are its success, not its ailment."""
    share = known.share
    still = known.total <= STILL * known.first_total
    certain = known.accuracy >= 0.99 and share <= LEARNED
    if not (share <= DONE or certain or (still and share <= LEARNED)):
        return None
    values = {"loss": known.loss, "share": share}
    text = Text("The loss is {loss:.3g}, {share:.2g} of what it was; small gradients are no fault now.", values)
    return Match(text, criterion=0 if share <= DONE else 1)


def vanishing(known: Facts) -> Match | None:
    """Each hidden layer has a fraction of the gradient of the next."""
    if not (known.fall >= FALL and known.fall * (len(known.norms) - 1) >= WHOLE_FALL):
        return None
    text = Text(
        "The first layer's gradient is {ratio:.2g} of the last hidden one's: "
        "it falls by {fall:.2f} decades at each of {count} layers.",
        {"ratio": known.ratio, "fall": known.fall, "count": len(known.hidden)},
    )
    return Match(text, known.hidden[0])


def stalled(known: Facts) -> Match | None:
    """Hardly any gradient is left, and little has been learned."""
    if not (known.total <= STILL * known.first_total and known.share > LEARNED):
        return None
    values = {"total": known.total, "part": known.total / (known.first_total or 1.0), "share": known.share}
    text = Text("The gradient is {total:.2g}, {part:.1g} of what it was, and the loss still {share:.2g} of it.", values)
    return Match(text)


def healthy(known: Facts) -> Match:
    """Nothing of the above."""
    if len(known.hidden) < 2:
        return Match(Text("The gradient has norm {total:.3g}.", {"total": known.total}))
    values = {"ratio": known.ratio, "total": known.total}
    return Match(Text("First over last hidden layer {ratio:.2g}; the whole gradient has {total:.3g}.", values))


RULES: tuple[Rule, ...] = (
    Rule(
        "nonfinite",
        Text("Not finite at step {step}"),
        ("the first value that is infinite or not a number ends an arm",),
        nonfinite,
        ("lower_lr", "clip", "relu_he", "batch_norm"),
    ),
    Rule(
        "exploding",
        Text("Exploding"),
        (
            (
                f"the gradient grows by ≥ {FALL} decades per hidden layer towards the input, ≥ {WHOLE_FALL:g} in all, "
                f"and is somewhere ≥ {LARGE:g} × the weights"
            ),
            (
                f"activations grow by ≥ {SIGNAL} decades per layer, ≥ {WHOLE_FALL:g} in all, "
                f"and the gradient is somewhere ≥ {LARGE:g} × the weights"
            ),
            f"the loss is > {RISEN:g} × its best and above its start, and so is the gradient",
        ),
        exploding,
        ("clip", "lower_lr", "relu_he", "batch_norm"),
    ),
    Rule(
        "unstable",
        Text("Learning rate above the bound"),
        (f"lr > {EDGE:g} × 2 (1 + momentum) / sharpness, for SGD where the sharpness is measured",),
        unstable,
        ("lower_lr", "adam"),
    ),
    Rule(
        "saturated",
        Text("Saturated"),
        (
            (
                f"≥ {100 * FLAT:.0f} % of the values of a layer without a way around it have < 5 % of the steepest "
                f"slope, and the loss is still above {LEARNED:g} of its start"
            ),
        ),
        saturated,
        ("batch_norm", "relu_he", "xavier", "layer_norm"),
    ),
    Rule(
        "dead",
        Text("Dead units"),
        (f"≥ {100 * DEAD:.0f} % of the units of a layer have slope 0 for every sample of the batch",),
        dead,
        ("leaky_relu", "lower_lr", "batch_norm", "relu_he"),
    ),
    Rule(
        "converged",
        Text("Converged"),
        (
            f"the loss is ≤ {DONE:g} of its start",
            (
                f"the loss is ≤ {LEARNED:g} of its start, "
                f"with an accuracy of ≥ 99 % or a gradient ≤ {STILL:g} of its start"
            ),
        ),
        converged,
    ),
    Rule(
        "vanishing",
        Text("Vanishing towards the input"),
        (f"the gradient falls by ≥ {FALL} decades per hidden layer towards the input, ≥ {WHOLE_FALL:g} in all",),
        vanishing,
        ("batch_norm", "relu_he", "residual", "xavier", "shallower", "lstm"),
    ),
    Rule(
        "stalled",
        Text("Stalled"),
        (f"the gradient is ≤ {STILL:g} of its start and the loss still above {LEARNED:g} of its",),
        stalled,
        ("batch_norm", "relu_he", "residual", "adam", "xavier", "shallower"),
    ),
    Rule("healthy", Text("Healthy"), ("no rule before this one matches",), healthy),
)
"""In this order; the first that matches speaks. The user's guide is tested against it."""
