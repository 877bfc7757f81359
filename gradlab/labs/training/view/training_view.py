"""The stage of a training: gradients by layer above, what the network makes of its data and the curves below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout

from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.pins import Pin, with_pin
from gradlab.labs.training.readings import (
    ActivationReading,
    Backprop,
    DecisionMap,
    Fit,
    NetworkReading,
    Neurons,
    Nothing,
    Points,
    SampleGradients,
    TimeGradients,
    Weights,
)
from gradlab.labs.training.spec import TrainingSpec
from gradlab.labs.training.verdict import Verdict, judge
from gradlab.ui import theme
from gradlab.ui.lab_view import LabView, Part, Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import divide, splitter

from . import records
from .arms import ARMS, arms_of, change_of
from .charts import Charts
from .flow import Flow
from .picture import ArmPicture
from .reading import ReadingPane

if TYPE_CHECKING:
    from gradlab.labs.training.remedies import Remedy

OF_DATA = ("data", "seed", "held_out")
OF_NETWORK = (*OF_DATA, "network", "loss")
NARROW_PX = 700
"""Width of the stage below which two pictures and the curves have no room beside each other."""


class TrainingView(LabView):
    """Draws a training; a remedy pressed is an edit of the spec."""

    RENEWS = True

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = TrainingSpec(), TrainingLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._verdict: Verdict | None = None
        self._kind = (False, False)
        self._memo = Memo()

    # Building.

    def build(self) -> Iterator[None]:
        """Make the plots and the reading pane, one at a time."""
        self.flow, self.charts = Flow(self), Charts(self)
        yield from self.flow.build()
        self.pictures = {}
        for arm in ARMS:
            self.pictures[arm] = ArmPicture(arm, self)
            yield
        yield from self.charts.build()
        self.reading = ReadingPane(self)
        yield
        self._lay_out()
        self._connect()
        self.show_spec(self._spec)
        yield

    def _lay_out(self) -> None:
        bars, layer_map = self.flow.frames
        self._aside = splitter("training-aside", Qt.Orientation.Vertical, layer_map)
        top = splitter("training-top", Qt.Orientation.Horizontal, bars, self._aside, sizes=(560, 440))
        frames = [picture.frame for picture in self.pictures.values()]
        self.bottom = splitter(
            "training-bottom", Qt.Orientation.Horizontal, *frames, self.charts.frame, sizes=(100, 100, 100)
        )
        self._stage = splitter("training-stage", Qt.Orientation.Vertical, top, self.bottom, sizes=(490, 330))
        body = splitter("training-body", Qt.Orientation.Horizontal, self._stage, self.reading, sizes=(760, 316))
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)

    def _arrange(self) -> None:
        """Put the curves under the map where two pictures need the width, else beside the picture."""
        wide = self.width() - (0 if self.reading.isHidden() else self.reading.width())
        narrow = self._spec.beside is not None and wide < NARROW_PX
        home, frame = self._aside if narrow else self.bottom, self.charts.frame
        if frame.parentWidget() is not home:
            shown = not frame.isHidden()
            home.addWidget(frame)
            frame.setVisible(shown)
            divide(self._stage, *((560, 440) if narrow else (490, 330)))
        kind = narrow, self._spec.beside is not None
        if kind != self._kind:
            self._kind = kind
            divide(self._aside, 100, 100)
            divide(self.bottom, *((300, 300, 400) if kind[1] else (100, 100, 100)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find another place for the curves in a narrow window."""
        super().resizeEvent(event)
        self._arrange()

    def _connect(self) -> None:
        for part in self._parts():
            part.looked.connect(self._looked)
        for source in (self.flow, self.charts):
            source.scrubbed.connect(self.scrubbed)
        self.reading.remedies.tried.connect(self._try)
        self.reading.remedies.removed.connect(self._remove)
        self.reading.weights.pinned.connect(self._pin)
        for picture in self.pictures.values():
            picture.weighed.connect(self.reading.bring_weights)
        theme.watcher().changed.connect(self._recolour)

    def _parts(self) -> list[Flow | Charts | ReadingPane | ArmPicture]:
        return [self.flow, self.charts, self.reading, *self.pictures.values()]

    # What the user does on the stage.

    def _looked(self, changes: Mapping[str, Any]) -> None:
        if changes.get("picture") == "weights" and not self._look.layer:
            changes = {**changes, "layer": self.flow.first_layer()}
        look = self._look.replace(**changes)
        if look.layer and look.layer != self._look.layer and "picture" not in changes:
            self.reading.bring_weights()
        if look != self._look:
            self.looked.emit(look)

    def _try(self, remedy: Remedy) -> None:
        """Put a remedy beside what is there: one edit."""
        self.edited.emit(remedy.apply(self._spec.replace(beside=None)), True)

    def _remove(self) -> None:
        self.edited.emit(self._spec.replace(beside=None), True)

    def _pin(self, pin: Pin) -> None:
        """Let a weight start from the number that was typed: one edit."""
        self.edited.emit(self._spec.replace(pins=with_pin(self._spec.pins, pin)), True)

    # What the page shows.

    def show_spec(self, spec: TrainingSpec) -> None:
        """Show what is asked: how many arms, and what the second one changes."""
        before, self._spec = self._spec, spec
        if any(getattr(before, name) != getattr(spec, name) for name in OF_NETWORK):
            self._forget()
        points = spec.data.FORM == "points"
        self.pictures["a"].show_name(self.tr("as built") if spec.beside is not None else "", points=points)
        self.pictures["b"].show_name(change_of(spec), points=points)
        self.pictures["b"].frame.setVisible(spec.beside is not None and not self._maximised())
        self.reading.show_spec(spec)
        self._arrange()
        self._show_remedies()

    def _forget(self, why: str = "") -> None:
        """Know neither network nor data: others are asked for, or there are none, and ``why``."""
        self.flow.forget()
        self.reading.forget(why)
        for picture in self.pictures.values():
            picture.forget(why)

    def _maximised(self) -> bool:
        return any(frame.maximised() for frame in self.plots())

    def show_look(self, look: TrainingLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        for part in self._parts():
            part.show_look(look)
        self.show_tracks(self._tracks, self._cursor)

    def show_reading(self, reading: Any) -> None:
        """Take a picture of the state in."""
        match reading:
            case Points():
                for picture in self.pictures.values():
                    picture.show_points(reading)
            case DecisionMap() | Fit() | Neurons() | SampleGradients() | TimeGradients() | ActivationReading():
                self._show_picture(reading)
            case Backprop():
                self._show_picture(reading)
                self.reading.show_backprop(reading)
            case Weights():
                self._show_picture(reading)
                self.reading.show_weights(reading)
            case Nothing():
                self._forget(reading.why)
            case NetworkReading():
                self.flow.show_network(reading)
                self.reading.show_network(reading)

    def _show_picture(self, reading: Any) -> None:
        self.pictures[reading.arm].show_reading(reading)
        one, other = self.pictures.values()
        one.compare(other)
        other.compare(one)

    def _judge(self, track: Track | None, row: int) -> None:
        """Say what the record tells of each arm at a row."""
        found = {}
        if track is not None:
            found = {arm: judge(track.spec, track.history, arm, row) for arm in arms_of(track.spec)}
        self.reading.show_verdicts(found)
        first = found.get("a")
        if first != self._verdict:
            self._verdict = first
            self._show_remedies()

    def _show_remedies(self) -> None:
        """Offer what the verdict names; what runs beside already stays on offer, to be taken away."""
        if not self._memo.news("remedies", self._spec, self._verdict and self._verdict.remedies):
            return
        from gradlab.labs.training.remedies import remedies

        alone = self._spec.replace(beside=None)
        offers = remedies(alone, self._verdict) if self._verdict is not None else ()
        offers += tuple(one for one in remedies(alone) if one not in offers)
        made = {offer.id: offer.apply(alone).beside for offer in offers}
        asked = self._spec.beside and self._spec.beside.replace(name="B")
        taken = next((name for name, beside in made.items() if beside and beside.replace(name="B") == asked), "")
        self.reading.show_remedies(offers, taken)

    def parts(self, tracks: Sequence[Track], cursor: int | None) -> Sequence[Part]:
        """Take the runs; return what draws them."""
        drawn = tracks if tracks and tracks[-1].history.rows else ()
        self._tracks, self._cursor = drawn, cursor
        for picture in self.pictures.values():
            picture.set_tracks(drawn, cursor)
        return [*self.flow.set_tracks(drawn, cursor), *self.charts.set_tracks(drawn, cursor), self._show_step]

    def _show_step(self) -> None:
        """Show the numbers at the row."""
        track = self._tracks[-1] if self._tracks else None
        if self._memo.news("step", records.stamp(self._tracks[-1:]), self._cursor, self._look, self._spec):
            row = 0 if track is None else records.row_at(track, self._cursor)
            self._judge(track, row)
            self.reading.show_step(track, None if track is None else row)

    def _recolour(self, _theme: Any) -> None:
        self.reading.numbers.recolour()
        for picture in self.pictures.values():
            picture.recolour()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while this was hidden."""
        super().showEvent(event)
        self.show_tracks(self._tracks, self._cursor)

    # Plots.

    def maximise(self, plot: PlotFrame | None) -> None:
        """Give the stage to one plot; the reading pane stays."""
        super().maximise(plot)
        if plot is None:
            self.pictures["b"].frame.setVisible(self._spec.beside is not None)
        self.show_tracks(self._tracks, self._cursor)

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.reading.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots on the stage."""
        return (*self.flow.frames, *(picture.frame for picture in self.pictures.values()), self.charts.frame)
