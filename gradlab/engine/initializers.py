"""The initializers: how the weights of a layer start. All of torch.nn.init, with torch's names and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gradlab.engine.catalog import Item
from gradlab.engine.errors import UserError
from gradlab.engine.model import Int, Real, Scale

if TYPE_CHECKING:
    from torch import Tensor

Nonlinearity = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
"""What torch knows a recommended gain for."""
LARGEST = 1e6
Value = Annotated[Real, Field(ge=-LARGEST, le=LARGEST)]
Spread = Annotated[Real, Scale(log=True), Field(ge=0, le=LARGEST, description="standard deviation")]
Slope = Annotated[Real, Field(ge=0, le=10, description="slope below zero of the leaky ReLU that follows")]
FollowedBy = Annotated[Nonlinearity, Field(description="the activation that follows; it sets the gain")]
Gain = Annotated[
    Real | None,
    Field(
        gt=0, le=1e3, description="factor of the standard deviation", json_schema_extra={"none": "of the nonlinearity"}
    ),
]


class Initializer(Item):
    """How the weights of a layer start.

    ``dimensions`` is the least and the most number of dimensions a weight may have.
    """

    family: ClassVar[dict[str, type[Item]]] = {}
    dimensions: ClassVar[tuple[int, int]] = (1, 5)

    def apply_(self, weight: Tensor) -> None:
        """Fill ``weight`` in place, random numbers from torch's global generator; keeps ``requires_grad``.

        Raises ``UserError`` when the initializer is not made for a weight of that shape.
        """
        why = self.unavailable(tuple(weight.shape))
        if why:
            raise UserError(f"initializer: {why}")
        if weight.numel():
            self._fill(weight)

    def _fill(self, weight: Tensor) -> None:
        raise NotImplementedError

    @classmethod
    def refuses(cls, dimensions: int) -> str:
        """Return why none of this kind can fill a weight of so many dimensions; empty when one can."""
        low, high = cls.dimensions
        if low <= dimensions <= high:
            return ""
        wanted = f"{low}" if low == high else f"{low} to {high}" if high < 5 else f"at least {low}"
        return f"{cls.name()} needs a weight of {wanted} dimensions"

    def unavailable(self, shape: tuple[int, ...]) -> str:
        """Return why it cannot fill a weight of ``shape``; empty when it can."""
        why = self.refuses(len(shape))
        return f"{why}, not one of shape {shape}" if why else ""


class DefaultInit(Initializer):
    """What torch's layer draws when it is made: uniform in ±1/√fan_in for linear and convolution layers."""

    kind: Literal["default"] = "default"
    title: ClassVar[str] = "torch's default"
    dimensions = (0, 99)

    def _fill(self, weight: Tensor) -> None:
        """Leave the weight as its layer made it."""


class Gained(Initializer):
    """A scale from the number of connections, times a gain."""

    dimensions = (2, 5)
    nonlinearity: FollowedBy = "linear"
    a: Slope = 0.01
    gain: Gain = None

    def factor(self) -> float:
        """Return the gain: the one that is set, else the one torch recommends for the nonlinearity."""
        if self.gain is not None:
            return self.gain
        return recommended_gain(self.nonlinearity, self.a)


def recommended_gain(nonlinearity: Nonlinearity, a: float) -> float:
    """Return ``torch.nn.init.calculate_gain``: 1 for linear and sigmoid, 5/3 for tanh, √2 for ReLU, 3/4 for SELU."""
    from torch.nn import init

    return float(init.calculate_gain(nonlinearity, a))


class XavierUniform(Gained):
    r"""Uniform, so that signals and gradients of a linear layer keep their variance.

    :math:`U(-b, b),\; b=\mathrm{gain}\sqrt{6/(n_\mathrm{in}+n_\mathrm{out})}` (Glorot and Bengio 2010).
    """

    kind: Literal["xavier_uniform"] = "xavier_uniform"
    title: ClassVar[str] = "Xavier uniform"

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.xavier_uniform_(weight, self.factor())


class XavierNormal(Gained):
    r"""Normal, so that signals and gradients of a linear layer keep their variance.

    :math:`N(0, \sigma^2),\; \sigma=\mathrm{gain}\sqrt{2/(n_\mathrm{in}+n_\mathrm{out})}` (Glorot and Bengio 2010).
    """

    kind: Literal["xavier_normal"] = "xavier_normal"
    title: ClassVar[str] = "Xavier normal"

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.xavier_normal_(weight, self.factor())


class Kaiming(Initializer):
    """A scale from the number of connections on one side, made for rectifiers."""

    dimensions = (2, 5)
    a: Slope = 0.0
    mode: Annotated[
        Literal["fan_in", "fan_out"],
        Field(description="what keeps its variance: the signal (fan_in) or the gradient (fan_out)"),
    ] = "fan_in"
    nonlinearity: FollowedBy = "leaky_relu"


class KaimingUniform(Kaiming):
    r"""Uniform, so that signals keep their variance through rectifiers.

    :math:`U(-b, b),\; b=\mathrm{gain}\sqrt{3/n}` (He et al. 2015).
    """

    kind: Literal["kaiming_uniform"] = "kaiming_uniform"
    title: ClassVar[str] = "He uniform (Kaiming)"

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.kaiming_uniform_(weight, self.a, self.mode, self.nonlinearity)


class KaimingNormal(Kaiming):
    r"""Normal, so that signals keep their variance through rectifiers.

    :math:`N(0, \sigma^2),\; \sigma=\mathrm{gain}/\sqrt{n}` (He et al. 2015).
    """

    kind: Literal["kaiming_normal"] = "kaiming_normal"
    title: ClassVar[str] = "He normal (Kaiming)"

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.kaiming_normal_(weight, self.a, self.mode, self.nonlinearity)


class UniformInit(Initializer):
    r"""Uniform between two numbers. :math:`U(a, b)`."""

    kind: Literal["uniform"] = "uniform"
    title: ClassVar[str] = "Uniform"
    a: Annotated[Value, Field(description="lowest value")] = 0.0
    b: Annotated[Value, Field(description="highest value")] = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.a > self.b:
            raise ValueError(f"a: must be at most b = {self.b!r}, not {self.a!r}")
        return self

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.uniform_(weight, self.a, self.b)


class NormalInit(Initializer):
    r"""Normal with a given spread, whatever the size of the layer. :math:`N(\mathrm{mean}, \mathrm{std}^2)`."""

    kind: Literal["normal"] = "normal"
    title: ClassVar[str] = "Normal"
    mean: Annotated[Value, Field(description="mean")] = 0.0
    std: Spread = 1.0

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.normal_(weight, self.mean, self.std)


class TruncNormal(Initializer):
    r"""Normal, with what falls outside an interval drawn again. :math:`N(\mathrm{mean}, \mathrm{std}^2)` on [a, b]."""

    kind: Literal["trunc_normal"] = "trunc_normal"
    title: ClassVar[str] = "Truncated normal"
    mean: Annotated[Value, Field(description="mean before truncation")] = 0.0
    std: Annotated[
        Real, Scale(log=True), Field(ge=1e-6, le=LARGEST, description="standard deviation before truncation")
    ] = 1.0
    a: Annotated[Value, Field(description="lowest value")] = -2.0
    b: Annotated[Value, Field(description="highest value")] = 2.0

    @model_validator(mode="after")
    def _near(self) -> Self:
        if not self.a < self.b:
            raise ValueError(f"a: must be below b = {self.b!r}, not {self.a!r}")
        if self.mean < self.a - 2 * self.std or self.mean > self.b + 2 * self.std:
            raise ValueError(f"mean: must be within two std of the interval from {self.a!r} to {self.b!r}")
        return self

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.trunc_normal_(weight, self.mean, self.std, self.a, self.b)


class ConstantInit(Initializer):
    """Every weight the same: units that see the same gradient for ever, the symmetry that is never broken."""

    kind: Literal["constant"] = "constant"
    title: ClassVar[str] = "Constant"
    val: Annotated[Value, Field(description="the value")] = 0.1

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.constant_(weight, self.val)


class ZerosInit(Initializer):
    """Every weight zero: no gradient passes through the layer."""

    kind: Literal["zeros"] = "zeros"
    title: ClassVar[str] = "Zeros"

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.zeros_(weight)


class OnesInit(Initializer):
    """Every weight one."""

    kind: Literal["ones"] = "ones"
    title: ClassVar[str] = "Ones"

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.ones_(weight)


class EyeInit(Initializer):
    """The identity matrix, as far as the shape allows: inputs pass a linear layer unchanged."""

    kind: Literal["eye"] = "eye"
    title: ClassVar[str] = "Identity matrix"
    dimensions = (2, 2)

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.eye_(weight)


class DiracInit(Initializer):
    """The identity for convolutions: as many channels as possible pass unchanged."""

    kind: Literal["dirac"] = "dirac"
    title: ClassVar[str] = "Dirac"
    dimensions = (3, 5)
    groups: Annotated[Int, Field(ge=1, le=1024, description="groups of channels that pass")] = 1

    def unavailable(self, shape: tuple[int, ...]) -> str:
        """Return why it cannot fill a weight of ``shape``: its channels must divide into the groups."""
        why = super().unavailable(shape)
        if not why and shape[0] % self.groups:
            why = f"{self.name()} cannot divide {shape[0]} channels into {self.groups} groups"
        return why

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.dirac_(weight, self.groups)


class Orthogonal(Initializer):
    """A random rotation, times a gain: norms pass a square linear layer unchanged (Saxe et al. 2013)."""

    kind: Literal["orthogonal"] = "orthogonal"
    title: ClassVar[str] = "Orthogonal"
    dimensions = (2, 5)
    gain: Annotated[Real, Field(gt=0, le=1e3, description="factor of the rotation")] = 1.0

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.orthogonal_(weight, self.gain)


class Sparse(Initializer):
    """Normal, with a share of zeros among the weights that leave each input (Martens 2010)."""

    kind: Literal["sparse"] = "sparse"
    title: ClassVar[str] = "Sparse"
    dimensions = (2, 2)
    sparsity: Annotated[Real, Field(ge=0, le=1, description="share of zeros in each column")] = 0.9
    std: Spread = 0.01

    def _fill(self, weight: Tensor) -> None:
        from torch.nn import init

        init.sparse_(weight, self.sparsity, self.std)
