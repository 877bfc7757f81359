"""What a network is made of, as names: layers, the tensors each one owns, and where its activations sit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import nn

PLAIN = (".linear", ".conv", ".activation")
"""Ends of module names that say nothing beside the layer's own name."""
NO_ACTIVATION = {"MultiheadAttention", "Softmax", "Softmax2d", "LogSoftmax", "Softmin"}


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A layer is a module that owns parameters; ``tensors`` are all of them in the order of ``parameters()``.

    Layer i owns the tensors starts[i] … starts[i + 1] − 1. ``deep`` are the numbers of the layers that multiply (they
    own a tensor of two or more dimensions), from the input to the output; the last of them is the output layer.
    """

    layers: tuple[str, ...]
    tensors: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]
    activations: tuple[str, ...]

    @classmethod
    def of(cls, network: nn.Module) -> Anatomy:
        """Return the anatomy of a module; shared parameters belong to the layer that comes first."""
        layers: list[str] = []
        tensors: list[str] = []
        shapes: list[tuple[int, ...]] = []
        starts: list[int] = []
        seen: set[int] = set()
        for name, module in network.named_modules():
            own = [(key, p) for key, p in module.named_parameters(recurse=False) if id(p) not in seen]
            seen |= {id(p) for _, p in own}
            if own:
                starts.append(len(tensors))
                layers.append(_called(name, layers) or type(network).__name__.lower())
                tensors += [f"{layers[-1]}.{key}" for key, _ in own]
                shapes += [tuple(p.shape) for _, p in own]
        names = tuple(short(name) for name, module in network.named_modules() if is_activation(name, module))
        return cls(tuple(layers), tuple(tensors), tuple(shapes), tuple(starts), names)

    @property
    def deep(self) -> tuple[int, ...]:
        """Numbers of the layers that multiply, in order."""
        return tuple(i for i in range(len(self.layers)) if self.weight(i) is not None)

    def owned(self, layer: int) -> range:
        """Return the numbers of the tensors that a layer owns."""
        ends = (*self.starts[1:], len(self.tensors))
        return range(self.starts[layer], ends[layer])

    def weight(self, layer: int) -> int | None:
        """Return the number of a layer's first tensor of two or more dimensions; None when it has none."""
        return next((i for i in self.owned(layer) if len(self.shapes[i]) > 1), None)

    def products(self, shape: tuple[int, ...]) -> int:
        """Return about how many multiplications a sample of ``shape`` takes: kernels as if they went over all of it."""
        places = int(np.prod(shape[1:], dtype=int))
        used = [places if len(tensor) > 2 else 1 for tensor in self.shapes]
        return max(1, int(self.sizes() @ np.array(used, dtype=int)))

    def sizes(self) -> np.ndarray:
        """Return the entries of each tensor, shape (tensors,)."""
        return np.array([int(np.prod(shape, dtype=int)) for shape in self.shapes], dtype=int)


def short(name: str) -> str:
    """Return a module's name without an end that says nothing: ``hidden_1.linear`` is ``hidden_1``."""
    return next((name.removesuffix(end) for end in PLAIN if name.endswith(end)), name)


def _called(name: str, taken: list[str]) -> str:
    return name if short(name) in taken else short(name)


def is_activation(name: str, module: nn.Module) -> bool:
    """Tell whether a module applies a function to each number on its own: by where it is from, or how it is called."""
    kind = type(module)
    if kind.__module__ == "torch.nn.modules.activation":
        return kind.__name__ not in NO_ACTIVATION
    return name.rsplit(".", 1)[-1] == "activation" and not any(True for _ in module.children())


def activation_modules(network: nn.Module) -> list[nn.Module]:
    """Return the activations of a network in the order of ``Anatomy.activations``."""
    return [module for name, module in network.named_modules() if is_activation(name, module)]
