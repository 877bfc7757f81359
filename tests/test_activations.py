"""The activations: torch's parameters and defaults, three ways to every slope, and torch's choice at each kink."""

from __future__ import annotations

import inspect
import random
from typing import Any, get_args

import pytest
import torch
import values
from torch import nn

from gradlab.engine.activations import Activation, PReLU, Typed
from gradlab.engine.derivatives import elementwise
from gradlab.engine.expressions import parse, symbolic_gradient, symbolic_hessian

MEMBERS = [pytest.param(member, id=str(member.model_fields["kind"].default)) for member in Activation.items()]
TORCH = [
    pytest.param(member, id=str(member.model_fields["kind"].default)) for member in Activation.items() if member.MODULE
]
ELEMENTWISE = {
    *("ReLU", "LeakyReLU", "PReLU", "RReLU", "ReLU6", "Threshold", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish"),
    *("Sigmoid", "LogSigmoid", "Tanh", "Softplus", "Softsign", "Tanhshrink", "Softshrink", "Hardshrink", "Hardtanh"),
    *("Hardsigmoid", "Hardswish"),
}
NOT_ELEMENTWISE = {"GLU", "MultiheadAttention", "Softmin", "Softmax", "Softmax2d", "LogSoftmax"}
IGNORED = {"inplace", "min_value", "max_value", "num_parameters", "device", "dtype", "args", "kwargs"}
F8 = torch.float64


def samples(member: type[Activation]) -> list[Activation]:
    """Return the member at its defaults and at random valid parameters."""
    rng = random.Random(member.__name__)
    drawn = [values.draw(member, rng) for _ in range(12)] if len(member.model_fields) > 1 else []
    return [member(), *(one for one in drawn if isinstance(one, Activation))]


def places(activation: Activation) -> torch.Tensor:
    """Return where it is compared: around 0, far out, on kinks and bends, and close beside them."""
    special = [at + d for at in (*activation.kinks, *activation.bends) for d in (0.0, 1e-3, -1e-3)]
    return torch.tensor([*torch.linspace(-6, 6, 25, dtype=F8).tolist(), 0.1, -0.1, 8.5, -8.5, *special], dtype=F8)


def slopes(f: Any, x: torch.Tensor) -> torch.Tensor:
    """Return f′ by autograd."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


def test_every_elementwise_activation_of_torch_is_there() -> None:
    from torch.nn.modules import activation

    assert set(activation.__all__) == ELEMENTWISE | NOT_ELEMENTWISE
    assert {member.MODULE for member in Activation.items()} - {"", "Identity"} == ELEMENTWISE
    assert {"identity", "exp", "sin", "gaussian", "arctan", "squared_relu"} <= set(Activation.family)


@pytest.mark.parametrize("member", TORCH)
def test_parameters_and_defaults_are_those_of_torch(member: type[Activation]) -> None:
    if member.MODULE == "Identity":
        pytest.skip("torch's identity takes anything and ignores it")
    found = inspect.signature(getattr(nn, member.MODULE)).parameters
    wanted = {name: p.default for name, p in found.items() if name not in IGNORED}
    own = {name: info.default for name, info in member.model_fields.items() if name != "kind"}
    assert own.keys() == wanted.keys()
    for name, default in wanted.items():
        assert default in (own[name], inspect.Parameter.empty), name  # Threshold has no defaults
    choices = member.model_fields["approximate"].annotation if "approximate" in own else None
    for choice in get_args(choices):
        nn.GELU(choice)(torch.zeros(1))


@pytest.mark.parametrize("member", TORCH)
def test_the_module_is_torchs_own_with_these_parameters(member: type[Activation]) -> None:
    for activation in samples(member):
        module = activation.build()
        assert type(module) is getattr(nn, member.MODULE)
        for name, value in activation.parameters().items():
            held = module.weight.item() if name == "init" else getattr(module, name)
            assert held == (pytest.approx(value) if name == "init" else value)
        x = places(activation)
        torch.testing.assert_close(
            activation(x), module.eval().to(F8)(x), rtol=1e-6 if member is PReLU else 1e-15, atol=1e-15
        )


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_module_keeps_shape_and_dtype_and_trains(member: type[Activation], dtype: torch.dtype) -> None:
    x = torch.linspace(-2, 2, 12, dtype=dtype).reshape(3, 4).requires_grad_()
    y = member().build().to(dtype)(x)
    assert (y.shape, y.dtype) == (x.shape, dtype)
    y.sum().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
    assert (member.MODULE or member.__name__) in repr(member().build())


@pytest.mark.parametrize("member", MEMBERS)
def test_the_formula_gives_the_value_and_torchs_slope_on_kinks_too(member: type[Activation]) -> None:
    for activation in samples(member):
        assert activation.formula
        x = places(activation)
        tree = parse(activation.formula, ["x"])
        torch.testing.assert_close(tree.torch({"x": x}), activation(x), rtol=1e-6, atol=1e-8)
        if member is Typed:
            continue
        by_formula = symbolic_gradient(tree, ["x"])[0].torch({"x": x})
        torch.testing.assert_close(by_formula, slopes(activation, x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("member", MEMBERS)
def test_slopes_agree_with_differences_off_the_kinks(member: type[Activation]) -> None:
    """A kink that is not declared, or a slope that is wrong, fails here."""
    for activation in samples(member):
        x = places(activation)
        h = 6e-6 * x.abs().clamp_min(1)
        for kink in (*activation.kinks, *activation.bends):
            x = torch.where((x - kink).abs() > 10 * h, x, torch.full_like(x, 2.34567))
        difference = (activation(x + h) - activation(x - h)) / (2 * h)
        torch.testing.assert_close(slopes(activation, x), difference, rtol=3e-6, atol=3e-8)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_declared_kink_is_one(member: type[Activation]) -> None:
    activation = member()
    for kink in activation.kinks:
        h = 1e-7 * max(1.0, abs(kink))
        x = torch.tensor([kink - h, kink + h], dtype=F8)
        jumps = [float((f[1] - f[0]).abs()) for f in (activation(x), slopes(activation, x))]
        assert max(jumps[0] - 3 * h, jumps[1]) > 1e-9, kink


@pytest.mark.parametrize("member", MEMBERS)
def test_second_derivatives_by_formula_agree_with_differences_of_slopes(member: type[Activation]) -> None:
    for activation in samples(member)[:4]:
        x, h = places(activation), 1e-5
        for place in (*activation.kinks, *activation.bends):
            x = torch.where((x - place).abs() > 1e-4, x, torch.full_like(x, 2.34567))
        by_formula = symbolic_hessian(parse(activation.formula, ["x"]), ["x"])[0][0].torch({"x": x})
        difference = (slopes(activation, x + h) - slopes(activation, x - h)) / (2 * h)
        torch.testing.assert_close(by_formula, difference, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "kink", "slope"),
    [("relu", 0, 0), ("leaky_relu", 0, 0.01), ("relu6", 6, 0), ("hardtanh", 1, 0), ("hardsigmoid", 3, 0),
     ("hardswish", 3, 1), ("hardswish", -3, 0), ("prelu", 0, 0.25), ("selu", 0, 1.7580993408473766)],
)  # fmt: skip
def test_torchs_choice_at_a_kink(kind: str, kink: float, slope: float) -> None:
    found = slopes(Activation.parse(kind), torch.tensor([float(kink)], dtype=F8))
    assert found.item() == pytest.approx(slope, abs=1e-15)


def test_the_numbers_of_the_notes() -> None:
    x = torch.tensor([-1.0, 0.0, 1.0], dtype=F8)
    for kind, wanted in (
        ("sigmoid", [0.196612, 0.25, 0.196612]),
        ("tanh", [0.419974, 1, 0.419974]),
        ("relu", [0, 0, 1]),
    ):
        torch.testing.assert_close(slopes(Activation.parse(kind), x), torch.tensor(wanted, dtype=F8), rtol=0, atol=5e-7)


@pytest.mark.parametrize("member", MEMBERS)
def test_the_gain_is_one_that_torch_knows(member: type[Activation]) -> None:
    activation = member()
    assert activation.gain() == nn.init.calculate_gain(activation.nonlinearity, activation.slope)  # type: ignore[arg-type]
    assert Activation.parse({"kind": "leaky_relu", "negative_slope": 1.0}).gain() == pytest.approx(1)


@pytest.mark.parametrize("member", MEMBERS)
def test_each_line_of_a_derivation_has_the_value_of_its_kind(member: type[Activation]) -> None:
    """The first line is worth f, every other one f′."""
    for x in (-1.3, 0.0, 0.7):
        at = torch.tensor([x], dtype=F8)
        for number, step in enumerate(member.DERIVATION):
            wanted = (slopes(member(), at) if number else member()(at)).item()
            assert parse(step.text, ["x"]).value({"x": x}) == pytest.approx(wanted, rel=1e-12, abs=1e-15), step.tex


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "relu"])
def test_the_classic_ones_are_derived(kind: str) -> None:
    assert len(Activation.family[kind].DERIVATION) >= 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [("y", "y"), ("", "empty|nothing|type"), ("__import__('os')", "import|letters|not"), ("x" * 5000, "long|length"),
     ("9**9**9**x", "."), ("x(", ".")],
)  # fmt: skip
def test_a_formula_that_is_none_is_refused(text: str, message: str) -> None:
    if text == "9**9**9**x":
        assert Typed(text=text)(torch.tensor([1.0])).isinf().all()
        return
    with pytest.raises(ValueError, match=message):
        Typed(text=text)


def test_a_formula_computes() -> None:
    x = torch.tensor([0.5, -1.0], dtype=F8)
    torch.testing.assert_close(Typed(text="x^2 + 1")(x), x * x + 1)
    assert Typed().kinks == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [({"kind": "hardtanh", "min_val": 1.0}, "min_val: must be below max_val"),
     ({"kind": "rrelu", "lower": 0.5}, "lower: must not be above upper"),
     ({"kind": "celu", "alpha": 0.0}, "greater than or equal"),
     ({"kind": "elu", "alpha": float("nan")}, "finite"),
     ({"kind": "leaky_relu", "negative_slope": "0.1"}, "valid number"),
     ({"kind": "softshrink", "lambd": -1.0}, "greater than or equal")],
)  # fmt: skip
def test_parameters_that_torch_would_take_in_silence_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Activation.parse(data)


@pytest.mark.parametrize("x", [-746.0, -400.0, -40.0, 40.0, 746.0])
def test_the_formula_of_a_sigmoid_holds_where_it_is_flat(x: float) -> None:
    sigmoid = Activation.parse("sigmoid")
    found = symbolic_gradient(parse(sigmoid.formula, ("x",)), ("x",))[0].value({"x": x})
    wanted = slopes(sigmoid, torch.tensor([x], dtype=F8)).item()
    assert found == pytest.approx(wanted, rel=1e-12, abs=0)


def test_where_the_slope_has_a_corner_the_difference_is_not_compared() -> None:
    squared = Activation.parse("squared_relu")
    (row,) = elementwise(squared, [0.0], squared.formula, kinks=squared.kinks, bends=squared.bends)
    assert (row.autograd, row.formula, row.error) == (0.0, 0.0, 0.0)
    assert "difference reaches over it" in str(row.note)


def test_what_overflows_says_so() -> None:
    (row,) = elementwise(Activation.parse("exp"), [800.0])
    assert str(row.note) == "the value is inf here: it has no slope"
    (row,) = elementwise(Activation.parse({"kind": "gelu", "approximate": "tanh"}), [-1e155])
    assert str(row.note) == "torch's slope is nan here"
