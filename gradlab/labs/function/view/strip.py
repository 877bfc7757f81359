"""Under every page: the partial derivatives by three ways, and the slider of the difference's step."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from gradlab.labs.function.point import PointReading
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui.derivative_table import DerivativeTable
from gradlab.ui.widgets import number, plain_label

PARTS = 20
"""Positions of the slider per power of ten."""
LOW, HIGH = -14, 0
ROWS = 5


class Strip(QWidget):
    """``stepped(h, done)``: the slider was moved."""

    stepped = Signal(float, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = DerivativeTable(self, shown=ROWS, wide=True)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(LOW * PARTS, HIGH * PARTS)
        self.slider.setPageStep(PARTS)
        self.slider.setAccessibleName(self.tr("Step h of the central difference"))
        self.shown = number(self.tr("Step h in force"), self)
        self.shown.setMinimumWidth(90)
        caption = plain_label(self.tr("difference step h"), "muted", self)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(caption)
        row.addWidget(self.slider, 1)
        row.addWidget(self.shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(4)
        column.addWidget(self.table)
        column.addLayout(row)
        self.slider.valueChanged.connect(self._moved)
        self.slider.sliderReleased.connect(lambda: self._moved(self.slider.value()))

    def _moved(self, place: int) -> None:
        self.stepped.emit(float(f"{10.0 ** (place / PARTS):.2g}"), not self.slider.isSliderDown())

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the step in force; emits nothing."""
        self.shown.setText(f"{spec.h:.3g}")
        self.shown.setToolTip(repr(spec.h))
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(PARTS * math.log10(spec.h)))
            self.slider.blockSignals(False)

    def show_point(self, point: PointReading) -> None:
        """Show the derivatives at the point."""
        self.table.show_rows(point.rows)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()  # else it tells the height of the rows before
        self.setMaximumHeight(layout.sizeHint().height())
