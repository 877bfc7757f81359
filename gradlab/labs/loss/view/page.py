"""What every page of the Loss lab is to the view that holds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.labs.loss.look import LossLook
from gradlab.labs.loss.spec import LossSpec
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import Pane

from .facts import Strip


class LossPage(QWidget):
    """``edited(changes, done)``: fields of the spec with new values; ``looked(changes)``: fields of the look."""

    edited = Signal(object, bool)
    looked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.spec, self.look = LossSpec(), LossLook()
        self.strip = Strip(self)
        self.pane = Pane("reading")
        """What stands beside the stage, and beside the tabs above it."""
        self.frames: tuple[PlotFrame, ...] = ()

    def put(self, stage: QWidget) -> None:
        """Lay out the stage under what may be said of it."""
        self.stage = stage
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(stage, 1)
        column.addStretch()

    def show_spec(self, spec: LossSpec) -> None:
        """Show what is asked."""
        self.spec = spec

    def show_look(self, look: LossLook) -> None:
        """Draw in this way from now on."""
        self.look = look

    def show_reading(self, reading: Any) -> None:
        """Take a picture in, where it is for this page."""
        raise NotImplementedError

    def left_out(self, spec: LossSpec, shown: Iterable[str]) -> str:
        """Return a line on the loss of the panel where it is not among those that are compared; else nothing."""
        if spec.loss.kind in set(shown):
            return ""
        text = self.tr("{name}, the loss in the panel, is no loss of an error and not among them.")
        return "\n" + text.format(name=spec.loss.name())

    def frame(self, key: str, plot: QWidget, title: str, how: str = "") -> PlotFrame:
        """Return ``plot`` in a frame that belongs to this page."""
        made = PlotFrame(f"loss-{key}", plot, title, how, parent=self)
        self.frames = (*self.frames, made)
        return made
