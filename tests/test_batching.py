"""The probe of batching says what independent runs say, and is not fooled by what is rare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
import torch
from descents import Closure, himmelblau, path, same
from torch import Tensor

from gradlab.engine import batching
from gradlab.engine.batching import batchable, evaluate, how_to_batch, separate
from gradlab.engine.optimizers import LBFGS, SGD, Adafactor, Adam, NAdam, Optimizer, RMSprop

ELEMENTWISE = {"sgd", "asgd", "adam", "adamw", "adamax", "nadam", "radam", "rmsprop", "adagrad", "adadelta", "rprop"}
KINDS = [kind for kind in Optimizer.family if ":" not in kind]
GENTLE = {"sgd": 1e-3, "asgd": 1e-3}


def starts(count: int, dtype: torch.dtype) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.rand(count, 2, generator=generator, dtype=torch.float64).mul_(8).sub_(4).to(dtype)


def together(optimizer: Optimizer, points: Tensor, steps: int) -> Tensor:
    p = points.clone().requires_grad_()
    path(optimizer.build([p]), Closure(himmelblau, p), steps)
    return p.detach()


def apart(optimizer: Optimizer, points: Tensor, steps: int) -> Tensor:
    return torch.cat([together(optimizer, point[None][0], steps)[None] for point in points])


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_is_found(kind: str) -> None:
    wanted = "tensor" if kind in ELEMENTWISE else "parameters" if kind == "adafactor" else "loop"
    assert how_to_batch(Optimizer.parse(kind)) == wanted


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("kind", sorted(ELEMENTWISE))
def test_what_goes_in_one_tensor_is_what_goes_alone(kind: str, dtype: torch.dtype) -> None:
    optimizer = Optimizer.parse(kind)
    optimizer = optimizer.replace(lr=GENTLE.get(kind, 0.05))
    points = starts(5, dtype)
    got = together(optimizer, points, 60)
    assert same(got, apart(optimizer, points, 60))
    assert bool(((got - points).abs().amax(1) > 1e-3).all())


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(momentum=0.9, nesterov=True, weight_decay=0.1),
        RMSprop(momentum=0.9, centered=True),
        Adam(amsgrad=True, maximize=True),
        Adam(implementation="foreach"),
        NAdam(decoupled_weight_decay=True, weight_decay=0.1),
    ],
)
def test_hyperparameters_of_elementwise_optimizers_do_not_matter(optimizer: Optimizer) -> None:
    assert how_to_batch(optimizer) == "tensor"


@pytest.mark.parametrize("optimizer", [Adafactor(lr=0.05), LBFGS(), LBFGS(line_search_fn="strong_wolfe")])
def test_what_would_be_silently_wrong_is_not_put_in_one_tensor(optimizer: Optimizer) -> None:
    points = starts(7, torch.float64)
    assert not torch.equal(together(optimizer, points, 1), apart(optimizer, points, 1))
    assert not batchable(optimizer)


def test_separate_parameters_of_adafactor_are_separate_runs() -> None:
    points = starts(5, torch.float64)
    parameters = [point.clone().requires_grad_() for point in points]
    opt = Adafactor(lr=0.05).build(parameters)
    for _ in range(60):
        for parameter in parameters:
            parameter.grad = None
            himmelblau(parameter).backward()
        opt.step()
    assert same(torch.stack([p.detach() for p in parameters]), apart(Adafactor(lr=0.05), points, 60))


class Strange(torch.optim.Optimizer):
    """Gradient descent with a fault that shows only now and then."""

    def __init__(self, params: Any, lr: float, fault: str) -> None:
        super().__init__(params, {"lr": lr, "fault": fault})
        self.count = 0

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:  # type: ignore[override]
        value = closure()
        self.count += 1
        for group in self.param_groups:
            for p in group["params"]:
                p.add_(self.direction(p.grad, group["fault"]), alpha=-group["lr"])
        return value

    def direction(self, g: Tensor, fault: str) -> Tensor:
        match fault:
            case "clips the whole when it is long":
                return g * (20 / g.norm()).clamp(max=1) if g.norm() > 20 else g
            case "looks around late" if self.count > 50:
                return g + g.mean()
            case "rolls dice":
                return g + torch.randn(g.shape, dtype=g.dtype)
            case "stands still":
                return torch.zeros_like(g)
            case "spreads what is not finite":
                return g + 0 * g.sum()
            case "raises":
                raise KeyError("no such thing")
            case "runs away":
                return g + torch.inf
        return g


@pytest.fixture
def strange() -> Iterator[type[Optimizer]]:
    """Define an optimizer of our own; take it back afterwards."""

    class OfOurOwn(Optimizer):
        r"""Gradient descent with a fault. :math:`x - g`."""

        kind: Literal["of_our_own"] = "of_our_own"
        fault: str = ""

        def torch_class(self) -> Any:
            return Strange

    yield OfOurOwn
    del Optimizer.family["of_our_own"]
    batching._agrees.cache_clear()


@pytest.mark.parametrize(
    ("fault", "way"),
    [
        ("none", "tensor"),
        ("clips the whole when it is long", "parameters"),
        ("looks around late", "parameters"),
        ("spreads what is not finite", "parameters"),
        ("rolls dice", "loop"),
        ("stands still", "loop"),
        ("raises", "loop"),
        ("runs away", "loop"),
    ],
)
def test_rare_faults_are_seen(strange: type[Optimizer], fault: str, way: str) -> None:
    assert how_to_batch(strange(fault=fault)) == way  # type: ignore[call-arg]


def test_it_is_found_once_per_hyperparameters_and_not_per_rate() -> None:
    batching._agrees.cache_clear()
    for lr in (0.1, 0.01, 3.0):
        assert batchable(SGD(lr=lr))
    assert batching._agrees.cache_info().misses == 1
    assert separate(SGD())
    assert batching._agrees.cache_info().misses == 2


def test_a_probe_leaves_the_random_numbers_alone() -> None:
    batching._agrees.cache_clear()
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    assert how_to_batch(SGD()) == "tensor"
    assert torch.equal(torch.rand(3), expected)


def test_the_gradient_of_the_probe_is_that_of_its_function() -> None:
    points = starts(20, torch.float64).requires_grad_()
    values, slopes = evaluate(points)
    (expected,) = torch.autograd.grad(values.sum(), points)
    assert torch.allclose(slopes, expected, rtol=1e-12)
