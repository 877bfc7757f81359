"""A formula as a value: the names in it, its LaTeX, and its values through torch and sympy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .convert import to_sympy
from .evaluate import Evaluate, bind
from .functions import CONSTANTS
from .latex import to_latex
from .nodes import Node, names_in

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Tree:
    """A formula that has been read."""

    root: Node

    @property
    def names(self) -> tuple[str, ...]:
        """The variables and parameters in it, in order of appearance."""
        return tuple(name for name in names_in(self.root) if name not in CONSTANTS)

    def latex(self) -> str:
        """The formula in LaTeX, as it was typed."""
        return to_latex(self.root)

    def bind(self, variables: Sequence[str], parameters: Mapping[str, float] | None = None) -> Evaluate:
        """Return the formula as a function of a tuple of tensors, one per variable; see ``evaluate.bind``."""
        return bind(self.root, tuple(variables), tuple((parameters or {}).items()))

    def torch(self, values: Mapping[str, Tensor]) -> Tensor:
        """Return the formula's value where each name has its tensor; it hangs on all of them, used or not."""
        return self.bind(tuple(values))(tuple(values.values()))

    def value(self, values: Mapping[str, float]) -> float:
        """Return the formula's value at plain numbers, in float64."""
        import torch

        found = self.torch({name: torch.tensor(v, dtype=torch.float64) for name, v in values.items()})
        return float(found)  # a formula without names is a float already

    def sympy(self) -> Any:
        """Return the formula as a sympy expression; ``UserError`` where its powers are too high for one."""
        return to_sympy(self.root)
