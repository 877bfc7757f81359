"""One gradient opened: layer by layer, and back through time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.errors import UserError
from gradlab.engine.probes import Anatomy
from gradlab.engine.probes.anatomy import short

from .model import Model
from .readings import Backprop, LayerStep, TimeGradients
from .tasks import cannot_step

if TYPE_CHECKING:
    from torch import Tensor, nn

SAMPLES = 128
"""Sequences that are gone back through."""
BATCH = 512


def backprop(arm: str, model: Model, step: int | None) -> Backprop:
    """Return one step opened: forward, ``.grad`` empty, filled, accumulated, then the update of the optimizer."""
    import torch

    network = copy.deepcopy(model.network).train()
    anatomy = Anatomy.of(network)
    if why := cannot_step(model.spec.optimizer, anatomy.shapes):
        raise UserError(f"optimizer: {why}")
    x, y = model.batch(BATCH)
    outputs: dict[str, Tensor] = {}
    handles = [m.register_forward_hook(_keeper(name, outputs)) for name, m in network.named_modules()]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(model.spec.seed)
        parameters = list(network.parameters())
        before = [p.grad for p in parameters]
        loss = model.criterion(network(x), y)
        loss.backward()
        filled = _norms(parameters, anatomy)
        forward = {name: (out.norm().item(), _norm(out.grad)) for name, out in outputs.items()}
        for handle in handles:
            handle.remove()
        first = [None if p.grad is None else p.grad.clone() for p in parameters]
        model.criterion(network(x), y).backward()
        accumulated = _norms(parameters, anatomy)
        for p, slope in zip(parameters, first, strict=True):
            p.grad = slope
        old = [p.detach().clone() for p in parameters]
        weights = _sums([p.detach() for p in parameters], anatomy)
        updates = _update(model, network, old, anatomy, loss.detach(), (x, y))
    layers = [
        LayerStep(
            name,
            anatomy.shapes[anatomy.owned(i)[0]],
            *forward.get(name, (float("nan"), float("nan"))),
            None if before[anatomy.owned(i)[0]] is None else 0.0,
            filled[i],
            accumulated[i],
            weights[i],
            updates[i],
        )
        for i, name in enumerate(anatomy.layers)
    ]
    return Backprop(arm, loss.item(), tuple(layers), step)


def _update(
    model: Model, network: nn.Module, old: list[Tensor], anatomy: Anatomy, loss: Tensor, batch: tuple[Tensor, Tensor]
) -> list[float]:
    """Make the first update of a fresh optimizer, and return its norm by layer."""
    optimizer = model.spec.optimizer.build(network.parameters())
    model.spec.clip.clip(network.parameters())

    class Once:
        def __call__(self) -> Tensor:
            return loss

        def loss(self) -> Any:
            return model.criterion(network(batch[0]), batch[1])

    optimizer.step(Once())  # type: ignore[arg-type]
    return _sums([p.detach() - q for p, q in zip(network.parameters(), old, strict=True)], anatomy)


def _keeper(name: str, outputs: dict[str, Tensor]) -> Any:
    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        value = output[0] if isinstance(output, tuple) else output
        if value.requires_grad:
            value.retain_grad()
            outputs.setdefault(short(name), value)

    return hook


def _norm(value: Tensor | None) -> float:
    return float("nan") if value is None else value.norm().item()


def _norms(parameters: list[nn.Parameter], anatomy: Anatomy) -> list[float]:
    import torch

    return _sums([torch.zeros_like(p) if p.grad is None else p.grad for p in parameters], anatomy)


def _sums(tensors: list[Tensor], anatomy: Anatomy) -> list[float]:
    """Return the norm by layer of tensors in the order of the parameters."""
    squares = np.array([t.double().square().sum().item() for t in tensors])
    summed: list[float] = np.sqrt(np.add.reduceat(squares, anatomy.starts)).tolist()
    return summed


def time_gradients(arm: str, model: Model, step: int | None) -> TimeGradients | None:
    """Return the norm of the loss gradient at what is remembered after each time step; None for other networks."""
    unrolled = getattr(model.network, "unrolled", None)
    if unrolled is None:
        return None
    x, y = model.batch(SAMPLES)
    model.network.eval()
    answers, states = unrolled(x)
    for state in states:
        state[0].retain_grad()
    model.criterion(answers, y).backward()
    model.network.zero_grad()
    norms = np.array([_norm(state[0].grad) for state in states])
    return TimeGradients(arm, norms, str(getattr(model.spec.network, "cell", "")), step)
