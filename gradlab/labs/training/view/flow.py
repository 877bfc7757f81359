"""The upper half of the stage: a quantity of every layer now as bars, and at every step as colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.measurement import latest
from gradlab.labs.training.readings import NetworkReading
from gradlab.ui.lab_view import Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.bars import BarPlot, Bars
from gradlab.ui.plots.choice import Choice
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.step_map import Band, StepMap

from . import records
from .arms import COLOURS, LETTERS, arms_of
from .words import rhythm


class Flow(QObject):
    """``looked(changes)``: fields of the look with new values; ``scrubbed(row)``: a row was asked for."""

    looked = Signal(object)
    scrubbed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget, self._look = parent, TrainingLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._networks: dict[str, NetworkReading] = {}
        self._names: list[str] = []
        self._memo = Memo()

    def build(self) -> Iterator[None]:
        """Make the plots, one at a time."""
        self.bars = BarPlot()
        self.bars_frame = PlotFrame("layers", self.bars, log=True, parent=self._widget)
        self._bars_choice = Choice(self.bars_frame, self.tr("Quantity by layer"), self._words(), silent=True)
        self._bars_choice.chosen.connect(partial(self._choose, "bars"))
        yield
        self.map = StepMap(x=self.tr("step"))
        self.map_frame = PlotFrame("layer-step", self.map, parent=self._widget)
        self._map_choice = Choice(self.map_frame, self.tr("Quantity by layer and step"), self._words(), silent=True)
        self._map_choice.chosen.connect(partial(self._choose, "heat"))
        self.frames = (self.bars_frame, self.map_frame)
        self.bars_frame.logToggled.connect(self.bars.set_log)
        self.bars.picked.connect(self._pick)
        self.map.picked.connect(self._pick_in_map)
        self.map.cursorMoved.connect(self.scrubbed)
        yield

    def _words(self) -> dict[object, str]:
        return {
            "grad_norm": self.tr("gradient norm"),
            "weight_norm": self.tr("weight norm"),
            "update_ratio": self.tr("update / weight"),
        }

    # What the user does.

    def _choose(self, field: str, quantity: str) -> None:
        self.looked.emit({field: quantity})

    def _pick(self, index: int) -> None:
        """Look closely at a layer; the one that is looked at already is let go."""
        name = self._names[index] if index < len(self._names) else ""
        self.looked.emit({"layer": "" if name == self._look.layer else name})

    def _pick_in_map(self, row: int, _column: int) -> None:
        self._pick(self.map.layer_at(row)[1])

    # What is shown.

    def show_look(self, look: TrainingLook) -> None:
        """Draw these quantities."""
        self._look = look
        self._bars_choice.show_value(look.bars)
        self._map_choice.show_value(look.heat)
        self._name_bars()
        self._name_map(len(arms_of(self._tracks[0].spec)) if self._tracks else 1)

    def _name_bars(self) -> None:
        """Say what the bars are, and how often they are measured: beside the title, and at the axis when seldom."""
        look, every = self._look, records.every(self._tracks, self._look.bars)
        if self._memo.news("title", look.bars, look.recent, every):
            title = self.tr("{quantity} by layer").format(quantity=_capital(self._words()[look.bars]))
            how = [self.tr("range of {count} steps").format(count=look.recent)] if every else []
            self.bars_frame.set_title(title, " · ".join([*how, rhythm(every)]))
            self.bars.set_axes(self.tr("layer"), "")
            self.bars.bottom.set_name("" if every == 1 else rhythm(every))  # else numbers and names speak

    def show_network(self, network: NetworkReading) -> None:
        """Know the shapes of an arm's layers."""
        if self._networks.get(network.arm) != network:
            self._networks[network.arm] = network
            self._memo.forget("bars", "map")

    def forget(self) -> None:
        """Know no network: another one is asked for, and may never come."""
        self._networks.clear()
        self._memo.forget("bars", "map")
        self._draw_bars()

    def first_layer(self) -> str:
        """Return the name of the layer next to the input; empty before the network is known."""
        return next((network.layers[0] for network in self._networks.values() if network.layers), "")

    def set_tracks(self, tracks: Sequence[Track], cursor: int | None) -> list[Callable[[], None]]:
        """Take the runs; return what draws them, a part for each plot."""
        self._tracks, self._cursor = [track for track in tracks if not track.faint][-1:], cursor
        self._name_bars()
        return [self._draw_bars, self._draw_map]

    def _draw_bars(self) -> None:
        if not self.bars.isVisible():
            return
        look, stamp = self._look, records.stamp(self._tracks)
        if not self._memo.news("bars", stamp, self._cursor, look.bars, look.recent, look.layer):
            return
        if not self._tracks:
            network = self._networks.get("a")
            names = [network.layers[i] for i in records.deep(network.layers, network)] if network is not None else []
            self.bars.show_bars([], records.short_names(names), names)
            return
        track = self._tracks[0]
        row = records.row_at(track, self._cursor)
        self._names = _merged([self._layers(track, arm)[1] for arm in arms_of(track.spec)])
        series = [self._series(track, arm, row) for arm in arms_of(track.spec)]
        self.bars.show_bars(series, records.short_names(self._names), self._full(track))
        self.bars.set_chosen(self._names.index(look.layer) if look.layer in self._names else None)

    def _layers(self, track: Track, arm: str) -> tuple[list[int], list[str]]:
        """Return the numbers and the names of the layers that are drawn."""
        names = records.labels(track.history, f"{arm}.{self._look.bars}")
        chosen = records.deep(names, self._networks.get(arm))
        return chosen, [names[i] for i in chosen]

    def _series(self, track: Track, arm: str, row: int) -> Bars:
        """Return the bars of an arm, each where its layer's name stands; no bar where the arm has no such layer."""
        column, (chosen, names) = f"{arm}.{self._look.bars}", self._layers(track, arm)
        found = latest(track.history, column, row), *records.recent(track.history, column, row, self._look.recent)
        values, low, high = (np.full(len(self._names), np.nan) for _ in found)
        places = [self._names.index(name) for name in names]
        for part, numbers in zip((values, low, high), found, strict=True):
            part[places] = numbers[chosen]
        return Bars(arm, values, low, high, COLOURS[arm], LETTERS[arm])

    def _full(self, track: Track) -> list[str]:
        """Return what the mouse is told of each group: number, name and shape in each arm."""
        found, arms = [], arms_of(track.spec)
        for index, name in enumerate(self._names):
            shapes = []
            for arm in arms:
                shape = records.shape_text(self._networks.get(arm), name)
                shapes += [shape] if shape and shape not in shapes else []
            found.append(f"{index + 1}  {name}  {' | '.join(shapes)}".strip())
        return found

    def _draw_map(self) -> None:
        if not self.map.isVisible():
            return
        self.map.set_cursor(None if self._cursor is None else float(self._cursor))
        if not self._memo.news("map", records.stamp(self._tracks), self._look.heat):
            return
        if not self._tracks:
            self.map.show_bands([], np.empty(0))
            return
        track = self._tracks[0]
        bands, steps = [], np.empty(0)
        for arm in arms_of(track.spec):
            column = f"{arm}.{self._look.heat}"
            names = records.labels(track.history, column)
            chosen = records.deep(names, self._networks.get(arm))
            steps, values = records.over_steps(track.history, column)
            bands.append(Band(LETTERS[arm], tuple(names[i] for i in chosen), values[:, chosen]))
        self.map.show_bands(bands, steps)
        self._name_map(len(bands))

    def _name_map(self, bands: int) -> None:
        every = records.every(self._tracks, self._look.heat)
        if self._memo.news("map title", self._look.heat, bands, every):
            parts = [self._words()[self._look.heat], *([self.tr("A below, B above")] if bands > 1 else [])]
            self.map_frame.set_title(self.tr("Layer × step"), " · ".join([*parts, rhythm(every)]))
            step = self.tr("step")
            self.map.set_axes(step if every <= 1 else f"{step}, {rhythm(every)}", "")


def _merged(arms: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of the layers of all arms, those that only one has where they stand in it."""
    longest = max(arms, key=len)
    names = list(longest)
    for other in arms:
        place = 0
        for name in other:
            if name not in names:
                names.insert(place, name)
            place = names.index(name) + 1
    return names


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
