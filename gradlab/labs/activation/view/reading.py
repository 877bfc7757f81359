"""The reading pane: formula and derivatives of the activation in front, its numbers at the point, what they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from PySide6.QtWidgets import QLabel, QWidget

from gradlab.labs.activation.readings import SoftmaxReading, UnitCurve, UnitPoint
from gradlab.labs.activation.spec import ActivationSpec, Softmax, Unit
from gradlab.ui.figures import steady
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.i18n import plain_tip, render
from gradlab.ui.numbers import Numbers
from gradlab.ui.widgets import Pane, plain_label

GAP_PX = 6
SHOWN = 4
SOFTMAX = (
    (r"p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}", "p_i = e^(z_i / T) / Σ_j e^(z_j / T)"),
    (r"\frac{\partial p_i}{\partial z_j} = \frac{1}{T}\, p_i (\delta_{ij} - p_j)", "∂p_i/∂z_j = p_i (δ_ij − p_j) / T"),
    (r"\ln p_i = \frac{z_i}{T} - \ln \sum_j e^{z_j / T}", "ln p_i = z_i / T − ln Σ_j e^(z_j / T)"),
)


class ReadingPane(Pane):
    """Says in numbers and words what the stage shows of one activation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("reading", parent)
        self.name = plain_label("", "title", self.body)
        self.about = self._words()
        self.formulas = tuple(FormulaLabel(parent=self.body) for _ in range(3))
        self.column.addWidget(self.name)
        self.column.addWidget(self.about)
        self.headings = []
        for formula in self.formulas:
            self.headings.append(self.heading(""))
            self.column.addWidget(formula)
            self.column.addSpacing(GAP_PX)
        self.where = self.heading("")
        self.numbers = Numbers(self.body)
        self._named: tuple[str, ...] = ()
        self.verdict = self._words()
        self.column.addLayout(self.numbers)
        self.column.addWidget(self.verdict)
        self.column.addSpacing(GAP_PX)
        self.heading(self.tr("MEANING"))
        self.meaning = self._words()
        self.column.addWidget(self.meaning)
        self.column.addStretch()

    def _words(self) -> QLabel:
        made = plain_label("", "muted", self.body)
        made.setWordWrap(True)
        return made

    def show_unit(self, name: str, unit: Unit) -> None:
        """Name the activation in front."""
        for heading, text in zip(self.headings, ("f", self.tr("f′ by sympy"), self.tr("f″ by sympy")), strict=True):
            heading.setText(text)
        self.name.setText(name)
        self.about.setText(render(unit.activation.summary()))
        self.formulas[0].set_formula(unit.activation.formula_tex(), unit.activation.formula)

    def show_point(self, spec: ActivationSpec, one: UnitPoint, curve: UnitCurve | None) -> None:
        """Show its numbers at the point."""
        for label, formula in zip(self.formulas[1:], one.formulas, strict=True):
            label.set_formula(formula.tex, formula.text or self.tr("none, or too long to be shown"))
            label.setToolTip(plain_tip(formula.text))
        self.where.setText(self.tr("AT x = {x}").format(x=f"{one.x:g}"))
        self._say({"f": one.f, "f′": one.slope.autograd, "f″": one.bend.autograd}, 9)
        said = [render(row.note) for row in (one.slope, one.bend) if row.note]
        said += [self._saturation(spec, one, curve)]
        self.verdict.setText("\n".join(said))

    def _saturation(self, spec: ActivationSpec, one: UnitPoint, curve: UnitCurve | None) -> str:
        state = self.tr("saturated here") if one.saturated else self.tr("not saturated here")
        zones = curve.saturated if curve is not None else ()
        if not zones:
            return state
        spans = ", ".join(f"{low:.4g} … {high:.4g}" for low, high in zones[:SHOWN])
        more = " …" if len(zones) > SHOWN else ""
        threshold = f"{spec.saturation:g}"
        where = self.tr("|f′| < {threshold} in {spans}").format(threshold=threshold, spans=spans + more)
        return f"{state}; {where}"

    def show_softmax(self, spec: Softmax, reading: SoftmaxReading | None) -> None:
        """Show softmax in place of an activation."""
        self.name.setText(self.tr("Softmax"))
        self.about.setText(self.tr("Numbers of any size become probabilities that sum to 1."))
        headings = ("p", self.tr("Jacobian"), self.tr("ln p, as log_softmax takes it"))
        for heading, text, label, formula in zip(self.headings, headings, self.formulas, SOFTMAX, strict=True):
            heading.setText(text)
            label.set_formula(*formula)
            label.setToolTip("")
        self.where.setText(self.tr("AT T = {temperature}").format(temperature=f"{spec.temperature:g}"))
        if reading is not None:
            total = abs(reading.jacobian.sum(axis=1)).max()
            sums = {"Σ p": reading.p.sum(), self.tr("row sums"): total, self.tr("error"): reading.error}
            self._say({name: float(value) for name, value in sums.items()}, 6, tips={
                self.tr("row sums"): self.tr("the largest sum of a row of the Jacobian"),
                self.tr("error"): self.tr("how far autograd, formula and difference differ"),
            })  # fmt: skip
            lost = int(np.isinf(reading.log_naive).sum()), int((~np.isfinite(reading.naive)).sum())
            said = [self.tr("{count} of log(softmax) are −∞ where log_softmax is finite.").format(count=lost[0])]
            said += [self.tr("{count} of e^z / Σ e^z are not numbers: e^z overflows.").format(count=lost[1])]
            self.verdict.setText("\n".join(text for text, count in zip(said, lost, strict=True) if count))

    def _say(self, values: Mapping[str, float], digits: int, tips: Mapping[str, str] = MappingProxyType({})) -> None:
        """Show named numbers, every digit of each in its tooltip."""
        if self._named != tuple(values):
            self._named = tuple(values)
            self.numbers.prepare(*values)
        for name, value in values.items():
            said = repr(value) if math.isfinite(value) else ""
            self.numbers.say(name, steady(value, digits), plain_tip("\n".join(filter(None, (tips.get(name), said)))))

    def show_meaning(self, text: str) -> None:
        """Say what the page in front shows."""
        self.meaning.setText(text)
