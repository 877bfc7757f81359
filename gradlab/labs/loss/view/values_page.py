"""Two tables and what the loss makes of them: values, gradients by reduction, and the formula with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.engine.losses import Loss
from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.labs.loss.values import ValuesReading, averaging
from gradlab.labs.loss.written import with_numbers
from gradlab.ui.derivative_table import DerivativeTable
from gradlab.ui.fact_table import FactTable
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.number_table import NumberTable
from gradlab.ui.numbers import Numbers
from gradlab.ui.widgets import plain_label, splitter

from .facts import lines
from .page import LossPage

MOST_SHOWN = 256
"""Elements whose results stand in the table."""
TABLES = ("input", "target", "third")


class ValuesPage(LossPage):
    """The tables are edited here; the results follow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("values", parent)
        self.reading: ValuesReading | None = None
        self._typed = ""
        self.tables = {name: NumberTable(name, self) for name in TABLES}
        for name, table in self.tables.items():
            table.edited.connect(partial(self._edited, name))
            table.refused.connect(self._refused)
            table.selected.connect(self._picked)
        self.results = FactTable(self.tr("Loss and gradient of each element"), self)
        self.results.currentCellChanged.connect(lambda row, *_rest: self._element(row))
        self.ways = DerivativeTable(self)
        self.top = splitter("loss-tables", Qt.Orientation.Horizontal, *self.tables.values())
        stage = splitter(
            "loss-values-stage",
            Qt.Orientation.Vertical,
            self.top,
            _titled(self, self.tr("Each element"), self.tr("loss, and ∂/∂input for every reduction"), self.results),
            _titled(self, self.tr("∂ mean / ∂ input by three ways"), self.tr("float64"), self.ways),
            sizes=(190, 260, 260),
        )
        self._fill_pane()
        self.put(stage)

    def _fill_pane(self) -> None:
        body = self.pane.body
        self.formula, self.numbers = FormulaLabel(parent=body), FormulaLabel(parent=body)
        self.facts = Numbers(body)
        self.remarks = lines(body, self.tr("Remarks"))
        self.pane.heading(self.tr("FORMULA"))
        self.pane.column.addWidget(self.formula)
        self.substituted = self.pane.heading(self.tr("WITH NUMBERS"))
        self.pane.column.addWidget(self.numbers)
        self.pane.heading(self.tr("REDUCTIONS"))
        self.pane.column.addLayout(self.facts)
        self.pane.column.addWidget(self.remarks)
        self.pane.column.addStretch()
        self.facts.prepare("mean", "sum", "divisor", "√sum")

    def show_spec(self, spec: LossSpec) -> None:
        """Show the tables and the formula."""
        if any(getattr(spec, name) != getattr(self.spec, name) for name in TABLES):
            self._typed = ""
        super().show_spec(spec)
        loss = spec.loss
        if self.tables["third"].isHidden() != (spec.third is None):
            self.top.setSizes([1000, 1000, 1000 if spec.third is not None else 0])
        for place, name in enumerate(TABLES):
            rows = getattr(spec, name)
            self.tables[name].setVisible(rows is not None)
            if rows is not None:
                self.tables[name].set_title(loss.inputs[place] if place < len(loss.inputs) else name)
                self.tables[name].show_rows(rows)
        self.formula.set_formula(loss.formula_tex(), loss.summary())
        if self.reading is not None and self.reading.spec.loss.kind != loss.kind:
            self.numbers.set_formula("")

    def show_look(self, look: LossLook) -> None:
        """Write the formula with the numbers of the element that is looked at."""
        super().show_look(look)
        self._write_numbers()

    def show_reading(self, reading: Any) -> None:
        """Show the results, or why there are none."""
        if not isinstance(reading, ValuesReading):
            return
        self.reading = reading
        self._say()
        self.ways.show_rows(reading.derivatives)
        self.results.show_rows(self._headings(reading.spec.loss), [] if reading.refusal else list(self._rows(reading)))
        self._write_facts(reading)
        self._write_numbers()

    def _headings(self, loss: Loss) -> tuple[str, ...]:
        mean = averaging(loss)
        return ("", *loss.inputs[:2], self.tr("loss"), "∂ none", f"∂ {mean}", "∂ sum")

    def _rows(self, reading: ValuesReading) -> Sequence[Sequence[object]]:
        """Return a row per element; a loss that belongs to a row of scores stands beside its first."""
        (first, second), none = reading.spec.arrays()[:2], reading.none
        rows: list[Sequence[object]] = []
        for row, column in list(np.ndindex(first.shape))[:MOST_SHOWN]:
            if none.shape == first.shape:
                loss: object = float(none[row, column])
            else:
                loss = "" if column else float(np.atleast_1d(none)[min(row, none.size - 1)])
            pull = float(reading.pull[row, column])
            mean = float(reading.pull_mean[row, column])
            other: object = float(second[row, column]) if second.shape == first.shape else ""
            if second.shape == first.shape[:1] and not column:
                other = float(second[row])
            rows.append((f"[{row}, {column}]", float(first[row, column]), other, loss, pull, mean, pull))
        return rows

    def _write_facts(self, reading: ValuesReading) -> None:
        known = not reading.refusal
        squares = known and reading.spec.loss.kind == "mse"
        for name, value in (
            ("mean", reading.mean),
            ("sum", reading.total),
            ("divisor", reading.divisor),
            ("√sum", float(np.sqrt(reading.total)) if squares else float("nan")),
        ):
            self.facts.say(name, f"{value:.9g}" if known and not np.isnan(value) else "–", repr(value))
        text = [] if reading.refusal else [self.tr("mean = sum / divisor. ∂ none: every loss weighed 1.")]
        if known and reading.pull.size > MOST_SHOWN:
            more = self.tr("The tables show the first {shown} of {count} elements.")
            text.append(more.format(shown=MOST_SHOWN, count=reading.pull.size))
        self.remarks.setText("\n".join(text))

    def _write_numbers(self) -> None:
        reading = self.reading
        known = reading is not None and not reading.refusal
        self.substituted.setVisible(known)
        self.numbers.setVisible(known)
        if reading is None or reading.refusal:
            self.numbers.set_formula("")
            return
        text = with_numbers(reading.spec.loss, reading.spec.arrays(), reading.none, self.look.element)
        self.numbers.set_formula(text, "ℓ = " + text.rpartition(" = ")[2])

    def _edited(self, name: str, rows: object) -> None:
        self.edited.emit({name: rows}, True)

    def _refused(self, why: str) -> None:
        self._typed = why
        self._say()

    def _say(self) -> None:
        """Say what is wrong with what was typed, else with the tables."""
        self.strip.say(self._typed or ("" if self.reading is None else self.reading.refusal))

    def _picked(self, row: int, column: int) -> None:
        width = len(self.spec.input[0])
        self._element(min(row, len(self.spec.input) - 1) * width + min(column, width - 1))

    def _element(self, place: int) -> None:
        if place >= 0 and place != self.look.element:
            self.looked.emit({"element": place})


def _titled(parent: QWidget, title: str, how: str, widget: QWidget) -> QWidget:
    made = QWidget(parent)
    column = QVBoxLayout(made)
    column.setContentsMargins(10, 8, 10, 4)
    column.setSpacing(4)
    caption = plain_label(title, "title", made)
    caption.setToolTip(how)
    column.addWidget(caption)
    column.addWidget(widget)
    column.addStretch()
    return made
