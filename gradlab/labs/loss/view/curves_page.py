"""Losses over each other: against one prediction, and what each makes of an outlier."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from gradlab.labs.loss.curves import CurvesReading, OutlierReading
from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.ui import theme
from gradlab.ui.fact_table import FactTable
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve, Spot, Start, Swarm
from gradlab.ui.widgets import plain_label, splitter

from .facts import DASHED, lines
from .page import LossPage

NOTCHES = 10
"""Steps of the outlier's slider per unit."""
REACH = 20


class CurvesPage(LossPage):
    """Loss and slope over ŷ, or over the margin; ŷ can be dragged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("curves", parent)
        self.reading: CurvesReading | None = None
        self.loss, self.slope = LinePlot(legend=True, y="loss"), LinePlot(y="slope")
        self.loss_frame = self.frame("loss", self.loss, self.tr("Loss"))
        self.slope_frame = self.frame("slope", self.slope, self.tr("Slope"))
        for plot in (self.loss, self.slope):
            plot.clicked.connect(lambda x: self._place(x, done=True))
            plot.startMoved.connect(lambda _key, x, done: self._place(x, done=done))
            plot.toggled.connect(lambda key: self.looked.emit({"hidden": self.look.toggled(key).hidden}))
        self.loss.hovered.connect(self.slope.set_hover)
        self.slope.hovered.connect(self.loss.set_hover)
        self.table = FactTable(self.tr("Losses at the prediction"), self.pane.body, grows=True)
        self.where = self.pane.heading("")
        self.pane.column.addWidget(self.table)
        self.words = lines(self.pane.body, self.tr("What is compared"))
        self.pane.column.addWidget(self.words)
        self.pane.column.addStretch()
        self.put(splitter("loss-curves-stage", Qt.Orientation.Vertical, self.loss_frame, self.slope_frame))

    def show_look(self, look: LossLook) -> None:
        """Draw the losses that are wanted."""
        super().show_look(look)
        self._draw()

    def show_reading(self, reading: Any) -> None:
        """Take the curves in, name the axes and say what is compared."""
        if not isinstance(reading, CurvesReading):
            return
        self.reading = reading
        self._name(reading.spec)
        rows = [(line.name, line.value_at, line.slope_at) for line in reading.lines]
        self.table.show_rows(("", self.tr("loss"), self.tr("slope")), rows)
        self._draw()

    def _name(self, spec: LossSpec) -> None:
        margins = spec.against == "margins"
        x = "m" if margins else "ŷ"
        self.loss.set_axes(x, "ℓ")
        self.slope.set_axes(x, f"dℓ/d{x}")
        how = self.tr("over the margin m = y · score") if margins else self.tr("of one prediction, target at {truth}")
        self.loss_frame.set_title(self.tr("Loss"), how.format(truth=f"{spec.truth:g}"))
        self.slope_frame.set_title(self.tr("Slope"), self.tr("what the prediction is pulled with"))
        self.where.setText(self.tr("AT {x} = {value}").format(x=x, value=f"{spec.prediction:g}"))
        among = "" if margins or self.reading is None else self.left_out(spec, [n.key for n in self.reading.lines])
        self.words.setText(self._said(margins) + among)

    def _draw(self) -> None:
        reading = self.reading
        if reading is None:
            return
        shown = [(i, line, line.key not in self.look.hidden) for i, line in enumerate(reading.lines)]
        drawn: list[tuple[Any, dict[str, Any]]] = [
            (n, {"colour": i, "name": n.name, "dash": DASHED.get(n.key), "visible": on}) for i, n, on in shown
        ]
        self.loss.show_curves([Curve(n.key, reading.x, n.loss, **how) for n, how in drawn])
        self.slope.show_curves([Curve(n.key, reading.x, n.slope, **how) for n, how in drawn])
        at = reading.spec.prediction
        visible = [(i, line) for i, line, on in shown if on]
        self.loss.set_starts([Start(at, visible[0][1].value_at)] if visible else [])
        self.slope.set_starts([Start(at, visible[0][1].slope_at)] if visible else [])
        self.loss.set_spots([Spot(at, line.value_at, "ring", line.name) for _i, line in visible[1:]])
        self.slope.set_spots([Spot(at, line.slope_at, "ring", line.name) for _i, line in visible[1:]])

    def _place(self, x: float, *, done: bool) -> None:
        self.edited.emit({"prediction": float(np.clip(x, -1e6, 1e6))}, done)

    def _said(self, margins: bool) -> str:
        if margins:
            return self.tr(
                "The 0-1 loss counts mistakes and has no slope to follow. Hinge, squared and logistic loss (in bits) "
                "lie above it and have one. Cross-entropy is the logistic loss in nats. The squared loss also "
                "punishes a margin above 1: being too right."
            )
        return self.tr(
            "The squared error pulls the harder the further off; L1 always with 1, and with 0 at the target. Huber and "
            "Smooth L1 are a parabola near the target and a line further out. With the mean of N elements every "
            "slope is divided by N."
        )


class OutlierPage(LossPage):
    """Where each loss puts the middle of a sample, while one point moves away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("outlier", parent)
        self.reading: OutlierReading | None = None
        self.loss, self.ways = LinePlot(legend=True, x="θ", y="mean loss"), LinePlot(x="outlier", y="middle θ*")
        self.loss_frame = self.frame(
            "outlier", self.loss, self.tr("Mean loss of the sample"), self.tr("dots: the sample; the ring: the outlier")
        )
        self.ways_frame = self.frame(
            "robust", self.ways, self.tr("The middle that each loss finds"), self.tr("while the outlier moves")
        )
        self.loss.clicked.connect(lambda x: self._place(x, done=True))
        for plot in (self.loss, self.ways):
            plot.startMoved.connect(lambda _key, x, done: self._place(x, done=done))
            plot.toggled.connect(lambda key: self.looked.emit({"hidden": self.look.toggled(key).hidden}))
        self.ways.clicked.connect(lambda x: self._place(x, done=True))
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(-REACH * NOTCHES, REACH * NOTCHES)
        self.slider.setAccessibleName(self.tr("Place of the outlier"))
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self._slid(self.slider.value()))
        self.table = FactTable(self.tr("The middle by each loss"), self.pane.body, grows=True)
        self.where = self.pane.heading("")
        self.pane.column.addWidget(self.table)
        self.words = lines(self.pane.body, self.tr("What is compared"))
        self.said = self.tr(
            "The squared error finds the mean, which follows an outlier without limit. L1 finds the median, which "
            "stays. Huber follows as far as its threshold, then no further."
        )
        self.pane.column.addWidget(self.words)
        self.pane.column.addStretch()
        self.put(self._stage())

    def _stage(self) -> QWidget:
        stage = QWidget(self)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 12, 6)
        bar.addWidget(plain_label(self.tr("outlier"), "muted", stage))
        bar.addWidget(self.slider, 1)
        column = QVBoxLayout(stage)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(splitter("loss-outlier-stage", Qt.Orientation.Vertical, *self.frames), 1)
        column.addLayout(bar)
        return stage

    def show_spec(self, spec: LossSpec) -> None:
        """Put the slider where the outlier is."""
        super().show_spec(spec)
        wanted = round(spec.outlier * NOTCHES)
        if self.slider.value() != wanted:
            self.slider.blockSignals(True)
            self.slider.setValue(wanted)
            self.slider.blockSignals(False)

    def show_look(self, look: LossLook) -> None:
        """Draw the losses that are wanted."""
        super().show_look(look)
        self._draw()

    def show_reading(self, reading: Any) -> None:
        """Take the estimates in."""
        if not isinstance(reading, OutlierReading):
            return
        self.reading = reading
        self.where.setText(self.tr("OUTLIER AT {place}").format(place=f"{reading.spec.outlier:g}"))
        self.words.setText(self.said + self.left_out(reading.spec, [one.key for one in reading.estimates]))
        self.table.show_rows(
            ("", self.tr("middle"), self.tr("mean loss")),
            [(one.name, one.best, one.least) for one in reading.estimates],
        )
        self._draw()

    def _draw(self) -> None:
        reading = self.reading
        if reading is None:
            return
        shown = [(i, one, one.key not in self.look.hidden) for i, one in enumerate(reading.estimates)]
        drawn: list[tuple[Any, dict[str, Any]]] = [
            (n, {"colour": i, "name": n.name, "dash": DASHED.get(n.key), "visible": on}) for i, n, on in shown
        ]
        ground = Curve(
            "sample", np.sort(reading.sample), np.zeros(len(reading.sample)), theme.current().faint, faint=True
        )
        losses = [Curve(n.key, reading.theta, n.loss, **how, stretches=n.key != "mse") for n, how in drawn]
        self.loss.show_curves([*losses, ground])
        self.ways.show_curves([Curve(n.key, reading.places, n.way, **how) for n, how in drawn])
        self.loss.set_spots([Spot(one.best, one.least, "minimum", one.name) for _i, one, on in shown if on])
        at = reading.spec.outlier
        self.ways.set_spots([Spot(at, one.best, "ring", one.name) for _i, one, on in shown if on])
        clean = np.array(reading.sample[:-1])
        self.loss.set_swarms([Swarm("sample", clean, np.zeros(len(clean)), theme.current().text)])
        self.loss.set_starts([Start(at, 0.0, name=self.tr("outlier"))])
        self.ways.set_cursor(at)

    def _slid(self, notch: int) -> None:
        self._place(notch / NOTCHES, done=not self.slider.isSliderDown())

    def _place(self, x: float, *, done: bool) -> None:
        self.edited.emit({"outlier": round(float(np.clip(x, -100, 100)), 6)}, done)
