"""The loss of a line over w and b: surface, contour, and the line among its points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gradlab.labs.loss.fit import W_RANGE, SurfaceReading
from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.ui.gl import gl_available
from gradlab.ui.numbers import Numbers
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.fallback import make_surface
from gradlab.ui.plots.heights import Heights
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Camera, Curve, Spot, Start, Swarm, Vector
from gradlab.ui.widgets import splitter

from .facts import lines
from .page import LossPage

SHAPES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "line": ("w x + b", lambda z: z),
    "sigmoid": ("σ(w x + b)", lambda z: 1 / (1 + np.exp(-z))),
    "exp": ("exp(w x + b)", np.exp),
    "distance": ("|w x + b|", np.abs),
}
"""What the prediction is made of the line, in words and in numbers."""
ARROW = 0.2
"""Length of the gradient's arrow, as a share of the map's width."""


class SurfacePage(LossPage):
    """The line can be set on the contour, on the surface and in the panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.reading: SurfaceReading | None = None
        self._drawn: object = None
        self.surface: Any = make_surface(self)
        self.surface.set_axes("w", "b", "ℓ")
        self.contour, self.line = ContourPlot(x="w", y="b"), LinePlot(x="x", y="y")
        self.surface_frame = self.frame("surface", self.surface, self.tr("Loss surface"))
        self.contour_frame = self.frame("contour", self.contour, self.tr("Loss"))
        self.line_frame = self.frame("fit", self.line, self.tr("The line"), "ŷ = w x + b")
        words: dict[object, str] = {"linear": self.tr("linear"), "log": self.tr("log")}
        self.heights = [Choice(frame, self.tr("Scale"), words) for frame in (self.surface_frame, self.contour_frame)]
        for choice in self.heights:
            choice.chosen.connect(lambda value: self.looked.emit({"height": value}))
        self.contour.clicked.connect(lambda w, b: self._place(w, b, done=True))
        self.contour.startMoved.connect(lambda _key, w, b, done: self._place(w, b, done=done))
        self.surface.picked.connect(lambda w, b: self._place(w, b, done=True))
        self.surface.startMoved.connect(lambda _key, w, b, done: self._place(w, b, done=done))
        self.surface.cameraChanged.connect(self._camera_moved)
        self.facts = Numbers(self.pane.body)
        self.facts.prepare("w", "b", "loss", "∂/∂w", "∂/∂b", "|∇|", "best w", "best b", "least")
        self.pane.heading(self.tr("AT THE LINE"))
        self.pane.column.addLayout(self.facts)
        self.words = lines(self.pane.body, self.tr("What is fitted"))
        self.pane.column.addWidget(self.words)
        self.pane.column.addStretch()
        top = splitter("loss-surface-top", Qt.Orientation.Horizontal, self.surface_frame, self.contour_frame)
        self.put(splitter("loss-surface-stage", Qt.Orientation.Vertical, top, self.line_frame, sizes=(420, 240)))
        self.contour.set_aspect_locked(False)
        self.surface_frame.setVisible(gl_available())

    def show_spec(self, spec: LossSpec) -> None:
        """Put the ring where the line is."""
        super().show_spec(spec)
        w, b = spec.weights
        self.contour.set_starts([Start(w, b)])
        self.surface.set_starts([Start(w, b)])

    def show_look(self, look: LossLook) -> None:
        """Draw heights and camera as wanted."""
        super().show_look(look)
        for choice in self.heights:
            choice.show_value(look.height)
        if look.camera is not None:
            self.surface.set_camera(self.surface.camera().turned(*look.camera))
        self._draw()

    def show_reading(self, reading: Any) -> None:
        """Take the surface in."""
        if not isinstance(reading, SurfaceReading):
            return
        self.strip.say(reading.refusal)
        self.stage.setVisible(not reading.refusal)
        self.reading = reading
        self._write(reading)
        self._draw()

    def _draw(self) -> None:
        reading = self.reading
        if reading is None or reading.refusal:
            return
        stamp = (reading.spec.loss, self.look.height)
        if stamp != self._drawn:
            self._drawn = stamp
            heights = Heights.over(self.look.height, reading.z)
            z, ticks = heights.of(reading.z), heights.ticks()
            self.contour.set_map(reading.w, reading.b, z, ticks=ticks, values=reading.z)
            self.surface.set_surface(reading.w, reading.b, z, ticks=ticks, values=reading.z)
            how = heights.words(self.tr("mean ℓ"))
            self.surface_frame.set_title(self.tr("Loss surface"), how)
            self.contour_frame.set_title(self.tr("Loss"), how)
        self._draw_line(reading)

    def _draw_line(self, reading: SurfaceReading) -> None:
        (w, b), (dw, db) = reading.spec.weights, reading.slopes
        size = float(np.hypot(dw, db))
        reach = ARROW * (W_RANGE[1] - W_RANGE[0]) / size if size > 0 else 0.0
        self.contour.set_vectors([Vector(w, b, -dw * reach, -db * reach, 0, "−∇ℓ")] if reach else [])
        best = Spot(*reading.best, "minimum", self.tr("least on the grid"))
        self.contour.set_spots([best])
        self.surface.set_spots([best])
        x = np.linspace(reading.x[0] - 0.3, reading.x[-1] + 0.3, 101)
        now, fitted = w * x + b, reading.best[0] * x + reading.best[1]
        squash = SHAPES[reading.shape]
        self.line_frame.set_title(
            self.tr("The line"), self.tr("ŷ = {formula}; dashed: the least on the grid").format(formula=squash[0])
        )
        self.line.show_curves([
            Curve("now", x, squash[1](now), 0, self.tr("now")),
            Curve("best", x, squash[1](fitted), 2, self.tr("best"), (5.0, 2.5)),
        ])  # fmt: skip
        self.line.set_swarms([Swarm("points", reading.x, reading.y, 1)])

    def _write(self, reading: SurfaceReading) -> None:
        (w, b), (dw, db), known = reading.spec.weights, reading.slopes, not reading.refusal
        for name, value in (
            ("w", w), ("b", b), ("loss", reading.loss), ("∂/∂w", dw), ("∂/∂b", db),
            ("|∇|", float(np.hypot(dw, db))), ("best w", reading.best[0]), ("best b", reading.best[1]),
            ("least", reading.least),
        ):  # fmt: skip
            self.facts.say(name, f"{value:.7g}" if known else "–", repr(value) if known else "")
        how = self.tr("Nine points. Click or drag on the map to set the line; the arrow points against the gradient.")
        self.words.setText(f"{how}\n{reading.words}".strip() if known else "")

    def _camera_moved(self, camera: Camera) -> None:
        self.looked.emit({"camera": (camera.azimuth, camera.elevation, camera.zoom)})

    def _place(self, w: float, b: float, *, done: bool) -> None:
        self.edited.emit({"weights": (float(w), float(b))}, done)
