"""The curves of a race against the step: two plots with a quantity each, their crosshairs linked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import get_args

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.descent.look import DescentLook, Quantity
from gradlab.ui.lab_view import Part, Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.values import Mark

from . import pictures

LEAST_POINTS = 400


class Charts(QObject):
    """``looked(changes)``: fields of the look with new values; ``scrubbed(row)``: a row was asked for."""

    looked = Signal(object)
    scrubbed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget, self._look = parent, DescentLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._windows: list[tuple[float, float] | None] = [None, None]
        self._below: set[str] = set()
        self._drawn: dict[str, int] = {}
        self._stamp: tuple[object, ...] = ()
        self._memo = Memo()
        self.plots: list[CurvePlot] = []
        self.frames: list[PlotFrame] = []
        self._choices: list[Choice] = []

    def build(self) -> Iterator[None]:
        """Make the plots, one at a time."""
        for slot in range(len(self._look.curves)):
            plot = CurvePlot()
            frame = PlotFrame(f"curve-{slot}", plot, log=True, parent=self._widget)
            words: dict[object, str] = {name: self._words(name) for name in get_args(Quantity)}
            choice = Choice(frame, self.tr("Quantity"), words)
            choice.chosen.connect(partial(self._choose, slot))
            self.plots.append(plot)
            self.frames.append(frame)
            self._choices.append(choice)
            self._connect(slot, frame, plot)
            yield

    def _connect(self, slot: int, frame: PlotFrame, plot: CurvePlot) -> None:
        frame.logToggled.connect(partial(self._set_log, slot))
        plot.hovered.connect(partial(self._link_hover, slot))
        plot.toggled.connect(self._toggle)
        plot.cursorMoved.connect(self.scrubbed)
        plot.windowChanged.connect(partial(self._look_at, slot))
        plot.set_readings(partial(self._exact, slot))

    def _words(self, quantity: str) -> str:
        return {
            "f": "f",
            "grad_norm": "|∇f|",
            "step_length": self.tr("step length"),
            "effective_lr": self.tr("effective lr"),
            "lr": "lr",
        }[quantity]

    # What the user does.

    def _choose(self, slot: int, quantity: Quantity) -> None:
        shown = list(self._look.curves)
        shown[slot] = quantity
        self.looked.emit({"curves": tuple(shown)})

    def _set_log(self, slot: int, on: bool) -> None:
        quantity = self._look.curves[slot]
        others = tuple(name for name in self._look.linear if name != quantity)
        self.looked.emit({"linear": others if on else (*others, quantity)})

    def _toggle(self, key: str) -> None:
        racer = self._look.of(key.removeprefix(pictures.OLD))
        changed = self._look.with_racer(racer.replace(visible=not racer.visible))
        self.looked.emit({"racers": changed.racers})

    def _link_hover(self, source: int, x: float | None) -> None:
        for slot, plot in enumerate(self.plots):
            if slot != source:
                plot.set_hover(x)

    def _look_at(self, slot: int, low: float, high: float) -> None:
        """Draw finer points where the user has zoomed in."""
        window = None if math.isnan(low) else (low, high)
        if window != self._windows[slot]:
            self._windows[slot] = window
            self._draw(slot)

    def _exact(self, slot: int, step: float) -> Mapping[str, float]:
        return pictures.readings(self._tracks, self._look.curves[slot], step)

    # What is shown.

    def show_look(self, look: DescentLook) -> None:
        """Draw these quantities in this way."""
        self._look = look
        for slot, quantity in enumerate(look.curves):
            if self._memo.news(f"axes-{slot}", quantity):
                self.plots[slot].set_axes(self.tr("step"), self._words(quantity))
                self._choices[slot].show_value(quantity)
            self.frames[slot].set_log(quantity not in look.linear)
            self._scale(slot)

    def _scale(self, slot: int) -> None:
        """Draw on the axis that was chosen; on a linear one where a logarithm would hide values below 0."""
        quantity = self._look.curves[slot]
        wanted = quantity not in self._look.linear
        forced = wanted and quantity == "f" and bool(self._below)
        self.plots[slot].set_log(wanted and not forced)
        if self._memo.news(f"title-{slot}", quantity, forced):
            how = self.tr("linear, as f < 0") if forced else self.tr("against step")
            self.frames[slot].set_title(self._words(quantity), how)

    def set_tracks(self, tracks: Sequence[Track], cursor: int | None) -> list[Part]:
        """Take the runs; return what draws them, a part for each plot.

        They are drawn up to the rows that there are when the first is: plots that take turns show the same steps.
        """
        self._tracks, self._cursor = tracks, cursor
        self._below &= {track.key for track in pictures.of_one_function(tracks)}
        shown = [slot for slot, plot in enumerate(self.plots) if plot.isVisible()]
        return [partial(self._draw_turn, slot, first=slot == shown[0]) for slot in shown]

    def _draw_turn(self, slot: int, *, first: bool) -> bool:
        if first or {track.key for track in self._tracks} != self._drawn.keys():
            self._drawn = {track.key: track.history.rows for track in self._tracks}
            self._stamp = pictures.stamp(self._tracks)
        return self._draw(slot)

    def _draw(self, slot: int) -> bool:
        plot = self.plots[slot]
        quantity, points = self._look.curves[slot], max(LEAST_POINTS, 2 * plot.width())
        window, racers = self._windows[slot], self._look.racers
        news = self._memo.news(f"curves-{slot}", self._stamp, quantity, window, racers, points)
        if news:
            self._below |= pictures.below_zero(self._tracks) if quantity == "f" else set()
            self._scale(slot)
            plot.show_curves(pictures.curves(self._tracks, self._look, quantity, window, points, self._drawn))
        plot.set_cursor(None if self._cursor is None else float(self._cursor))
        marks = self._tracks[-1].marks if self._tracks else ()
        if self._memo.news(f"marks-{slot}", marks):
            plot.set_marks([Mark(float(step), text) for step, text in marks])
        return news
