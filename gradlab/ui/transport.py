"""The bar under the stage: run, pause, step, back, stop, the timeline, the pace, and what the run says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedLayout, QToolButton, QWidget

from gradlab.ui.widgets import plain_label

from . import icons, theme
from .editors.marks import Elided
from .pace import PaceBox
from .timeline import Mark, Timeline, spaced

__all__ = ["Mark", "Transport", "TransportState"]

NARROW_PX = 960
"""Width of the bar under which words give way to the timeline."""


@dataclass(frozen=True, slots=True)
class TransportState:
    """All that the bar shows.

    ``step``: the step on screen; ``head``: the last one recorded; ``total``: the budget. ``running``: something moves.
    ``active``: there is a run that can still go on; ``over``: there is one that cannot. ``past``: the cursor stands
    before the head. ``pace``: steps per second, None for as fast as possible.
    """

    step: int = 0
    head: int = 0
    total: int = 0
    running: bool = False
    active: bool = False
    over: bool = False
    past: bool = False
    marks: tuple[Mark, ...] = ()
    pace: float | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Can:
    """What can be asked for in a state."""

    restart: bool
    back: bool
    step: bool
    stop: bool

    @classmethod
    def of(cls, state: TransportState) -> Can:
        """Return what makes sense in ``state``."""
        begun = state.head > 0 or state.active or state.over
        at_end = begun and not state.active and not state.past
        return cls(restart=begun, back=state.step > 0, step=not at_end, stop=state.active)


class Transport(QWidget):
    """Shows a ``TransportState``; says what the user asks for and does nothing itself."""

    runRequested = Signal()
    pauseRequested = Signal()
    stepRequested = Signal()
    backRequested = Signal()
    restartRequested = Signal()
    stopRequested = Signal()
    continueRequested = Signal()
    scrubbed = Signal(int)
    paceChanged = Signal(object)
    """Steps per second (float), or None for as fast as possible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._state = TransportState()
        self._keys: Mapping[str, str] = {}
        self.restart, self.back, self.step, self.stop = (QToolButton(self) for _ in range(4))
        self.run = QPushButton(self)
        self.run.setObjectName("run")
        self.count = plain_label(css_class="mono", parent=self, steady=True)
        self.timeline = Timeline(self)
        self.continue_here = QPushButton(self)
        self.pace = PaceBox(self)
        self.status = Elided("muted", self)
        self._status_width = 0
        self._lay_out()
        self._connect()
        self.retranslate()
        self.show_state(self._state)

    def _lay_out(self) -> None:
        pictures = {self.restart: "restart", self.back: "step-back", self.step: "step-forward", self.stop: "stop"}
        for button, picture in pictures.items():
            button.setIconSize(QSize(16, 16))
            icons.put(button, picture, "text")
        icons.put(self.continue_here, "continue-from-here", "text")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        end = QWidget(self)
        end.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._end = QStackedLayout(end)
        self._end.addWidget(self.status)
        self._end.addWidget(self.continue_here)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 8, 16, 8)
        line.setSpacing(4)
        for widget in (self.restart, self.back, self.run, self.step, self.stop):
            line.addWidget(widget)
        line.addSpacing(8)
        line.addWidget(self.count)
        line.addSpacing(4)
        line.addWidget(self.timeline, 1)
        line.addSpacing(8)
        line.addWidget(self.pace)
        line.addSpacing(8)
        line.addWidget(end)

    def _connect(self) -> None:
        self.restart.clicked.connect(self.restartRequested)
        self.back.clicked.connect(self.backRequested)
        self.run.clicked.connect(self._run_or_pause)
        self.step.clicked.connect(self.stepRequested)
        self.stop.clicked.connect(self.stopRequested)
        self.continue_here.clicked.connect(self.continueRequested)
        self.timeline.scrubbed.connect(self.scrubbed)
        self.pace.chosen.connect(self.paceChanged)

    def show_state(self, state: TransportState) -> None:
        """Show ``state``; emits nothing."""
        before, self._state = self._state, state
        can = Can.of(state)
        for button, allowed in (
            (self.restart, can.restart),
            (self.back, can.back),
            (self.step, can.step),
            (self.stop, can.stop),
        ):
            if button.isEnabled() != allowed:
                button.setEnabled(allowed)
        if state.running != before.running:
            self._name_run()
        self._show_count(state)
        self.timeline.show_run(state.step, state.head, state.total, state.marks)
        self.pace.show_pace(state.pace)
        self._show_end(state)

    def set_shortcuts(self, keys: Mapping[str, str]) -> None:
        """Name the keys of restart, back, run, step, stop and continue in the tooltips."""
        self._keys = dict(keys)
        self.retranslate()

    def _show_count(self, state: TransportState) -> None:
        text = self.tr("step {step} / {total}")
        total = spaced(max(state.total, state.head))
        shown = text.format(step=spaced(state.step), total=total)
        if shown == self.count.text():
            return
        widest = text.format(step="0" * len(total), total=total)
        self.count.setMinimumWidth(QFontMetrics(theme.mono_font()).horizontalAdvance(widest) + 2)
        self.count.setText(shown)

    def _show_end(self, state: TransportState) -> None:
        wanted = self.continue_here if state.past else self.status
        if self._end.currentWidget() is not wanted:
            self._end.setCurrentWidget(wanted)
        if state.status != self.status.whole():
            self.status.say(state.status)
            self._status_width = max(self.status.sizeHint().width(), self._status_width)
            self._fit()
        self.continue_here.setToolTip(f"{self._continue_tip}\n{state.status}".strip())

    def _fit(self) -> None:
        """Let words give way to the timeline where there is little room; else the status never moves it."""
        narrow = self.width() < NARROW_PX
        self.status.setMinimumWidth(0 if narrow else self._status_width)
        self.continue_here.setText("" if narrow else self.tr("Continue from here"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less in a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def _run_or_pause(self) -> None:
        (self.pauseRequested if self._state.running else self.runRequested).emit()

    def _name_run(self) -> None:
        running = self._state.running
        self.run.setText(self.tr("Pause") if running else self.tr("Run"))
        icons.put(self.run, "pause" if running else "play", "accent_text")
        self._name(self.run, "run", self.run.text())

    def _name(self, button: QToolButton | QPushButton, key: str, text: str) -> None:
        button.setAccessibleName(text)
        button.setToolTip(f"{text} ({self._keys[key]})" if self._keys.get(key) else text)

    def retranslate(self) -> None:
        """Say everything again in the language of the window."""
        self._name_run()
        self._name(self.restart, "restart", self.tr("Restart"))
        self._name(self.back, "back", self.tr("One step back"))
        self._name(self.step, "step", self.tr("One step forward"))
        self._name(self.stop, "stop", self.tr("Stop"))
        self._name(self.continue_here, "continue", self.tr("Begin a run that goes on from this step"))
        self._continue_tip = self.continue_here.toolTip()
        self.continue_here.setAccessibleName(self.tr("Continue from here"))
        self._fit()
        self.timeline.setAccessibleName(self.tr("Timeline"))
        self.count.setAccessibleName(self.tr("Step"))
        self.pace.retranslate()
        words = (self.tr("Run"), self.tr("Pause"))
        width = max(self.run.fontMetrics().horizontalAdvance(word) for word in words)
        self.run.setMinimumWidth(width + 64)
        self._show_count(self._state)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
