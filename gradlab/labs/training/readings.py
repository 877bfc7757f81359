"""Pictures of one state of a training, as plain values: what the view draws and the runner never sees."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Points:
    """The data: inputs ``x`` (N, D) of at most two dimensions, targets ``y`` (N,) classes or (N, K) numbers.

    ``held_out`` (N,) marks what is not trained on; ``classes`` is 0 for numbers.
    """

    x: np.ndarray
    y: np.ndarray
    held_out: np.ndarray
    classes: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """What the network makes of a plane: class number, or value where ``classes`` is 0, at (x_i, y_j) as [j, i].

    ``margin`` [j, i] is the probability of the class in classification, in (0, 1]; all 1 in regression.
    """

    arm: str
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    margin: np.ndarray
    classes: int
    step: int | None


@dataclass(frozen=True, slots=True)
class Fit:
    """What the network makes of a line of inputs: ``x`` (n,), ``y`` (n, K).

    ``banded``: the last two thirds of the columns of ``y`` are a standard deviation below and above the first.
    """

    arm: str
    x: np.ndarray
    y: np.ndarray
    step: int | None
    banded: bool = False


@dataclass(frozen=True, slots=True)
class Neurons:
    """What each unit of one activation layer says over the plane of the data: ``values`` [unit, j, i]."""

    arm: str
    layer: str
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    step: int | None


@dataclass(frozen=True, slots=True)
class SampleGradients:
    """The gradient of each sample, seen from the plane through their mean and their two widest directions.

    ``at`` (N, 2) are coordinates around the mean in units of the gradient; ``mean_norm`` is the norm of the mean,
    ``spread`` the root mean square distance from it; ``batches`` (M, 2) are means of mini-batches of ``batch`` samples.
    ``toward_zero`` (2,) is where the zero gradient lies in this plane: how far the cloud is from it.
    """

    arm: str
    at: np.ndarray
    batches: np.ndarray
    batch: int
    mean_norm: float
    spread: float
    toward_zero: np.ndarray
    step: int | None


@dataclass(frozen=True, slots=True)
class LayerStep:
    """One layer in one step of backpropagation: norms, and the ``.grad`` of its first tensor as it fills.

    ``output`` and ``slope`` are the norms of what the layer gives forward and of the loss gradient that comes back to
    it; ``before`` is ``.grad`` before the backward pass (None after zeroing), ``filled`` its norm after one backward
    pass, ``accumulated`` after a second one without zeroing; ``update`` the norm of what the step adds.
    """

    layer: str
    shape: tuple[int, ...]
    output: float
    slope: float
    before: float | None
    filled: float
    accumulated: float
    weight: float
    update: float


@dataclass(frozen=True, slots=True)
class Backprop:
    """One step opened, layer by layer, from the input to the output."""

    arm: str
    loss: float
    layers: tuple[LayerStep, ...]
    step: int | None


@dataclass(frozen=True, slots=True)
class TimeGradients:
    """Backpropagation through time: norm (T,) of ∂loss/∂(hidden state) at each time step."""

    arm: str
    norms: np.ndarray
    cell: str
    step: int | None


@dataclass(frozen=True, slots=True)
class ActivationReading:
    """Each activation layer over the data, now: pre-activations and activations as samples for histograms."""

    arm: str
    layers: tuple[str, ...]
    pre_std: np.ndarray
    act_std: np.ndarray
    dead: np.ndarray
    saturated: np.ndarray
    step: int | None


@dataclass(frozen=True, slots=True)
class NetworkReading:
    """What an arm is made of: its layers in order, with the shape of each of their tensors, and how it is trained.

    ``flat`` tells whether its parameters share one buffer; ``why`` says why not.
    """

    arm: str
    name: str
    parameters: int
    layers: tuple[str, ...]
    shapes: tuple[tuple[tuple[str, tuple[int, ...]], ...], ...]
    activations: tuple[str, ...]
    flat: bool
    why: str = ""
    facts: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Weights:
    """The tensors of a layer by name, with their shapes, at one step; what it starts from where that is None.

    ``values`` are the corners (rows, columns) of the tensors as matrices: first axis by all the others.
    """

    arm: str
    layer: str
    tensors: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    values: tuple[np.ndarray, ...]
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no network, no data or no start to draw: why, in one line."""

    why: str


Reading = (
    Points
    | Nothing
    | Weights
    | DecisionMap
    | Fit
    | Neurons
    | SampleGradients
    | Backprop
    | TimeGradients
    | ActivationReading
    | NetworkReading
)
