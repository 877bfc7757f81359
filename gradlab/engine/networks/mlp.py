"""The multilayer perceptron: blocks of equal layers, each a linear map, a normalisation and an activation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from gradlab.engine.activations import Activation, ReLU
from gradlab.engine.initializers import DefaultInit, Initializer
from gradlab.engine.model import Advanced, Int, Part, Real, fresh_id

from .base import Chain, Network, flat, module_class

if TYPE_CHECKING:
    from torch import Tensor, nn

Flag = Annotated[bool, Strict()]
MOST_LAYERS = 500


class LayerBlock(Part):
    """Equal layers in a row: linear map, normalisation, activation, dropout, and the way around them."""

    activation: Activation = Field(default_factory=ReLU, description="what follows the linear map")
    count: Int = Field(default=1, ge=1, le=200, description="equal layers in a row")
    width: Int = Field(default=32, ge=1, le=4096, description="units of each layer")
    initializer: Initializer = Field(default_factory=DefaultInit, description="how the weights start")
    zero_bias: Flag = Field(default=False, description="let the biases start at 0 instead of torch's random values")
    norm: Literal["none", "batch", "layer"] = Field(
        default="none", description="normalisation between the linear map and the activation"
    )
    residual: Flag = Field(
        default=False, description="add the layer's input to its output; where the widths differ there is none"
    )
    dropout: Real = Field(default=0.0, ge=0, lt=1, description="share of units that are silenced while training")
    bias: Annotated[Flag, Advanced()] = Field(default=True, description="add a learned number to each unit")


def _blocks() -> tuple[LayerBlock, ...]:
    return (LayerBlock(id="hidden", count=2),)


class Mlp(Network):
    """A multilayer perceptron: every unit of a layer sees every unit of the one before.

    Samples with more than one dimension are flattened first. The layers are called after their block, as in
    ``hidden_1``, ``hidden_2`` … ``output``; a layer holds ``linear``, ``norm``, ``activation`` and ``dropout``.

    What is drawn from torch's generator, in this order: for each layer, the default of ``torch.nn.Linear`` and then
    what its initializer draws; last, torch's default for the output and what its initializer draws.
    """

    kind: Literal["mlp"] = "mlp"
    title: ClassVar[str] = "Multilayer perceptron"

    blocks: tuple[LayerBlock, ...] = Field(
        default_factory=_blocks,
        max_length=32,
        description="hidden layers, from the input to the output",
        json_schema_extra={"item": "layers"},
    )
    output_initializer: Annotated[Initializer, Advanced()] = Field(
        default_factory=DefaultInit, description="how the weights of the output start"
    )
    output_bias: Annotated[Flag, Advanced()] = Field(default=True, description="give the outputs a bias")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [block.id for block in self.blocks]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"blocks: two blocks have the id {name!r}")
        if self.depth > MOST_LAYERS:
            raise ValueError(f"blocks: must be at most {MOST_LAYERS} layers together, not {self.depth}")
        return self

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return sum(block.count for block in self.blocks)

    def new_part(self, path: str) -> LayerBlock:
        """Return another block: the last one again."""
        if path.rsplit(".", 1)[-1] != "blocks":
            raise KeyError(path)
        model = self.blocks[-1] if self.blocks else LayerBlock(id="hidden")
        return model.replace(id=fresh_id("hidden", (block.id for block in self.blocks)), count=1)

    def layers(self, inputs: int) -> Iterator[tuple[str, LayerBlock, int]]:
        """Yield each hidden layer's name, its block and the units it sees."""
        for block in self.blocks:
            for number in range(1, block.count + 1):
                yield f"{block.id}_{number}", block, inputs
                inputs = block.width

    def parameters(self, data_shape: tuple[int, ...], outputs: int) -> int:
        """Return the weights, biases and scales, learned activations apart."""
        total, last = 0, flat(data_shape)
        for _, block, inputs in self.layers(last):
            total += block.width * (inputs + block.bias + 2 * (block.norm != "none"))
            last = block.width
        return total + outputs * (last + self.output_bias)

    def without_effect(self, data_shape: tuple[int, ...]) -> Mapping[str, str]:
        """Return the ways around that no layer of their block has, and the biases at 0 of those without."""
        around, found = self.bypassed(data_shape), {}
        for block in self.blocks:
            names = {f"{block.id}_{number}" for number in range(1, block.count + 1)}
            if block.residual and not names & around:
                found[f"blocks.{block.id}.residual"] = "changes nothing: no layer is as wide as what it sees"
            if block.zero_bias and not block.bias:
                found[f"blocks.{block.id}.zero_bias"] = "changes nothing: there is no bias"
        return found

    def bypassed(self, data_shape: tuple[int, ...]) -> frozenset[str]:
        """Return the names of the residual layers."""
        return frozenset(name for name, block, inputs in self.layers(flat(data_shape)) if _skips(block, inputs))

    def _build(self, data_shape: tuple[int, ...], outputs: int) -> nn.Module:
        from torch import nn

        network = nn.Sequential()
        if len(data_shape) != 1:
            network.add_module("flatten", nn.Flatten())
        last = flat(data_shape)
        for name, block, inputs in self.layers(last):
            network.add_module(name, _layer(block, inputs))
            last = block.width
        network.add_module("output", linear(last, outputs, self.output_initializer, bias=self.output_bias))
        return network


def linear(inputs: int, outputs: int, initializer: Initializer, *, bias: bool = True, zero: bool = False) -> nn.Linear:
    """Return a linear layer that starts as told, drawn from torch's global generator."""
    from torch import nn

    made = nn.Linear(inputs, outputs, bias=bias)
    initializer.apply_(made.weight)
    if bias and zero:
        nn.init.zeros_(made.bias)
    return made


def _skips(block: LayerBlock, inputs: int) -> bool:
    return block.residual and inputs == block.width


def _layer(block: LayerBlock, inputs: int) -> nn.Module:
    from torch import nn

    layer: nn.Sequential = module_class(Residual, "Sequential")() if _skips(block, inputs) else nn.Sequential()
    layer.add_module("linear", linear(inputs, block.width, block.initializer, bias=block.bias, zero=block.zero_bias))
    if block.norm == "batch":
        layer.add_module("norm", nn.BatchNorm1d(block.width))
    if block.norm == "layer":
        layer.add_module("norm", nn.LayerNorm(block.width))
    layer.add_module("activation", block.activation.build())
    if block.dropout:
        layer.add_module("dropout", nn.Dropout(block.dropout))
    return layer


class Residual(Chain):
    """A layer with a way around it: x + layer(x) (He et al. 2016)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum."""
        out: Tensor = x + super().forward(x)  # type: ignore[no-untyped-call]
        return out
