"""Functions to fit: sine, step, polynomial, and any formula of one or two variables that the user types."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from gradlab.engine.errors import UserError
from gradlab.engine.expressions import ExpressionError, Tree, parse
from gradlab.engine.model import Real

from .base import Array, Count, Data, Dataset, NoiseLevel, Task, measured

if TYPE_CHECKING:
    from torch import Generator

Bound = Annotated[Real, Field(ge=-1e6, le=1e6)]
Low = Annotated[Bound, Field(description="lowest x")]
High = Annotated[Bound, Field(description="highest x")]


class Curve(Dataset):
    """Points of a function, x even at random between two bounds."""

    TASK: ClassVar[Task] = "regression"
    count: Count = 200
    noise: NoiseLevel = 0.05
    low: Low = -1.0
    high: High = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.high - self.low > 1e-9 * max(abs(self.low), abs(self.high)):
            raise ValueError(f"low: must be below high = {self.high!r}, not {self.low!r}")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return ("x",)

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return the points where the function is finite."""
        rng = self._rng(seed)
        x = self.low + (self.high - self.low) * rng.random((self.count, len(self.variables)))
        y = self.truth(x)
        y = y + self.noise * rng.standard_normal(y.shape)
        kept = np.isfinite(y.astype(np.float32)).all(axis=1)
        if kept.sum() < 2:
            raise UserError(f"data: the function is finite at {kept.sum()} of {self.count} points; 2 are needed")
        return measured(x[kept], y[kept], self.variables, ("f",))

    def truth(self, x: Array) -> Array:
        """Return f, ``[N, 1]`` in float64 for ``x`` ``[N, variables]``."""
        with np.errstate(all="ignore"):
            return self._f(np.asarray(x, np.float64)).reshape(len(x), 1)

    def _f(self, x: Array) -> Array:
        raise NotImplementedError


class Sine(Curve):
    r"""A wave. :math:`\sin(2\pi\,\mathrm{frequency}\,x)`."""

    kind: Literal["sine"] = "sine"
    frequency: Annotated[Real, Field(gt=0, le=100, description="waves per unit of x")] = 1.0

    def _f(self, x: Array) -> Array:
        waves: Array = np.sin(2 * np.pi * self.frequency * x)
        return waves


class Step(Curve):
    r"""A jump, which smooth networks can only approach. :math:`f(x)=-1` below ``at``, else 1."""

    kind: Literal["step"] = "step"
    at: Annotated[Bound, Field(description="where it jumps")] = 0.0

    def _f(self, x: Array) -> Array:
        return np.where(x < self.at, -1.0, 1.0)


class Polynomial(Curve):
    r"""A polynomial, by its coefficients. :math:`c_0+c_1 x+c_2 x^2+\ldots`."""

    kind: Literal["polynomial"] = "polynomial"
    coefficients: Annotated[
        tuple[Bound, ...], Field(min_length=1, max_length=12, description="c₀, c₁, c₂ …, the constant first")
    ] = (0.0, -1.0, 0.0, 2.0)

    def _f(self, x: Array) -> Array:
        powers: Array = np.polynomial.polynomial.polyval(x, self.coefficients)
        return powers


class Formula(Curve):
    r"""Any formula of one or two variables, typed in. :math:`f(x, y) = \ldots` (your own)."""

    kind: Literal["expression"] = "expression"
    title: ClassVar[str] = "Formula"
    text: Annotated[str, Field(description="the formula, as in sin(3x) + x^2/2 or exp(-x^2 - y^2)")] = "sin(3x) + x^2/2"
    low: Low = -2.0
    high: High = 2.0

    @field_validator("text")
    @classmethod
    def _readable(cls, text: str) -> str:
        try:
            names = parse(text).names
        except ExpressionError as error:
            raise ValueError(str(error)) from None
        if len(names) > 2:
            raise ValueError(f"must have one or two variables, not {', '.join(names)}")
        return text

    @property
    def variables(self) -> tuple[str, ...]:
        """The names in the formula, in alphabetical order; x where it has none."""
        return tuple(sorted(_tree(self.text).names)) or ("x",)

    def _f(self, x: Array) -> Array:
        import torch

        columns = tuple(torch.from_numpy(np.ascontiguousarray(column)) for column in x.T)
        with torch.no_grad():
            values: Array = _tree(self.text).bind(self.variables)(columns).numpy()
        return values


@lru_cache(maxsize=32)
def _tree(text: str) -> Tree:
    return parse(text)
