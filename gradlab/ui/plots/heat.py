"""A matrix as colours: a Jacobian, weights, or one value per layer and step; cells can show their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QWidget

from gradlab.ui import theme

from . import colours
from .canvas import MARGINS_PX, Canvas
from .colour_bar import ColourBar
from .marks import Overlay
from .readout import Note
from .ticks import logarithmic
from .values import Columns, Floats

BAR_GAP_PX = 12
NOTE_AIR_PX = 8
"""Room between a note and the edges of the plot, both sides together."""
NUMBERS_PX = (34, 16)
"""Least width and height of a cell that shows its number."""
DIGITS = (4, 3, 2)
MOST_COLUMNS = 2048
EMPTY: Floats = np.empty((0, 0))
Range = tuple[float, float]


class HeatMap(Canvas):
    """values[row, column], row 0 on top."""

    MAP = "viridis"
    """The colours of values whose sign does not matter."""

    picked = Signal(int, int)
    """Row and column of the cell that was clicked."""

    def __init__(self, parent: QWidget | None = None, *, x: str = "", y: str = "") -> None:
        super().__init__(parent, x=x, y=y)
        self._values = EMPTY
        self._rows: tuple[str, ...] = ()
        self._columns: tuple[str, ...] = ()
        self._x: Floats | None = None
        self._edges = (np.array([-0.5, 0.5]), np.array([-0.5, 0.5]))
        self._map_name, self._shown_range = self.MAP, (0.0, 1.0)
        self._cells = Cells()
        self._margins: tuple[int, ...] = ()
        self._hover: tuple[int, int] | None = None
        self.plot.addItem(self._cells, ignoreBounds=True)
        self._bar, self._note, self._gaps = ColourBar(self), Note(self), Note(self)
        self.view.invertY(True)
        self.plot.showGrid(x=False, y=False)
        self.view.sigRangeChanged.connect(self._place_overlays)

    # what is drawn

    def show_matrix(
        self,
        values: Floats,
        *,
        rows: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        x: Floats | None = None,
        levels: Range | None = None,
        log: bool = False,
        numbers: bool = False,
        diverging: bool = False,
    ) -> None:
        """Draw ``values[rows, columns]``; NaN and infinity are gaps.

        ``x``: ascending positions of the columns, else 0, 1, 2 …; ``levels``: the ends of the colour scale, in units of
        the values; ``log``: colours by log10, with a hatched cell for an exact zero and a gap below it; ``numbers``:
        each cell shows its value where it has room; ``diverging``: white is 0, and the scale reaches as far to both
        sides.
        """
        values = np.asarray(values, dtype=float)
        if values.ndim != 2 or (rows is not None and len(rows) != values.shape[0]):
            raise ValueError(f"a matrix with a name per row is needed, not {values.shape}")
        for name, given in (("columns", columns), ("x", x)):
            if given is not None and len(given) != values.shape[1]:
                raise ValueError(f"{name}: {values.shape[1]} are needed, not {len(given)}")
        moved = values.shape != self._values.shape or not _same(x, self._x)
        self._values, self._x, self._log = values, x, log
        self._rows, self._columns = tuple(rows or ()), tuple(columns or ())
        self._edges = _edges(x, values.shape[1]), np.arange(values.shape[0] + 1) - 0.5
        self._paint_cells(levels, numbers=numbers, diverging=diverging)
        self._label()
        if moved and values.size:
            self._auto = True
        if self._auto:
            self._fit()
        self.set_hover(self._hover)

    def _paint_cells(self, levels: Range | None, *, numbers: bool, diverging: bool) -> None:
        values = self._values
        scaled = _scaled(values) if self._log else values
        self._map_name = colours.DIVERGING if diverging else self.MAP
        self._shown_range = self._range(scaled, levels, diverging=diverging)
        pixels = colours.rgba(scaled, self._map_name, self._shown_range)
        zero = self._log & (values == 0)
        self._cells.show_cells(pixels, self._edges, zero, values if numbers else None)
        low, high = self._shown_range
        self._bar.show_map(self._map_name, low, high, logarithmic(low, high, 5) if self._log else None)
        self._bar.setVisible(bool(np.isfinite(scaled).any()))
        gaps, zeros = int(np.count_nonzero(~np.isfinite(scaled))) - int(zero.sum()), int(zero.sum())
        remarks = [self.tr("Hatched (exactly 0): {count}").format(count=zeros)] if zeros else []
        remarks += [self.tr("Not drawn: {count}").format(count=gaps)] if gaps else []
        self._gaps.say(" · ".join(remarks))
        self._place_overlays()

    def _range(self, scaled: Floats, levels: Range | None, *, diverging: bool) -> Range:
        low, high = levels or colours.finite_range(scaled)
        if levels and self._log:
            low, high = (math.log10(max(end, 5e-324)) for end in levels)
        if diverging:
            high = max(abs(low), abs(high)) or 1.0
            low = -high
        return low, high

    def _label(self) -> None:
        self.left.set_places([(float(k), name) for k, name in enumerate(self._rows)] or None)
        at = np.arange(len(self._columns)) if self._x is None else self._x
        self.bottom.set_places([(float(at[k]), name) for k, name in enumerate(self._columns)] or None)
        if not self._rows:
            self.left.set_places([(float(k), str(k)) for k in range(len(self._values))])

    # what is told

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and column of a point in view units; None beside the matrix."""
        across, down = self._edges
        column, row = int(np.searchsorted(across, x, "right")) - 1, int(np.searchsorted(down, y, "right")) - 1
        inside = 0 <= row < self._values.shape[0] and 0 <= column < self._values.shape[1]
        return (row, column) if inside else None

    def set_hover(self, cell: tuple[int, int] | None) -> None:
        """Say what stands in a cell; emits nothing."""
        self._hover = cell
        if cell is None or cell[0] >= self._values.shape[0] or cell[1] >= self._values.shape[1]:
            self._note.say("")
            return
        name = f"{self._row_name(cell[0])} · {self._column_name(cell[1])}"
        value, room = float(self._values[cell]), self.width() - self.area().left() - NOTE_AIR_PX
        for text in (f"{name}   {value!r}", f"{name}\n{value!r}", f"{name}\n{value:.6g}"):
            self._note.say(text)
            if self._note.width() <= room:
                break
        self._place_overlays()

    def readout(self) -> str:
        """Return what is said about the cell under the mouse."""
        return self._note.text()

    def note(self) -> str:
        """Return the remark about what is hatched or not drawn."""
        return self._gaps.text()

    def matrix(self) -> Floats:
        """Return the values that are drawn."""
        return self._values

    def columns(self) -> Columns:
        """Return a row for each cell: names of its row and column, and its value."""
        n, m = self._values.shape
        return {
            self._names[1] or "row": np.array([self._row_name(k) for k in range(n) for _ in range(m)]),
            self._names[0] or "column": np.array([self._column_name(k) for _ in range(n) for k in range(m)]),
            "value": self._values.ravel(),
        }

    def summary(self) -> str:
        """Return the size and the range of the values."""
        if not self._values.size:
            return self.tr("Empty heat map")
        low, high = colours.finite_range(self._values)
        text = self.tr("Heat map of {rows} rows and {columns} columns, values from {low} to {high}")
        rows, columns = self._values.shape
        return text.format(rows=rows, columns=columns, low=f"{low:g}", high=f"{high:g}")

    def _row_name(self, row: int) -> str:
        return self._rows[row] if self._rows else str(row)

    def _column_name(self, column: int) -> str:
        if self._columns:
            return self._columns[column]
        return str(column) if self._x is None else f"{self._x[column]:g}"

    # how

    def _fit(self) -> None:
        if self._values.size:
            across, down = self._edges
            self.view.setRange(xRange=(across[0], across[-1]), yRange=(down[0], down[-1]), padding=0)

    def _pointed(self, at: QPointF | None) -> None:
        cell = None if at is None else self.cell_at(at.x(), at.y())
        self.set_hover(cell)
        self.hovered.emit(cell)

    def _clicked(self, at: QPointF) -> None:
        cell = self.cell_at(at.x(), at.y())
        if cell is not None:
            self.picked.emit(*cell)

    def _restyle(self) -> None:
        self._cells.update()
        self._bar.update()

    def _place_overlays(self, *_range: object) -> None:
        left, top, _, bottom = MARGINS_PX
        margins = left, top, BAR_GAP_PX + self._bar.sizeHint().width(), bottom
        if margins != self._margins:
            self._margins = margins
            self.plot.layout.setContentsMargins(*margins)
            self.plot.layout.activate()
        area = self.area()
        self._bar.setGeometry(area.right() + BAR_GAP_PX, 0, self._bar.sizeHint().width(), self.height())
        self._bar.align(area)
        self._note.move(area.left() + 4, area.bottom() - self._note.height() - 4)
        self._gaps.move(area.right() - self._gaps.width() - 4, area.bottom() - self._gaps.height() - 4)


class Cells(Overlay):
    """Paints the cells in whole pixels, without blur."""

    def __init__(self) -> None:
        super().__init__(-20)
        self._image, self._pixels = QImage(), np.zeros((0, 0, 4), dtype=np.uint8)
        self._across = self._down = np.zeros(0)
        self._zero: np.ndarray = np.zeros((0, 0), dtype=bool)
        self._values: Floats | None = None

    def show_cells(self, pixels: Any, edges: tuple[Floats, Floats], zero: np.ndarray, values: Floats | None) -> None:
        """Show RGBA bytes ``[rows, columns, 4]`` between ``edges``; hatch ``zero``; write ``values`` where they fit."""
        self._across, self._down = edges
        self._zero, self._values = zero, values
        self._colours = pixels
        self._pixels = np.ascontiguousarray(_even(pixels, self._across))
        height, width = self._pixels.shape[:2]
        self._image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        self.update()

    def draw(self, painter: QPainter, world: Any) -> None:
        """Paint colours, hatches, numbers."""
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.drawImage(self._rect(world, 0, 0, whole=True), self._image)
        first = self._rect(world, 0, 0)
        hatch = QBrush(QColor(theme.current().muted), Qt.BrushStyle.BDiagPattern)
        for row, column in np.argwhere(self._zero)[:MOST_COLUMNS]:
            painter.fillRect(self._rect(world, row, column), hatch)
        if self._values is not None and first.width() >= NUMBERS_PX[0] and first.height() >= NUMBERS_PX[1]:
            self._write(painter, world, self._values)

    def _write(self, painter: QPainter, world: Any, values: Floats) -> None:
        painter.setFont(theme.mono_font(11))
        metrics = QFontMetricsF(painter.font())
        bright = colours.luminance(self._colours) > 0.45
        room = self._rect(world, 0, 0).width() - 6
        written = ([f"{v + 0.0:.{digits}g}" for v in values.flat] for digits in DIGITS)  # −0 is 0
        texts = next((one for one in written if max(map(metrics.horizontalAdvance, one)) <= room), None)
        if texts is None:
            return
        for row, column in np.ndindex(values.shape):
            rect = self._rect(world, row, column)
            solid = self._colours[row, column, 3] > 0
            ink = QColor("#101216" if bright[row, column] else "#ffffff") if solid else QColor(theme.current().muted)
            painter.setPen(ink)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, texts[row * values.shape[1] + column])

    def _rect(self, world: Any, row: int, column: int, *, whole: bool = False) -> QRectF:
        last = (-1, -1) if whole else (row + 1, column + 1)
        one = world.map(QPointF(self._across[column], self._down[row]))
        other = world.map(QPointF(self._across[last[1]], self._down[last[0]]))
        return QRectF(one, other).normalized()


def _scaled(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.log10(values)
    return np.where(np.isfinite(scaled), scaled, np.nan)


def _edges(x: Floats | None, count: int) -> Floats:
    """Return where the columns end: half way to the neighbours."""
    if x is None or count == 0:
        return np.arange(count + 1, dtype=float) - 0.5
    if count == 1:
        return np.asarray([x[0] - 0.5, x[0] + 0.5], dtype=float)
    middle = (x[1:] + x[:-1]) / 2
    ends = 2 * x[0] - middle[0], 2 * x[-1] - middle[-1]
    return np.asarray([ends[0], *middle, ends[1]], dtype=float)


def _even(pixels: Any, edges: Floats) -> Any:
    """Return the picture with columns of one width where theirs differ."""
    widths = np.diff(edges)
    if not len(widths) or np.allclose(widths, widths[0], rtol=1e-6):
        return pixels
    count = int(min(MOST_COLUMNS, max(len(widths), math.ceil((edges[-1] - edges[0]) / widths.min()))))
    at = edges[0] + (np.arange(count) + 0.5) * (edges[-1] - edges[0]) / count
    return pixels[:, np.searchsorted(edges, at, "right") - 1]


def _same(one: Floats | None, other: Floats | None) -> bool:
    return np.array_equal(one, other) if one is not None and other is not None else one is other
