"""The networks: sizes, names, what is drawn in which order, and the gradients of the published table."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import torch
import values

from gradlab.engine.activations import Activation
from gradlab.engine.datasets import RandomNormal, SyntheticImages
from gradlab.engine.errors import UserError
from gradlab.engine.model import with_changes
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, Network, Recurrent

SIGMOID_1 = {"kind": "normal", "std": 0.01}
RELU_25 = {"kind": "normal", "std": 0.25}
TABLE: dict[str, tuple[int, str, Any, dict[str, Any], float, float, float, float]] = {
    "10 sigmoid, Xavier": (10, "sigmoid", "xavier_normal", {}, 2.57e-7, 0.426, 4.6e-7, 1.2e-6),
    "10 tanh, Xavier": (10, "tanh", "xavier_normal", {}, 0.122, 0.126, 0.55, 2),
    "10 ReLU, He": (10, "relu", "kaiming_normal", {}, 0.421, 0.542, 0.15, 1.2),
    "10 ReLU, Xavier": (10, "relu", "xavier_normal", {}, 0.0182, 0.0158, 0.42, 1.4),
    "10 ReLU, normal": (10, "relu", RELU_25, {}, 66.6, 211, 0.12, 0.33),
    "10 sigmoid, normal": (10, "sigmoid", SIGMOID_1, {}, 6.4e-17, 0.370, 1.1e-16, 3.8e-16),
    "20 sigmoid, Xavier": (20, "sigmoid", "xavier_normal", {}, 2.4e-13, 0.345, 2e-13, 1.4e-11),
    "20 sigmoid, BatchNorm": (20, "sigmoid", "xavier_normal", {"norm": "batch"}, 0.164, 0.100, 1.2, 1.7),
    "20 sigmoid, residual": (20, "sigmoid", "xavier_normal", {"residual": True}, 1.13, 55.9, 0.02, 0.076),
    "20 tanh, Xavier": (20, "tanh", "xavier_normal", {}, 0.155, 0.078, 0.83, 2),
}


def deep(depth: int, activation: str, initializer: Any, **more: Any) -> Mlp:
    facts = {"count": depth, "width": 64, "activation": activation, "initializer": initializer, "zero_bias": True}
    return Mlp.model_validate({"blocks": ({"id": "hidden", **facts, **more},)})


def first_and_last(network: Mlp, seed: int) -> tuple[float, float]:
    """Return the gradient norms of the first and the last hidden weight at initialisation."""
    torch.manual_seed(seed)
    module = network.build((64,), 1)
    data = RandomNormal().sample(seed, torch.default_generator)
    torch.nn.functional.mse_loss(module(torch.from_numpy(data.x)), torch.from_numpy(data.y)).backward()
    norms = [
        float(p.grad.norm()) for n, p in module.named_parameters() if n.endswith("linear.weight") and p.grad is not None
    ]
    assert len(norms) == network.depth
    return norms[0], norms[-1]


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_the_gradients_by_depth_are_the_published_ones(row: Any) -> None:
    depth, activation, initializer, more, first, last, low, high = row
    network = deep(depth, activation, initializer, **more)
    found = first_and_last(network, 0)
    assert found[0] == pytest.approx(first, rel=0.01)
    assert found[1] == pytest.approx(last, rel=0.01)
    ratios = [a / b for a, b in (first_and_last(network, seed) for seed in range(5))]
    assert min(ratios) == pytest.approx(low, rel=0.06)
    assert max(ratios) == pytest.approx(high, rel=0.06)


def test_the_layers_are_named_and_in_order() -> None:
    blocks = (LayerBlock(id="in", width=5, norm="layer"), LayerBlock(id="deep", count=2, width=3, dropout=0.5))
    module = Mlp(blocks=blocks).build((4, 2), 7)
    assert [name for name, _ in module.named_children()] == ["flatten", "in_1", "deep_1", "deep_2", "output"]
    shapes = {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert shapes == {
        "in_1.linear.weight": (5, 8), "in_1.linear.bias": (5,), "in_1.norm.weight": (5,), "in_1.norm.bias": (5,),
        "deep_1.linear.weight": (3, 5), "deep_1.linear.bias": (3,),
        "deep_2.linear.weight": (3, 3), "deep_2.linear.bias": (3,),
        "output.weight": (7, 3), "output.bias": (7,),
    }  # fmt: skip
    assert module(torch.zeros(6, 4, 2)).shape == (6, 7)


def test_the_default_is_what_torch_makes() -> None:
    torch.manual_seed(4)
    module = Mlp().build((2,), 3)
    after = torch.get_rng_state()
    torch.manual_seed(4)
    plain = [torch.nn.Linear(2, 32), torch.nn.Linear(32, 32), torch.nn.Linear(32, 3)]
    wanted = [p for layer in plain for p in layer.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), wanted, strict=True))
    assert torch.equal(after, torch.get_rng_state())


def test_a_residual_layer_adds_its_input() -> None:
    torch.manual_seed(0)
    plain = Mlp(blocks=(LayerBlock(id="h", width=4),)).build((4,), 4)
    torch.manual_seed(0)
    around = Mlp(blocks=(LayerBlock(id="h", width=4, residual=True),)).build((4,), 4)
    x = torch.randn(3, 4)
    assert list(plain.state_dict()) == list(around.state_dict())
    hidden = plain.get_submodule("h_1")(x)
    assert torch.equal(around(x), plain.get_submodule("output")(x + hidden))
    unequal = Mlp(blocks=(LayerBlock(id="h", width=5, residual=True),)).build((4,), 1)
    assert type(unequal.get_submodule("h_1")) is torch.nn.Sequential


def test_without_hidden_layers_and_biases_it_is_a_matrix() -> None:
    module = Mlp(blocks=(), output_bias=False, output_initializer={"kind": "eye"}).build((3,), 3)
    assert torch.equal(module(torch.ones(1, 3)), torch.ones(1, 3))
    assert len(list(module.parameters())) == 1
    block = LayerBlock(id="h", bias=False, width=3)
    assert [n for n, _ in Mlp(blocks=(block,), output_bias=False).build((3,), 1).named_parameters()] == [
        "h_1.linear.weight",
        "output.weight",
    ]


def test_every_activation_builds_and_passes_gradients() -> None:
    for member in Activation.items():
        module = Mlp(blocks=(LayerBlock(id="h", activation=member()),)).build((2,), 1)
        module(torch.randn(8, 2)).sum().backward()
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in module.parameters()), member().kind


def test_random_perceptrons_have_the_announced_size() -> None:
    rng = random.Random("mlp")
    for _ in range(15):
        network = values.draw(Mlp, rng)
        assert isinstance(network, Mlp)
        network = with_changes(network, {"blocks": tuple(
            with_changes(LayerBlock(id=f"b{n}", norm=rng.choice(["none", "batch", "layer"]), bias=rng.random() < 0.5),
                         {"width": rng.randint(1, 40), "count": rng.randint(1, 5), "residual": True, "dropout": 0.2})
            for n in range(rng.randint(0, 3)))})  # fmt: skip
        if network.output_initializer.unavailable((1, 1)):
            network = network.replace(output_initializer={"kind": "default"})
        module = network.build((3, 2), 4)
        assert sum(p.numel() for p in module.parameters()) == network.parameters((3, 2), 4)
        assert module(torch.randn(5, 3, 2)).shape == (5, 4)


def test_what_is_too_large_is_refused_before_it_is_built() -> None:
    block = LayerBlock(id="wide", count=10, width=4096)
    with pytest.raises(UserError, match=r"network: has 151,\d{3},\d{3} parameters, more than the 50,000,000"):
        Mlp(blocks=(block,)).build((2,), 2)
    with pytest.raises(ValueError, match="blocks: must be at most 500 layers together, not 600"):
        Mlp(blocks=tuple(LayerBlock(id=f"b{n}", count=200) for n in range(3)))
    with pytest.raises(ValueError, match="blocks: two blocks have the id 'h'"):
        Mlp(blocks=(LayerBlock(id="h"), LayerBlock(id="h")))


def test_a_weight_an_initializer_cannot_fill_is_named() -> None:
    with pytest.raises(
        UserError, match=r"initializer: Dirac needs a weight of at least 3 dimensions, not one of shape \(32, 2\)"
    ):
        Mlp(blocks=(LayerBlock(id="h", initializer={"kind": "dirac"}),)).build((2,), 2)


def test_add_gives_another_block() -> None:
    network = Mlp(blocks=(LayerBlock(id="hidden", count=7, width=9),))
    again = network.new_part("blocks")
    assert (again.id, again.width, again.count) == ("hidden-2", 9, 1)
    assert Mlp(blocks=()).new_part("network.blocks").id == "hidden"
    with pytest.raises(KeyError):
        network.new_part("layers")


def test_the_tutorials_network_has_145578_parameters() -> None:
    module = Cnn().build((3, 32, 32), 10)
    shapes = {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert shapes == {
        "conv_1.conv.weight": (32, 3, 5, 5), "conv_1.conv.bias": (32,),
        "conv_2.conv.weight": (32, 32, 5, 5), "conv_2.conv.bias": (32,),
        "conv_3.conv.weight": (64, 32, 5, 5), "conv_3.conv.bias": (64,),
        "hidden.weight": (64, 1024), "hidden.bias": (64,),
        "output.weight": (10, 64), "output.bias": (10,),
    }  # fmt: skip
    assert [math.prod(s) for s in shapes.values()] == [2400, 32, 25600, 32, 51200, 64, 65536, 64, 640, 10]
    assert Cnn().parameters((3, 32, 32), 10) == sum(p.numel() for p in module.parameters()) == 145_578


def test_the_tutorials_network_computes_what_torch_does() -> None:
    torch.manual_seed(0)
    module = Cnn().build((3, 32, 32), 10)
    torch.manual_seed(0)
    nn = torch.nn
    convolutions = [nn.Conv2d(a, b, 5, padding=2) for a, b in ((3, 32), (32, 32), (32, 64))]
    plain = nn.Sequential(
        *(layer for conv in convolutions for layer in (conv, nn.MaxPool2d(2))),
        nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10),
    )  # fmt: skip
    x = torch.from_numpy(SyntheticImages(count=3).sample(0).x)
    assert torch.equal(module(x), plain(x))


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (2, 9, 17)])
def test_convolutions_take_pictures_of_any_size(shape: tuple[int, ...]) -> None:
    network = Cnn(channels=(4, 6, 8), kernel=3, hidden=5, norm="batch", activation="relu", zero_bias=True)
    module = network.build(shape, 4)
    assert sum(p.numel() for p in module.parameters()) == network.parameters(shape, 4)
    assert module(torch.randn(2, *shape)).shape == (2, 4)
    assert not module.get_parameter("conv_2.conv.bias").any()
    assert module.get_parameter("output.bias").any()


@pytest.mark.parametrize(
    ("network", "shape", "message"),
    [
        (Cnn(), (2,), r"needs pictures \(channels, height, width\), not samples of shape \(2,\)"),
        (Cnn(), (1, 8, 7), "3 pools need pictures of at least 8×8 pixels, not 8×7"),
        (Recurrent(), (64,), r"needs sequences \(steps, features\), not samples of shape \(64,\)"),
    ],
    ids=["points", "small", "vectors"],
)
def test_a_network_that_does_not_fit_the_data_says_so(network: Network, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(UserError, match=message):
        network.build(shape, 2)


SHAPES = {"points": (3,), "images": (2, 16, 16), "sequences": (5, 3)}
SMALL = {"hidden": 6, "channels": (3, 4), "layers": 2}


@pytest.mark.parametrize("member", [m for m in Network.items() if m().kind != "file"], ids=lambda m: m().kind)
def test_any_valid_network_builds_learns_and_is_as_large_as_it_says(member: type[Network]) -> None:
    rng = random.Random(member().kind)
    built = 0
    for _ in range(12):
        network = values.draw(member, rng)
        assert isinstance(network, Network)
        network = network.replace(**{n: v for n, v in SMALL.items() if n in member.model_fields})
        shape = SHAPES[member.FORMS[0] if member.FORMS else rng.choice(list(SHAPES))]
        try:
            module = network.build(shape, 2)
        except UserError as error:
            assert str(error).startswith("initializer: "), error  # Dirac on a matrix and the like
            continue
        built += 1
        learned = sum(p.numel() for m in module.modules() if isinstance(m, torch.nn.PReLU) for p in m.parameters())
        assert sum(p.numel() for p in module.parameters()) == network.parameters(shape, 2) + learned
        answer = module(torch.randn(4, *shape))
        assert answer.shape == (4, 2)
        answer.sum().backward()
        assert all(p.grad is not None and p.grad.shape == p.shape for p in module.parameters())
    assert built >= 4


def test_a_kind_of_network_refuses_a_form_of_data() -> None:
    assert Mlp.refuses("images") == Mlp.refuses("sequences") == Cnn.refuses("images") == ""
    assert Recurrent.refuses("points") == "Recurrent network is for sequences, and the data are points"
    assert Cnn.refuses("sequences") == "Convolutional network is for images, and the data are sequences"


CELLS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_a_recurrent_network_is_torchs_cell_and_a_linear_layer(cell: Any, layers: int) -> None:
    network = Recurrent(cell=cell, hidden=6, layers=layers)
    torch.manual_seed(2)
    module = network.build((9, 3), 2)
    torch.manual_seed(2)
    plain, output = CELLS[cell](3, 6, num_layers=layers, batch_first=True), torch.nn.Linear(6, 2)
    x = torch.randn(4, 9, 3)
    assert torch.equal(module(x), output(plain(x)[0][:, -1]))
    assert sum(p.numel() for p in module.parameters()) == network.parameters((9, 3), 2)


@pytest.mark.parametrize("cell", CELLS)
def test_a_recurrent_network_answers_at_each_of_the_last_steps(cell: Any) -> None:
    network = Recurrent(cell=cell, hidden=6)
    torch.manual_seed(2)
    module = network.build((9, 3), 8, 4)
    torch.manual_seed(2)
    plain, output = CELLS[cell](3, 6, batch_first=True), torch.nn.Linear(6, 2)
    x = torch.randn(4, 9, 3)
    said = module(x)
    assert said.shape == (4, 8)
    for step in range(4):
        wanted = output(plain(x[:, : 6 + step])[0][:, -1])
        assert torch.allclose(said[:, 2 * step : 2 * step + 2], wanted, atol=1e-6)
    assert sum(p.numel() for p in module.parameters()) == network.parameters((9, 3), 2)


@pytest.mark.parametrize("answers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_unrolled_is_the_same_network_with_its_states_in_the_graph(cell: Any, answers: int) -> None:
    torch.manual_seed(3)
    module: Any = Recurrent(cell=cell, hidden=5, layers=2).build((7, 2), answers, answers).double()
    x = torch.randn(4, 7, 2, dtype=torch.float64)
    module(x).square().sum().backward()
    wanted = [p.grad.clone() for p in module.parameters()]
    module.zero_grad()
    answer, states = module.unrolled(x)
    for state in states:
        assert [tuple(part.shape) for part in state] == [(2, 4, 5)] * (2 if cell == "lstm" else 1)
        for part in state:
            part.retain_grad()
    answer.square().sum().backward()
    assert torch.allclose(answer, module(x))
    assert all(
        torch.allclose(p.grad, w, rtol=1e-9, atol=1e-12) for p, w in zip(module.parameters(), wanted, strict=True)
    )
    assert len(states) == 7
    assert all(state[0].grad.norm() > 0 for state in states)


def test_the_plain_cells_gradient_through_time_is_the_product_of_its_jacobians() -> None:
    """dL/dh_{t-1} = W_hhᵀ (φ′(z_t) ⊙ dL/dh_t), which an independent loop repeats."""
    torch.manual_seed(0)
    module: Any = Recurrent(cell="rnn", hidden=4).build((6, 2), 1).double()
    answer, states = module.unrolled(torch.randn(1, 6, 2, dtype=torch.float64))
    for (h,) in states:
        h.retain_grad()
    answer.sum().backward()
    flowing = module.output.weight[0].detach()
    for (h,) in reversed(states):
        assert torch.allclose(h.grad[0, 0], flowing)
        flowing = module.cell.weight_hh_l0.detach().T @ ((1 - h[0, 0].detach() ** 2) * flowing)


def test_the_forget_gate_starts_open() -> None:
    module: Any = Recurrent(hidden=3, forget_bias=2.0, layers=2, initializer={"kind": "orthogonal"}).build((5, 2), 1)
    for layer in range(2):
        total = getattr(module.cell, f"bias_ih_l{layer}") + getattr(module.cell, f"bias_hh_l{layer}")
        assert torch.equal(total[3:6], torch.full((3,), 2.0))
        assert (total[:3] != 2).all()
    weight = module.cell.weight_hh_l0.detach()
    assert torch.allclose(weight.T @ weight, torch.eye(3), atol=1e-5)


def test_every_network_is_json() -> None:
    for member in Network.items():
        item = member()
        assert Network.parse(item.model_dump(mode="json")) == item
    assert math.prod(Mlp().build((2,), 1)(torch.zeros(1, 2)).shape) == 1
