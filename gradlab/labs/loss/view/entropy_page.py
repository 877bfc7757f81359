"""Cross-entropy taken apart: every station from the logits to the mean, and where log(softmax) breaks."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.labs.loss.entropy import EntropyReading
from gradlab.ui.dense_table import ROW_PX
from gradlab.ui.fact_table import FactTable
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.i18n import plain_tip
from gradlab.ui.numbers import Numbers
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve
from gradlab.ui.widgets import fit_first, plain_label, splitter

from .facts import lines
from .page import LossPage

MOST_SHOWN = 256
"""Classes of samples that stand in the table."""
TITLED_PX = 72
"""Height of what is around the rows of the table."""
STATIONS = (
    (r"p = \mathrm{softmax}(x) \;\to\; \ln p", "p = softmax(x) → ln p"),
    (r"\ell_n = -\sum_c s_{n,c} \ln p_{n,c} \;\to\; \mathrm{mean}", "ℓ_n = −Σ_c s_nc ln p_nc → mean"),
)


class EntropyPage(LossPage):
    """A row for each class of each sample."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("entropy", parent)
        self.table = FactTable(self.tr("The stations of cross-entropy"), self, digits=5)
        self.plot = LinePlot(legend=True, x=self.tr("how far the logit lies below"), y="ln p")
        frame = self.frame(
            "underflow", self.plot, self.tr("log(softmax) in two steps and log_softmax"), self.tr("float32")
        )
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(10, 8, 10, 4)
        column.setSpacing(4)
        column.addWidget(plain_label(self.tr("From the logits to the loss"), "title", box))
        column.addWidget(self.table, 1)
        self.parts = splitter("loss-entropy-stage", Qt.Orientation.Vertical, box, frame, sizes=(360, 300))
        self.put(self.parts)
        body = self.pane.body
        self.pane.heading(self.tr("STATIONS"))
        for formula in STATIONS:
            self.pane.column.addWidget(FormulaLabel(*formula, parent=body))
        self.pane.heading(self.tr("THE MEAN"))
        self.facts = Numbers(body)
        self.facts.prepare("Σ ℓ", "Σ w", "mean", "nll", "1/N")
        self.pane.column.addLayout(self.facts)
        self.words = lines(body, self.tr("Remarks"))
        self.pane.column.addWidget(self.words)
        self.pane.column.addStretch()

    def show_reading(self, reading: Any) -> None:
        """Show every station, or why there is none."""
        if not isinstance(reading, EntropyReading):
            return
        self.strip.say(reading.refusal)
        if reading.refusal:
            self.table.show_rows(self._headings(), [])
            for name in ("Σ ℓ", "Σ w", "mean", "nll", "1/N"):
                self.facts.say(name, "–")
            self.plot.show_curves([])
            self.words.setText("")
            return
        self.table.show_rows(self._headings(), self._rows(reading))
        fit_first(self.parts, TITLED_PX + ROW_PX * self.table.rowCount())
        self._explain()
        for name, value in (
            ("Σ ℓ", reading.total),
            ("Σ w", reading.divisor),
            ("mean", reading.mean),
            ("nll", reading.nll),
            ("1/N", reading.per_sample),
        ):
            self.facts.say(name, f"{value:.7g}", repr(value))
        self._say(reading)
        self.plot.show_curves([
            Curve("naive", reading.gaps, reading.gap_naive, 4, "log(softmax)"),
            Curve("stable", reading.gaps, reading.gap_stable, 1, "log_softmax", (5.0, 2.5)),
        ])  # fmt: skip

    def _headings(self) -> tuple[str, ...]:
        return ("n, c", "x", "p", "ln p", "ln p f32", "s", "−s ln p", "∂ mean")

    def _explain(self) -> None:
        """Say in the tooltips of the columns what stands in them."""
        told = (
            self.tr("sample, class"),
            self.tr("the logit"),
            self.tr("softmax(x)"),
            self.tr("log_softmax(x), float64"),
            self.tr("log(softmax(x)) in two steps, float32"),
            self.tr("the share of −ln p that the loss takes: target, smoothing and class weight"),
            self.tr("what it adds to the loss of its sample"),
            self.tr("the gradient of the mean by x"),
        )
        for column, text in enumerate(told):
            heading = self.table.horizontalHeaderItem(column)
            if heading is not None:
                heading.setToolTip(plain_tip(text))

    def _rows(self, reading: EntropyReading) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for n, c in list(np.ndindex(reading.logits.shape))[:MOST_SHOWN]:
            share = float(reading.share[n, c])
            part = -share * float(reading.log_softmax[n, c]) if share else 0.0
            rows.append((
                f"{n}, {c}", float(reading.logits[n, c]), float(reading.softmax[n, c]),
                float(reading.log_softmax[n, c]), float(reading.naive[n, c]), share, part, float(reading.slope[n, c]),
            ))  # fmt: skip
        return rows

    def _say(self, reading: EntropyReading) -> None:
        text = [self.tr("The mean divides by Σ w, the weights of the targets that are kept, not by N.")]
        if len(reading.losses) * 1.0 != reading.divisor:
            text.append(
                self.tr("Divided by N = {count} it would be {value}.").format(
                    count=len(reading.losses), value=f"{reading.per_sample:.6g}"
                )
            )
        if reading.logits.size > MOST_SHOWN:
            more = self.tr("The table shows the first {shown} of {count} classes of samples.")
            text.append(more.format(shown=MOST_SHOWN, count=reading.logits.size))
        lost = int(np.isinf(reading.naive).sum())
        if lost:
            text.append(
                self.tr("log(softmax) underflows to −∞ in {count} places; log_softmax is finite.").format(count=lost)
            )
        text.append(self.tr("nll is nll_loss(log_softmax(x)): the same number."))
        self.words.setText("\n".join(text))
