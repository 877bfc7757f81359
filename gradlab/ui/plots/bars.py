"""Bars of several series side by side, one group per layer: the value now, and the range it had of late."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from .canvas import Canvas
from .legend import Legend
from .marks import Overlay
from .readout import Note, Readout
from .ticks import padded
from .values import Colour, Columns, Curve, Floats

GROUP = 0.78
"""Share of a group's room that its bars fill."""
WIDEST_PX = 46.0
SNAP = 0.5
"""Decades in which the ends of a log axis move, so that it stands still while the values tremble."""
AIR = 0.12
EXPONENT_LEAST = -320.0


@dataclass(frozen=True, slots=True)
class Bars:
    """One series, shapes ``[n]``; NaN is no bar. ``low`` and ``high`` are the range that the whisker shows."""

    key: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    colour: Colour = 0
    name: str = ""


class BarPlot(Canvas):
    """A bar per name and series; on a log axis an exact zero has a mark of its own at the foot."""

    picked = Signal(int)
    """The number of the group that was clicked."""

    def __init__(
        self, parent: QWidget | None = None, *, x: str = "", y: str = "", log: bool = True, legend: bool = False
    ) -> None:
        super().__init__(parent, x=x, y=y)
        self._series: tuple[Bars, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._details: tuple[str, ...] = ()
        self._log = log
        self._hover: int | None = None
        self._chosen: int | None = None
        self._bars = Painted(self)
        self.plot.addItem(self._bars, ignoreBounds=True)
        self._readout, self._note, self._legend = Readout(self), Note(self), Legend(self)
        self._hidden: set[str] = set()
        self._all: tuple[Bars, ...] = ()
        self._beside: Floats = np.empty(0)
        self._legend.setVisible(legend)
        self._legend.toggled.connect(self._toggle)
        self.plot.showGrid(x=False, y=True, alpha=1.0)
        self.left.set_log(log)
        self.view.setMouseEnabled(x=False, y=True)

    # what is drawn

    def show_bars(self, series: Sequence[Bars], labels: Sequence[str], details: Sequence[str] = ()) -> None:
        """Draw the series, a group for each label; ``details`` name the groups in full where the labels are short."""
        for one in series:
            if len(one.values) > len(labels):
                raise ValueError(f"{one.key}: {len(one.values)} bars, but {len(labels)} labels")
        self._all = tuple(series)
        self._series, self._labels = tuple(one for one in series if one.key not in self._hidden), tuple(labels)
        self._details = tuple(details) or self._labels
        self.bottom.set_places([(float(k), name) for k, name in enumerate(labels)])
        self._name_series()
        self._place_overlays()
        zeros = sum(int(np.count_nonzero(one.values == 0)) for one in series) if self._log else 0
        broken = sum(int(np.count_nonzero(np.isinf(one.values))) for one in series)
        remarks = [self.tr("0: exactly zero")] if zeros else []
        remarks += [self.tr("Not finite: {count}").format(count=broken)] if broken else []
        self._note.say(" · ".join(remarks))
        if self._auto:
            self._fit()
        self._bars.update()
        self._place_overlays()
        if self._hover is not None:
            self._show_readout()

    def _name_series(self) -> None:
        nothing = np.empty(0)
        self._legend.show_curves(
            [Curve(o.key, nothing, nothing, o.colour, o.name, visible=o.key not in self._hidden) for o in self._all]
        )

    def _toggle(self, key: str) -> None:
        """Hide a series, or show it again."""
        self._hidden ^= {key}
        self.show_bars(self._all, self._labels, self._details)

    def set_log(self, on: bool) -> None:
        """Draw log10 of the values."""
        if on != self._log:
            self._log = on
            self._auto = True
            self.left.set_log(on)
            self.show_bars(self._all, self._labels, self._details)

    def set_beside(self, values: Floats) -> None:
        """Have room for the values of another plot too, so that the two can be compared by eye."""
        if not np.array_equal(values, self._beside, equal_nan=True):
            self._beside = np.array(values, dtype=float)
            if self._auto:
                self._fit()
                self._bars.update()

    def set_chosen(self, index: int | None) -> None:
        """Set one group off from the others."""
        if index != self._chosen:
            self._chosen = index
            self._bars.update()

    # what is told

    def log(self) -> bool:
        """Tell whether the axis is logarithmic."""
        return self._log

    def values(self) -> Floats:
        """Return every number that is drawn, ranges too."""
        parts = [
            np.asarray(p, dtype=float) for one in self._series for p in (one.values, one.low, one.high) if p is not None
        ]
        return np.concatenate([np.zeros(0), *parts])

    def series(self) -> tuple[Bars, ...]:
        """Return what is drawn."""
        return self._series

    def readout(self) -> str:
        """Return what stands beside the group under the mouse."""
        return "" if self._readout.isHidden() else self._readout.text()

    def note(self) -> str:
        """Return the remark about zeros and what is not finite."""
        return self._note.text()

    def columns(self) -> Columns:
        """Return the names, and of each series the values and their range."""
        found: dict[str, Any] = {self._names[0] or "name": np.array(self._details)}
        for one in self._series:
            found[one.name or one.key] = np.asarray(one.values, dtype=float)
            for word, ends in (("least", one.low), ("greatest", one.high)):
                if ends is not None:
                    found[f"{one.name or one.key}, {word} of late"] = np.asarray(ends, dtype=float)
        return found

    def summary(self) -> str:
        """Return the first and last value of each series."""
        parts = [
            f"{one.name or one.key} {one.values[0]:g} … {one.values[-1]:g}" for one in self._series if len(one.values)
        ]
        text = self.tr("Bars of {count} groups; from the first to the last: {values}")
        return text.format(count=len(self._labels), values=", ".join(parts))

    # how

    def up(self, value: float) -> float:
        """Return where a value stands in the view; NaN where it has no place."""
        if not self._log:
            return float(value) if math.isfinite(value) else math.nan
        return math.log10(value) if 0 < value < math.inf else math.nan

    def _fit(self) -> None:
        if not self._labels:
            return
        low, high = self._span()
        high += (high - low) * self._covered()
        self.view.setRange(xRange=(-0.6, len(self._labels) - 0.4), yRange=(low, high), padding=0)

    def _covered(self) -> float:
        """Return the room that the legend needs above the bars, as a part of theirs."""
        if self._legend.isHidden() or not self._all:
            return 0.0
        room, height = max(1, self.area().height()), self._legend.height()
        return min(1.0, height / max(1, room - height))

    def _span(self) -> tuple[float, float]:
        """Return the ends of the axis: those of the values and of their range of late."""
        values = np.concatenate([self.values(), self._beside])
        values = values[np.isfinite(values)]
        if not self._log:
            top = float(values.max()) if values.size and values.max() > 0 else 1.0
            return min(0.0, float(values.min()) if values.size else 0.0), padded(0.0, top, 0.08)[1]
        values = values[values > 0]
        if not values.size:
            return -3.0, 0.0
        low, high = math.log10(float(values.min())) - AIR, math.log10(float(values.max())) + AIR
        low, high = math.floor(low / SNAP) * SNAP, math.ceil(high / SNAP) * SNAP
        return max(EXPONENT_LEAST, min(low, high - 2 * SNAP)), high

    def _pointed(self, at: QPointF | None) -> None:
        index = None if at is None else round(at.x())
        self.set_hover(index if index is not None and 0 <= index < len(self._labels) else None)
        self.hovered.emit(self._hover)

    def set_hover(self, index: int | None) -> None:
        """Say what a group holds; emits nothing."""
        if index != self._hover:
            self._hover = index
            self._bars.update()
        self._show_readout()

    def _show_readout(self) -> None:
        index = self._hover
        if index is None or index >= len(self._labels):
            self._readout.hide()
            return
        rows = [row for one in self._series if index < len(one.values) for row in self._rows(one, index)]
        area = self.area()
        at = self.to_pixels(index, self.view.viewRange()[1][1]).toPoint()
        at.setY(area.top() + area.height() // 3)
        self._readout.show_rows(self._details[index], rows, at, area)

    def _rows(self, one: Bars, index: int) -> list[tuple[Colour, str, str]]:
        rows: list[tuple[Colour, str, str]] = [(one.colour, one.name, _written(float(one.values[index])))]
        if one.low is not None and one.high is not None and math.isfinite(one.low[index]):
            rows.append((one.colour, self.tr("of late"), f"{one.low[index]:.3g} … {one.high[index]:.3g}"))
        return rows

    def _clicked(self, at: QPointF) -> None:
        index = round(at.x())
        if 0 <= index < len(self._labels):
            self.picked.emit(index)

    def _restyle(self) -> None:
        self._bars.update()
        self._name_series()

    def _place_overlays(self) -> None:
        area = self.area()
        top = area.top() + 4
        if not self._legend.isHidden():
            self._legend.arrange(area)
            top = self._legend.geometry().bottom() + 4
        self._note.move(area.right() - self._note.width() - 4, top)


def _written(value: float) -> str:
    return "–" if math.isnan(value) else repr(value)


class Painted(Overlay):
    """Paints the bars in pixels."""

    def __init__(self, plot: BarPlot) -> None:
        super().__init__(2)
        self._plot = plot

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint grounds, bars, whiskers, marks."""
        plot = self._plot
        series, foot = plot.series(), world.map(QPointF(0, plot.view.viewRange()[1][0])).y()
        if not plot.log():
            foot = world.map(QPointF(0, 0)).y()
        room = abs(world.m11())
        wide = min(WIDEST_PX, GROUP * room / max(1, len(series)))
        tokens = theme.current()
        self._grounds(painter, world, room)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for place, one in enumerate(series):
            aside = (place - len(series) / 2) * wide
            gap = 1.0 if wide > 5 else 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            for index, value in enumerate(np.asarray(one.values, dtype=float).tolist()):
                left = world.map(QPointF(index, 0)).x() + aside
                box = QRectF(left, foot, max(1.0, wide - gap), 0)
                self._bar(painter, world, box, value, tokens.colour(one.colour))
                self._whisker(painter, world, box, one, index)

    def _grounds(self, painter: QPainter, world: Any, room: float) -> None:
        """Set the group under the mouse, and the chosen one, off from the others."""
        box = self.getViewBox()
        area = box.mapRectToScene(box.boundingRect())
        shade = QColor(theme.current().text)
        for index, part in ((self._plot._hover, 0.06), (self._plot._chosen, 0.10)):
            if index is not None:
                shade.setAlphaF(part)
                left = world.map(QPointF(index - 0.5, 0)).x()
                painter.fillRect(QRectF(left, area.top(), room, area.height()), shade)

    def _bar(self, painter: QPainter, world: Any, box: QRectF, value: float, colour: QColor) -> None:
        if value == 0 and self._plot.log():
            self._word(painter, box, "0", colour)
            return
        if math.isinf(value):
            self._word(painter, box, "∞", QColor(theme.current().bad))
            return
        up = self._plot.up(value)
        if math.isfinite(up):
            top = world.map(QPointF(0, up)).y()
            painter.fillRect(
                QRectF(QPointF(box.left(), min(top, box.top())), QPointF(box.right(), max(top, box.top()))), colour
            )

    def _word(self, painter: QPainter, box: QRectF, text: str, colour: QColor) -> None:
        """Write what a bar cannot show, at its foot."""
        font = theme.mono_font(11)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(box.adjusted(-8, -18, 8, -2), Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(Qt.PenStyle.NoPen)

    def _whisker(self, painter: QPainter, world: Any, box: QRectF, one: Bars, index: int) -> None:
        if one.low is None or one.high is None or box.width() < 2:
            return
        low, high = self._plot.up(float(one.low[index])), self._plot.up(float(one.high[index]))
        if not math.isfinite(high):
            return
        x = box.center().x()
        foot = world.map(QPointF(0, low)).y() if math.isfinite(low) else box.top()
        painter.setPen(QPen(QColor(theme.current().text), 1.0))
        painter.drawLine(QPointF(x, foot), QPointF(x, world.map(QPointF(0, high)).y()))
        painter.setPen(Qt.PenStyle.NoPen)
