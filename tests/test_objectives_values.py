"""Every published function against an independent one in mpmath: values, gradients, the last digit of its minima."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from objective_cases import cases, inside, name, published
from objective_references import REFERENCES

from gradlab.engine.landscape import value_and_gradient
from gradlab.engine.objectives import Objective

PUBLISHED = [o for o in cases() if o.kind in REFERENCES]
KINKED = {"ackley", "bukin_6"}
"""Their minima lie on a cone or a cusp, where Newton's step means nothing."""


@pytest.fixture(autouse=True)
def digits() -> Iterator[None]:
    with mp.workdps(40):
        yield


def slopes(o: Objective, x: list[Any], order: int = 1) -> Any:
    """Return the gradient, or the Hessian, of the reference at ``x`` as differences with 40 digits."""
    n, f = len(x), lambda *p: REFERENCES[o.kind](o, p)
    unit = [[int(i == j) for j in range(n)] for i in range(n)]
    if order == 1:
        return mpmath.matrix([mpmath.diff(f, tuple(x), tuple(e)) for e in unit])
    return mpmath.matrix([[mpmath.diff(f, tuple(x), tuple(np.add(a, b).tolist())) for a in unit] for b in unit])


def test_each_has_a_reference() -> None:
    assert {m.model_fields["kind"].default for m in published()} == set(REFERENCES)


@pytest.mark.parametrize("o", PUBLISHED, ids=name)
def test_values_and_gradients(o: Objective) -> None:
    points = np.vstack([o.start, inside(o, 5, seed=4)])
    f, g = value_and_gradient(o, points)
    for x, value, slope in zip(points, f, g, strict=True):
        exact = [mpf(float(c)) for c in x]
        right = REFERENCES[o.kind](o, exact)
        size = float(max(1, max(abs(c) for c in exact) ** 2, abs(right)))
        assert value == pytest.approx(float(right), rel=1e-12, abs=1e-13 * size)
        steep = [float(c) for c in slopes(o, exact)]
        assert slope == pytest.approx(steep, rel=1e-10, abs=1e-12 * max(size, *map(abs, steep)))


@pytest.mark.parametrize("o", [o for o in PUBLISHED if o.minima and o.kind not in KINKED and o.dimension < 4], ids=name)
def test_minima_are_the_nearest_floats(o: Objective) -> None:
    """Newton's step with 40 digits, taken from the point stated, does not leave the neighbouring floats."""
    for point in o.minima[:4]:
        free = [i for i, (low, high) in enumerate(o.domain) if low < point[i] < high]
        x = [mpf(c) for c in point]
        gradient, hessian = slopes(o, x), slopes(o, x, 2)
        reduced = mpmath.matrix([[hessian[i, j] for j in free] for i in free])
        step = mpmath.lu_solve(reduced, mpmath.matrix([gradient[i] for i in free]))
        assert all(abs(s) <= 1.5 * np.spacing(max(abs(point[i]), 1e-20)) for i, s in zip(free, step, strict=True)), step


def test_the_edge_minimum_of_the_eggholder_is_one() -> None:
    o = Objective.parse("eggholder")
    gradient = slopes(o, [mpf(c) for c in o.minima[0]])
    assert gradient[0] < -3
    assert o.minima[0][0] == o.domain[0][1]
