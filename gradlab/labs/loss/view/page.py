"""What every page of the Loss lab is to the view that holds it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import Pane, splitter

from .facts import Strip

READING_PX = 320


class LossPage(QWidget):
    """``edited(changes, done)``: fields of the spec with new values; ``looked(changes)``: fields of the look."""

    edited = Signal(object, bool)
    looked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.spec, self.look = LossSpec(), LossLook()
        self.strip = Strip(self)
        self.pane = Pane("reading", self)
        self.frames: tuple[PlotFrame, ...] = ()

    def put(self, stage: QWidget) -> None:
        """Lay out the stage and the reading pane beside it."""
        self.stage, left = stage, QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(stage, 1)
        column.addStretch()
        body = splitter(f"loss-{self.name}", Qt.Orientation.Horizontal, left, self.pane, sizes=(760, READING_PX))
        body.setStretchFactor(0, 1)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)

    def show_spec(self, spec: LossSpec) -> None:
        """Show what is asked."""
        self.spec = spec

    def show_look(self, look: LossLook) -> None:
        """Draw in this way from now on."""
        self.look = look

    def show_reading(self, reading: Any) -> None:
        """Take a picture in, where it is for this page."""
        raise NotImplementedError

    def frame(self, key: str, plot: QWidget, title: str, how: str = "") -> PlotFrame:
        """Return ``plot`` in a frame that belongs to this page."""
        made = PlotFrame(f"loss-{key}", plot, title, how, parent=self)
        self.frames = (*self.frames, made)
        return made
