"""The reading pane of the Function lab: formulas, the point, its curvature, the steps, and the critical points."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.engine.expressions.latex import to_latex
from gradlab.engine.expressions.nodes import Name
from gradlab.labs.function.pictures import CriticalReading, DirectionReading
from gradlab.labs.function.point import PointReading, StepReading
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui import figures
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.i18n import render
from gradlab.ui.numbers import Numbers
from gradlab.ui.widgets import Pane, plain_label

from .tables import PlainTable

FORMULAS = 4
"""Partial derivatives that are typeset."""
GAP_PX = 4
LISTED, FLAT_LISTED = 40, 5
MARKS = {"minimum": "+", "saddle": "×", "maximum": "△", "degenerate": "◇"}
TONES = {"minimum": "ok", "saddle": "warn", "maximum": "warn", "degenerate": "mono"}


class ReadingPane(Pane):
    """Says in numbers and formulas what the stage shows. ``chosen(point)``: a critical point was clicked."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("reading", parent)
        self.heading(self.tr("FORMULA"))
        self.formula = FormulaLabel(parent=self.body)
        self.column.addWidget(self.formula)
        self.partials = [FormulaLabel(parent=self.body, pixels=14) for _ in range(FORMULAS)]
        for label in self.partials:
            self.column.addWidget(label)
            label.hide()
        self.reason = plain_label("", "muted", self.body)
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.column.addWidget(self.reason)
        self.at = self._numbers(self.tr("AT THE POINT"))
        self.step_part = QWidget(self.body)
        self.steps = self._numbers(self.tr("A STEP FROM HERE"), self.step_part)
        self._then = self.tr("then")
        self.steps.prepare("−lr ∇f", "f", "Newton", "f ", self._then)
        self.column.addSpacing(GAP_PX)
        self.counts = self.heading(self.tr("CRITICAL POINTS"))
        self.table = PlainTable(self.tr("Critical points"), ("", self.tr("at"), "f"), self.body, wide=(1,))
        self.table.cellClicked.connect(self._choose)
        self.table.cellActivated.connect(self._choose)
        self.column.addWidget(self.table)
        self.column.addStretch()
        self._names: tuple[str, ...] = ()
        self._critical: CriticalReading | None = None
        self._listed: list[tuple[float, ...]] = []

    def _numbers(self, heading: str, part: QWidget | None = None) -> Numbers:
        """Return numbers under a heading; those of a ``part`` come and go together."""
        self.column.addSpacing(GAP_PX)
        label = self.heading(heading)
        if part is None:
            numbers = Numbers(self.body)
            self.column.addLayout(numbers)
            return numbers
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label)
        numbers = Numbers(part)
        column.addLayout(numbers)
        self.column.addWidget(part)
        return numbers

    def show_page(self, page: str) -> None:
        """Say what belongs to this page: where steps lead is drawn on the map."""
        self.step_part.setVisible(page == "map")

    def _choose(self, row: int, _column: int) -> None:
        if row < len(self._listed):
            self.chosen.emit(self._listed[row])

    def show_spec(self, spec: FunctionSpec) -> None:
        """Typeset the function and name the rows."""
        self.formula.set_formula(spec.objective.formula_tex(), spec.objective.summary())
        names = spec.objective.variables
        if names == self._names:
            return
        self._names = names
        self._point = ", ".join(names) if len(names) <= 3 else "x"
        if len(names) == 1:
            self.at.prepare(self._point, "f", "f′", "f″")
            return
        self.at.prepare(self._point, "f", "∇f", "|∇f|", "D_u f", "u", "plane", "H", "eig H", "cond H")

    def show_point(self, one: PointReading) -> None:
        """Show the numbers at the point."""
        say = self.at.say
        if len(self._names) != len(one.point):
            return
        self._show_formulas(one)
        say(self._point, figures.point(np.asarray(one.point), 7), ", ".join(map(repr, one.point[:32])))
        say("f", figures.steady(one.f, 9), repr(one.f))
        if len(one.point) == 1:
            say("f′", figures.steady(float(one.gradient[0]), 9), repr(float(one.gradient[0])))
            say("f″", figures.steady(float(one.hessian[0, 0]), 9), repr(float(one.hessian[0, 0])))
            return
        say("∇f", figures.point(one.gradient), ", ".join(map(repr, one.gradient[:32].tolist())))
        say("|∇f|", figures.steady(one.norm, 9), repr(one.norm))
        say("plane", _plane(one, self._names))
        say("H", figures.matrix(one.hessian))
        say("eig H", figures.point(one.eigenvalues), ", ".join(map(repr, one.eigenvalues[:32].tolist())))
        say("cond H", figures.steady(one.condition))

    def _show_formulas(self, one: PointReading) -> None:
        for place, label in enumerate(self.partials):
            shown = place < len(one.latex)
            label.setVisible(shown)
            if shown:
                name = self._names[place]
                left = rf"\frac{{\partial f}}{{\partial {to_latex(Name(name))}}}"
                label.set_formula(f"{left} = {one.latex[place]}", f"∂f/∂{name}")
        self.reason.setText(render(one.reason))
        self.reason.setVisible(bool(one.reason))

    def show_direction(self, one: DirectionReading) -> None:
        """Show the directional derivative."""
        if len(self._names) < 2:
            return
        tip = self.tr("central difference along u: {value}").format(value=repr(one.difference))
        self.at.say("D_u f", figures.steady(one.slope, 9), tip)
        self.at.say("u", f"{figures.steady(one.angle)}°", ", ".join(map(repr, one.unit)))

    def show_steps(self, one: StepReading) -> None:
        """Show where a gradient step and Newton's lead."""
        say = self.steps.say
        say("−lr ∇f", figures.point(one.descent), ", ".join(map(repr, one.descent[:32].tolist())))
        say("f", figures.steady(one.descent_f, 9), repr(one.descent_f))
        newton = one.newton if one.newton is not None else np.full(1, math.nan)
        say("Newton", figures.point(newton), ", ".join(map(repr, newton[:32].tolist())))
        say("f ", figures.steady(one.newton_f, 9), repr(one.newton_f))
        say(self._then, self._arrival(one), ", ".join(map(repr, one.way[-1][:32].tolist())))

    def _arrival(self, one: StepReading) -> str:
        if not one.arrived:
            return render(one.reason)
        where = figures.point(one.way[-1], 6)
        count = len(one.way) - 1
        words = self.tr("Newton: 1 step to a {kind}") if count == 1 else self.tr("Newton: {count} steps to a {kind}")
        words = words if count else self.tr("Newton rests here, at a {kind}")
        return f"{words.format(count=count, kind=self._kind(one.kind))}\n{where}"

    def _kind(self, kind: str) -> str:
        words = {
            "minimum": self.tr("minimum"),
            "saddle": self.tr("saddle"),
            "maximum": self.tr("maximum"),
            "degenerate": self.tr("degenerate point"),
        }
        return words[kind]

    def show_critical(self, one: CriticalReading) -> None:
        """List the critical points of the domain."""
        if one == self._critical:
            return
        self._critical = one
        rows = []
        apart = [point for point in one.points if point.kind != "degenerate"]
        flat = [point for point in one.points if point.kind == "degenerate"]
        listed = apart[:LISTED] + flat[:FLAT_LISTED]
        for point in listed:
            place = ", ".join(_place(value) for value in point.point[:4])
            kind = (f"{MARKS[point.kind]} {point.kind}", TONES[point.kind])
            rows.append([kind, (place, "mono"), (f"{point.f:.5g}", "mono")])
        if len(flat) > FLAT_LISTED:
            more = self.tr("… and {count} more: they lie on a line or a plane")
            rows.append([(more.format(count=len(flat) - FLAT_LISTED), "muted")])
        self._listed = [point.point for point in listed]
        self.table.show_cells(rows, fit=True)
        self.table.setVisible(bool(rows))
        self.counts.setText(self._count(one))

    def _count(self, one: CriticalReading) -> str:
        if not one.searched:
            return self.tr("CRITICAL POINTS: NOT SEARCHED")
        if not one.points:
            return self.tr("CRITICAL POINTS: NONE IN THE DOMAIN")
        names = {
            "minimum": (self.tr("minimum"), self.tr("minima")),
            "saddle": (self.tr("saddle"), self.tr("saddles")),
            "maximum": (self.tr("maximum"), self.tr("maxima")),
            "degenerate": (self.tr("degenerate"), self.tr("degenerate")),
        }
        counts = {kind: one.count(kind) for kind in names}
        parts = [f"{count} {names[kind][count > 1]}" for kind, count in counts.items() if count]
        return self.tr("CRITICAL POINTS: {counts}").format(counts=", ".join(parts))


def _place(value: float) -> str:
    """Return a coordinate to four places; what is 0 at these has no sign."""
    return f"{round(value, 4) + 0.0:.4f}"


def _plane(one: PointReading, names: tuple[str, ...]) -> str:
    """Return the tangent plane of a function of two variables; of more it is a hyperplane, and long."""
    if len(names) != 2:
        return figures.UNKNOWN
    terms = []
    for name, at, slope in zip(names, one.point, one.gradient, strict=True):
        shift = name if at == 0 else f"({name} {'−' if at > 0 else '+'} {abs(at):.4g})"
        terms.append(f" {'−' if slope < 0 else '+'} {abs(slope):.4g} {shift}")
    return f" {one.f:.6g}" + "".join(terms)
