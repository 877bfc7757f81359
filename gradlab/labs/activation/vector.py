"""Softmax: probabilities, their Jacobian by three ways, and the logarithm taken in two orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.engine.derivatives import disagreement
from gradlab.engine.differences import STEP

from .readings import SoftmaxReading
from .spec import Softmax

if TYPE_CHECKING:
    from torch import Tensor


def softmax(spec: Softmax) -> SoftmaxReading:
    """Return probabilities, logarithms and Jacobian in the dtype asked for; the comparison is made in float64."""
    import torch

    z = torch.tensor(spec.logits, dtype=getattr(torch, spec.dtype))
    scaled = z / spec.temperature
    p = scaled.softmax(0)
    naive = scaled.exp() / scaled.exp().sum()
    logs = scaled.log_softmax(0), p.log()
    return SoftmaxReading(
        spec.logits,
        p=_numpy(p),
        naive=_numpy(naive),
        log_p=_numpy(logs[0]),
        log_naive=_numpy(logs[1]),
        jacobian=jacobian(z, spec.temperature),
        error=_error(spec),
    )


def _numpy(values: Tensor) -> np.ndarray:
    return np.asarray(values.double().numpy())


def jacobian(z: Tensor, temperature: float) -> np.ndarray:
    """Return ∂p_i/∂z_j by autograd, a row per probability."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        at = z.clone().requires_grad_()
        p = (at / temperature).softmax(0)
        rows = [torch.autograd.grad(one, at, retain_graph=True)[0] for one in p]
    return np.asarray(torch.stack(rows).double().numpy())


def _error(spec: Softmax) -> float:
    """Return the largest disagreement of autograd, p_i (δ_ij − p_j) / T and central differences."""
    import torch

    z = torch.tensor(spec.logits, dtype=torch.float64)
    p = (z / spec.temperature).softmax(0)
    formula = ((torch.diag(p) - torch.outer(p, p)) / spec.temperature).numpy()
    h = STEP * max(1.0, float(z.abs().max())) * min(1.0, spec.temperature)
    shifts = torch.eye(len(z), dtype=torch.float64) * h
    above, below = (((z + side * shifts) / spec.temperature).softmax(1) for side in (1, -1))
    difference = ((above - below) / (2 * h)).T.numpy()
    exact = jacobian(z, spec.temperature)
    scale = max(1.0, 1 / spec.temperature)
    pairs = [(exact, formula), (exact, difference), (formula, difference)]
    return max(disagreement(a, b, scale) for one, two in pairs for a, b in zip(one.flat, two.flat, strict=True))
