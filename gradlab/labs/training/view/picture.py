"""One arm's picture: the decision boundary or fit, or one of the further ways to look into its network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.training.look import Picture, TrainingLook
from gradlab.labs.training.readings import (
    ActivationReading,
    Backprop,
    DecisionMap,
    Fit,
    Neurons,
    Points,
    SampleGradients,
    TimeGradients,
    Weights,
)
from gradlab.ui.lab_view import Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.bars import BarPlot, Bars
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.heat import HeatMap
from gradlab.ui.plots.plane import PlanePlot
from gradlab.ui.plots.values import Curve

from . import planes, records
from .arms import COLOURS, LETTERS, change_of
from .stack import PlotStack
from .weights import matrix

Reading = DecisionMap | Fit | Neurons | SampleGradients | Backprop | TimeGradients | ActivationReading | Weights
KINDS: dict[type[Any], Picture] = {
    DecisionMap: "map", Fit: "map", Neurons: "neurons", SampleGradients: "samples", Backprop: "backprop",
    TimeGradients: "time", ActivationReading: "activations", Weights: "weights",
}  # fmt: skip
OPENED = {"output": 2, "slope": 3, "filled": 0, "accumulated": 4, "update": 1}
"""What is shown of an opened step, and in which colour."""
FIRST_BIN = -127
"""Exponent of two of the components in the first bin of a histogram."""
MARGIN_BINS = 2
DASHES = (5.0, 2.5)


class ArmPicture(QObject):
    """``looked(changes)``: fields of the look with new values; ``weighed(row, column)``: a weight was pressed."""

    looked = Signal(object)
    weighed = Signal(int, int)

    def __init__(self, arm: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.arm = arm
        self._look = TrainingLook()
        self._points: Points | None = None
        self._why = ""
        """Why there is nothing to draw, where that is known."""
        self._readings: dict[Picture, Reading] = {}
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._name = ""
        self._are_points = True
        self._memo = Memo()
        self.plane, self.line = PlanePlot(), PlanePlot(x="x", y="", locked=False)
        self.tiles, self.heat, self.bars = PlanePlot(x="", y=""), HeatMap(), BarPlot(legend=True)
        self.stack = PlotStack(plane=self.plane, line=self.line, tiles=self.tiles, heat=self.heat, bars=self.bars)
        self.frame = PlotFrame(f"picture-{arm}", self.stack, log=True, parent=parent)
        self._choice = Choice(
            self.frame, self.tr("Picture of {arm}").format(arm=LETTERS[arm]), self._words(), silent=True
        )
        self._choice.chosen.connect(self._choose)
        self.frame.logToggled.connect(self.bars.set_log)
        self.tiles.set_bare(True)
        self.tiles.picked.connect(self._pick_unit)
        self.heat.picked.connect(self._pick_weight)

    def _words(self) -> dict[object, str]:
        return {
            "map": self.tr("boundary or fit"),
            "neurons": self.tr("units"),
            "samples": self.tr("single gradients"),
            "backprop": self.tr("one step opened"),
            "time": self.tr("gradient over time"),
            "histogram": self.tr("histogram of gradients"),
            "activations": self.tr("activations"),
            "weights": self.tr("weights of a layer"),
        }

    def _title(self) -> str:
        """Return what the picture is called where there is one arm only."""
        if self._look.picture == "map" and not self._flat():
            return str(self._words()["histogram"])
        if self._look.picture == "map":
            regression = self._points is not None and not self._points.classes
            return self.tr("fit") if regression else self.tr("decision boundary")
        if self._look.picture == "backprop":
            return self.tr("one step")  # with its switch of the axis it has no room for more in a narrow window
        return str(self._words()[self._look.picture])

    def _choose(self, picture: Picture) -> None:
        self.looked.emit({"picture": picture})

    def _pick_unit(self, x: float, y: float) -> None:
        """Look closely at the layer of a unit, and at what the unit starts from."""
        found = self._readings.get("neurons")
        if isinstance(found, Neurons):
            unit = planes.tile_at(found, x, y)
            if unit is not None:
                self.looked.emit({"layer": found.layer, "arm": self.arm})
                self.weighed.emit(unit, -1)

    def _pick_weight(self, row: int, column: int) -> None:
        if self._look.picture == "weights":
            self.looked.emit({"arm": self.arm})
            self.weighed.emit(row, column)

    def compare(self, other: ArmPicture) -> None:
        """Draw bars on the same scale as the other arm's."""
        both = self.stack.front() == other.stack.front() == "bars" and other.frame.isVisible()
        self.bars.set_beside(other.bars.values() if both else np.empty(0))

    # What is shown.

    def show_name(self, name: str, *, points: bool) -> None:
        """Say what this arm is; what tells pictures and sequences apart has no plane to be drawn in."""
        self._name, self._are_points = name, points
        self._draw()

    def show_look(self, look: TrainingLook) -> None:
        """Show this picture."""
        self._look = look
        self._choice.show_value(look.picture)
        self._draw()

    def show_points(self, points: Points) -> None:
        """Know the data."""
        self._why = ""
        if self._points is None or not _same(points, self._points):
            self._points = points
            self._readings = {k: v for k, v in self._readings.items() if k == "weights"}  # others: late, of other data
            self._draw()

    def show_reading(self, reading: Reading) -> None:
        """Take a picture of the state in."""
        self._readings[KINDS[type(reading)]] = reading
        if KINDS[type(reading)] == self._look.picture:
            self._draw()

    def forget(self, why: str = "") -> None:
        """Drop the pictures: another network or other data are asked for, or there are none, and ``why``."""
        self._readings.clear()
        self._points, self._why = None, why
        self._draw()

    def set_tracks(self, tracks: Sequence[Track], cursor: int | None) -> None:
        """Draw what comes from the record itself."""
        self._tracks, self._cursor = [track for track in tracks if not track.faint][-1:], cursor
        if (self._look.picture == "histogram" or not self._flat()) and self.frame.isVisible():
            self._draw()

    def recolour(self) -> None:
        """Draw again in the colours of the theme."""
        self._draw()

    # How.

    def _draw(self) -> None:
        picture = self._look.picture
        reading = self._readings.get(picture)
        from_record = picture == "histogram" or (picture == "map" and not self._flat())
        how = self._histogram() if from_record and not self._why else self._drawn(reading)
        title = LETTERS[self.arm] if self._name else _capital(self._title())
        name = change_of(self._tracks[0].spec) if from_record and self._tracks and self.arm == "b" else self._name
        if self._memo.news("title", title, name, how, self._look.picture):
            self.frame.set_title(title, " · ".join(part for part in (name, how) if part))
            self.frame._log.setVisible(self.stack.front() == "bars")

    def _flat(self) -> bool:
        """Tell whether the data can be drawn: as a plane, or as a line."""
        known = self._points
        if not self._are_points:
            return False
        return "map" in self._readings or known is None or len(known.names) == known.x.shape[-1]

    def _drawn(self, reading: Reading | None) -> str:
        """Draw a reading; return how, in words."""
        show = {
            DecisionMap: self._map, Fit: self._fit, Neurons: self._units, SampleGradients: self._samples,
            Backprop: self._backprop, TimeGradients: self._time, ActivationReading: self._activations,
            Weights: self._weights,
        }  # fmt: skip
        if reading is None:
            return self._empty()
        draw: Any = show[type(reading)]
        return str(draw(reading))

    def _empty(self) -> str:
        """Show the data alone, or say that there is nothing to show."""
        if self._look.picture == "map" and self._points is not None and self._points.x.shape[-1] == 1:
            return self._line_of(None)
        self.stack.bring("plane")
        self.plane.clear_picture()
        dots = list(planes.data_dots(self._points, held_out=self._look.held_out)) if self._points is not None else []
        shown = self._look.picture == "map" and bool(dots)
        self.plane.show_dots(dots if shown else [])
        self._name_axes()
        self._say("" if shown else self._why_empty(), bare=not shown)
        return self._about_dots() if shown else ""

    def _why_empty(self) -> str:
        if self._look.picture == "weights":
            return self._why or self.tr("Press a layer in the bars: its weights come here")
        if self._points is None:
            return self._why or self.tr("Comes with the data and the network")
        return self.tr("Nothing to draw here")

    def _say(self, text: str, *, bare: bool = False) -> None:
        """Write why the plane is empty; a bare one has no numbers along its sides."""
        self.plane.show_key(False)
        self.plane.set_bare(bare or bool(text))
        self.plane.say(text)

    def _name_axes(self) -> None:
        known = self._points.names if self._points is not None else ()
        names = (*known, "x1", "x2")[:2] if known else ("x1", "x2")
        self.plane.set_axes(names[0], names[1])

    def _about_dots(self) -> str:
        shown = self._look.held_out and self._points is not None and bool(self._points.held_out.any())
        return self.tr("rings: held out") if shown else ""

    def _map(self, found: DecisionMap) -> str:
        self.stack.bring("plane")
        self._name_axes()
        self._say("")
        self.plane.say("" if np.isfinite(found.values + found.margin).any() else self._not_finite())
        self.plane.show_picture(planes.decision(found, self._points), found.x, found.y, table=planes.table(found))
        self.plane.set_reading(partial(planes.told, found))
        if self._points is not None:
            self.plane.show_dots(list(planes.data_dots(self._points, held_out=self._look.held_out)))
        return self._about_dots()

    def _fit(self, found: Fit) -> str:
        return self._line_of(found)

    def _line_of(self, found: Fit | None) -> str:
        self.stack.bring("line")
        curves = []
        if found is not None:
            x = np.asarray(found.x, dtype=float).ravel()
            columns = np.asarray(found.y, dtype=float).reshape(len(x), -1).T
            means = len(columns) // 3 if found.banded else len(columns)
            name, band = self.tr("network"), self.tr("standard deviation")
            curves = [
                Curve(f"fit{k}", x, y, COLOURS[self.arm], f"{name} {k + 1}" if means > 1 else name)
                if k < means
                else Curve(f"fit{k}", x, y, COLOURS[self.arm], band, dash=DASHES)
                for k, y in enumerate(columns)
            ]
        self.line.show_dots(list(planes.line_dots(self._points, held_out=self._look.held_out)))
        self.line.show_lines(curves)
        self.line.say("" if found is None or np.isfinite(found.y).any() else self._not_finite())
        if found is not None and found.banded:
            return self.tr("line: the network; dashed: its standard deviation")
        return self.tr("line: the network; dots: the data")

    def _not_finite(self) -> str:
        return self.tr("What the network answers is not finite")

    def _units(self, found: Neurons) -> str:
        self.stack.bring("tiles")
        picture, x, y = planes.tiles(found)
        self.tiles.show_picture(picture, x, y)
        self.tiles.set_reading(partial(planes.unit_told, found))
        count = len(found.values)
        return self.tr("{layer}: {count} units over the data").format(layer=found.layer, count=count)

    def _samples(self, found: SampleGradients) -> str:
        self.stack.bring("plane")
        self.plane.clear_picture()
        self.plane.set_reading(None)
        self.plane.set_axes(self.tr("widest direction"), "")
        self._say("")
        self.plane.show_dots(planes.cloud(found))
        self.plane.show_key(True)
        text = self.tr("|mean| {mean}, spread {spread}")
        return text.format(mean=f"{found.mean_norm:.2g}", spread=f"{found.spread:.2g}")

    def _backprop(self, found: Backprop) -> str:
        words = {
            "output": self.tr("output"), "slope": self.tr("δ"), "filled": ".grad",
            "accumulated": self.tr("not zeroed"), "update": self.tr("update"),
        }  # fmt: skip
        series = [
            Bars(
                name, np.array([float(getattr(layer, name)) for layer in found.layers]), colour=colour, name=words[name]
            )
            for name, colour in OPENED.items()
        ]
        names = [layer.layer for layer in found.layers]
        self._bars(series, names, [f"{layer.layer}  {'×'.join(map(str, layer.shape))}" for layer in found.layers])
        return self.tr("norms by layer: output, gradient, .grad, update")

    def _bars(self, series: list[Bars], names: Sequence[str], details: Sequence[str] = ()) -> None:
        self.stack.bring("bars")
        self.bars.set_axes(self.tr("layer"), "")
        short = list(names) if len(names) <= 4 else [str(k) for k in range(1, len(names) + 1)]
        self.bars.show_bars(series, short, details or list(names))

    def _time(self, found: TimeGradients) -> str:
        norms = np.asarray(found.norms, dtype=float)
        self.stack.bring("bars")
        self.bars.set_axes(self.tr("time step"), "")
        self.bars.show_bars(
            [Bars("time", norms, colour=COLOURS[self.arm], name=self.tr("gradient of the state"))],
            [str(k) for k in range(1, len(norms) + 1)],
        )
        return self.tr("{cell}: gradient of the hidden state at each time step").format(cell=found.cell.upper())

    def _activations(self, found: ActivationReading) -> str:
        words = {
            "pre_std": self.tr("spread before"), "act_std": self.tr("after"),
            "dead": self.tr("dead"), "saturated": self.tr("saturated"),
        }  # fmt: skip
        series = [
            Bars(name, np.asarray(getattr(found, name), dtype=float), colour=colour, name=words[name])
            for name, colour in (("pre_std", 1), ("act_std", 2), ("dead", 4), ("saturated", 3))
        ]
        self._bars(series, found.layers)
        return self.tr("spread, dead and saturated, by activation")

    def _weights(self, found: Weights) -> str:
        headings, values = matrix(found)
        if found.layer != self._look.layer or not values.size:
            return self._empty()
        self._memo.forget("histogram")
        self.stack.bring("heat")
        self.heat.set_axes("", self.tr("unit"))
        self.heat.show_matrix(values, columns=headings, diverging=True, numbers=True)
        when = self.tr("at the start") if found.step is None else self.tr("at step {step}").format(step=found.step)
        return self.tr("{layer} {when}: press one to set it").format(layer=found.layer, when=when)

    def _histogram(self) -> str:
        kept = None
        if self._tracks:
            kept = self._tracks[0].history.snapshot(f"{self.arm}.histogram", self._cursor)
        if kept is None:
            self.stack.bring("plane")
            self.plane.clear_picture()
            self.plane.show_dots([])
            measured = not self._tracks or self._tracks[0].spec.probes.histograms
            self._say(self.tr("No histogram yet") if measured else self.tr("Not measured: see Probes in the panel"))
            return ""
        step, counts = kept
        names = records.labels(self._tracks[0].history, f"{self.arm}.grad_norm")
        if self._memo.news("histogram", step, id(counts)) or self.stack.front() != "heat":
            self.stack.bring("heat")
            low, high = _used(counts)
            share = counts[:, low:high] / np.maximum(1, counts.sum(axis=1, keepdims=True))
            chosen = records.deep(names, None)
            share, rows = share[chosen], records.short_names([names[i] for i in chosen])
            self.heat.set_axes("log₂|g|", "")
            x = np.arange(low, high, dtype=float) + FIRST_BIN
            top = 1.5 * float(np.median(share.max(axis=1))) or 1.0  # few components of one layer outshine no other
            self.heat.show_matrix(share[::-1], rows=rows[::-1], x=x, levels=(0.0, min(1.0, top)))
        return self.tr("sizes of the gradient's components at step {step}").format(step=step)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _same(one: Points, other: Points) -> bool:
    """Tell whether the data are the same ones; from another process they come as copies."""
    return one is other or (
        one.names == other.names
        and all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("x", "y", "held_out"))
    )


def _used(counts: np.ndarray) -> tuple[int, int]:
    """Return the first and the end of the bins that anything falls into, with some room; the zeros apart."""
    filled = np.flatnonzero(counts[:, 1:].sum(axis=0)) + 1
    if not filled.size:
        return 0, counts.shape[1]
    return max(0, int(filled[0]) - MARGIN_BINS), min(counts.shape[1], int(filled[-1]) + 1 + MARGIN_BINS)
