"""Saddles: where the gradient vanishes and nothing is lowest."""

# ruff: noqa: D102 (the docstring of a member tells what its call returns)

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .base import Objective

if TYPE_CHECKING:
    from torch import Tensor


class Saddle(Objective):
    r"""The plain saddle: down along y, up along x, without a lowest point.

    :math:`f(x, y) = x^2 - y^2` (Hilbert and Cohn-Vossen 1932).
    """

    kind: Literal["saddle"] = "saddle"
    title = "Saddle x² − y²"
    DOMAIN = ((-2.0, 2.0), (-2.0, 2.0))
    START = (1.5, 0.001)
    SOURCE = "D. Hilbert and S. Cohn-Vossen, Anschauliche Geometrie, Springer 1932"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return x * x - y * y


class MonkeySaddle(Objective):
    r"""Three ways down and three ways up from a point where even the Hessian vanishes.

    :math:`f(x, y) = x^3 - 3xy^2` (Hilbert and Cohn-Vossen 1932).
    """

    kind: Literal["monkey_saddle"] = "monkey_saddle"
    title = "Monkey saddle"
    DOMAIN = ((-2.0, 2.0), (-2.0, 2.0))
    START = (1.0, 0.05)
    SOURCE = "D. Hilbert and S. Cohn-Vossen, Anschauliche Geometrie, Springer 1932"

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return x * (x * x - 3 * y * y)
