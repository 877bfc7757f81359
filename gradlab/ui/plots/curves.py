"""Curves against the step: linear or log, linked crosshair, a draggable cursor, exact read-out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from . import ticks
from .canvas import Canvas
from .curve_set import CurveSet, Extent
from .legend import Legend
from .readout import Note, Readout
from .values import Columns, Curve, Mark

Readings = Callable[[float], Mapping[str, float]]
MARK_PX = 12
PADS = (0.01, 0.06)
"""Room beside the data, as a share of it: along x, along y."""
GROWTH = (5.0, 2.0)
"""How many times as far the view reaches where the data grows."""


class CurvePlot(Canvas):
    """N named curves over one x axis, usually the step."""

    cursorMoved = Signal(int)
    """The x that the user dragged the cursor to, whole."""
    toggled = Signal(str)
    """The key of a curve whose legend entry was pressed; the owner decides whether it hides."""
    windowChanged = Signal(float, float)
    """The user looks at this part of x (NaN, NaN: at all of it): the owner may hand over finer points."""

    def __init__(
        self, parent: QWidget | None = None, *, x: str = "step", y: str = "", legend: bool = False, log: bool = False
    ) -> None:
        super().__init__(parent, x=x, y=y)
        self._log = log
        self._cursor_x: float | None = None
        self._readings: Readings | None = None
        self._marks: tuple[Mark, ...] = ()
        self._fitted: Extent | None = None
        self._placed: object = None
        self._curves = CurveSet(self.plot)
        self._legend, self._readout, self._note = Legend(self), Readout(self), Note(self)
        self._legend.setVisible(legend)
        self._legend.toggled.connect(self.toggled)
        self._lines()
        self.left.set_log(log)
        self.viewChanged.connect(self._window_moved)
        self._redraw = QTimer(self, interval=0, singleShot=True)
        self._redraw.timeout.connect(self._show)
        self.view.sigResized.connect(lambda _view: self._redraw.start())

    def _lines(self) -> None:
        self._cursor = pg.InfiniteLine(angle=90, movable=True)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._mark_line = pg.PlotCurveItem(connect="pairs")
        for z, line in ((5, self._mark_line), (10, self._cursor), (11, self._cross)):
            line.setZValue(z)
            line.hide()
            self.plot.addItem(line, ignoreBounds=True)
        self._cursor.sigDragged.connect(self._dragged)
        CurvePlot._restyle(self)

    # what is drawn

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these curves, all of them, once per frame; keys keep their graphics items."""
        self._curves.curves = tuple(curves)
        self._legend.show_curves(curves)
        self._show()

    def set_log(self, on: bool) -> None:
        """Draw log10 of the values; what is ≤ 0 becomes a gap that the note counts."""
        if on != self._log:
            self._log = on
            self.left.set_log(on)
            self._auto = True
            self._fitted = None
            self._show()

    def set_cursor(self, x: float | None) -> None:
        """Place the dashed line "now"; None hides it."""
        self._cursor_x = x
        self._cursor.setVisible(x is not None)
        if x is not None and self._cursor.value() != x:
            self._cursor.setValue(x)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Tick the x axis where something changed; the read-out tells what."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self._show_marks()

    def set_readings(self, readings: Readings | None) -> None:
        """Give exact values at x by curve key (say from a history); None reads what is drawn."""
        self._readings = readings

    def set_hover(self, x: float | None) -> None:
        """Show the crosshair of a linked plot; emits nothing."""
        self._cross.setVisible(x is not None)
        if x is None:
            self._readout.hide()
            return
        self._cross.setValue(x)
        self._show_readout(x)

    def readout(self) -> str:
        """Return what stands beside the crosshair, a row a line; empty when there is none."""
        return "" if self._readout.isHidden() else self._readout.text()

    def note(self) -> str:
        """Return the remark about what is not drawn."""
        return self._note.text()

    def columns(self) -> Columns:
        """Return each curve's x and y, in data units."""
        return {
            name: column
            for curve in self._curves.curves
            for name, column in (
                (f"{curve.name or curve.key}: {self._names[0]}", curve.x),
                (f"{curve.name or curve.key}: {self._names[1]}", curve.y),
            )
        }

    def summary(self) -> str:
        """Return the curves and their last values."""
        rows = [f"{c.name or c.key} {c.y[-1]:g}" for c in self._curves.curves if c.visible and len(c.y)]
        what = self.tr("{count} curves against {x}; last values: {values}")
        return what.format(count=len(rows), x=self._names[0], values=", ".join(rows))

    # how

    def _show(self) -> None:
        pixels = max(50, round(self.view.width() * self.devicePixelRatioF()))
        window = None if self._auto else tuple(self.view.viewRange()[0])
        extent = self._curves.show(self._curves.curves, log=self._log, pixels=pixels, window=window)
        remarks = []
        if extent.hidden:
            remarks.append(self.tr("Hidden (≤ 0): {count}").format(count=extent.hidden))
        if extent.broken:
            remarks.append(self.tr("Not finite: {count}").format(count=extent.broken))
        self._note.say(" · ".join(remarks))
        if self._auto:
            self._follow()
        if self._placed != (self._legend.shown, self._note.text()):
            self._place_overlays()

    def _fit(self) -> None:
        self._fitted = None
        self._follow()

    def _follow(self) -> None:
        """Show all of the data, in a range that is kept while curves grow in it: new ticks at every frame are dear."""
        extent = self._curves.extent
        if math.isnan(extent.x[0]):
            return  # keep the last range that had something in it
        before, self._fitted = self._fitted, extent
        seen, ranges = self.view.viewRange(), []
        for axis, (pad, growth, data) in enumerate(zip(PADS, GROWTH, (extent.x, extent.y), strict=True)):
            old = None if before is None else (before.x, before.y)[axis]
            ranges.append(_following(tuple(seen[axis]), old, data, pad, growth))
        if ranges != [tuple(ends) for ends in seen]:
            self.view.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)
            self._show_marks()

    def _window_moved(self) -> None:
        low, high = (math.nan, math.nan) if self._auto else self.view.viewRange()[0]
        self._show()
        self._show_marks()
        self.windowChanged.emit(low, high)

    def _show_marks(self) -> None:
        """Draw short ticks that stand on the x axis."""
        low, high = self.view.viewRange()[1]
        top = low + (high - low) * MARK_PX / max(1.0, self.view.height())
        x = [mark.x for mark in self._marks for _ in range(2)]
        self._mark_line.setData(x, [low, top] * len(self._marks), connect="pairs")
        self._mark_line.setVisible(bool(x))

    def _show_readout(self, x: float) -> None:
        values = self._readings(x) if self._readings else self._curves.values_at(x)
        rows = [(c.colour, c.name, repr(values[c.key])) for c in self._curves.curves if c.visible and c.key in values]
        reach = 4 * self.view.viewPixelSize()[0]
        rows += [(m.colour or theme.current().accent, "", m.text) for m in self._marks if abs(m.x - x) <= reach]
        at, within = self.to_pixels(x, self.view.viewRange()[1][1]).toPoint(), self.area()
        at.setY(within.center().y())
        self._readout.show_rows(f"{self._names[0]} {x:.10g}", rows, at, within)

    def _pointed(self, at: QPointF | None) -> None:
        x = None if at is None else float(round(at.x()))
        self.set_hover(x)
        self.hovered.emit(x)

    def _dragged(self) -> None:
        x = round(self._cursor.value())
        self._cursor_x = x
        self._cursor.setValue(x)
        self.cursorMoved.emit(x)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor with Left and Right, ten steps with Shift; the rest as in every plot."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None or self._cursor_x is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self.set_cursor(max(0, round(self._cursor_x) + steps * (10 if far else 1)))
        self.cursorMoved.emit(round(self._cursor_x))

    def _double_clicked(self, at: QPointF) -> None:
        self.reset_view()

    def _restyle(self) -> None:
        tokens = theme.current()
        dashes = pg.mkPen(tokens.muted, width=1, style=Qt.PenStyle.DashLine)
        self._cursor.setPen(dashes)
        self._cursor.setHoverPen(pg.mkPen(tokens.accent, width=1.5))
        self._cross.setPen(pg.mkPen(tokens.faint, width=1))
        self._mark_line.setPen(pg.mkPen(tokens.accent, width=1.5))
        self._curves.restyle()
        self._legend.show_curves(self._curves.curves)
        self._readout.update()

    def _place_overlays(self) -> None:
        self._placed = (self._legend.shown, self._note.text())
        area = self.area()
        self._legend.arrange(area)
        self._note.move(area.right() - self._note.width() - 4, area.bottom() - self._note.height() - 4)


def _following(
    seen: tuple[float, float], before: tuple[float, float] | None, data: tuple[float, float], pad: float, growth: float
) -> tuple[float, float]:
    """Return the ends of an axis that shows ``data``: those in sight where they still fit, else new ones.

    Where the data has grown since ``before``, the new ones leave room for more of it.
    """
    wanted = ticks.padded(*data, pad)
    room = growth * pad * (wanted[1] - wanted[0])
    if before is None:
        return wanted
    low, high = wanted[0] - room * (data[0] < before[0]), wanted[1] + room * (data[1] > before[1])
    inside = seen[0] <= data[0] and data[1] <= seen[1]
    close = seen[0] >= wanted[0] - 1.5 * room and seen[1] <= wanted[1] + 1.5 * room
    return seen if inside and close else (low, high)
