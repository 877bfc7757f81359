"""What the gradients of a network say, in words: an ordered table of rules, of which the first that matches speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradlab.engine.text import Text

WINDOW = 20
"""Rows whose median a rule looks at."""
DECADES = 0.25
"""Fall of the gradient norm towards the input, in decades per hidden layer, from which it is vanishing."""
GROWTH = 0.25
"""Growth towards the input, in decades per hidden layer, from which it is exploding through depth."""
FLAT = 0.5
"""Share of saturated values from which a layer is called saturated."""
DEAD = 0.5
"""Share of dead units from which a layer is called dead."""
LARGE = 1e4
"""Norm of the whole gradient, relative to that of the weights, from which it is exploding."""
RISEN = 10.0
"""Factor by which the loss has to be above its best for a large gradient to count as exploding while it trains."""
DONE = 1e-3
"""Share of the first whole gradient, or of the first loss, below which a training has converged."""

Kind = Literal[
    "waiting", "nonfinite", "exploding", "unstable", "saturated", "dead", "converged", "vanishing", "healthy"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is the matter: the rule that spoke, the numbers behind it, where, and which remedies may help."""

    kind: Kind
    title: Text
    text: Text
    rule: str
    layer: str = ""
    remedies: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        """Something is wrong."""
        return self.kind not in {"waiting", "healthy", "converged"}
