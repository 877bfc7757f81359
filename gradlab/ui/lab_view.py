"""What every lab's view is to the page that owns it: frozen values in, two signals out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSplitter, QWidget

from gradlab.engine.history import History
from gradlab.engine.run import Status
from gradlab.ui.editors import Decoration
from gradlab.ui.plots.frame import PlotFrame


@dataclass(frozen=True, slots=True)
class Track:
    """One run as a view sees it: what it was asked, its rows, and how it stands. Faint ones are for comparison."""

    key: str
    spec: Any
    history: History
    status: Status = field(default_factory=Status)
    faint: bool = False
    marks: tuple[tuple[int, str], ...] = ()
    """Live changes: the step at which each acted, and what it was."""


Part = Callable[[], "bool | None"]
"""Draws a plot; tells whether there was anything new."""


class LabView(QWidget):
    """The stage and the reading pane of a lab. It keeps no copy of steps and knows nothing of the run behind them."""

    edited = Signal(object, bool)
    """A whole spec, changed on the stage; False while a drag is under way."""
    looked = Signal(object)
    """A whole look."""
    scrubbed = Signal(int)
    """A row of the record was asked for, on a plot."""

    LATE: ClassVar[tuple[str, ...]] = ()
    """Modules that ``complete`` needs; where they are not there yet, the page is shown and used without them first."""

    RENEWS: ClassVar[bool] = False
    """A view of runs that is made anew for another language; one of a single state always is."""

    turns = 1
    """Calls of ``show_turn`` that draw everything once."""
    _turn = 0

    def build(self) -> Iterator[None]:
        """Make what is in it; each yield is a place where the window may breathe."""
        yield

    def appear(self) -> Iterator[None]:
        """Be shown, painted for the first time plot by plot."""
        plots = self.plots()
        for plot in plots:
            plot.setUpdatesEnabled(False)
        self.show()
        yield
        for plot in plots:
            plot.setUpdatesEnabled(True)
            yield

    def complete(self) -> Iterator[None]:
        """Make what a page can do without at first."""
        yield

    def show_spec(self, spec: Any) -> None:
        """Show what is asked."""
        raise NotImplementedError

    def show_look(self, look: Any) -> None:
        """Draw in this way from now on."""
        raise NotImplementedError

    def show_reading(self, reading: Any) -> None:
        """Show a picture of the state on screen."""
        raise NotImplementedError

    def parts(self, tracks: Sequence[Track], cursor: int | None) -> Sequence[Part]:
        """Take the runs, the last one in front, and row ``cursor``, None for the newest; return what draws them.

        A part for each plot. Calling one tells whether there was anything new to draw; None where it does not know.
        """
        return ()

    def show_tracks(self, tracks: Sequence[Track], cursor: int | None) -> None:
        """Draw the runs at a row, everything at once."""
        for draw in self.parts(tracks, cursor):
            draw()

    def show_turn(self, tracks: Sequence[Track], cursor: int | None) -> bool:
        """Draw the one part of the runs whose turn it is, and has news; tell whether others may have news too."""
        parts = self.parts(tracks, cursor)
        self.turns = max(1, len(parts))
        for _ in parts:
            self._turn = (self._turn + 1) % len(parts)
            if parts[self._turn]() is not False:
                return True
        return False

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots on the stage, for maximising, export and screenshots."""
        raise NotImplementedError

    def help(self) -> str:
        """Return a sentence or two on what is in front: what it shows, and what to try."""
        return ""

    def retranslate(self) -> None:
        """Say everything again in the language of the window."""

    def decorations(self, spec: Any, look: Any) -> Mapping[str, Decoration]:
        """Return colour, name and visibility of the parts that the form shows as cards, by id."""
        return {}

    def decorated(self, spec: Any, look: Any, part: str, name: str, value: object) -> Any:
        """Return the look after the user gave a card another colour, name or visibility."""
        return look

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""

    def maximise(self, plot: PlotFrame | None) -> None:
        """Give the whole stage to one plot; None brings the others back."""
        for frame in self.plots():
            frame.set_maximised(frame is plot)
        for splitter in self.findChildren(QSplitter):
            for widget in (splitter.widget(index) for index in range(splitter.count())):
                frames = [frame for frame in self.plots() if widget is frame or (widget and widget.isAncestorOf(frame))]
                if widget and frames:
                    widget.setVisible(plot is None or plot in frames)


class BlankView(LabView):
    """Stands where a view will be, as long as that is being loaded and built; what it is given it forgets."""

    def __init__(self, cards: Callable[[Any, Any], Mapping[str, Decoration]] | None = None) -> None:
        super().__init__()
        self._cards = cards

    def show_spec(self, spec: Any) -> None:
        """Do nothing."""

    def show_look(self, look: Any) -> None:
        """Do nothing."""

    def show_reading(self, reading: Any) -> None:
        """Do nothing."""

    def plots(self) -> Sequence[PlotFrame]:
        """Return no plots."""
        return ()

    def decorations(self, spec: Any, look: Any) -> Mapping[str, Decoration]:
        """Return what the view will, so that the form does not change when it comes."""
        return self._cards(spec, look) if self._cards else {}
