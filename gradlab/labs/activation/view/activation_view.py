"""The stage of the Activation lab: a tab for each page, the activation in front, and the reading beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gradlab.labs.activation.look import ActivationLook
from gradlab.labs.activation.readings import Curves, Depths, Derivation, Points, SoftmaxReading
from gradlab.labs.activation.spec import ActivationSpec
from gradlab.ui import theme
from gradlab.ui.editors import Decoration
from gradlab.ui.lab_view import LabView
from gradlab.ui.page_tabs import PageTabs
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.widgets import plain_label, splitter

from .curve_page import CurvePage
from .depth_page import DepthPage
from .derivation_page import DerivationPage
from .palette import colour, focused, pinned, still, unit_name
from .reading import ReadingPane
from .softmax_page import SoftmaxPage

PAGES = ("curves", "depth", "softmax", "derivation")
LATE_MS = 120
"""How long a picture of the spec before may stand in for the one that is computed."""


class ActivationView(LabView):
    """Draws activations; the point and the logits can be moved on it."""

    def __init__(self) -> None:
        super().__init__()
        self._spec, self._look = ActivationSpec(), ActivationLook()
        self._late = QTimer(self, interval=LATE_MS, singleShot=True)
        self._points: Points | None = None
        self._softmax: SoftmaxReading | None = None

    def build(self) -> Iterator[None]:
        """Make the pages, one at a time."""
        self.curves = CurvePage(self)
        yield
        self.deep = DepthPage(self)
        yield
        self.softmax = SoftmaxPage(self)
        yield
        self.derivation = DerivationPage(self)
        self.reading = ReadingPane(self)
        self._lay_out()
        self._connect()
        yield

    def _lay_out(self) -> None:
        self.tabs = PageTabs(PAGES, self)
        self.tabs.setAccessibleName(self.tr("Page"))
        self._name_tabs()
        self.front = QComboBox(self)
        self.front.setAccessibleName(self.tr("Activation in front"))
        self.front.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.front.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 10, 0)
        bar.addWidget(self.tabs)
        bar.addStretch()
        self.caption = plain_label(self.tr("in front"), "muted", self)
        bar.addWidget(self.caption)
        bar.addSpacing(6)
        bar.addWidget(self.front)
        self.stack = QStackedWidget(self)
        for page in (self.curves, self.deep, self.softmax, self.derivation):
            self.stack.addWidget(page)
        stage = QWidget(self)
        column = QVBoxLayout(stage)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.stack, 1)
        body = splitter("activation-body", Qt.Orientation.Horizontal, stage, self.reading, sizes=(760, 316))
        body.setStretchFactor(0, 1)
        body.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(body)

    def _name_tabs(self) -> None:
        curves = self.tr(
            "f, f′ and f″ of each activation, and their numbers at x by three ways. Drag a ring, or click, to move x;"
            " press a name in the legend to hide a curve."
        )
        depth = self.tr(
            "What n layers multiply a gradient by on its way back, and the spread of the signal on its way forward. Try"
            " another gain in the panel: for ReLU √2 keeps both where they are."
        )
        softmax = self.tr(
            "Logits become probabilities; the Jacobian tells how each hangs on every logit. Move a slider, raise the"
            " temperature, or make one logit 200 to see a logarithm underflow."
        )
        derivation = self.tr(
            "f′ of the activation in front, line by line, with x put in. Choose another in front, or move x in the"
            " panel."
        )
        self.tabs.say(
            {
                "curves": (self.tr("Curves"), curves),
                "depth": (self.tr("Depth"), depth),
                "softmax": (self.tr("Softmax"), softmax),
                "derivation": (self.tr("Derivation"), derivation),
            }
        )

    def help(self) -> str:
        """Return what helps with the page in front."""
        return self.tabs.help()

    def _connect(self) -> None:
        self.tabs.turned.connect(lambda name: self._looked(page=name))
        self.front.activated.connect(lambda index: self._looked(focus=self._spec.units[index].id))
        self.curves.moved.connect(self._move)
        self.curves.toggled.connect(self._toggle)
        self.deep.toggled.connect(self._toggle)
        self.deep.logged.connect(lambda on: self._looked(log=on))
        self.softmax.logits.changed.connect(
            lambda softmax, done: self.edited.emit(self._spec.replace(softmax=softmax), done)
        )
        self._late.timeout.connect(self._forget)
        theme.watcher().changed.connect(self._recolour)

    # What the user does on the stage.

    def _move(self, x: float, done: bool) -> None:
        step = self.curves.step()
        place = max(-1e4, min(1e4, float(f"{round(x / step) * step:.12g}")))
        self.edited.emit(self._spec.replace(x=place), done)

    def _looked(self, **changes: Any) -> None:
        look = self._look.replace(**changes)
        if look != self._look:
            self.looked.emit(look)

    def _toggle(self, unit: str) -> None:
        drawn = self._look.of(unit)
        self.looked.emit(self._look.with_unit(drawn.replace(visible=not drawn.visible)))

    # What the page shows.

    def show_spec(self, spec: ActivationSpec) -> None:
        """Show the activations and the point."""
        self._spec = spec
        self._late.start()
        if pinned(spec, self._look) != self._look:
            self.looked.emit(pinned(spec, self._look))
        self._show()

    def show_look(self, look: ActivationLook) -> None:
        """Draw in this way from now on."""
        self._look = look
        self._show()

    def _show(self) -> None:
        spec, look = self._spec, self._look
        self.tabs.show_page(look.page)
        self.stack.setCurrentIndex(PAGES.index(look.page))
        names = [unit_name(spec, look, unit) for unit in spec.units]
        if names != [self.front.itemText(k) for k in range(self.front.count())]:
            self.front.clear()
            self.front.addItems(names)
        self.front.setCurrentIndex(spec.units.index(focused(spec, look)))
        for widget in (self.front, self.caption):
            widget.setVisible(look.page != "softmax")
        self.curves.show_spec(spec, look)
        self.deep.show_spec(spec, look)
        self.softmax.show_spec(spec.softmax)
        self._show_reading()

    def show_reading(self, reading: Any) -> None:
        """Take a picture in."""
        match reading:
            case Points():
                self._points = reading
                self.curves.show_points(reading)
            case Curves():
                self.curves.show_curves(reading)
            case Depths():
                self.deep.show_depths(reading)
            case SoftmaxReading():
                self._softmax = reading
                self.softmax.show_reading(reading, self._spec.softmax)
            case Derivation():
                unit = self._spec.unit(reading.unit)
                self.derivation.show_derivation(unit_name(self._spec, self._look, unit), reading)
        self._show_reading()

    def _show_reading(self) -> None:
        self.reading.show_meaning(self._meaning())
        if self._look.page == "softmax":
            self.reading.show_softmax(self._spec.softmax, self._softmax)
            return
        unit = focused(self._spec, self._look)
        self.reading.show_unit(unit_name(self._spec, self._look, unit), unit)
        points = self._points
        if points is not None and unit in still(points.spec, self._spec):
            one = next(one for one in points.units if one.unit == unit.id)
            self.reading.show_point(points.spec, one, self.curves.known(unit.id))

    def _meaning(self) -> str:
        spec, name = self._spec, unit_name(self._spec, self._look, focused(self._spec, self._look))
        if self._look.page == "depth":
            layers, *ends = self.deep.reached(focused(spec, self._look).id)
            reached, bound = (f"{number:.3g}" for number in ends)
            text = self.tr(
                "A gradient that comes back through {count} layers of {name} is multiplied by about {reached}, and by"
                " at most {bound}. Where this is small, the layers near the input starve, not those near the output."
            )
            return text.format(count=layers, name=name, reached=reached, bound=bound.replace("inf", "∞"))
        return {
            "curves": self.tr(
                "Drag the rings or click to move x. Where a curve is shaded, or has a bar in its colour, its slope is"
                " so small that a unit hardly learns. At a kink there is no derivative: torch takes one side, and the"
                " difference, which reaches over it, is not compared."
            ),
            "softmax": self.tr(
                "Softmax enlarges what is large already. Each probability grows with its own logit (diagonal, positive)"
                " and shrinks with every other (the rest, negative); a row sums to 0. The logarithm of an underflown"
                " probability is −∞: use log_softmax."
            ),
            "derivation": self.tr("Move x in the panel: the numbers of every line follow."),
        }[self._look.page]

    def _forget(self) -> None:
        self.curves.forget()
        self.deep.forget()

    def _recolour(self, tokens: theme.Theme) -> None:
        self.curves.recolour(tokens)
        self.deep.recolour(tokens)

    # Cards, plots.

    def decorations(self, spec: ActivationSpec, look: ActivationLook) -> Mapping[str, Decoration]:
        """Return how each activation's card looks."""
        tokens, cards = theme.current(), {}
        for unit in spec.units:
            tone = tokens.colour(colour(look, unit.id)).name()
            cards[unit.id] = Decoration(tone, unit_name(spec, look, unit), look.of(unit.id).visible)
        return cards

    def decorated(self, spec: ActivationSpec, look: ActivationLook, part: str, name: str, value: object) -> Any:
        """Return the look after the user gave an activation another colour, name or visibility."""
        return look.with_unit(look.of(part).replace(**{name: value}))

    def set_compact(self, on: bool) -> None:
        """Leave the reading pane out where the window is too narrow for it."""
        self.reading.setVisible(not on)

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots of every page."""
        return (*self.curves.plots(), *self.deep.plots(), *self.softmax.plots())
