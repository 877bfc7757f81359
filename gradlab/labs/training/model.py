"""The network of one arm at one state, rebuilt from the vector of its parameters: for looks at it, never for steps."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from .anatomy import sample
from .bridge import criterion
from .feed import parted
from .start import begin
from .tasks import outputs, targets

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from gradlab.engine.datasets import Data

    from .spec import TrainingSpec


class Model:
    """A network with its data and its loss, float32 on the CPU. ``load`` sets its state.

    ``start`` is what it starts from, in the precision of the run.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        import torch

        self.spec = spec
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            shape = sample(spec.data, spec.seed)
            self.network: nn.Module = spec.network.build(shape.shape, outputs(shape, spec.loss), shape.answers)
            drawn = spec.data.after_build
            data = spec.data.sample(spec.seed, torch.default_generator) if drawn else shape
        self.criterion = criterion(spec.loss, torch.float32, shape.answers)
        self.data: Data
        self.data, self.train, self.held_out = parted(data, spec.held_out, spec.seed)
        self.x = torch.from_numpy(self.data.x)
        self.y = torch.from_numpy(targets(self.data, spec.loss))
        self.network.to(getattr(torch, spec.dtype))
        begin(self.network, spec.start, spec.pins)
        self.start = self._parts_as_vector()
        self.network.float()

    def _parts(self) -> list[Tensor]:
        buffers = [b for b in self.network.buffers() if b.is_floating_point()]
        return [*(p.detach() for p in self.network.parameters()), *buffers]

    def _parts_as_vector(self) -> np.ndarray:
        import torch

        return torch.cat([part.reshape(-1) for part in self._parts()]).numpy().copy()

    def load(self, vector: np.ndarray | None) -> None:
        """Put the network in the state of a vector; its start for None, or for the vector of another network."""
        import torch

        fits = vector is not None and len(vector) == len(self.start)
        values, place = torch.from_numpy(np.array(vector if fits else self.start)), 0
        for part in self._parts():
            part.copy_(values[place : place + part.numel()].view_as(part))
            place += part.numel()

    def answers(self, x: np.ndarray) -> np.ndarray:
        """Return what the network says to inputs (N, …) in evaluation mode, shape (N, K)."""
        import torch

        self.network.eval()
        with torch.no_grad():
            said = self.network(torch.from_numpy(np.ascontiguousarray(x, np.float32)))
        return np.asarray(said.numpy())

    def batch(self, most: int) -> tuple[Tensor, Tensor]:
        """Return the first samples that are trained on, at most ``most``."""
        chosen = self.train[:most]
        return self.x[chosen], self.y[chosen]

    def loss(self, x: Tensor, y: Tensor) -> Any:
        """Return the loss of samples with its graph, without L1."""
        return self.criterion(self.network(x), y)


@functools.lru_cache(maxsize=4)
def _model(spec: TrainingSpec) -> Model:
    return Model(spec)


def model_of(spec: TrainingSpec) -> Model:
    """Return the model of an arm; kept while what it depends on stays."""
    shown = ("data", "network", "loss", "seed", "held_out", "optimizer", "clip", "batch", "start", "pins", "dtype")
    plain = type(spec)(**{name: getattr(spec, name) for name in shown})
    return _model(plain)


def generator(seed: int) -> torch.Generator:
    """Return a generator of one's own."""
    import torch

    return torch.Generator().manual_seed(seed)
