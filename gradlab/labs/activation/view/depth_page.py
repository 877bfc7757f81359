"""The page of depth: the product of slopes layer by layer with its band, and the spread of the signal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.labs.activation.look import ActivationLook
from gradlab.labs.activation.readings import Depths, UnitDepth
from gradlab.labs.activation.spec import ActivationSpec, Depth
from gradlab.ui import theme
from gradlab.ui.fact_table import FactTable
from gradlab.ui.memo import Memo
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.values import Curve
from gradlab.ui.widgets import fit_last, splitter

from .areas import Band, Bands
from .palette import colour, focused, still, unit_name

BOUND_DASH = (1.5, 2.0)


class DepthPage(QWidget):
    """``toggled(id)``: a curve was switched; ``logged(on)``: the axis of the product was."""

    toggled = Signal(str)
    logged = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec, self._look = ActivationSpec(), ActivationLook()
        self._depths: dict[str, UnitDepth] = {}
        self._of = ActivationSpec()
        self._fine: ActivationSpec | None = None
        self._coarse = False
        self._memo = Memo()
        self.product = CurvePlot(x=self.tr("layers"), y="∏|f′|", legend=True, log=True)
        self.spread = CurvePlot(x=self.tr("layers"), y="σ", log=False)
        self.bands = Bands()
        self.product.plot.addItem(self.bands, ignoreBounds=True)
        self.frames = (
            PlotFrame("activation-product", self.product, log=True, parent=self),
            PlotFrame("activation-spread", self.spread, parent=self),
        )
        self.table = FactTable(self.tr("Through depth, one row per activation"), self, grows=True, digits=6)
        self.stage = splitter(
            "activation-depth", Qt.Orientation.Vertical, *self.frames, self.table, sizes=(320, 220, 150)
        )
        for index, stretch in enumerate((3, 2, 0)):
            self.stage.setStretchFactor(index, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stage)
        self.frames[0].logToggled.connect(self.logged)
        for plot, other in ((self.product, self.spread), (self.spread, self.product)):
            plot.toggled.connect(self.toggled)
            plot.hovered.connect(other.set_hover)

    def show_spec(self, spec: ActivationSpec, look: ActivationLook) -> None:
        """Draw what is known of these activations in this way."""
        self._spec, self._look = spec, look
        self.frames[0].set_log(look.log)
        self.product.set_log(look.log)
        self.draw()

    def show_depths(self, depths: Depths) -> None:
        """Take the pictures in, but for those that are drawn already."""
        if self._fine is not None and _asked(depths.spec) == _asked(self._fine):
            return
        self._fine = None if depths.coarse else depths.spec
        self._of, self._coarse = depths.spec, depths.coarse
        self._depths = {one.unit: one for one in depths.units}
        self.draw()

    def forget(self) -> None:
        """Leave out what is of another spec than the one asked."""
        if _asked(self._of) != _asked(self._spec):
            known = self._of.units if self._of.depth == self._spec.depth else ()
            kept = {unit.id for unit in known if unit in self._spec.units}
            self._depths = {name: one for name, one in self._depths.items() if name in kept}
            self._fine = None
            self.draw()

    def draw(self) -> None:
        """Draw what is new, where it is in sight."""
        spec, look = self._spec, self._look
        units = [unit for unit in still(self._of, spec) if unit.id in self._depths]
        names = [unit_name(spec, look, unit) for unit in units]
        if look.page != "depth" or not self._memo.news("depth", self._of, self._coarse, names, look):
            return
        products: list[Curve] = []
        spreads: list[Curve] = []
        bands: list[Band] = []
        rows: list[tuple[object, ...]] = []
        for unit, name in zip(units, names, strict=True):
            one, tone, seen = self._depths[unit.id], colour(look, unit.id), look.of(unit.id).visible
            x = np.arange(len(one.typical), dtype=float)
            products.append(Curve(unit.id, x, one.typical, tone, name, visible=seen))
            bounded = seen and bool(np.isfinite(one.bound).all())
            products.append(Curve(f"{unit.id}:bound", x, one.bound, tone, "", BOUND_DASH, bounded, faint=True))
            spreads.append(Curve(unit.id, x, one.spread, tone, name, visible=seen))
            bands += [Band(x, one.low, one.high, tone)] if unit == focused(spec, look) else []
            last = [float(side[-1]) for side in (one.bound, one.typical, one.low, one.median, one.high, one.spread)]
            band = last[2:5] if not self._coarse else [f"≈ {number:.2g}" for number in last[2:5]]
            rows.append((name, *last[:2], *band, last[5]))
        self.product.show_curves(products)
        self.spread.show_curves(spreads)
        self.bands.show_bands(bands, log=look.log)
        bound, typical = self.tr("bound"), self.tr("typical")
        self.table.show_rows(("", bound, typical, "5 %", "50 %", "95 %", self.tr("spread")), rows)
        fit_last(self.stage)
        self._title(self._of.depth)

    def _title(self, depth: Depth) -> None:
        how = self.tr("line: rms; band: 5–95 % of {count} paths; dots: bound")
        self.frames[0].set_title(self.tr("Product of slopes"), how.format(count=depth.samples))
        signal = {
            "renewed": self.tr("every layer sees σ = {spread}"),
            "passed": self.tr("from σ = {spread}, weights of gain {gain}"),
        }[depth.signal]
        said = signal.format(spread=f"{depth.spread:g}", gain=f"{depth.gain:g}")
        self.frames[1].set_title(self.tr("Spread of the activations"), said)

    def reached(self, unit: str) -> tuple[int, float, float]:
        """Return the layers, and the root mean square and the bound at the last; NaN where they are not known yet."""
        one = self._depths.get(unit)
        return (self._of.depth.layers, *((one.typical[-1], one.bound[-1]) if one else (math.nan, math.nan)))

    def recolour(self, _theme: theme.Theme) -> None:
        """Take the colours of the theme."""
        self.bands.update()

    def plots(self) -> Sequence[PlotFrame]:
        """Return the plots."""
        return self.frames


def _asked(spec: ActivationSpec) -> tuple[object, ...]:
    """Return what the pictures hang on."""
    return spec.units, spec.depth
