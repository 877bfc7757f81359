"""The curves of a training: loss, accuracy and whatever else is one number per step, of both arms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gradlab.labs.training.look import TrainingLook
from gradlab.ui.lab_view import Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.values import Curve, Mark

from . import records
from .arms import COLOURS, LETTERS, arms_of
from .words import rhythm

LEAST_POINTS = 400
SMOOTH = 30
"""Steps over which the smooth curve is averaged."""
NEAR = 4.0
"""Up to how many times the sharpness its bound is brought into sight."""
DOTS, DASHES = (1.5, 2.0), (5.0, 2.5)
PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "loss": (("loss", ""), ("test_loss", "held out")),
    "accuracy": (("accuracy", ""), ("test_accuracy", "held out")),
    "lr": (("lr", ""),),
    "grad_total": (("grad_total", ""), ("clipped_total", "clipped")),
    "sharpness": (("sharpness", ""), ("bound", "2/lr")),
    "noise_scale": (("noise_scale", ""),),
}
"""The columns that a quantity shows, and what each is called beside the arm's letter."""


class Charts(QObject):
    """``looked(changes)``: fields of the look with new values; ``scrubbed(row)``: a row was asked for."""

    looked = Signal(object)
    scrubbed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget, self._look = parent, TrainingLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._window: tuple[float, float] | None = None
        self._hidden: set[str] = set()
        self._dashed = False
        """There are curves of data held out."""
        self._memo = Memo()

    def build(self) -> Iterator[None]:
        """Make the plot."""
        self.plot = CurvePlot(legend=True, log=True)
        self.frame = PlotFrame("training-curves", self.plot, log=True, parent=self._widget)
        self._choice = Choice(self.frame, self.tr("Quantity of the curves"), self._words(), silent=True)
        self._smooth = QAction(self.tr("Smooth the curves"), self.frame, checkable=True)
        self._smooth.setToolTip(self.tr("Running mean over {count} steps").format(count=SMOOTH))
        self.frame.add_menu_action(self._smooth)
        self._choice.chosen.connect(self._choose)
        self._smooth.triggered.connect(self._set_smooth)
        self.frame.logToggled.connect(self._set_log)
        self.plot.toggled.connect(self._toggle)
        self.plot.cursorMoved.connect(self.scrubbed)
        self.plot.windowChanged.connect(self._look_at)
        self.plot.set_readings(self._exact)
        yield

    def _words(self) -> dict[object, str]:
        return {
            "loss": self.tr("Loss"),
            "accuracy": self.tr("Accuracy"),
            "lr": "lr",
            "grad_total": self.tr("Whole gradient"),
            "sharpness": self.tr("Sharpness"),
            "noise_scale": self.tr("Noise scale"),
        }

    # What the user does.

    def _choose(self, quantity: str) -> None:
        self.looked.emit({"curve": quantity})

    def _set_smooth(self, on: bool) -> None:
        self.looked.emit({"smooth": SMOOTH if on else 1})

    def _set_log(self, on: bool) -> None:
        quantity = self._look.curve
        others = tuple(name for name in self._look.linear if name != quantity)
        self.looked.emit({"linear": others if on else (*others, quantity)})

    def _toggle(self, key: str) -> None:
        self._hidden ^= {key}
        self._memo.forget("curves")
        self._draw()

    def _look_at(self, low: float, high: float) -> None:
        """Draw finer points where the user has zoomed in."""
        window = None if math.isnan(low) else (low, high)
        if window != self._window:
            self._window = window
            self._draw()

    def _exact(self, step: float) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for track in self._tracks:
            row = round(step)
            if 0 <= row < track.history.rows:
                values = track.history.row(row)
                for arm, name, _ in self._parts(track):
                    value = float(_derived(values, arm, name))
                    if not math.isnan(value):
                        found[_key(track, arm, name)] = value
        return found

    # What is shown.

    def show_look(self, look: TrainingLook) -> None:
        """Draw this quantity in this way."""
        self._look = look
        self._say_how()
        self._choice.show_value(look.curve)
        log = look.curve not in look.linear
        self.frame.set_log(log)
        self.plot.set_log(log)
        self._smooth.setChecked(look.smooth > 1)

    def set_tracks(self, tracks: Sequence[Track], cursor: int | None) -> list[Callable[[], None]]:
        """Take the runs; return what draws them."""
        self._tracks, self._cursor = tracks, cursor
        return [self._draw]

    def _draw(self) -> None:
        if not self.plot.isVisible():
            return
        look, points = self._look, max(LEAST_POINTS, 2 * self.plot.width())
        causes = (records.stamp(self._tracks), look.curve, look.smooth, look.held_out, self._window, points)
        if self._memo.news("curves", *causes):
            curves = [curve for track in self._tracks for curve in self._curves(track, points)]
            self._dashed = any(".test_" in curve.key for curve in curves)
            self.plot.show_curves(curves)
            self._say_how()
        self.plot.set_cursor(None if self._cursor is None else float(self._cursor))
        marks = self._tracks[-1].marks if self._tracks else ()
        if self._memo.news("marks", marks):
            self.plot.set_marks([Mark(float(step), text) for step, text in marks])

    def _say_how(self) -> None:
        """Say in the title what the lines are, and what is not measured."""
        look, every = self._look, records.every(self._tracks, self._look.curve)
        held_out = records.every(self._tracks, "test_loss") if self._dashed else 0
        if not self._memo.news("title", look.curve, look.smooth, every, held_out):
            return
        parts = [rhythm(every)]
        if look.curve in {"loss", "accuracy"} and held_out:
            dashed = self.tr("dashed: held out")
            parts = [f"{dashed}, {rhythm(held_out)}"] if look.curve == "loss" else [dashed, *parts]
        parts += [self.tr("mean of {count} steps").format(count=look.smooth)] if look.smooth > 1 else []
        self.frame.set_title(self._words()[look.curve], " · ".join(parts))
        self.plot.set_axes(self.tr("step") if every <= 1 else f"{self.tr('step')}, {rhythm(every)}", "")

    def _parts(self, track: Track) -> Iterator[tuple[str, str, str]]:
        """Yield arm, column and word of each curve."""
        for arm in arms_of(track.spec):
            for name, word in PARTS[self._look.curve]:
                if self._look.held_out or not name.startswith("test_"):
                    yield arm, name, word

    def _curves(self, track: Track, points: int) -> Iterator[Curve]:
        low, high = (0, None) if self._window is None else (int(self._window[0]) - 1, math.ceil(self._window[1]) + 1)
        for arm, name, word in self._parts(track):
            steps, values = _read(track, arm, name, low, high, points)
            known = ~np.isnan(values)
            if not known.any() or (name == "clipped_total" and track.spec.arms()[arm].clip.kind == "none"):
                continue
            if name.startswith("test_") or name in {"accuracy", "sharpness", "noise_scale"}:
                steps, values = steps[known], values[known]  # measured now and then: joined, not parted
            if self._look.smooth > 1:
                span = max(1.0, (steps[-1] - steps[0]) / max(1, len(steps) - 1)) if len(steps) > 1 else 1.0
                values = records.smoothed(values, self._look.smooth / span)
            yield self._curve(track, arm, name, word, steps, values)

    def _curve(self, track: Track, arm: str, name: str, word: str, steps: np.ndarray, values: np.ndarray) -> Curve:
        key = _key(track, arm, name)
        alone = len(arms_of(track.spec)) == 1 and not word
        label = "" if track.faint or alone or name.startswith("test_") else f"{LETTERS[arm]} {word}".strip()
        dash = DOTS if name == "bound" else DASHES if word else ()
        visible = key.replace(".test_", ".") not in self._hidden
        stretches = not track.faint and (name != "bound" or self._near(track, arm, values))
        return Curve(
            key, steps, values, COLOURS[arm], label, dash, visible=visible, faint=track.faint, stretches=stretches
        )

    def _near(self, track: Track, arm: str, bound: np.ndarray) -> bool:
        """Tell whether the bound is close enough to the sharpness to be seen beside it."""
        sharp = _read(track, arm, "sharpness", 0, None, LEAST_POINTS)[1]
        known, ends = sharp[np.isfinite(sharp)], bound[np.isfinite(bound)]
        return bool(known.size and ends.size and float(ends.min()) <= NEAR * float(known.max()))


def _key(track: Track, arm: str, name: str) -> str:
    return f"{'old-' if track.faint else ''}{arm}.{name}"


def _read(track: Track, arm: str, name: str, low: int, high: int | None, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and values of a curve; the bound of plain descent is made of lr."""
    rows, values = track.history.curves(f"{arm}.{'lr' if name == 'bound' else name}", low, high, points)
    flat = values[:, 0] if values.ndim > 1 else values
    with np.errstate(divide="ignore"):
        return rows.astype(float), np.asarray(2 / flat if name == "bound" else flat, dtype=float)


def _derived(row: Mapping[str, np.ndarray], arm: str, name: str) -> float:
    if name != "bound":
        return float(row[f"{arm}.{name}"])
    lr = float(row[f"{arm}.lr"])
    return 2 / lr if lr else math.inf
