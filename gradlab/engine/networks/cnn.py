"""The convolutional network of the tutorial: convolutions and pools, then two linear layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, Strict

from gradlab.engine.activations import Activation, Identity
from gradlab.engine.datasets.base import Form
from gradlab.engine.initializers import DefaultInit, Initializer
from gradlab.engine.model import Advanced, Int

from .base import Network
from .mlp import linear

if TYPE_CHECKING:
    from torch import nn

Flag = Annotated[bool, Strict()]
Channels = Annotated[Int, Field(ge=1, le=1024)]


class Cnn(Network):
    """Convolutions, each followed by a pool that halves the picture, then two linear layers.

    At its defaults the network of the tutorial for CIFAR-10 (3×32×32, 10 classes; 145,578 parameters), which has no
    activation but the pools' maximum. Kernels are odd and padded, so that a convolution keeps the size of the picture.

    Layers are called ``conv_1`` …, each holding ``conv``, ``norm``, ``activation`` and ``pool``; then ``flatten``,
    ``hidden`` and ``output``. Random numbers are drawn in that order, for each layer torch's default and then what the
    initializer draws.
    """

    FORMS: ClassVar[tuple[Form, ...]] = ("images",)
    kind: Literal["cnn"] = "cnn"
    title: ClassVar[str] = "Convolutional network"

    activation: Activation = Field(
        default_factory=Identity, description="what follows each convolution and the hidden linear layer"
    )
    channels: tuple[Channels, ...] = Field(
        default=(32, 32, 64), min_length=1, max_length=8, description="channels that each convolution makes"
    )
    kernel: Literal[1, 3, 5, 7] = Field(default=5, description="side of the kernels, in pixels")
    hidden: Int = Field(default=64, ge=1, le=4096, description="units of the hidden linear layer")
    norm: Literal["none", "batch"] = Field(
        default="none", description="normalisation between a convolution and its activation"
    )
    initializer: Initializer = Field(
        default_factory=DefaultInit, description="how the weights of all layers but the output start"
    )
    hidden_initializer: Annotated[Initializer | None, Advanced()] = Field(
        default=None,
        description="how the weights of the hidden linear layer start",
        json_schema_extra={"none": "as those of the convolutions"},
    )
    zero_bias: Flag = Field(default=False, description="let their biases start at 0 instead of torch's random values")
    output_initializer: Annotated[Initializer, Advanced()] = Field(
        default_factory=DefaultInit, description="how the weights of the output start"
    )

    def unavailable(self, data_shape: tuple[int, ...]) -> str:
        """Return why it cannot take samples of ``data_shape``: they must be pictures large enough for the pools."""
        if len(data_shape) != 3:
            return f"{self.name()} needs pictures (channels, height, width), not samples of shape {data_shape}"
        least = 2 ** len(self.channels)
        if min(data_shape[1:]) < least:
            size = f"{data_shape[1]}×{data_shape[2]}"
            return f"{len(self.channels)} pools need pictures of at least {least}×{least} pixels, not {size}"
        return ""

    def weights(self, field: str) -> tuple[int, ...]:
        """Return 4 for the convolutions and 2 for the linear layers, which one initializer fills unless told."""
        if field != "initializer":
            return (2,)
        return (4,) if self.hidden_initializer is not None else (4, 2)

    def stages(self, data_shape: tuple[int, ...]) -> Iterator[tuple[str, int, int]]:
        """Yield each convolution's name, the channels it sees and those it makes."""
        for number, (seen, made) in enumerate(zip((data_shape[0], *self.channels), self.channels, strict=False), 1):
            yield f"conv_{number}", seen, made

    def features(self, data_shape: tuple[int, ...]) -> int:
        """Return the numbers that the hidden linear layer sees."""
        halvings = len(self.channels)
        return self.channels[-1] * (data_shape[1] >> halvings) * (data_shape[2] >> halvings)

    def parameters(self, data_shape: tuple[int, ...], outputs: int) -> int:
        """Return the weights, biases and scales, learned activations apart."""
        scales = 2 * (self.norm == "batch")
        convolved = sum(b * (a * self.kernel**2 + 1 + scales) for _, a, b in self.stages(data_shape))
        return convolved + self.hidden * (self.features(data_shape) + 1) + outputs * (self.hidden + 1)

    def _build(self, data_shape: tuple[int, ...], outputs: int) -> nn.Module:
        from torch import nn

        network = nn.Sequential()
        for name, seen, made in self.stages(data_shape):
            network.add_module(name, self._stage(seen, made))
        network.add_module("flatten", nn.Flatten())
        features, hidden = self.features(data_shape), self.hidden_initializer or self.initializer
        network.add_module("hidden", linear(features, self.hidden, hidden, zero=self.zero_bias))
        network.add_module("activation", self.activation.build())
        network.add_module("output", linear(self.hidden, outputs, self.output_initializer))
        return network

    def _stage(self, seen: int, made: int) -> nn.Module:
        from torch import nn

        stage = nn.Sequential()
        conv = nn.Conv2d(seen, made, self.kernel, padding=self.kernel // 2)
        self.initializer.apply_(conv.weight)
        if self.zero_bias and conv.bias is not None:
            nn.init.zeros_(conv.bias)
        stage.add_module("conv", conv)
        if self.norm == "batch":
            stage.add_module("norm", nn.BatchNorm2d(made))
        stage.add_module("activation", self.activation.build())
        stage.add_module("pool", nn.MaxPool2d(2))
        return stage
