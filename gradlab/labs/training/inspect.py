"""Pictures of one state of a training: what the network makes of its data, and one step of it opened."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.flat import flattenable
from gradlab.engine.networks.own import blaming
from gradlab.engine.optimizers import Optimizer
from gradlab.engine.probes import ActivationProbe, Anatomy
from gradlab.engine.probes.anatomy import activation_modules
from gradlab.engine.record import Notes
from gradlab.engine.text import Text

from .cloud import sample_gradients
from .dues import settled
from .look import TrainingLook
from .model import Model, model_of
from .opened import backprop, time_gradients
from .readings import (
    ActivationReading,
    DecisionMap,
    Fit,
    NetworkReading,
    Neurons,
    Nothing,
    Points,
    Reading,
    Weights,
)
from .spec import TrainingSpec
from .tasks import before_loss, cannot_step, decide

COARSE, FINE = 25, 121
LINE = 401
NEURON_GRID = 31
MOST_UNITS = 64
MARGIN = 0.15
"""How far a map reaches beyond the data, relative to their width."""
MOST = 1000
"""Samples that activations are looked at with."""


def inspect(
    spec: TrainingSpec, row: Mapping[str, np.ndarray] | None, look: TrainingLook, step: int | None = None
) -> Iterator[Reading | Notes]:
    """Yield what each arm is made of, the data, then the picture that is looked at: maps coarse, then fine.

    Where a file is missing or the network does not fit the data, a note says so, and why there is no picture.
    """
    try:
        with blaming(arm.network for arm in spec.arms().values()):
            yield from _pictures(spec, row, look, step)
    except UserError as error:
        field = _field(spec, error)
        yield Notes({field: Text("{reason}", {"reason": str(error)})}, faults=frozenset({field}))
        yield Nothing(error.message)


def _field(spec: TrainingSpec, error: UserError) -> str:
    """Return the field that an error is about: the one it names, or the one whose file it names."""
    files = {"network": getattr(spec.network, "file", ""), "start": spec.start.file}
    for name in ("network", "start", "pins", "loss", "optimizer"):
        if error.message.startswith(name) or (files.get(name) and files[name] in error.message):
            return name
    return "data"


def _pictures(
    spec: TrainingSpec, row: Mapping[str, np.ndarray] | None, look: TrainingLook, step: int | None
) -> Iterator[Reading | Notes]:
    arms = spec.arms()
    yield notes(spec)
    for arm, own in arms.items():
        yield network_reading(arm, own)
    states = {arm: None if row is None else row.get(f"{arm}.parameters") for arm in arms}
    for arm, own in arms.items():
        yield from weights(arm, own, look.layer, states[arm], step)
    yield points(spec)
    for size in (COARSE, FINE) if look.picture == "map" else (FINE,):
        for arm, own in arms.items():
            model = model_of(own)
            model.load(states[arm])
            yield from _picture(arm, model, look, step, size)


def _picture(arm: str, model: Model, look: TrainingLook, step: int | None, size: int) -> Iterator[Reading]:
    if look.picture == "samples":
        yield from sample_gradients(arm, model, step)
    elif (found := _whole(arm, model, look, step, size)) is not None:
        yield found


def _whole(arm: str, model: Model, look: TrainingLook, step: int | None, size: int) -> Reading | None:
    match look.picture:
        case "map":
            return decision_map(arm, model, size, step) if _inputs(model) == 2 else fit(arm, model, step)
        case "neurons":
            return neurons(arm, model, look.layer, step)
        case "backprop":
            return backprop(arm, model, step)
        case "time":
            return time_gradients(arm, model, step)
        case "activations":
            return activations(arm, model, step)
    return None


@functools.lru_cache(maxsize=16)
def notes(spec: TrainingSpec) -> Notes:
    """Return what the form should say under its fields: how many parameters, and whether they share a buffer."""
    arms = spec.arms()
    texts = {"network": Text("{count:,} parameters", {"count": network_reading("a", arms["a"]).parameters})}
    texts |= _idle(spec)
    if spec.probes.metrics is None:
        texts["probes.metrics"] = Text("every {count} steps here", {"count": settled(spec).metrics})
    if (before := before_loss(spec.loss)) is not None:
        texts["loss"] = before
    if spec.beside is not None and spec.beside.network is not None:
        alone = Text("B has a network of its own, and starts from random weights")
        texts |= {"start": alone} if spec.start.file else {}
        texts |= {"pins": Text("B has a network of its own, and none of them")} if spec.pins else {}
    if not network_reading("a", arms["a"]).flat:
        texts["optimizer"] = Text("each tensor is stepped on its own: joined ones would go elsewhere")
    refused = {"optimizer": _refused(arms["a"])}
    chosen: dict[str, Optimizer | None] = {"optimizer": spec.optimizer}
    if spec.beside is not None:
        refused["beside.optimizer"], chosen["beside.optimizer"] = _refused(arms["b"]), spec.beside.optimizer
    for path, one in chosen.items():
        if one is not None and one.kind in refused[path]:
            texts[path] = Text(refused[path][one.kind])
    return Notes(texts, refused)


def _refused(spec: TrainingSpec) -> Mapping[str, str]:
    """Return why optimizers cannot train the network of an arm, by kind; those that can are left out."""
    found = ((one, cannot_step(one(), Anatomy.of(model_of(spec).network).shapes)) for one in Optimizer.items())
    return {one.model_fields["kind"].default: why for one, why in found if why}


def _idle(spec: TrainingSpec) -> dict[str, Text]:
    """Return the fields that are set and change nothing, by their paths, and why."""
    model = model_of(spec.arms()["a"])
    shape, count, batch = model.data.shape, len(model.train), spec.batch or len(model.train)
    arms = {"network": spec.network}
    if spec.beside is not None and spec.beside.network is not None:
        arms["beside.network"] = spec.beside.network
    found = {
        f"{path}.{field}": why for path, network in arms.items() for field, why in network.without_effect(shape).items()
    }
    if model.data.published:
        found["held_out"] = "changes nothing: the data come with a test part, and that is held out"
    if spec.accumulate > 1 and batch >= count:
        found["accumulate"] = "each batch holds all the samples, and they all say the same"
    if spec.accumulate > 1 and spec.probes.sharpness:
        found["probes.sharpness"] = "not measured where the gradients of several batches make an update"
    if spec.probes.noise and batch == 1:
        found["probes.noise"] = "not measured: a batch of one sample has no halves"
    if spec.schedule.kind == "constant" and spec.schedule.unit != "step":
        found["schedule.unit"] = "changes nothing: the learning rate stays"
    if spec.start.arm == "b" and not spec.start.file:
        found["start.arm"] = "changes nothing without a checkpoint"
    if spec.autocast != "none" and spec.dtype == "float64":
        found["autocast"] = "changes nothing: it is for float32"
    if spec.memory_format != "contiguous" and spec.data.FORM != "images":
        found["memory_format"] = "changes nothing: it is for pictures"
    return {path: Text(why) for path, why in found.items()}


@functools.lru_cache(maxsize=16)
def network_reading(arm: str, spec: TrainingSpec) -> NetworkReading:
    """Return what an arm is made of."""
    network = model_of(spec).network
    anatomy = Anatomy.of(network)
    shapes = tuple(
        tuple((anatomy.tensors[i], anatomy.shapes[i]) for i in anatomy.owned(layer))
        for layer in range(len(anatomy.layers))
    )
    flat = flattenable(spec.optimizer, anatomy.shapes)
    return NetworkReading(
        arm=arm,
        name=spec.network.name(),
        parameters=int(anatomy.sizes().sum()),
        layers=anatomy.layers,
        shapes=shapes,
        activations=anatomy.activations,
        flat=flat,
        why="" if flat else f"{spec.optimizer.name()} goes elsewhere where tensors are joined",
    )


def weights(
    arm: str, spec: TrainingSpec, layer: str, state: np.ndarray | None = None, step: int | None = None
) -> Iterator[Weights]:
    """Yield the tensors of a layer in a state, what they start from without one, if there is such a layer."""
    model = model_of(spec)
    anatomy = Anatomy.of(model.network)
    if layer not in anatomy.layers:
        return
    vector = model.start if state is None or len(state) != len(model.start) else state
    ends = np.cumsum(anatomy.sizes())
    owned = anatomy.owned(anatomy.layers.index(layer))
    tables = [
        vector[ends[i] - size : ends[i]].reshape(anatomy.shapes[i][0] if anatomy.shapes[i] else 1, -1)
        for i, size in zip(owned, anatomy.sizes()[owned.start : owned.stop], strict=True)
    ]
    values = tuple(table[:MOST_UNITS, :MOST_UNITS].copy() for table in tables)
    names, shapes = tuple(anatomy.tensors[i] for i in owned), tuple(anatomy.shapes[i] for i in owned)
    yield Weights(arm, layer, names, shapes, values, None if state is None else step)


@functools.lru_cache(maxsize=4)
def points(spec: TrainingSpec) -> Points:
    """Return the data, as far as a plane can show them: the first two numbers of each sample."""
    model = model_of(spec.arms()["a"])
    x = model.data.x.reshape(len(model.data), -1)[:, :2]
    held_out = np.zeros(len(x), dtype=bool)
    held_out[model.held_out] = True
    y = model.data.y[:, 0] if model.data.answers > 1 else model.data.y
    return Points(x, y, held_out, model.data.classes, model.data.names)


def _inputs(model: Model) -> int:
    return int(np.prod(model.data.shape, dtype=int))


def _side(values: np.ndarray, count: int) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    wide = MARGIN * (high - low or 1.0)
    return np.linspace(low - wide, high + wide, count)


def _grid(model: Model, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sides of a grid over the data, and its nodes (count², 2)."""
    x, y = _side(model.data.x[:, 0], count), _side(model.data.x[:, 1], count)
    return x, y, np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def decision_map(arm: str, model: Model, size: int, step: int | None) -> DecisionMap:
    """Return the class, or the value, of each node of a grid over data of two numbers."""
    x, y, nodes = _grid(model, size)
    answers, classes = model.answers(nodes), model.data.classes
    values, margin = answers[:, 0], np.ones(len(answers))
    if classes:
        values, margin = decide(answers, model.spec.loss, classes)
    return DecisionMap(arm, x, y, values.reshape(size, size), margin.reshape(size, size), classes, step)


def fit(arm: str, model: Model, step: int | None) -> Fit | None:
    """Return what the network says along a line over data of one number; None for other data."""
    if _inputs(model) != 1:
        return None
    x = _side(model.data.x.reshape(-1), LINE)
    answers = model.answers(x.reshape(-1, *model.data.shape))
    if model.spec.loss.kind != "gaussian_nll":
        return Fit(arm, x, answers, step)
    mean, logs = np.split(answers, 2, axis=1)
    spread = np.exp(logs / 2)
    return Fit(arm, x, np.concatenate([mean, mean - spread, mean + spread], axis=1), step, banded=True)


def neurons(arm: str, model: Model, layer: str, step: int | None) -> Neurons | None:
    """Return what the units of one activation say over the plane, the first one unless named."""
    import torch

    names = Anatomy.of(model.network).activations
    if _inputs(model) != 2 or not names:
        return None
    place = names.index(layer) if layer in names else 0
    kept: list[torch.Tensor] = []
    module = activation_modules(model.network)[place]
    handle = module.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    x, y, nodes = _grid(model, NEURON_GRID)
    model.answers(nodes)
    handle.remove()
    units = kept[0].reshape(len(nodes), -1)[:, :MOST_UNITS].numpy().T
    return Neurons(arm, names[place], x, y, units.reshape(-1, NEURON_GRID, NEURON_GRID).copy(), step)


def activations(arm: str, model: Model, step: int | None) -> ActivationReading:
    """Return how each activation fares on the data, in evaluation mode."""
    import torch

    x, _ = model.batch(MOST)
    model.network.eval()
    with torch.no_grad(), ActivationProbe(model.network) as probe:
        model.network(x)
    names = Anatomy.of(model.network).activations
    pre, act, dead, saturated = probe.rows
    return ActivationReading(arm, names, pre, act, dead, saturated, step)
