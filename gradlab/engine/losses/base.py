"""What a loss is: torch's module with torch's parameters, the shapes it takes, and its formula where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
from pydantic import Field

from gradlab.engine.catalog import Item
from gradlab.engine.errors import UserError
from gradlab.engine.model import Real

from .checks import Array, as_array, same_shape
from .declared import declared
from .formulas import derived, derived_tex, evaluated, symbol

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Task: TypeAlias = Literal["regression", "classification", "binary", "distribution", "margin", "embedding"]
Takes: TypeAlias = Literal["values", "logits", "probabilities", "log_probabilities", "rates", "embeddings"]
Table = tuple[tuple[float, ...], ...]

Reduction = Annotated[
    Literal["none", "mean", "sum"],
    Field(
        description="what becomes of the losses of the elements: all of them, their mean or their sum; where torch's"
        " deprecated flags size_average and reduce are given, they win over it"
    ),
]
Weights = tuple[Annotated[Real, Field(ge=0, le=1e6)], ...]
ClassWeight = Annotated[
    Weights | None,
    Field(max_length=1000, description="a weight for each class", json_schema_extra={"none": "every class weighs 1"}),
]
ElementWeight = Annotated[
    Weights | None,
    Field(
        max_length=1000,
        description="a weight for each entry of the last dimension",
        json_schema_extra={"none": "every entry weighs 1"},
    ),
]
Margin = Annotated[Real, Field(ge=-1e6, le=1e6, description="how far apart is far enough")]


class Loss(Item):
    """A number that says how wrong a prediction is: torch's parameters under torch's names, with torch's defaults."""

    family: ClassVar[dict[str, type[Item]]] = {}
    task: ClassVar[Task] = "regression"
    """What it is for."""
    takes: ClassVar[Takes] = "values"
    """What its first input means."""
    inputs: ClassVar[tuple[str, ...]] = ("input", "target")
    """What it compares, under torch's names."""
    names: ClassVar[tuple[str, ...]] = ("x", "y")
    """What its inputs are called in the formula."""
    COLUMN: ClassVar[bool] = False
    """Whether its last input has one entry for each row of the first."""
    SIGNS: ClassVar[bool] = False
    """Whether its target is 1 or −1 and so has no slope."""
    ALONE: ClassVar[bool] = True
    """Whether a row costs what it costs whatever stands in the others."""
    FORMULA: ClassVar[str] = ""
    SLOPES: ClassVar[tuple[str, ...]] = ()
    """The slopes by the inputs as LaTeX, where there is no formula or what sympy makes of it is not to be read."""
    EXAMPLE: ClassVar[tuple[Table, ...]] = (((0.9, 0.1),), ((1.0, 0.0),))
    """Tables that it takes, one for each input."""

    reduction: Reduction = "mean"

    @property
    def formula(self) -> str:
        """The loss of one element in the expression language, in ``names`` and its own parameters; empty if none."""
        return self.FORMULA

    def constants(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """Return what the other names in the formula stand for, each broadcast to ``shape``."""
        return {name: filled(shape, value) for name, value in self._numbers().items()}

    def _numbers(self) -> dict[str, float]:
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in fields.items() if isinstance(value, float)}

    def torch_class(self) -> type[nn.Module]:
        """Return the class that ``build`` makes one of: torch's of the same name, else that of the formula."""
        import torch

        return getattr(torch.nn, type(self).__name__, None) or declared()

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of the torch class; weights are tuples still."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}

    def build(self, dtype: torch.dtype | None = None) -> nn.Module:
        """Return the torch module; its weights are of ``dtype``, or torch's default."""
        import torch

        if self.torch_class() is declared():
            return declared()(self.formula, self.names, self._numbers(), self.reduction)
        values = self.arguments()
        made = {k: torch.tensor(v, dtype=dtype) if isinstance(v, tuple) else v for k, v in values.items()}
        return self.torch_class()(**made)

    def tensors(self, *values: Any, dtype: torch.dtype | None = None) -> tuple[Tensor, ...]:
        """Return the inputs as tensors of ``dtype``, those that are classes as int64."""
        import torch

        arrays = [as_array(value) for value in values]
        indices = self.indices(*arrays)
        kinds = [torch.int64 if i in indices else dtype or torch.get_default_dtype() for i in range(len(arrays))]
        return tuple(torch.tensor(array, dtype=kind) for array, kind in zip(arrays, kinds, strict=True))

    def shaped(self, *tables: Array) -> tuple[Array, ...]:
        """Return tables as it takes them: a column with one class or sign for each row is a vector."""
        if not self.COLUMN or not self._in_a_column(tables[0], tables[-1]):
            return tables
        return (*tables[:-1], tables[-1][:, 0])

    def _in_a_column(self, first: Array, last: Array) -> bool:
        return bool(first.ndim == 2 and last.ndim == 2 and last.shape[1] == 1)

    def indices(self, *values: Array) -> tuple[int, ...]:
        """Return which inputs hold classes, by their place."""
        del values
        return ()

    def sloped(self, *values: Any) -> tuple[int, ...]:
        """Return by which inputs there is a slope, by their place: not by classes, nor by signs."""
        choices = {*self.indices(*(as_array(value) for value in values)), *([len(values) - 1] if self.SIGNS else [])}
        return tuple(place for place in range(len(values)) if place not in choices)

    def check(self, *values: Any) -> None:
        """Raise ``UserError`` where the inputs do not fit each other or the parameters: one line, shapes named."""
        if len(values) != len(self.inputs):
            raise UserError(f"{self.kind}: takes {', '.join(self.inputs)}, not {len(values)} inputs")
        arrays = [as_array(value) for value in values]
        for name, array in zip(self.inputs, arrays, strict=True):
            if array.size == 0:
                raise UserError(f"{name}: it is empty, its shape is {array.shape}")
        self._fit(*arrays)

    def _fit(self, *values: Array) -> None:
        """Check the inputs; elementwise losses ask for one shape."""
        for name, value in zip(self.inputs[1:], values[1:], strict=True):
            same_shape((self.inputs[0], name), values[0], value)

    def denominator(self, *values: Any) -> float:
        """Return what the mean divides by."""
        return float(as_array(values[0]).size)

    def known(self, *values: Any) -> dict[str, Array]:
        """Return what every name in the formula stands for, in the shape of the first input."""
        arrays = [as_array(value) for value in values]
        shape = arrays[0].shape
        given = {name: filled(shape, array) for name, array in zip(self.names, arrays, strict=True)}
        return given | self.constants(shape)

    def elements(self, *values: Any) -> Array | None:
        """Return the loss of each element by the formula; None where it has none."""
        return evaluated(self.formula, self.known(*values)) if self.formula else None

    def slopes(self, *values: Any, by: int = 0) -> Array | None:
        """Return ∂(sum of the losses)/∂(the input at ``by``) from the formula, in its shape; None where it has none."""
        if not self.formula:
            return None
        found = derived(self.formula, self.known(*values), self.names[by])
        shape = as_array(values[by]).shape
        return found if found.shape == shape else found.sum(-1).reshape(shape)

    def partial(self, by: int) -> str:
        """Return ``∂ℓ/∂(the input at by)`` as LaTeX."""
        return rf"\frac{{\partial \ell}}{{\partial {symbol(self.names[by])}}}"

    def slope_tex(self, by: int = 0) -> str:
        """Return ``∂ℓ/∂(the input at by) = …`` as LaTeX: as it is declared, else what sympy makes of the formula."""
        slope = self.SLOPES[by] if by < len(self.SLOPES) else ""
        if not slope and self.formula:
            slope = derived_tex(self.formula, tuple(self.known(*self.EXAMPLE)), self.names[by])
        return f"{self.partial(by)} = {slope}" if slope else ""


def filled(shape: tuple[int, ...], value: Any) -> Array:
    """Return ``value`` in every place of ``shape``, in float64."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), shape))
