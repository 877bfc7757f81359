"""What an activation is: a function of one number, its kinks, its formula, and the torch module that computes it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

from gradlab.engine.catalog import Item
from gradlab.engine.expressions import parse
from gradlab.engine.model import Frozen, Real

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

SLOTS = ("x",)


class Step(Frozen):
    """A line of a derivation: as it is written, what it is worth at x in the language of formulas, and why it holds."""

    tex: str
    text: str
    why: str


class Activation(Item):
    """A nonlinearity that acts on each number by itself.

    A member of torch.nn names its module and has the module's parameters as fields; any other states its ``formula``,
    which computes it as well. Where f′ jumps is a kink, where only f″ does is a bend.
    """

    family: ClassVar[dict[str, type[Item]]] = {}

    MODULE: ClassVar[str] = ""
    """Its class in torch.nn; empty where torch has none."""
    FORMULA: ClassVar[str] = ""
    KINKS: ClassVar[tuple[float, ...]] = ()
    BENDS: ClassVar[tuple[float, ...]] = ()
    NONLINEARITY: ClassVar[str] = "relu"
    """Whose gain an initializer takes, a name that ``torch.nn.init.calculate_gain`` knows."""
    DERIVATION: ClassVar[tuple[Step, ...]] = ()

    @property
    def formula(self) -> str:
        """What it does to x in the language of formulas, its parameters as numbers; empty where there is none."""
        return self.FORMULA

    @property
    def kinks(self) -> tuple[float, ...]:
        """Where f or f′ jumps; torch's f′ there is a choice."""
        return self.KINKS

    @property
    def bends(self) -> tuple[float, ...]:
        """Where f″ jumps and f′ does not."""
        return self.BENDS

    @property
    def nonlinearity(self) -> str:
        """Whose gain an initializer takes: linear, sigmoid, tanh, relu, leaky_relu or selu."""
        return self.NONLINEARITY

    @property
    def slope(self) -> Real | None:
        """The negative slope that the gain of leaky_relu depends on; None for the others."""
        return None

    def gain(self) -> float:
        """Return what an initializer multiplies the spread of weights by."""
        from torch.nn.init import calculate_gain

        return float(calculate_gain(self.nonlinearity, self.slope))  # type: ignore[arg-type]

    def build(self) -> nn.Module:
        """Return the module, in training mode as torch makes it."""
        from torch import nn

        if self.MODULE:
            module: nn.Module = getattr(nn, self.MODULE)(**self.parameters())
            return module
        return _elementwise()(self)

    def parameters(self) -> dict[str, Any]:
        """Return its parameters by torch's names."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}

    def __call__(self, x: Tensor) -> Tensor:
        """Return f element by element in the shape and dtype of ``x``; what is drawn at random is its mean."""
        if self.MODULE:
            made: Tensor = _ready(self, x.dtype, x.device)(x)
            return made
        return parse(self.formula, SLOTS).bind(SLOTS)((x,))


@functools.lru_cache(maxsize=128)
def _ready(activation: Activation, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """Return the module as it computes f: made once, for it takes longer to make than to use."""
    return activation.build().eval().to(device, dtype)


@functools.cache
def _elementwise() -> type[nn.Module]:
    """Return the module for what torch has none of; torch is imported at the first call."""
    from torch import nn

    class Elementwise(nn.Module):
        def __init__(self, activation: Activation) -> None:
            super().__init__()
            self.activation = activation

        def forward(self, x: Tensor) -> Tensor:
            return self.activation(x)

        def extra_repr(self) -> str:
            return repr(self.activation)

    return Elementwise
