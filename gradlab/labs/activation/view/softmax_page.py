"""The page of softmax: logits with sliders, probabilities, the Jacobian, and the logarithm taken in two orders."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QSlider, QVBoxLayout, QWidget

from gradlab.labs.activation.readings import SoftmaxReading
from gradlab.labs.activation.spec import Softmax
from gradlab.ui.fact_table import FactTable
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.heat import HeatMap
from gradlab.ui.widgets import Pane, fit_last, number, plain_label, splitter

REACH, FINE = 10.0, 20
"""A slider goes from −REACH to REACH in steps of 1 / FINE."""
COLDEST, HOTTEST = -2.0, 2.0
"""Powers of ten that the slider of the temperature goes between."""
PARTS = 1000
LOGITS_PX, SLIDER_PX, BAR_PX, LABEL_PX = 316, 70, 36, 58


class Logits(Pane):
    """A row for each logit: slider, number, probability. ``changed(softmax, done)``."""

    changed = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("logits", parent)
        self.setAccessibleName(self.tr("Logits"))
        self._spec = Softmax()
        self.sliders: list[QSlider] = []
        self.values: list[QLabel] = []
        self.bars: list[QProgressBar] = []
        self.probabilities: list[QLabel] = []
        self.heading(self.tr("LOGITS AND PROBABILITIES"))
        self.rows = QGridLayout()
        self.setMinimumWidth(LOGITS_PX)
        self.rows.setHorizontalSpacing(8)
        self.rows.setVerticalSpacing(2)
        self.rows.setColumnStretch(1, 3)
        self.rows.setColumnStretch(3, 2)
        self.column.addLayout(self.rows)
        self.column.addSpacing(10)
        self.heading(self.tr("TEMPERATURE"))
        self.temperature = self._slider(self.tr("Temperature"), int(COLDEST * 50), int(HOTTEST * 50))
        self.temperature.valueChanged.connect(self._heated)
        self.heat = number(self.tr("Temperature"), self.body)
        line = QGridLayout()
        line.addWidget(self.temperature, 0, 0)
        line.addWidget(self.heat, 0, 1)
        line.setColumnStretch(0, 1)
        self.column.addLayout(line)
        self.column.addStretch()

    def _slider(self, name: str, low: int, high: int) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal, self.body)
        made.setAccessibleName(name)
        made.setRange(low, high)
        made.setMinimumWidth(SLIDER_PX)
        made.sliderReleased.connect(self._released)
        return made

    def _build(self, count: int) -> None:
        while self.rows.count():
            item = self.rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.sliders, self.values, self.bars, self.probabilities = [], [], [], []
        for k in range(count):
            name = f"z{k + 1}"
            slider = self._slider(self.tr("Logit {name}").format(name=name), int(-REACH * FINE), int(REACH * FINE))
            slider.setPageStep(FINE)
            slider.valueChanged.connect(self._slid)
            bar = QProgressBar(self.body)
            bar.setRange(0, PARTS)
            bar.setMinimumWidth(BAR_PX)
            bar.setAccessibleName(self.tr("Probability {number}").format(number=k + 1))
            value, share = number(name, self.body), number(f"p{k + 1}", self.body)
            for label in (value, share):
                label.setWordWrap(False)
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                label.setMinimumWidth(LABEL_PX)
            for column, widget in enumerate((plain_label(name, "muted", self.body), slider, value, bar, share)):
                self.rows.addWidget(widget, k, column)
            self.sliders.append(slider)
            self.values.append(value)
            self.bars.append(bar)
            self.probabilities.append(share)

    def show_spec(self, spec: Softmax) -> None:
        """Show the logits and the temperature."""
        self._spec = spec
        if len(self.sliders) != len(spec.logits):
            self._build(len(spec.logits))
        for slider, label, logit in zip(self.sliders, self.values, spec.logits, strict=True):
            _set(slider, round(logit * FINE))
            label.setText(f"{logit:.6g}")
            label.setToolTip(repr(logit))
        _set(self.temperature, round(50 * math.log10(spec.temperature)))
        self.heat.setText(f"{spec.temperature:.4g}")

    def show_reading(self, reading: SoftmaxReading) -> None:
        """Show the probabilities."""
        if len(reading.p) != len(self.bars):
            return
        for bar, label, p in zip(self.bars, self.probabilities, reading.p.tolist(), strict=True):
            bar.setValue(round(PARTS * p) if math.isfinite(p) else 0)
            label.setText(f"{p:.4g}")
            label.setToolTip(repr(p))

    def _slid(self, place: int) -> None:
        slider = self.sender()
        assert isinstance(slider, QSlider)
        logits = list(self._spec.logits)
        logits[self.sliders.index(slider)] = place / FINE
        self.changed.emit(self._spec.replace(logits=tuple(logits)), not slider.isSliderDown())

    def _heated(self, place: int) -> None:
        temperature = float(f"{10 ** (place / 50):.3g}")
        self.changed.emit(self._spec.replace(temperature=temperature), not self.temperature.isSliderDown())

    def _released(self) -> None:
        self.changed.emit(self._spec, True)


def _set(slider: QSlider, place: int) -> None:
    """Move a slider without a word; beyond its ends it stays at the end."""
    if slider.value() != place:
        with QSignalBlocker(slider):
            slider.setValue(place)


class SoftmaxPage(QWidget):
    """Softmax as a function of several numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.logits = Logits(self)
        self.heat = HeatMap(x="z", y="p")
        self.frame = PlotFrame("activation-jacobian", self.heat, self.tr("Jacobian ∂p/∂z"), parent=self)
        self.table = FactTable(self.tr("Softmax and its logarithm, one row per logit"), self, grows=True)
        parts = (self.logits, self.frame, self.table)
        self.stage = splitter("activation-softmax", Qt.Orientation.Vertical, *parts, sizes=(200, 400, 120))
        for index, stretch in enumerate((0, 1, 0)):
            self.stage.setStretchFactor(index, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stage)

    def show_spec(self, spec: Softmax) -> None:
        """Show what is asked."""
        self.logits.show_spec(spec)

    def show_reading(self, reading: SoftmaxReading, spec: Softmax) -> None:
        """Show what came of it."""
        self.logits.show_reading(reading)
        count = len(reading.p)
        rows = [f"p{k + 1}" for k in range(count)]
        columns = [f"z{k + 1}" for k in range(count)]
        self.heat.show_matrix(reading.jacobian, rows=rows, columns=columns, numbers=True, diverging=True)
        self.frame.set_title(self.tr("Jacobian ∂p/∂z"), spec.dtype)
        columns = ["", "z", "softmax", "e^z / Σ e^z", "log_softmax", "log(softmax)"]
        parts = (reading.logits, reading.p, reading.naive, reading.log_p, reading.log_naive)
        self.table.show_rows(columns, [(rows[k], *(float(part[k]) for part in parts)) for k in range(count)])
        fit_last(self.stage)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the heat map."""
        return (self.frame,)
