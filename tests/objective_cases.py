"""The objectives that the contract tests run over: every member at its defaults and at random valid parameters."""

from __future__ import annotations

import random
from typing import Any

import annotated_types
import numpy as np
from numpy.typing import NDArray

from gradlab.engine.objectives import Expression, Objective

FORMULAS = (
    Expression(),
    Expression(text="(w*x + b)^2", variables=("w", "b"), parameters={"x": 3.0}),
    Expression(text="5", variables=("x", "y")),
    Expression(text="exp(-a^2) + sin(b)*c - d", domain=((-2, 2), (-3, 3), (0, 1), (0, 9))),
)


def published() -> list[type[Objective]]:
    """Return the members that are published functions, without those of other tests."""
    return [m for m in Objective.items() if m.__module__.startswith("gradlab.") and m is not Expression]


def drawn(member: type[Objective], rng: random.Random) -> Objective:
    """Return the member with every parameter drawn from its range."""
    values: dict[str, Any] = {}
    for name, info in member.model_fields.items():
        if name == "kind":
            continue
        bounds: dict[str, Any] = {}
        for mark in info.metadata:
            for part in (mark, *getattr(mark, "metadata", ())):
                if isinstance(part, annotated_types.Ge | annotated_types.Gt):
                    bounds["low"] = part.ge if isinstance(part, annotated_types.Ge) else part.gt + 1e-3
                if isinstance(part, annotated_types.Le):
                    bounds["high"] = part.le
        low, high = bounds["low"], bounds["high"]  # every parameter has both
        whole = isinstance(info.default, int)
        values[name] = rng.randint(low, min(high, 6)) if whole else rng.uniform(low, high)
    return member(**values)


def cases() -> list[Objective]:
    """Return every published member at its defaults and two draws of its parameters if it has any; and formulas."""
    found: list[Objective] = []
    for member in published():
        rng = random.Random(member.__name__)
        found.append(member())
        if len(member.model_fields) > 1:
            found += [drawn(member, rng) for _ in range(2)]
    return [*found, *FORMULAS]


def name(o: Objective) -> str:
    """Return a readable id for a case."""
    return repr(o).replace("Expression", "formula")


def inside(o: Objective, count: int, seed: int = 0) -> NDArray[np.float64]:
    """Return random points[count, D] of the objective's domain."""
    low, high = np.array(o.domain).T
    points: NDArray[np.float64] = low + (high - low) * np.random.default_rng(seed).random((count, o.dimension))
    return points
