"""The two arms of a training as the view names and colours them: A as built, B with one change."""

from __future__ import annotations

from gradlab.labs.training.spec import TrainingSpec
from gradlab.ui.plots.values import Colour

ARMS = ("a", "b")
COLOURS: dict[str, Colour] = {"a": "#f2635d", "b": 1}
LETTERS = {"a": "A", "b": "B"}


def arms_of(spec: TrainingSpec) -> tuple[str, ...]:
    """Return the arms that a spec asks for."""
    return ARMS if spec.beside is not None else ARMS[:1]


def change_of(spec: TrainingSpec) -> str:
    """Return what arm B is called; empty without one."""
    return spec.beside.name if spec.beside is not None else ""
