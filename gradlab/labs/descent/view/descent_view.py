"""The stage of a descent: maps above, curves below, the reading beside; all from values handed in once per frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout

from gradlab.labs.descent.inspect import Curvature, Curvatures, Field, Landscape, Profile
from gradlab.labs.descent.look import DescentLook
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import theme
from gradlab.ui.editors import Decoration
from gradlab.ui.lab_view import LabView, Part, Track
from gradlab.ui.memo import Memo
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import divide, splitter

from . import pictures
from .charts import Charts
from .maps import Maps
from .palette import decorations, pinned, racer_name
from .reading import ReadingPane
from .step_layer import explained


class DescentView(LabView):
    """Draws a race; edits of the start come from its maps."""

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = DescentSpec(), DescentLook()
        self._tracks: Sequence[Track] = ()
        self._cursor: int | None = None
        self._found: dict[str, Curvature] = {}
        self._found_at: int | None = None
        self._memo = Memo()

    # Building.

    LATE = ("gradlab.ui.plots.surface",)

    def build(self) -> Iterator[None]:
        """Make the plots and the reading pane, one at a time."""
        self.maps, self.charts = Maps(self), Charts(self)
        yield from self.maps.build()
        yield from self.charts.build()
        self.reading = ReadingPane(self)
        yield
        self._name_parts()
        yield from self._lay_out()
        self._connect()
        yield

    def complete(self) -> Iterator[None]:
        """Put the surface in its place."""
        yield from self.maps.complete()

    @property
    def surface(self) -> Any:
        """The surface, or what stands in its place."""
        return self.maps.surface

    def _name_parts(self) -> None:
        self.contour, self.line = self.maps.contour, self.maps.line
        self.surface_frame, self.contour_frame, self.line_frame = self.maps.frames
        self.curves, self.curve_frames = self.charts.plots, self.charts.frames

    def _lay_out(self) -> Iterator[None]:
        """Divide the stage from the outside in: Qt styles a widget and all in it again wherever it is put."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        body, stage = splitter("descent-body", across), splitter("descent-stage", down)
        rows = (splitter("descent-top", across), splitter("descent-bottom", across))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)
        body.addWidget(stage)
        for part, frames in zip(rows, (self.maps.frames, self.curve_frames), strict=True):
            stage.addWidget(part)
            for frame in frames:
                part.addWidget(frame)
                yield
        body.addWidget(self.reading)
        divide(stage, 560, 290)
        divide(body, 760, 316)
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 0)

    def _connect(self) -> None:
        self.maps.moved.connect(self._move_start)
        self.maps.looked.connect(self._looked)
        self.charts.looked.connect(self._looked)
        self.charts.scrubbed.connect(self.scrubbed)
        self.reading.focused.connect(self._focus)
        theme.watcher().changed.connect(self._recolour)

    # What the user does on the stage.

    def _move_start(self, key: str, place: tuple[float, ...], done: bool) -> None:
        spec, racers = self._spec, self._spec.racers
        point = list(next((spec.start_of(r) for r in racers if r.id == key), spec.start or spec.objective.start))
        for axis, value in zip(self.maps.axes(), place, strict=True):
            point[axis] = float(value)
        if key:
            moved = tuple(r.replace(start=tuple(point)) if r.id == key else r for r in racers)
            self.edited.emit(spec.replace(racers=moved), done)
        else:
            self.edited.emit(spec.replace(start=tuple(point)), done)

    def _looked(self, changes: Mapping[str, Any]) -> None:
        look = self._look.replace(**changes)
        if look != self._look:
            self.looked.emit(look)

    def _focus(self, racer: str) -> None:
        """Follow a racer; the one that is followed already is let go."""
        self._looked({"focus": None if racer == self._look.focus else racer})

    # What the page shows.

    def show_spec(self, spec: DescentSpec) -> None:
        """Show the function and the starts."""
        if spec.objective != self._spec.objective:
            self._found, self._found_at = {}, None
        self._spec = spec
        if pinned(spec, self._look) != self._look:
            self.looked.emit(pinned(spec, self._look))
        self.reading.show_objective(spec)
        self.maps.show_spec(spec)

    def show_look(self, look: DescentLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        self.maps.show_look(look)
        self.charts.show_look(look)
        self.show_tracks(self._tracks, self._cursor)
        self._show_state()

    def show_reading(self, reading: Any) -> None:
        """Take a picture of the state in."""
        match reading:
            case Landscape():
                self.maps.show_landscape(reading)
            case Field():
                self.maps.show_field(reading)
            case Profile():
                self.maps.show_profile(reading)
            case Curvatures():
                self._found, self._found_at = {one.racer: one for one in reading.racers}, reading.row
                self._show_state()
                self._show_race()

    def parts(self, tracks: Sequence[Track], cursor: int | None) -> Sequence[Part]:
        """Take the runs; return what draws them, a part for each plot."""
        drawn = tracks if tracks and tracks[-1].history.rows else ()
        self._tracks, self._cursor = drawn, cursor
        return [*self.maps.set_tracks(drawn, cursor), *self.charts.set_tracks(drawn, cursor), self._show_step]

    # The reading.

    def _show_state(self) -> None:
        """Show the numbers of the last inspection."""
        step, track = self._found_at, self._tracks[-1] if self._tracks else None
        spec = track.spec if track is not None and step is not None else self._spec
        index = pictures.focus_index(spec, self._look)
        racer = spec.racers[index]
        lr = racer.optimizer.lr
        if track is not None and step is not None and step < track.history.rows:
            lr = float(track.history.row(step)["lr"][index])
        if racer.id in self._found:
            self.reading.show_state(spec, racer_name(spec, self._look, racer), step, self._found[racer.id], lr)

    def _show_step(self) -> bool:
        """Show the vectors of the step in numbers, and the race."""
        stamp = pictures.stamp(self._tracks[-1:])
        if not self._memo.news("step", stamp, self._cursor, self._look, self._spec):
            return False
        self._show_race()
        if not self._tracks:
            self.reading.show_step(None, None, 0)
            return True
        track = self._tracks[-1]
        step, state = explained(track.history, pictures.row_at(track, self._cursor))
        self.reading.show_step(step, state, pictures.focus_index(track.spec, self._look))
        return True

    def _show_race(self) -> None:
        if not self._tracks:
            self.reading.race.show_race(self._spec, self._look, None, self._found)
            return
        track = self._tracks[-1]
        row = track.history.row(pictures.row_at(track, self._cursor))
        phase = track.status.phase if self._cursor is None else None
        self.reading.race.show_race(track.spec, self._look, row, self._found, phase)

    def _recolour(self, _theme: Any) -> None:
        self.maps.recolour()
        self._show_race()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while this was hidden."""
        super().showEvent(event)
        self.show_tracks(self._tracks, self._cursor)

    # Cards, plots.

    def decorations(self, spec: DescentSpec, look: DescentLook) -> Mapping[str, Decoration]:
        """Return how each racer's card looks."""
        return decorations(spec, look)

    def decorated(self, spec: DescentSpec, look: DescentLook, part: str, name: str, value: object) -> DescentLook:
        """Return the look after the user gave a racer another colour, name or visibility."""
        return look.with_racer(look.of(part).replace(**{name: value}))

    def maximise(self, plot: PlotFrame | None) -> None:
        """Give the stage to one plot; the reading pane stays."""
        super().maximise(plot)
        if plot is None:
            self.maps.arrange()
        self.show_tracks(self._tracks, self._cursor)

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.reading.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots on the stage."""
        return (*self.maps.frames, *self.curve_frames)
