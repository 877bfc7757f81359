"""The reading pane: the formula, the numbers at the iterate and of its step, the race, and what they mean."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.descent.inspect import Curvature
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import figures
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.numbers import Numbers
from gradlab.ui.widgets import Pane

from .bound_card import BoundCard
from .pictures import Row
from .race_table import RaceTable

GAP_PX = 4
STEP = {"|∇f|": "grad", "|m|": "momentum", "|Δx|": "update"}
"""Lengths of the vectors that explain a step, and their columns."""


class ReadingPane(Pane):
    """Says in numbers and words what the stage shows. ``focused(id)``: a racer was chosen in the table."""

    focused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("reading", parent)
        self.heading(self.tr("FORMULA"))
        self.formula = FormulaLabel(parent=self.body)
        self.column.addWidget(self.formula)
        self.column.addSpacing(GAP_PX)
        self.at = self.heading(self.tr("AT THE START"))
        self.state = self._numbers()
        self.column.addSpacing(GAP_PX)
        self.made = self.heading(self.tr("THE STEP"))
        self.step = self._numbers()
        self.step.prepare(*STEP)
        self.column.addSpacing(GAP_PX)
        self.heading(self.tr("RACE"))
        self.race = RaceTable(self.body)
        self.race.focused.connect(self.focused)
        self.column.addWidget(self.race)
        self.card = BoundCard(self.body)
        self.column.addWidget(self.card)
        self.column.addStretch()
        self.table = self.race
        self._point = ""

    def _numbers(self) -> Numbers:
        numbers = Numbers(self.body)
        self.column.addLayout(numbers)
        return numbers

    def show_objective(self, spec: DescentSpec) -> None:
        """Typeset the function and name the coordinates."""
        self.formula.set_formula(spec.objective.formula_tex(), spec.objective.summary())
        names = spec.objective.variables
        point = ", ".join(names) if len(names) <= 3 else "x"
        if point != self._point:
            self._point = point
            self.state.prepare(point, "f", "∇f", "H", "eig H", "cond H", "2/λmax", "lr", self.tr("dtype"))

    def show_state(self, spec: DescentSpec, name: str, step: int | None, one: Curvature, lr: float) -> None:
        """Show the numbers at one racer's iterate; ``lr`` is that of the step to come."""
        where = self.tr("AT THE START") if step is None else self.tr("AT STEP {step}").format(step=step)
        self.at.setText(f"{where}   {name}")
        say = self.state.say
        say(self._point, figures.point(one.x), _exact(one.x))
        say("f", figures.steady(one.f, 9), repr(one.f))
        say("∇f", figures.point(one.gradient), _exact(one.gradient))
        say("H", figures.matrix(one.hessian))
        say("eig H", figures.point(one.eigenvalues), _exact(one.eigenvalues))
        say("cond H", figures.steady(one.condition))
        say("2/λmax", figures.steady(one.bound), repr(one.bound) if math.isfinite(one.bound) else "")
        say("lr", figures.steady(lr), repr(lr) if math.isfinite(lr) else "")
        say(self.tr("dtype"), f" {spec.dtype}")
        self.card.show_bound(name, lr, one)

    def show_step(self, step: int | None, row: Row | None, index: int) -> None:
        """Show the lengths of the vectors that explain a racer's step from row ``step`` to the next."""
        made = row is not None and bool(np.isfinite(row["update"][index]).all())
        self.made.setText(
            self.tr("THE STEP {step} → {next}").format(step=step, next=(step or 0) + 1) if made else self.tr("THE STEP")
        )
        for name, column in STEP.items():
            length = math.nan if row is None else math.hypot(*row[column][index])
            self.step.say(name, figures.steady(length), repr(length) if math.isfinite(length) else "")


def _exact(values: np.ndarray) -> str:
    """Return every digit of some numbers, for a tooltip."""
    return ", ".join(repr(float(value)) for value in values[:32]) if np.isfinite(values).all() else ""
