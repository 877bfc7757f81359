"""Optimizers of another package join the family when it is installed, all of them or none."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import torch
from descents import Closure, path, point, quadratic, same
from pydantic import ValidationError

from gradlab.engine.batching import how_to_batch
from gradlab.engine.errors import UserError, explain
from gradlab.engine.optimizers import Optimizer, load_extras


class Plain(torch.optim.SGD):
    """Steps like SGD.

    And more is said about it below.
    """

    def __init__(
        self,
        params: Any,
        lr: float | torch.Tensor = 0.02,
        betas: tuple[float, float] = (0.9, 0.99),
        momentum: float = 0.0,
        weight_decay: float = 0,
        eps: float = 1e-8,
        growth: float = float("inf"),
        frequency: int = 10,
        cautious: bool = False,
        mode: Literal["a", "b"] = "a",
        limit: float | None = None,
        callback: Any = None,
        foreach: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(params, lr=float(lr), momentum=momentum, weight_decay=weight_decay)
        self.given = {"betas": betas, "frequency": frequency, "cautious": cautious, "mode": mode, "limit": limit}


class Rated(torch.optim.SGD):
    def __init__(self, params: Any, lr: float | None = None) -> None:
        super().__init__(params, lr=lr or 0.1)


class NeedsModel(torch.optim.SGD):
    """Needs a model."""

    def __init__(self, model: Any, lr: float = 0.1) -> None:
        super().__init__(model.parameters(), lr=lr)


class NeedsMore(torch.optim.SGD):
    """Needs to know how long it will go."""

    def __init__(self, params: Any, num_iterations: int, lr: float = 0.1) -> None:
        super().__init__(params, lr=lr)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Put a package of that name in the place of what may be installed."""
    classes = {"plain": Plain, "rated": Rated, "needs_model": NeedsModel, "needs_more": NeedsMore}
    stand_in = types.ModuleType("pytorch_optimizer")
    stand_in.get_supported_optimizers = lambda: list(classes)  # type: ignore[attr-defined]
    stand_in.load_optimizer = classes.__getitem__  # type: ignore[attr-defined]
    before = dict(Optimizer.family)
    monkeypatch.setitem(sys.modules, "pytorch_optimizer", stand_in)
    yield stand_in
    for kind in set(Optimizer.family) - set(before):
        del Optimizer.family[kind]
    assert Optimizer.family == before


def test_without_the_package_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(Optimizer.family)
    monkeypatch.setitem(sys.modules, "pytorch_optimizer", None)
    assert load_extras() == ()
    assert Optimizer.family == before
    with pytest.raises(
        ValueError, match="unknown optimizer 'pytorch_optimizer:plain'; it needs the package 'pytorch_op"
    ):
        Optimizer.parse("pytorch_optimizer:plain")


def test_its_optimizers_are_members_like_any_other(package: Any) -> None:
    assert load_extras() == ("pytorch_optimizer:plain", "pytorch_optimizer:rated")
    assert load_extras() == ("pytorch_optimizer:plain", "pytorch_optimizer:rated")
    item = Optimizer.parse({"kind": "pytorch_optimizer:plain", "momentum": 0.5, "lr": 0.01})
    assert type(item).name() == "Plain (pytorch_optimizer)"
    assert type(item).summary() == "Steps like SGD."
    assert Optimizer.parse(item.model_dump(mode="json")) == item
    assert item.arguments() == {
        "lr": 0.01, "betas": (0.9, 0.99), "momentum": 0.5, "weight_decay": 0, "eps": 1e-8, "frequency": 10,
        "cautious": False, "mode": "a", "limit": None,
    }  # fmt: skip
    assert all(info.description for name, info in type(item).model_fields.items() if name != "kind")
    assert Optimizer.parse("pytorch_optimizer:rated").lr == 1e-3
    assert type(item).tunable() == ("lr",)
    assert how_to_batch(item) == "tensor"
    assert item.unavailable((2,)) == ""


def test_they_go_where_the_packages_go(package: Any) -> None:
    load_extras()
    ours, theirs = point(), point()
    item = Optimizer.parse({"kind": "pytorch_optimizer:plain", "momentum": 0.9, "frequency": 3})
    opt = item.build([ours])
    assert opt.given["frequency"] == 3  # type: ignore[attr-defined]
    other = Plain([theirs], momentum=0.9, frequency=3)
    assert same(path(opt, Closure(quadratic, ours), 30), path(other, Closure(quadratic, theirs), 30))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lr": -1.0}, "lr: must be > 0.0, not -1.0"),
        ({"betas": (0.9, 1.5)}, "betas[1]: must be ≤ 1.0, not 1.5"),
        ({"momentum": 1.0}, "momentum: must be < 1.0, not 1.0"),
        ({"weight_decay": -1.0}, "weight_decay: must be ≥ 0.0, not -1.0"),
        ({"cautious": 1}, "cautious: must be true or false, not 1"),
        ({"frequency": 1.5}, "frequency: must be a whole number, not 1.5"),
        ({"mode": "c"}, "mode: must be 'a' or 'b', not 'c'"),
        ({"callback": None}, "callback: is not a known field"),
    ],
)
def test_nonsense_is_refused(package: Any, arguments: Any, message: str) -> None:
    load_extras()
    with pytest.raises(ValidationError) as caught:
        Optimizer.parse({"kind": "pytorch_optimizer:plain", **arguments})
    assert str(explain(caught.value)) == message


def test_a_package_that_raises_leaves_nothing(package: Any) -> None:
    before = dict(Optimizer.family)
    package.get_supported_optimizers = lambda: ["plain", "missing"]
    with pytest.raises(UserError, match="pytorch_optimizer: cannot be used: KeyError: 'missing'"):
        load_extras()
    assert Optimizer.family == before


def test_a_package_that_cannot_be_imported_is_named(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> Any:
        raise ImportError("libsomething.so: cannot open")

    monkeypatch.setattr("gradlab.engine.optimizers.extras.importlib.import_module", broken)
    with pytest.raises(UserError, match="pytorch_optimizer: cannot be used: ImportError: libsomething"):
        load_extras()


@pytest.mark.slow
def test_the_real_package_joins() -> None:
    pytest.importorskip("pytorch_optimizer")
    before = dict(Optimizer.family)
    try:
        kinds = load_extras()
        assert len(kinds) > 50
        ways = {kind: how_to_batch(Optimizer.parse(kind)) for kind in kinds}
        assert ways["pytorch_optimizer:lion"] == "tensor"
        assert ways["pytorch_optimizer:lamb"] == "parameters"
        assert ways["pytorch_optimizer:lbfgs"] == "loop"
    finally:
        Optimizer.family.clear()
        Optimizer.family.update(before)
