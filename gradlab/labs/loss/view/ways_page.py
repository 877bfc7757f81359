"""One wrong logit under two losses, and plain descent onto a kink."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.ways import SETTLED, KinkReading, LogitReading
from gradlab.ui.fact_table import FactTable
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve, Spot, Start
from gradlab.ui.widgets import splitter

from .facts import DASHED, lines
from .page import LossPage

MSE_SLOPE = r"\frac{d}{dz}(\sigma(z) - 1)^2 = 2(\sigma - 1)\,\sigma\,(1 - \sigma)"
NEAR = 100.0
"""Starts or steps of learning up to which the axes make room for a descent that runs away."""
BCE_SLOPE = r"\frac{d}{dz}(-\ln\sigma(z)) = \sigma(z) - 1"


class LogitPage(LossPage):
    """The slope of MSE dies where the answer is most wrong; that of cross-entropy does not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("logit", parent)
        self.reading: LogitReading | None = None
        self.loss, self.slope = LinePlot(legend=True, x="z", y="loss"), LinePlot(x="z", y="slope")
        self.frame("logit-loss", self.loss, self.tr("Loss of a logit"), self.tr("the target is 1"))
        self.frame("logit-slope", self.slope, self.tr("dℓ/dz"), self.tr("what the logit is pulled with"))
        for plot in (self.loss, self.slope):
            plot.clicked.connect(lambda x: self._place(x, done=True))
            plot.startMoved.connect(lambda _key, x, done: self._place(x, done=done))
        self.loss.hovered.connect(self.slope.set_hover)
        self.slope.hovered.connect(self.loss.set_hover)
        body = self.pane.body
        self.where = self.pane.heading("")
        self.table = FactTable(self.tr("Losses at the logit"), body, grows=True)
        self.pane.column.addWidget(self.table)
        self.pane.heading(self.tr("SLOPES"))
        self.pane.column.addWidget(FormulaLabel(MSE_SLOPE, "d/dz (σ − 1)² = 2 (σ − 1) σ (1 − σ)", body))
        self.pane.column.addWidget(FormulaLabel(BCE_SLOPE, "d/dz (−ln σ) = σ − 1", body))
        self.words = lines(body, self.tr("What is compared"))
        self.words.setText(
            self.tr(
                "MSE has the factor σ(1 − σ), which is nearly 0 for a very wrong answer: it can hardly be mended. In "
                "cross-entropy the logarithm cancels it. With plain SGD that decides; Adam divides the size out again."
            )
        )
        self.pane.column.addWidget(self.words)
        self.pane.column.addStretch()
        self.put(splitter("loss-logit-stage", Qt.Orientation.Vertical, *self.frames))

    def show_reading(self, reading: Any) -> None:
        """Take the curves in."""
        if not isinstance(reading, LogitReading):
            return
        self.reading = reading
        z, names = reading.z, (self.tr("MSE of σ(z)"), self.tr("cross-entropy"))
        self.loss.show_curves([Curve("mse", z, reading.mse, 0, names[0]), Curve("bce", z, reading.bce, 1, names[1])])
        self.slope.show_curves(
            [Curve("mse", z, reading.mse_slope, 0, names[0]), Curve("bce", z, reading.bce_slope, 1, names[1])]
        )
        at = reading.spec.logit
        self.loss.set_starts([Start(at, reading.at[1])])
        self.loss.set_spots([Spot(at, reading.at[0], "ring", names[0])])
        self.slope.set_starts([Start(at, reading.slopes[1])])
        self.slope.set_spots([Spot(at, reading.slopes[0], "ring", names[0])])
        text = self.tr("AT z = {logit}, σ = {probability}")
        self.where.setText(text.format(logit=f"{at:g}", probability=f"{reading.probability:.4g}"))
        self.table.show_rows(
            ("", self.tr("loss"), self.tr("slope")),
            [(name, *pair) for name, pair in zip(names, zip(reading.at, reading.slopes, strict=True), strict=True)],
        )

    def _place(self, x: float, *, done: bool) -> None:
        self.edited.emit({"logit": float(np.clip(x, -50, 50))}, done)


class KinkPage(LossPage):
    """A constant step never settles on |x|."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("kink", parent)
        self.reading: KinkReading | None = None
        self.plot = LinePlot(legend=True, x="step", y="x")
        self.plot_frame = self.frame("kink", self.plot, self.tr("Descent to the target 0"))
        self.plot.toggled.connect(lambda key: self.looked.emit({"hidden": self.look.toggled(key).hidden}))
        self.where = self.pane.heading("")
        self.table = FactTable(self.tr("Where descent ends"), self.pane.body, grows=True)
        self.pane.column.addWidget(self.table)
        self.words = lines(self.pane.body, self.tr("What is compared"))
        self.said = self.tr(
            "The slope of |x| is 1 wherever x is, so every step is lr long: near 0 it goes over and comes back for "
            "ever. The slope of a parabola shrinks with x, and so do its steps. swing: the longest of the last "
            "20 steps."
        )
        self.pane.column.addWidget(self.words)
        self.pane.column.addStretch()
        self.put(self.plot_frame)

    def show_look(self, look: LossLook) -> None:
        """Draw the losses that are wanted."""
        super().show_look(look)
        self._draw()

    def show_reading(self, reading: Any) -> None:
        """Take the ways in."""
        if not isinstance(reading, KinkReading):
            return
        self.reading = reading
        spec = reading.spec
        text = self.tr("x ← x − {lr} · dℓ/dx from {start}")
        self.plot_frame.set_title(
            self.tr("Descent to the target 0"), text.format(lr=f"{spec.lr:g}", start=f"{spec.start:g}")
        )
        self.where.setText(self.tr("AFTER {steps} STEPS").format(steps=spec.steps))
        rows = [(way.name, float(way.x[-1]), 0.0 if way.swing <= SETTLED else way.swing) for way in reading.ways]
        self.table.show_rows(("", "x", self.tr("swing")), rows)
        self.words.setText(self.said + self.left_out(spec, [way.key for way in reading.ways]))
        self._draw()

    def _draw(self) -> None:
        if self.reading is None:
            return
        spec = self.reading.spec
        step, near = np.arange(spec.steps + 1, dtype=float), NEAR * max(abs(spec.start), spec.lr)
        self.plot.show_curves([
            Curve(
                way.key, step, way.x, i, way.name, DASHED.get(way.key), visible=way.key not in self.look.hidden,
                stretches=bool((np.abs(way.x) <= near).all()),
            )
            for i, way in enumerate(self.reading.ways)
        ])  # fmt: skip
