"""The gradient of every sample around their mean: many samples at once where the network allows it, else in slices."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .model import Model, generator
from .readings import SampleGradients

if TYPE_CHECKING:
    from torch import Tensor

SAMPLES = 128
"""Samples whose single gradients are looked at."""
PARAMETERS = 20_000
"""Entries of a gradient up to which the cloud is seen whole; of longer ones this many random directions are seen."""
TOGETHER = 2_000_000
"""Entries of the gradients that are taken at once."""
APART = 8
"""Samples of a slice whose gradients are taken one after the other."""
MEANS = 40

Tensors = dict[str, "Tensor"]


def sample_gradients(arm: str, model: Model, step: int | None) -> Iterator[SampleGradients]:
    """Yield the gradient of every sample around their mean, in evaluation mode, after each slice of the samples."""
    rows: list[np.ndarray] = []
    for some in slices(model):
        rows.append(some)
        yield _cloud(arm, model, np.concatenate(rows), step)


def slices(model: Model) -> Iterator[np.ndarray]:
    """Yield the gradients of some samples after the other, shape (n, entries), float64."""
    import torch

    parameters = {name: p.detach().clone() for name, p in model.network.named_parameters()}
    buffers = {name: b.detach().clone() for name, b in model.network.named_buffers()}
    size = sum(p.numel() for p in parameters.values())
    chosen = None if size <= PARAMETERS else torch.randperm(size, generator=generator(0))[:PARAMETERS]
    x, y = model.batch(SAMPLES)
    together, first = _joinable(model, size), 0
    while first < len(x):
        end = first + (max(APART, TOGETHER // size) if together else APART)
        model.network.eval()
        try:
            take = at_once if together else one_by_one
            found = take(model, parameters, buffers, x[first:end], y[first:end])
        except RuntimeError:
            if not together:
                raise
            together = False  # an own model may do what cannot be done to many samples at once
            continue
        yield (found if chosen is None else found[:, chosen]).double().numpy()
        first = end


def _joinable(model: Model, size: int) -> bool:
    """Tell whether samples can share a pass: torch has no rule for recurrent cells, and large gradients fill memory."""
    from torch import nn

    return size * APART <= TOGETHER and not any(isinstance(m, nn.RNNBase) for m in model.network.modules())


def at_once(model: Model, parameters: Tensors, buffers: Tensors, x: Tensor, y: Tensor) -> Tensor:
    """Return the gradients (n, entries) of samples in one pass: each sample has parameters of its own.

    ``torch.func.grad`` would say the same, but its first use imports torch's compiler, which takes seconds.
    """
    import torch

    own = {name: p.expand(len(x), *p.shape).requires_grad_() for name, p in parameters.items()}

    def loss(mine: Tensors, sample: Tensor, target: Tensor) -> Tensor:
        return _loss(model, mine | buffers, sample[None], target[None])

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "There is a performance drop")  # a few losses have no rule for many samples
        losses = torch.func.vmap(loss)(own, x, y)
    slopes = torch.autograd.grad(losses.sum(), list(own.values()), materialize_grads=True)
    return torch.cat([slope.reshape(len(x), -1) for slope in slopes], dim=1)


def one_by_one(model: Model, parameters: Tensors, buffers: Tensors, x: Tensor, y: Tensor) -> Tensor:
    """Return the gradients (n, entries) of samples, each in a pass of its own."""
    import torch

    own = {name: p.clone().requires_grad_() for name, p in parameters.items()}
    rows = []
    for i in range(len(x)):
        loss = _loss(model, own | buffers, x[i : i + 1], y[i : i + 1])
        slopes = torch.autograd.grad(loss, list(own.values()), materialize_grads=True)
        rows.append(torch.cat([slope.reshape(-1) for slope in slopes]))
    return torch.stack(rows)


def _loss(model: Model, state: Tensors, x: Tensor, y: Tensor) -> Tensor:
    import torch

    loss: Tensor = model.criterion(torch.func.functional_call(model.network, state, (x,)), y)
    return loss


def _cloud(arm: str, model: Model, cloud: np.ndarray, step: int | None) -> SampleGradients:
    mean = cloud.mean(0)
    away = cloud - mean
    plane = _widest(away)
    at = away @ plane.T
    batch = model.spec.batch or 32
    rng = np.random.default_rng(model.spec.seed)
    means = np.array([at[rng.choice(len(at), min(batch, len(at)), replace=False)].mean(0) for _ in range(MEANS)])
    spread = float(np.sqrt((away**2).sum(1).mean()))
    return SampleGradients(arm, at, means, batch, float(np.linalg.norm(mean)), spread, -mean @ plane.T, step)


def _widest(away: np.ndarray) -> np.ndarray:
    """Return the two orthonormal directions (2, n) in which centred points (N, n) spread most; zeros where none."""
    sizes, shares = np.linalg.eigh(away @ away.T)
    axes = shares[:, -2:].T[::-1] @ away
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    known = np.sqrt(np.maximum(sizes[-1:-3:-1], 0)) > 1e-12 * max(float(np.sqrt(max(sizes[-1], 0))), 1e-300)
    plane: np.ndarray = np.where(known[:, None], axes / np.maximum(lengths, 1e-300), 0.0)
    return plane if len(plane) > 1 else np.vstack([plane, np.zeros_like(plane)])
