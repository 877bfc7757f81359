"""Curves against the step: linear or log, linked crosshair, a draggable cursor, exact read-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from .values import Columns, Curve, Floats, Mark

Readout = Callable[[float], Mapping[str, float]]


def decimate(x: Floats, y: Floats, pixels: int) -> tuple[Floats, Floats]:
    """Return at most ``4 * pixels`` points with the same outline: first, least, greatest and last of each column."""
    raise NotImplementedError


class CurvePlot(QWidget):
    """N named curves."""

    cursorMoved = Signal(int)
    hovered = Signal(object)
    """x under the mouse in data units, or None when it left."""
    toggled = Signal(str)
    """The key of a curve whose legend entry was pressed; the owner decides whether it hides."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "step", y: str = "", legend: bool = False) -> None: ...
    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these curves, all of them, once per frame; keys keep their graphics items."""

    def set_axes(self, x: str, y: str) -> None: ...
    def set_log(self, on: bool) -> None: ...
    def set_legend(self, on: bool) -> None: ...
    def set_cursor(self, x: float | None) -> None:
        """Place the dashed line "now"; None hides it."""

    def set_hover(self, x: float | None) -> None:
        """Show the crosshair of a linked plot; emits nothing."""

    def set_readout(self, readout: Readout | None) -> None:
        """Give exact values at x by curve key (say from a history); None reads what is drawn."""

    def set_marks(self, marks: Sequence[Mark]) -> None: ...
    def auto_range(self) -> bool:
        """Tell whether the view follows the data (until the user pans or zooms)."""

    def reset_view(self) -> None: ...
    def columns(self) -> Columns: ...
    def summary(self) -> str: ...
