"""The central difference: how wrong it is, for every step it could take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.pictures import StepErrors
from gradlab.labs.function.spec import FunctionSpec
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve, Spot, Start
from gradlab.ui.widgets import splitter

LEAST, MOST = -14.0, 0.0
"""log₁₀ of the steps on offer."""
CURVES = 6
FLOOR = 1e-17


class DifferencePage(QObject):
    """``stepped(h, done)``: a step was clicked, or the ring dragged."""

    stepped = Signal(float, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._spec, self._look = FunctionSpec(), FunctionLook()
        self.reading: StepErrors | None = None

    def build(self) -> Iterator[None]:
        """Make the plot."""
        self.line = LinePlot(legend=True, log=True)
        yield
        self.line.set_axes(self.tr("log₁₀ h"), self.tr("error"))
        self.frame = PlotFrame("difference", self.line, self.tr("Error of the central difference"), parent=self._widget)
        self.frames = (self.frame,)
        self.widget = splitter("function-difference", Qt.Orientation.Horizontal, self.frame)
        self.line.clicked.connect(lambda x: self._step(x, True))
        self.line.startMoved.connect(lambda _key, x, done: self._step(x, done))
        yield

    def _step(self, exponent: float, done: bool) -> None:
        h = float(f"{10.0 ** min(max(exponent, LEAST), MOST):.2g}")
        self.stepped.emit(h, done)

    def show_spec(self, spec: FunctionSpec) -> None:
        """Show the step in force."""
        if spec.objective != self._spec.objective:
            self.reading = None
            self.line.show_curves([])
            self.line.set_starts([])
        self._spec = spec
        self._ring()

    def arrange(self) -> None:
        """Show the plot."""
        self.frame.show()

    def show_look(self, look: FunctionLook) -> None:
        """Draw in this way from now on."""
        self._look = look

    def take(self, reading: Any) -> None:
        """Take a reading in."""
        if isinstance(reading, StepErrors):
            self.reading = reading
            self.draw()

    def draw(self, *_theme: Any) -> None:
        """Draw what is known."""
        if self.reading is None:
            return
        names, x = self.reading.objective.variables, np.log10(self.reading.h)
        rows = list(zip(names, self.reading.errors, strict=True))[:CURVES]
        self.line.show_curves([Curve(name, x, errors, i, f"∂f/∂{name}") for i, (name, errors) in enumerate(rows)])
        best = [
            Spot(float(np.log10(h)), float(self.reading.typical[i, self.reading.h == h][0]), "minimum", name)
            for i, ((name, _), h) in enumerate(zip(rows, self.reading.best, strict=False))
        ]
        self.line.set_spots(best)
        steps = ", ".join(f"{h:.1g}" for h in self.reading.best[:CURVES])
        self.frame.set_title(
            self.tr("Error of the central difference"),
            self.tr("best h {steps}: rounding left of it, curvature right of it").format(steps=steps),
        )
        self._ring()

    def _ring(self) -> None:
        """Put the ring at the step in force, on the first curve."""
        if self.reading is None:
            return
        x = math.log10(self._spec.h)
        errors = self.reading.typical[min(self._spec.axis, len(self.reading.typical) - 1)]
        y = float(10 ** np.interp(x, np.log10(self.reading.h), np.log10(np.maximum(errors, FLOOR))))
        self.line.set_starts([Start(x, y)] if math.isfinite(y) and LEAST <= x <= MOST else [])
