"""What can be done about a verdict, each as one change of a second arm beside the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gradlab.engine.activations import LeakyReLU, ReLU
from gradlab.engine.initializers import KaimingNormal, XavierNormal
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import Adam
from gradlab.engine.text import Text

from .spec import Beside, NormClip, TrainingSpec
from .verdict import Verdict

OPEN = 3.0
"""Bias with which the LSTM's gate for remembering passes on 95 % a step; with torch's, about half of it."""

Change = Callable[[TrainingSpec], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to try: what it is called, why it may help, and what it changes in the second arm."""

    id: str
    title: Text
    why: Text
    change: Change

    def apply(self, spec: TrainingSpec) -> TrainingSpec:
        """Return ``spec`` with this remedy as its second arm."""
        return spec.replace(beside=Beside(name=str(self.title), **self.change(spec)))


def remedies(spec: TrainingSpec, verdict: Verdict | None = None) -> tuple[Remedy, ...]:
    """Return what can be tried, those that the verdict names in its order; all that apply when there is none."""
    names = REMEDIES if verdict is None else verdict.remedies
    return tuple(REMEDIES[name] for name in names if any(REMEDIES[name].change(spec).values()))


def _blocks(adapt: Callable[[LayerBlock], LayerBlock]) -> Change:
    def change(spec: TrainingSpec) -> dict[str, Any]:
        network = spec.network
        if not isinstance(network, Mlp):
            return {}
        changed = network.replace(blocks=tuple(adapt(block) for block in network.blocks))
        return {"network": None if changed == network else changed}

    return change


def _lstm(spec: TrainingSpec) -> dict[str, Any]:
    if getattr(spec.network, "cell", "") != "rnn":
        return {}
    return {"network": spec.network.replace(cell="lstm", forget_bias=OPEN)}


def _lower(spec: TrainingSpec) -> dict[str, Any]:
    return {"optimizer": spec.optimizer.replace(lr=spec.optimizer.lr / 10)}


def _clip(spec: TrainingSpec) -> dict[str, Any]:
    return {"clip": None if spec.clip.kind == "norm" else NormClip(limit=1.0)}


def _adam(spec: TrainingSpec) -> dict[str, Any]:
    return {"optimizer": None if spec.optimizer.kind == "adam" else Adam(lr=min(spec.optimizer.lr, 0.01))}


def _he(block: LayerBlock) -> LayerBlock:
    return block.replace(activation=ReLU(), initializer=KaimingNormal(), zero_bias=True)


_ALL = (
    Remedy(
        "batch_norm",
        Text("BatchNorm"),
        Text("keeps what goes into each activation in its live range"),
        _blocks(lambda block: block.replace(norm="batch")),
    ),
    Remedy("relu_he", Text("ReLU + He"), Text("slope 1 where active, weights scaled to keep the spread"), _blocks(_he)),
    Remedy(
        "residual",
        Text("Residual connections"),
        Text("a path of slope 1 to every layer"),
        _blocks(lambda block: block.replace(residual=True)),
    ),
    Remedy(
        "xavier",
        Text("Xavier initialisation"),
        Text("weights scaled so that the signal keeps its spread"),
        _blocks(lambda block: block.replace(initializer=XavierNormal(), zero_bias=True)),
    ),
    Remedy(
        "layer_norm",
        Text("LayerNorm"),
        Text("normalises each sample on its own, whatever the batch"),
        _blocks(lambda block: block.replace(norm="layer")),
    ),
    Remedy(
        "leaky_relu",
        Text("Leaky ReLU"),
        Text("a small slope below zero lets dead units come back"),
        _blocks(lambda block: block.replace(activation=LeakyReLU())),
    ),
    Remedy(
        "shallower",
        Text("Half as deep"),
        Text("fewer factors below 1 on the way back"),
        _blocks(lambda block: block.replace(count=max(1, block.count // 2))),
    ),
    Remedy("lstm", Text("LSTM"), Text("its cell state carries the gradient through time, its gate open"), _lstm),
    Remedy("clip", Text("Clipping by norm"), Text("no gradient longer than 1, its direction kept"), _clip),
    Remedy("lower_lr", Text("Learning rate / 10"), Text("smaller steps stay where the gradient is true"), _lower),
    Remedy("adam", Text("Adam"), Text("scales each component by its own size"), _adam),
)
REMEDIES = {remedy.id: remedy for remedy in _ALL}
"""Every remedy by its id."""
