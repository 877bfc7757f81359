"""Which tensor of a network stopped being finite first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.engine.probes.anatomy import short
from gradlab.engine.text import Text

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gradlab.engine.probes import Anatomy

WEIGHTS, OUTPUT, LOSS, GRADIENT = 0, 1, 2, 3


def find(network: nn.Module, x: Tensor, anatomy: Anatomy) -> tuple[int, int]:
    """Return what became non-finite first, and where: the number of a tensor, or for an output of a layer.

    In the order of a step: the weights that the last update left, the outputs of the layers, the loss, and the
    gradients from the output back to the input.
    """
    parameters = list(network.parameters())
    for number, parameter in enumerate(parameters):
        if not parameter.isfinite().all():
            return WEIGHTS, number
    layer = _output(network, x, anatomy)
    if layer is not None:
        return OUTPUT, layer
    for number in reversed(range(len(parameters))):
        slope = parameters[number].grad
        if slope is not None and not slope.isfinite().all():
            return GRADIENT, number
    return LOSS, 0


def _output(network: nn.Module, x: Tensor, anatomy: Anatomy) -> int | None:
    """Return the layer whose output, or that of what follows it, is not finite in another forward pass."""
    import torch

    found: list[int] = []
    seen = [0]

    def watch(name: str) -> Any:
        def hook(_: Any, __: Any, output: Any) -> None:
            seen[0] = anatomy.layers.index(short(name)) if short(name) in anatomy.layers else seen[0]
            value = output[0] if isinstance(output, tuple) else output
            if not found and isinstance(value, torch.Tensor) and not value.isfinite().all():
                found.append(seen[0])

        return hook

    leaves = [(name, m) for name, m in network.named_modules() if not any(True for _ in m.children())]
    handles = [module.register_forward_hook(watch(name)) for name, module in leaves]
    with torch.no_grad():
        network(x)
    for handle in handles:
        handle.remove()
    return found[0] if found else None


def describe(anatomy: Anatomy, what: int, where: int) -> tuple[Text, str]:
    """Return in words what became non-finite first, and the layer's name."""
    if what == LOSS:
        return Text("the loss"), ""
    if what == OUTPUT:
        return Text("the output of {layer}", {"layer": anatomy.layers[where]}), anatomy.layers[where]
    layer = next(i for i in range(len(anatomy.layers)) if where in anatomy.owned(i))
    words = "the parameter {tensor}" if what == WEIGHTS else "the gradient of {tensor}"
    return Text(words, {"tensor": anatomy.tensors[where]}), anatomy.layers[layer]
