"""Where a formula is put together of two pieces: there its central difference reaches over a kink."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from .evaluate import constant
from .nodes import Apply, Node, Number, walk
from .tree import Tree

Kinked = Literal["", "near", "at"]
"""Where a kink is: nowhere, within the reach of a difference, or at the very point."""
TURNS = frozenset({"abs", "sign", "step", "relu", "sqrt", "cbrt"})
"""Functions that are made of two pieces, or have a root's infinite slope, where their argument is 0."""
JUMPS = {"floor": 0.0, "ceil": 0.0, "round": 0.5}
"""Functions that jump where their argument less this is a whole number."""


def kinked(tree: Tree, values: Mapping[str, float], name: str, h: float) -> Kinked:
    """Return whether the formula has a kink ``at`` these values, ``near`` them within ``h`` of ``name``, or none."""
    import torch

    points = {key: torch.full((3,), value, dtype=torch.float64) for key, value in values.items()}
    points[name] = points[name] + torch.tensor([-h, 0.0, h], dtype=torch.float64)
    found: Kinked = ""
    for one, whole in _turning(tree.root):
        below, here, above = np.broadcast_to(Tree(one).torch(points).numpy(), 3)
        if whole:
            at, over = here == np.floor(here), np.floor(below) != np.floor(above)
        else:
            at, over = here == 0, below * above < 0
        if at and below != here:
            return "at"
        found = "near" if over else found
    return found


def _turning(root: Node) -> Iterator[tuple[Node, bool]]:
    """Yield the pieces of a formula that make a kink where they are 0, or, if True, a jump where they are whole."""
    for node in dict.fromkeys(walk(root)):
        match node:
            case Apply(op, (only,)) if op in TURNS and constant(only) is None:
                yield only, False
            case Apply(op, (only,)) if op in JUMPS and constant(only) is None:
                yield Apply("sub", (only, Number(JUMPS[op]))), True
            case Apply("min" | "max" as op, args):
                for place in range(1, len(args)):
                    before = args[0] if place == 1 else Apply(op, args[:place])
                    yield Apply("sub", (args[place], before)), False
