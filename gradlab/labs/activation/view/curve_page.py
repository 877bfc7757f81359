"""The page of curves: f above, f′ and f″ below, a point that can be dragged, and the table of derivatives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.labs.activation.look import ActivationLook
from gradlab.labs.activation.readings import Curves, Points, UnitCurve
from gradlab.labs.activation.spec import ActivationSpec, Unit
from gradlab.ui import theme
from gradlab.ui.derivative_table import DerivativeTable
from gradlab.ui.i18n import render
from gradlab.ui.memo import Memo
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.values import Curve, Mark, Spot, Start
from gradlab.ui.widgets import fit_last, splitter

from .areas import Zone, Zones
from .palette import colour, focused, still, unit_name

NAMES = ("f", "slope", "bend")
TABLE_ROWS = 8


class CurvePage(QWidget):
    """``moved(x, done)``: the point was dragged; ``toggled(id)``: a curve was switched in a legend."""

    moved = Signal(float, bool)
    toggled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec, self._look = ActivationSpec(), ActivationLook()
        self._curves: dict[str, UnitCurve] = {}
        self._points: Points | None = None
        self._of = ActivationSpec()
        self._fine: ActivationSpec | None = None
        self._memo = Memo()
        self.lines = {name: LinePlot(y=y, legend=name == "f") for name, y in zip(NAMES, ("f", "f′", "f″"), strict=True)}
        self.zones = {name: Zones() for name in ("f", "slope")}
        self.frames = tuple(PlotFrame(f"activation-{name}", self.lines[name], parent=self) for name in NAMES)
        self.table = DerivativeTable(self, shown=TABLE_ROWS, wide=True)
        self._lay_out()
        for name, zones in self.zones.items():
            self.lines[name].plot.addItem(zones, ignoreBounds=True)
        for line in self.lines.values():
            self._connect(line)

    def _lay_out(self) -> None:
        below = splitter("activation-slopes", Qt.Orientation.Horizontal, *self.frames[1:])
        self.stage = splitter(
            "activation-curves", Qt.Orientation.Vertical, self.frames[0], below, self.table, sizes=(300, 260, 170)
        )
        for index, stretch in enumerate((3, 3, 0)):
            self.stage.setStretchFactor(index, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stage)

    def _connect(self, line: LinePlot) -> None:
        line.clicked.connect(lambda x: self.moved.emit(x, True))
        line.startMoved.connect(lambda _key, x, done: self.moved.emit(x, done))
        line.toggled.connect(self.toggled)
        for other in self.lines.values():
            if other is not line:
                line.hovered.connect(other.set_hover)

    def show_spec(self, spec: ActivationSpec, look: ActivationLook) -> None:
        """Draw what is known of these activations in this way."""
        self._spec, self._look = spec, look
        self.draw()

    def show_curves(self, curves: Curves) -> None:
        """Take the curves in, but for those that are drawn already."""
        if self._fine is not None and _asked(curves.spec) == _asked(self._fine):
            return
        self._fine = None if curves.coarse else curves.spec
        self._of, self._curves = curves.spec, {one.unit: one for one in curves.units}
        self.draw()

    def show_points(self, points: Points) -> None:
        """Take the numbers at the point in."""
        self._points = points
        self.draw()

    def forget(self) -> None:
        """Leave out what is of another spec than the one asked."""
        spec, points = self._spec, self._points
        if _asked(self._of) != _asked(spec):
            known = self._of.units if _asked(self._of)[1:] == _asked(spec)[1:] else ()
            kept = {unit.id for unit in known if unit in spec.units}
            self._curves = {name: one for name, one in self._curves.items() if name in kept}
            self._fine = None
        if points is not None and (points.spec.x, points.spec.units) != (spec.x, spec.units):
            self._points = None
            self._memo.forget("points")
            self.table.show_rows([])
        self.draw()

    def draw(self) -> None:
        """Draw what is new, where it is in sight."""
        spec, look = self._spec, self._look
        if look.page != "curves":
            return
        names = [(unit.id, unit_name(spec, look, unit)) for unit in still(self._of, spec)]
        if self._memo.news("curves", self._of, self._fine is None, list(self._curves), names, look):
            self._draw_curves()
            self._draw_kinks()
            self._draw_zones()
            self._draw_titles()
        if self._points is not None and self._points.spec.x == spec.x:
            self._draw_points(self._points)

    def known(self, unit: str) -> UnitCurve | None:
        """Return the curves of a unit; None while there are none."""
        return next((one for other, one in self._known() if other.id == unit), None)

    def _known(self) -> list[tuple[Unit, UnitCurve]]:
        return [(unit, self._curves[unit.id]) for unit in still(self._of, self._spec) if unit.id in self._curves]

    def _draw_curves(self) -> None:
        spec, look = self._spec, self._look
        for name, line in self.lines.items():
            line.show_curves(
                [
                    Curve(
                        unit.id,
                        one.x,
                        getattr(one, name),
                        colour(look, unit.id),
                        unit_name(spec, look, unit),
                        visible=look.of(unit.id).visible and not (name == "bend" and one.reason),
                    )
                    for unit, one in self._known()
                ]
            )

    def _draw_zones(self) -> None:
        front, look = focused(self._spec, self._look).id, self._look
        drawn = [
            Zone(unit.id, one.saturated, colour(look, unit.id), unit.id == front)
            for unit, one in self._known()
            if unit.id == front or look.of(unit.id).visible
        ]
        for zones in self.zones.values():
            zones.show_zones(drawn)

    def _draw_kinks(self) -> None:
        visible = [(unit, one) for unit, one in self._known() if self._look.of(unit.id).visible]
        marks, spots = [], {"f": [], "slope": []}  # type: ignore[var-annotated]
        for unit, one in visible:
            name = unit_name(self._spec, self._look, unit)
            for kink in one.kinks:
                text = self.tr("{name}: kink at {x}, torch takes f′ = {slope}").format(
                    name=name, x=f"{kink.x:g}", slope=f"{kink.slope:g}"
                )
                marks.append(Mark(kink.x, text, colour(self._look, unit.id)))
                spots["f"].append(Spot(kink.x, kink.f, "degenerate", text))
                spots["slope"].append(Spot(kink.x, kink.slope, "degenerate", text))
        for name, line in self.lines.items():
            line.set_marks(marks)
            line.set_spots(spots.get(name, ()))

    def _draw_titles(self) -> None:
        spec, look = self._spec, self._look
        shade = self.tr("|f′| < {threshold}: {name} shaded, the others as bars")
        if len(spec.units) == 1:
            shade = self.tr("|f′| < {threshold}: {name} shaded")
        name = unit_name(spec, look, focused(spec, look))
        shade = shade.format(threshold=f"{self._of.saturation:g}", name=name)
        missing = [render(one.reason) for one in self._curves.values() if one.reason]
        kinks = any(one.kinks for one in self._curves.values())
        self.frames[0].set_title("f", shade)
        self.frames[1].set_title("f′", self.tr("◇ torch's choice at a kink") if kinks else "autograd")
        self.frames[2].set_title("f″", "; ".join(missing) or "autograd")

    def _draw_points(self, points: Points) -> None:
        units = still(points.spec, self._spec)
        names = [unit_name(self._spec, self._look, unit) for unit in units]
        if not self._memo.news("points", points.spec, names, self._look):
            return
        found = {one.unit: one for one in points.units}
        places: dict[str, list[Start]] = {name: [] for name in NAMES}
        rows = []
        for unit, name in zip(units, names, strict=True):
            one, drawn = found[unit.id], self._look.of(unit.id)
            rows += [replace(row, name=f"{name}  {row.name}") for row in (one.slope, one.bend)]
            for place, y in zip(NAMES, (one.f, one.slope.autograd, one.bend.autograd), strict=True):
                if drawn.visible and math.isfinite(y):
                    places[place].append(Start(points.spec.x, y, unit.id, colour(self._look, unit.id), name))
        for place, line in self.lines.items():
            line.set_starts(places[place])
        self.table.show_rows(rows)
        fit_last(self.stage)

    def step(self) -> float:
        """Return what a dragged point is rounded to: a round number of less than a pixel."""
        low, high = self.lines["f"].view.viewRange()[0]
        return float(10 ** np.floor(np.log10(max(1e-9, (high - low) / 500))))

    def recolour(self, _theme: theme.Theme) -> None:
        """Take the colours of the theme."""
        for zones in self.zones.values():
            zones.update()

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots."""
        return self.frames


def _asked(spec: ActivationSpec) -> tuple[object, ...]:
    """Return what the curves hang on."""
    return spec.units, spec.domain, spec.saturation
