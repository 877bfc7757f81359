"""Autograd tried out: higher derivatives; what each call returns or raises, and what stands in .grad after it."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtWidgets import QWidget

from gradlab.labs.function.autograd import Act, AutogradReading, Higher
from gradlab.ui.i18n import render
from gradlab.ui.widgets import Pane

from .tables import Cell, PlainTable

SHOWN = 4
"""Variables whose .grad is written out."""


class AutogradPage(Pane):
    """Shows an ``AutogradReading``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("autograd", parent)
        self.setAccessibleName(self.tr("Autograd"))
        self.reading: AutogradReading | None = None
        self.title = self.heading(self.tr("HIGHER DERIVATIVES"))
        named = (self.tr("order"), self.tr("autograd"), self.tr("formula"), self.tr("note"))
        self.orders = PlainTable(self.tr("Higher derivatives"), named, self.body, wide=(3,))
        self.column.addWidget(self.orders)
        self.column.addSpacing(6)
        self.heading(self.tr("BACKWARD AGAINST AUTOGRAD.GRAD, ONE CALL AFTER THE OTHER"))
        columns = (self.tr("call"), self.tr("gives"), self.tr(".grad after it"))
        self.table = PlainTable(self.tr("Calls of autograd"), columns, self.body, wide=(1,))
        self.column.addWidget(self.table)
        self.column.addStretch()

    def take(self, reading: Any) -> None:
        """Take a reading in."""
        if not isinstance(reading, AutogradReading) or reading == self.reading:
            return
        self.reading = reading
        rows = [row for act in reading.acts for row in (self._act(act), [(render(act.why), "muted")])]
        self.table.show_cells(rows, fit=True)
        self.title.setText(self.tr("HIGHER DERIVATIVES ALONG {name}").format(name=reading.variable))
        self.orders.show_cells([self._order(one, reading.variable) for one in reading.higher], fit=True)

    def _act(self, act: Act) -> list[Cell]:
        gives = f"{act.raises}: {act.gives}" if act.raises else act.gives
        grads = ["None" if one is None else f"{one:.9g}" for one in act.grad[:SHOWN]]
        grad = ", ".join(grads) + (", …" if len(act.grad) > SHOWN else "")
        kind = "bad" if act.raises else "mono"
        return [(act.code, "mono"), (gives, kind), (grad, "mono")]

    def _order(self, one: Higher, name: str) -> list[Cell]:
        power = "" if one.order == 1 else "⁰¹²³⁴⁵⁶⁷⁸⁹"[one.order]
        value = "–" if math.isnan(one.autograd) and one.note else f"{one.autograd:.9g}"
        symbol = "–" if not one.latex else f"{one.formula:.9g}"
        return [(f"∂{power}f/∂{name}{power}", "mono"), (value, "mono"), (symbol, "mono"), (one.note, "bad")]
