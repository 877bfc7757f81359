"""The timeline of a run: what is recorded of it, where the cursor stands, and where it was changed on its way."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from . import theme
from .i18n import plain_tip

GROOVE = 4
KNOB = 12
MARK = 10
REACH = 5
"""Pixels around a mark in which the pointer finds it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A live change on the timeline: ``Mark(40, "lr 0.1 → 0.05")``."""

    step: int
    text: str


def span_of(head: int, total: int) -> int:
    """Return how many steps the timeline shows: the budget, or more where more was made before it was lowered."""
    return max(1, head, total)


class Timeline(QAbstractSlider):
    """A slider over the recorded steps; ``scrubbed(step)`` when the user moves it, never when the program does."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._span = 1
        self._marks: tuple[Mark, ...] = ()
        self._steps: list[int] = []
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setRange(0, 0)
        self.valueChanged.connect(self.scrubbed)
        theme.watcher().changed.connect(self._recolour)

    def show_run(self, step: int, head: int, total: int, marks: tuple[Mark, ...] = ()) -> None:
        """Show ``head`` recorded steps with the cursor at ``step``; a drag under way keeps its place."""
        blocked = self.blockSignals(True)
        span = span_of(head, total)
        changed = (span, marks, head) != (self._span, self._marks, self.maximum())
        self._span = span
        if marks != self._marks:
            self._marks = tuple(sorted(marks, key=lambda mark: mark.step))
            self._steps = [mark.step for mark in self._marks]
        self.setMaximum(head)
        self.setPageStep(max(1, head // 20))
        if not self.isSliderDown() and step != self.value():
            self.setValue(step)
            changed = True
        self.blockSignals(blocked)
        if changed:
            self.update()

    def span(self) -> int:
        """The steps from one end to the other."""
        return self._span

    def x_of(self, step: int) -> float:
        """Return where ``step`` stands, in pixels."""
        return KNOB / 2 + step / self._span * (self.width() - KNOB)

    def step_at(self, x: float) -> int:
        """Return the recorded step nearest to ``x`` pixels."""
        share = (x - KNOB / 2) / max(1, self.width() - KNOB)
        return max(0, min(self.maximum(), round(share * self._span)))

    def mark_at(self, x: float) -> Mark | None:
        """Return the mark under ``x`` pixels."""
        place = bisect_left(self._steps, self.step_at(x))
        near = [mark for mark in self._marks[max(0, place - 1) : place + 1] if abs(self.x_of(mark.step) - x) <= REACH]
        return min(near, key=lambda mark: abs(self.x_of(mark.step) - x), default=None)

    def sizeHint(self) -> QSize:
        """Want the height of a button."""
        return QSize(240, 28)

    def minimumSizeHint(self) -> QSize:
        """Be usable when narrow."""
        return QSize(80, 28)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where the pointer is, and follow it."""
        if event.button() != Qt.MouseButton.LeftButton or not self.isEnabled():
            event.ignore()
            return
        self.setSliderDown(True)
        self.setSliderPosition(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self.isSliderDown():
            self.setSliderPosition(self.step_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay where the pointer left it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def wheelEvent(self, event: Any) -> None:
        """Turn when focused."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Tell the step under the pointer, and what was changed there."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), plain_tip(self.tip_at(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, pos: QPoint) -> str:
        """Return what is to be read at a point: the change made there, else the step."""
        mark = self.mark_at(pos.x())
        if mark is not None:
            return self.tr("{change} at step {step}").format(change=mark.text, step=spaced(mark.step))
        return self.tr("step {step}").format(step=spaced(self.step_at(pos.x())))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw groove, record, way, marks and knob."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tokens = theme.current()
        self._bar(painter, self._span, tokens.line)
        self._bar(painter, self.maximum(), tokens.faint if self.value() < self.maximum() else tokens.line)
        self._bar(painter, self.value(), tokens.accent if self.isEnabled() else tokens.faint)
        self._draw_marks(painter, tokens)
        self._draw_knob(painter, tokens)
        painter.end()

    def _bar(self, painter: QPainter, step: int, colour: str) -> None:
        painter.setBrush(QColor(colour))
        left = KNOB / 2
        bar = QRectF(left, (self.height() - GROOVE) / 2, self.x_of(step) - left, GROOVE)
        painter.drawRoundedRect(bar, GROOVE / 2, GROOVE / 2)

    def _draw_marks(self, painter: QPainter, tokens: theme.Theme) -> None:
        painter.setBrush(QColor(tokens.text))
        for x in sorted({round(self.x_of(step)) for step in self._steps if step <= self._span}):
            painter.drawRect(QRectF(x - 1, (self.height() - MARK) / 2, 2, MARK))

    def _draw_knob(self, painter: QPainter, tokens: theme.Theme) -> None:
        centre = QPointF(self.x_of(self.sliderPosition()), self.height() / 2)
        if self.hasFocus():
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(centre, KNOB / 2 + 2, KNOB / 2 + 2)
        painter.setBrush(QColor(tokens.text if self.isEnabled() else tokens.faint))
        painter.drawEllipse(centre, KNOB / 2, KNOB / 2)

    def _recolour(self) -> None:
        self.update()


def spaced(number: int) -> str:
    """Return a whole number in groups of three digits, held together."""
    return f"{number:,}".replace(",", "\u00a0")
