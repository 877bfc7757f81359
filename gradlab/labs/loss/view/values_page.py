"""Two tables and what the loss makes of them: values, gradients by reduction, and the formula with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QTabBar, QVBoxLayout, QWidget

from gradlab.engine.losses.ways import worst
from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.labs.loss.values import ValuesReading, averaging
from gradlab.labs.loss.written import with_numbers
from gradlab.ui.dense_table import ROW_PX
from gradlab.ui.derivative_table import DerivativeTable
from gradlab.ui.fact_table import FactTable
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.number_table import NumberTable
from gradlab.ui.numbers import Numbers
from gradlab.ui.widgets import divide, fit_first, plain_label, splitter

from .facts import lines
from .page import LossPage

MOST_SHOWN, MOST_WAYS = 256, 64
"""Elements whose results stand in the tables."""
EDITED_PX, TABLE_PX, TITLED_PX = 26, 96, 84
"""Height of a row that is edited; of what is around such rows, with one to spare; of what is around results."""
FACTS = ("mean", "sum", "divisor", "√sum")
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
        self.ways = DerivativeTable(self, wide=True)
        self.agreement = lines(self, self.tr("How far the three ways are apart"))
        self.inputs = QTabBar(self)
        self.inputs.setAccessibleName(self.tr("The input by which slopes are shown"))
        self.inputs.setDrawBase(False)
        self.inputs.setExpanding(False)
        self.inputs.currentChanged.connect(self._turned)
        self.caption = plain_label("", "title", self)
        self.top = splitter("loss-tables", Qt.Orientation.Horizontal, *self.tables.values())
        self.parts = splitter(
            "loss-values-stage",
            Qt.Orientation.Vertical,
            self.top,
            _titled(self, plain_label(self.tr("Each element"), "title", self), self.inputs, self.results),
            _titled(self, self.caption, self.agreement, self.ways),
            sizes=(190, 260, 260),
        )
        self._fill_pane()
        self.put(self.parts)

    def _fill_pane(self) -> None:
        body = self.pane.body
        self.formula, self.aside, self.slope, self.numbers = (FormulaLabel(parent=body) for _ in range(4))
        self.facts = Numbers(body)
        self.remarks = lines(body, self.tr("Remarks"))
        self.pane.heading(self.tr("FORMULA"))
        for label in (self.formula, self.aside, self.slope):
            self.pane.column.addWidget(label)
        self.substituted = self.pane.heading(self.tr("WITH NUMBERS"))
        self.pane.column.addWidget(self.numbers)
        self.pane.heading(self.tr("REDUCTIONS"))
        self.pane.column.addLayout(self.facts)
        self.pane.column.addWidget(self.remarks)
        self.pane.column.addStretch()
        self.facts.prepare(*FACTS)

    def show_spec(self, spec: LossSpec) -> None:
        """Show the tables and the formula."""
        if any(getattr(spec, name) != getattr(self.spec, name) for name in TABLES):
            self._typed = ""
        super().show_spec(spec)
        loss = spec.loss
        if self.tables["third"].isHidden() != (spec.third is None):
            divide(self.top, 1000, 1000, 1000 if spec.third is not None else 0)
        for place, name in enumerate(TABLES):
            rows = getattr(spec, name)
            self.tables[name].setVisible(rows is not None)
            if rows is not None:
                self.tables[name].set_title(loss.inputs[place] if place < len(loss.inputs) else name)
                self.tables[name].show_rows(rows)
        formula, _comma, aside = loss.formula_tex().partition(r",\quad")  # side by side they would be too small to read
        self.formula.set_formula(formula, loss.summary())
        self.aside.set_formula(aside.strip())
        self.aside.setVisible(bool(aside))
        if self.reading is not None and self.reading.spec.loss.kind != loss.kind:
            self.numbers.set_formula("")
            self.slope.set_formula("")

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
        self.slope.set_formula(reading.slope, f"∂ℓ/∂{reading.spec.loss.names[reading.by]} = …")
        self.slope.setVisible(bool(reading.slope))
        self._write_inputs(reading)
        self.ways.show_rows(reading.derivatives[:MOST_WAYS])
        self.results.show_rows(self._headings(reading), [] if reading.refusal else list(self._rows(reading)))
        header = self.results.horizontalHeader()
        for column in range(1, self.results.columnCount()):
            short = column <= len(reading.spec.loss.inputs)
            mode = QHeaderView.ResizeMode.ResizeToContents if short else QHeaderView.ResizeMode.Stretch
            if header.sectionResizeMode(column) != mode:
                header.setSectionResizeMode(column, mode)
        self._write_facts(reading)
        self._write_numbers()
        tall = max(len(table) for table in reading.spec.tables())
        fit_first(self.parts, TABLE_PX + EDITED_PX * tall, TITLED_PX + ROW_PX * self.results.rowCount())

    def _write_inputs(self, reading: ValuesReading) -> None:
        """Offer the inputs that slopes can be taken by; say how far the three ways are apart, over all elements."""
        names = reading.spec.loss.inputs
        wanted = [f"∂/∂{names[place]}" for place in reading.sloped]
        self.inputs.blockSignals(True)
        if [self.inputs.tabText(i) for i in range(self.inputs.count())] != wanted:
            while self.inputs.count():
                self.inputs.removeTab(0)
            for text in wanted:
                self.inputs.addTab(text)
        if wanted:
            self.inputs.setCurrentIndex(reading.sloped.index(reading.by))
        self.inputs.blockSignals(False)
        self.inputs.setVisible(len(wanted) > 1)
        title = self.tr("∂ {reduction} / ∂ {input} by three ways")
        self.caption.setText(title.format(reduction=averaging(reading.spec.loss), input=names[reading.by]))
        self.agreement.setText(" ".join(self._agreement(reading)))

    def _agreement(self, reading: ValuesReading) -> Iterator[str]:
        rows, furthest = reading.derivatives, worst(reading.derivatives)
        if not rows and not reading.refusal:
            yield self.tr("being compared …")
        if len(rows) > MOST_WAYS:
            text = self.tr("The first {shown} of {count} elements; of all of them the ways are furthest apart at")
            yield text.format(shown=MOST_WAYS, count=len(rows))
            yield f"{furthest.name}: {furthest.error:.1e}." if furthest else self.tr("none.")

    def _headings(self, reading: ValuesReading) -> tuple[str, ...]:
        loss = reading.spec.loss
        return ("", *loss.inputs, self.tr("loss"), "∂ none", f"∂ {averaging(loss)}", "∂ sum")

    def _rows(self, reading: ValuesReading) -> Iterator[Sequence[object]]:
        """Return a row per element; what belongs to a row of them stands beside its first."""
        arrays = reading.spec.arrays()
        shape = arrays[reading.by].shape
        for place in list(np.ndindex(shape))[:MOST_SHOWN]:
            cells = [_beside(array, place, shape) for array in (*arrays, np.atleast_1d(reading.none))]
            pull, mean = float(reading.pull[place]) + 0.0, float(reading.pull_mean[place]) + 0.0
            yield (str(list(place)), *cells, pull, mean, pull)

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
        self.facts.setRowVisible(FACTS.index("√sum"), squares)
        flags = self.tr("In torch the deprecated size_average=False gives the sum, whatever the reduction.")
        text = [] if reading.refusal else [self.tr("mean = sum / divisor. ∂ none: every loss weighed 1."), flags]
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

    def _turned(self, index: int) -> None:
        if self.reading is not None and 0 <= index < len(self.reading.sloped):
            self.looked.emit({"by": self.reading.sloped[index]})

    def _picked(self, row: int, column: int) -> None:
        width = len(self.spec.input[0])
        self._element(min(row, len(self.spec.input) - 1) * width + min(column, width - 1))

    def _element(self, place: int) -> None:
        if place >= 0 and place != self.look.element:
            self.looked.emit({"element": place})


def _beside(array: np.ndarray, place: tuple[int, ...], shape: tuple[int, ...]) -> object:
    """Return what an array has at a place of another's shape; nothing where it has none of its own."""
    if array.shape == shape:
        return float(array[place])
    row = array.reshape(-1) if array.size == len(array) else array[:0]
    return float(row[place[0]]) if place[0] < len(row) and not any(place[1:]) else ""


def _titled(parent: QWidget, title: QLabel, beside: QWidget, table: QWidget) -> QWidget:
    """Return a table under its title, and what stands beside that."""
    made = QWidget(parent)
    line = QHBoxLayout()
    line.setSpacing(12)
    line.addWidget(title)
    line.addWidget(beside, 1 if isinstance(beside, QLabel) else 0)
    line.addStretch()
    column = QVBoxLayout(made)
    column.setContentsMargins(10, 8, 10, 4)
    column.setSpacing(4)
    column.addLayout(line)
    column.addWidget(table, 1)
    column.addStretch()
    return made
