"""What is told of activations, by each way of working it out, against the derivative that autograd takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gradlab.engine.flat import Flat
from gradlab.engine.probes import ActivationProbe, Anatomy
from gradlab.engine.probes.activations import FLAT_SLOPE, on_cpu, on_device, spread
from gradlab.engine.probes.meters import FlatMeter, TensorMeter

KINDS: dict[str, nn.Module] = {
    "tanh": nn.Tanh(),
    "sigmoid": nn.Sigmoid(),
    "relu": nn.ReLU(),
    "leaky relu": nn.LeakyReLU(),
    "hard tanh": nn.Hardtanh(),
}
BOUNDED = {"tanh", "sigmoid", "hard tanh"}


def drawn(*shape: int) -> torch.Tensor:
    """Return values of which one unit is off for a ReLU and another beyond all slopes."""
    found = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 3
    found[:, 0] = -found[:, 0].abs() - 1
    found[:, 1] = -200.0
    return found


def reference(module: nn.Module, before: torch.Tensor, flat_below: float) -> tuple[list[float], torch.Tensor]:
    point = before.clone().requires_grad_()
    after = module(point)
    (slopes,) = torch.autograd.grad(after.sum(), point)
    units = slopes.transpose(0, 1).flatten(1)
    dead = float((units == 0).all(1).double().mean())
    flat = float((slopes.abs() < flat_below).double().mean()) if flat_below else float("nan")
    return [float(before.double().std()), float(after.detach().double().std()), dead, flat], after.detach()


@pytest.mark.parametrize("shape", [(16, 7), (5, 6, 4, 3)], ids=["vectors", "pictures"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_both_ways_tell_what_the_definition_does(kind: str, shape: tuple[int, ...]) -> None:
    module, before = KINDS[kind], drawn(*shape)
    steepest = {"sigmoid": 0.25}.get(kind, 1.0) if kind in BOUNDED else 0.0
    wanted, after = reference(module, before, FLAT_SLOPE * steepest)
    for found in (
        on_cpu(module, before, after, FLAT_SLOPE * steepest),
        on_device(module, before, after, FLAT_SLOPE * steepest).tolist(),
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert wanted[2] > 0 or kind == "leaky relu"


def test_a_pass_is_watched_and_left_as_it_was() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.ReLU())
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
    plain = network(x).detach()
    with ActivationProbe(network) as probe:
        watched = network(x)
    assert torch.equal(plain, watched)
    assert probe.rows.shape == (4, 2)
    assert probe.rows[1, 1] == pytest.approx(float(plain.std()), rel=1e-5)
    assert np.isnan(probe.rows[3, 1])
    assert not any(module._forward_hooks for module in network)
    before = probe.rows.copy()
    network(10 * x)
    np.testing.assert_array_equal(before, probe.rows)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_spread_is_that_of_double_precision(scale: float) -> None:
    values: Any = (np.random.default_rng(2).normal(3, 1, (40, 50)) * scale).astype(np.float32)
    assert spread(values) == pytest.approx(values.astype(np.float64).std(ddof=1), rel=1e-4)
    assert np.isnan(spread(values[:1, :1]))


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_norms_beyond_single_precision_are_told_with_and_without_a_buffer(scale: float) -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    parameters = list(network.parameters())
    for number, parameter in enumerate(parameters):
        parameter.grad = torch.full_like(parameter, scale * (1 + number))
    wanted = [p.grad.double().square().sum().item() for p in parameters if p.grad is not None]
    anatomy = Anatomy.of(network)
    assert TensorMeter(anatomy, parameters).norms()[: len(wanted)].tolist() == pytest.approx(wanted, rel=1e-5, abs=0)
    with np.errstate(over="ignore"):  # as a run does
        assert FlatMeter(anatomy, Flat(parameters)).norms()[: len(wanted)] == pytest.approx(wanted, rel=1e-5, abs=0)
