"""One lab on screen: its form, its view, its transport and its runs. The page alone owns the spec."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.engine.face import AnyBench
from gradlab.engine.lab import Lab
from gradlab.engine.model import changes, with_changes
from gradlab.engine.record import Change
from gradlab.engine.run import Phase
from gradlab.ui.lab_view import BlankView, LabView
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.spec_form import SpecForm
from gradlab.ui.transport import Transport
from gradlab.ui.widgets import Pane, divide_again, splitter

from . import keys
from .announcer import Announcer
from .drawing import Drawing
from .player import Player
from .renewal import renew
from .session import Session
from .undo import Edit

RESTART_MS = 250
PANES = (292, 1100)
"""Widths of panel and stage the first time."""
COMPACT_PX = 960
"""Width of a page under which the reading pane makes room for the stage."""


class LabPage(QWidget):
    """``apply`` is the one way in which the spec changes; everything shown follows from it and from the record."""

    specChanged = Signal()
    lookChanged = Signal()
    """How the experiment looks was edited; where the eye is does not count."""
    lookCompleted = Signal(object)
    """The stage has filled in what the look left open, as colours; the look before that."""
    stateChanged = Signal()
    failed = Signal(object)
    """An ErrorReport."""
    refused = Signal(object)
    """A UserError: an export that could not be written."""

    def __init__(self, lab: Lab, bench: AnyBench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lab, self._bench = lab, bench
        self.spec: Any = lab.spec()
        self.look: Any = lab.look()
        self.undo = QUndoStack(self)
        self.session = Session(lab, bench)
        self.player = Player(self.session)
        self._gestures = itertools.count()
        self._stage_gesture = ""
        self.ready = self.furnished = self.whole = False
        self.announcer = Announcer(self.session, self)
        self.announcer.changed.connect(self.stateChanged)
        self.announcer.failed.connect(self.failed)
        self.drawing = Drawing(self)
        self.drawing.drained.connect(self.announcer.look)
        self.drawing.failed.connect(self.failed)
        self._restart = QTimer(self, interval=RESTART_MS, singleShot=True)
        self._restart.timeout.connect(self.restart)
        self._words = QTimer(self, interval=0, singleShot=True)
        self._words.timeout.connect(self.retranslate)

    # Building, in slices that leave the window alive.

    def build(self) -> Iterator[None]:
        """Build panel and transport around a blank stage; each yield is a place where the window may breathe."""
        self.form = SpecForm()
        self.view: LabView = BlankView(self.lab.load("cards") if self.lab.cards else None)
        self._blank = self.view
        self._lay_out()  # first of all: Qt styles a widget and all that is in it again wherever it is put
        yield
        yield from self.form.build(self.spec)
        self._connect()
        self._show_spec()
        self.drawing.start(self._bench)
        self.ready = True
        yield

    def furnish(self) -> Iterator[None]:
        """Build the stage, hidden; ``unveil`` puts it in the place of the blank one."""
        view: LabView = self.lab.load("view")()
        view.hide()
        self.splitter.addWidget(view)
        yield
        yield from view.build()
        self.view = view
        self._connect_view()
        view.show_look(self.look)
        yield
        before = self.look
        view.show_spec(self.spec)
        self._show_decorations()
        if self.look != before:
            self.lookCompleted.emit(before)
        yield

    def unveil(self) -> Iterator[None]:
        """Show the stage in the place of the blank one."""
        sizes = self.splitter.sizes() if self.isVisible() else PANES  # what was never shown has no sizes
        self._blank.hide()
        self._blank.setParent(None)
        self._blank.deleteLater()
        appearing = self.view.appear()
        next(appearing)
        self.splitter.setSizes(list(sizes[:2]))
        self.splitter.setStretchFactor(1, 1)
        if self.isVisible():
            self.view.set_compact(self.width() < COMPACT_PX)
        self.furnished = True
        self.drawing.touch()
        yield
        yield from appearing

    def complete(self) -> Iterator[None]:
        """Build what the stage could do without."""
        yield from self.view.complete()
        self.whole = True

    def _lay_out(self) -> None:
        self.panel = Pane("panel", self)
        self.panel.setAccessibleName(self.tr("Panel"))
        self.panel.column.setContentsMargins(0, 0, 0, 0)
        self.panel.column.addWidget(self.form)
        self.splitter = splitter(f"{self.lab.id}-page", Qt.Orientation.Horizontal, self.panel, self.view, sizes=PANES)
        self.splitter.setStretchFactor(1, 1)
        self.transport = Transport(self)
        self.transport.setVisible(bool(self.lab.run))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.transport)

    def _connect(self) -> None:
        self.form.changed.connect(self.apply)
        self.form.decorated.connect(self._decorate)
        bar = self.transport
        for wish, act in (
            (bar.runRequested, self.run), (bar.pauseRequested, self.pause), (bar.stepRequested, self.step),
            (bar.backRequested, self.back), (bar.restartRequested, self.restart), (bar.stopRequested, self.stop),
            (bar.continueRequested, self.continue_here), (bar.scrubbed, self.seek), (bar.paceChanged, self.set_pace),
        ):  # fmt: skip
            wish.connect(act)
        bar.set_shortcuts(keys.tips())

    def _connect_view(self) -> None:
        self.view.edited.connect(self._edited_on_stage)
        self.view.looked.connect(self.apply_look)
        self.view.scrubbed.connect(self.seek)
        for frame in self.view.plots():
            frame.maximiseRequested.connect(partial(self.maximise, frame))
            frame.failed.connect(self.refused)

    # The spec: one way in.

    def apply(self, spec: Any, gesture: str = "") -> None:
        """Take ``spec``; edits of the same gesture are one step of undo."""
        if spec == self.spec:
            self._look_again()
            return
        paths = ", ".join(changes(self.spec, spec))
        self.undo.push(Edit(paths, self.spec, spec, gesture, self._put))

    def _look_again(self) -> None:
        """Take it that a file has come, or that its code may run now: what failed for the want of it is tried again."""
        self.drawing.inspection.again()
        self.drawing.touch()
        if self.session.phase is Phase.FAILED:
            self._restart.start()

    def _edited_on_stage(self, spec: Any, done: bool) -> None:
        self._stage_gesture = self._stage_gesture or f"stage-{next(self._gestures)}"
        self.apply(spec, self._stage_gesture)
        if done:
            self._stage_gesture = ""
            if self.lab.run and self.stale:  # what is asked for on the stage is to be seen there
                self._restart.start()

    def _put(self, spec: Any) -> None:
        self.spec = spec
        self.drawing.hasten()
        self._show_spec()
        self._act()
        self.specChanged.emit()
        self.drawing.join()

    def _show_spec(self) -> None:
        self.form.set_value(self.spec)
        for path, value in self.spec.stand_ins().items():
            self.form.set_fallback(path, value)
        self.form.set_idle(self.spec.idle(self.look))
        self.view.show_spec(self.spec)
        self._show_decorations()

    def _act(self) -> None:
        """Bring the run in line with the spec: live where it can be, by a new run where it cannot."""
        if not self.lab.run:
            return
        if self.session.run is not None and self.session.edit(self.spec):
            self._restart.stop()
        elif self.lab.on_change == "restart" and self.session.run is not None:
            self._restart.start()

    @property
    def stale(self) -> bool:
        """The run on screen is not a run of this spec."""
        return self.session.spec is not None and self.session.spec != self.spec

    def load(self, spec: Any, look: Any = None) -> None:
        """Take a whole document: no undo into the one before. A page that is not built yet will be built on it."""
        if not self.ready:
            self.spec, self.look = spec, look if look is not None else self.look
            return
        self.undo.clear()
        self._restart.stop()
        self.session.end()
        self.spec = spec
        self.apply_look(look if look is not None else self.lab.look())
        self._show_spec()
        self.drawing.touch()
        self.specChanged.emit()

    def apply_look(self, look: Any) -> None:
        """Draw in this way from now on; nothing is computed again."""
        before, self.look = self.look, look
        self.drawing.hasten()
        self.view.show_look(look)
        self.form.set_idle(self.spec.idle(look))
        self._show_decorations()
        self.stateChanged.emit()
        if before.lasting(self.spec) != look.lasting(self.spec):
            self.lookChanged.emit()

    def _decorate(self, part: str, name: str, value: object) -> None:
        """Take a colour, a name, a visibility given on a card; undoing takes back this and nothing else of the look."""
        before, after = self.look, self.view.decorated(self.spec, self.look, part, name, value)
        if after != before:
            self.undo.push(Edit(name, changes(after, before), changes(before, after), "", self._redecorate))

    def _redecorate(self, values: Mapping[str, Any]) -> None:
        self.apply_look(with_changes(self.look, values))

    def _show_decorations(self) -> None:
        self.form.set_decorations(self.view.decorations(self.spec, self.look))

    # The transport.

    @property
    def running(self) -> bool:
        """Something moves: the run, or a replay of its record."""
        return self.player.running

    def toggle(self) -> None:
        """Run or pause."""
        if self.running:
            self.pause()
        else:
            self.run()

    def run(self) -> None:
        """Go on with the spec as it is; begin again where it is not that of the run on screen."""
        if self._ready():
            self._restart.stop()
            self._do(self._afresh if self.stale else partial(self.player.run, self.spec))

    def step(self) -> None:
        """Go one row forward; begin again where the spec is not that of the run on screen."""
        if self._ready():
            if self.stale:
                self._do(partial(self._afresh, paused=True))
            self._do(partial(self.player.step, self.spec))

    def _afresh(self, *, paused: bool = False) -> None:
        """Begin a run of what the panel shows; the one before stays in sight, faint."""
        self.player.stop()
        self.session.start(self.spec, paused=paused)

    def repeat(self, spec: Any, tape: tuple[Change, ...]) -> None:
        """Make a run again, its live changes included; the panel shows the spec after them."""
        self._do(partial(self.session.start, spec, tape=tape))

    def restart(self) -> None:
        """Begin again with the spec as it is; the run before stays in sight, faint."""
        if self._ready():
            self._restart.stop()
            self._do(partial(self.player.restart, self.spec))

    def continue_here(self) -> None:
        """Begin a run that goes on from the cursor."""
        if not self.stale and self._ready():
            self._do(self.player.continue_here)

    def pause(self) -> None:
        """Hold what moves."""
        self._do(self.player.pause)

    def back(self) -> None:
        """Go one row back over the record."""
        self._do(self.player.back)

    def seek(self, row: int) -> None:
        """Put the cursor at ``row`` of the record."""
        self._do(partial(self.player.seek, row))

    def stop(self) -> None:
        """End the run; its record stays."""
        self._do(self.player.stop)

    def set_pace(self, rate: float | None) -> None:
        """Make at most ``rate`` steps per second."""
        self._do(partial(self.player.set_pace, rate))

    def _do(self, act: Callable[[], None]) -> None:
        act()
        self.drawing.touch()

    def _ready(self) -> bool:
        """Take what is typed; where a field refuses it, go there instead."""
        if not self.form.commit():
            self.form.focus_problem()
            return False
        return True

    # The stage.

    def maximise(self, frame: PlotFrame, on: bool) -> None:
        """Give the page to one plot, or give it back."""
        self.panel.setVisible(not on)
        self.view.maximise(frame if on else None)

    def reset_layout(self) -> None:
        """Divide the page as it was the first time."""
        self.view.maximise(None)
        self.panel.setVisible(True)
        divide_again(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the stage the room of the reading pane in a narrow window."""
        super().resizeEvent(event)
        if self.ready:
            self.view.set_compact(self.width() < COMPACT_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space runs and pauses, the full stop steps, the comma steps back, Escape gives a plot's place back."""
        grown = next((frame for frame in self.view.plots() if frame.maximised()), None)
        if event.key() == Qt.Key.Key_Escape and grown is not None:
            self.maximise(grown, False)
            return
        act = next((act for act, key in keys.PLAIN.items() if event.key() == key), None)
        if act is None or not self.lab.run or event.modifiers():
            super().keyPressEvent(event)
        else:
            getattr(self, act)()

    def retranslate(self) -> None:
        """Say everything again in the language of the window: a view that can be is made anew, and goes on."""
        self.panel.setAccessibleName(self.tr("Panel"))
        if self.furnished and (self.view.RENEWS or not self.lab.run):
            self._renew_view()
        else:
            self.view.retranslate()
        self.drawing.touch()

    def _renew_view(self) -> None:
        self.view = self.lab.load("view")()
        renew(self.splitter, self.view)
        self._connect_view()
        self._show_spec()
        self.view.show_look(self.look)
        self.view.set_compact(self.width() < COMPACT_PX)
        self.drawing.inspection.again()

    def changeEvent(self, event: QEvent) -> None:
        """Speak the language of the window, once the event has reached every part."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self.ready:
            self._words.start()

    def shut_down(self) -> None:
        """Stop the frames and the run; the undo stack says nothing of its own end."""
        self.undo.blockSignals(True)
        self.drawing.stop()
        self._words.stop()
        self._restart.stop()
        self.session.end()
