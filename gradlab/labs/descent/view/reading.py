"""The reading pane: the formula, the numbers at the iterate, the race as a table, and what they mean in a sentence."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QFrame,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradlab.labs.descent.inspect import Curvature
from gradlab.labs.descent.look import DescentLook
from gradlab.labs.descent.spec import DescentSpec
from gradlab.ui import theme
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.i18n import render
from gradlab.ui.widgets import Pane, number, plain_label, set_property

from .palette import colour, racer_name
from .pictures import Row

DOT = "●"


class ReadingPane(Pane):
    """Says in numbers and words what the stage shows. ``focused(id)``: a racer was chosen in the table."""

    focused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("reading", parent)
        self.heading(self.tr("FORMULA"))
        self.formula = FormulaLabel(parent=self.body)
        self.column.addWidget(self.formula)
        self.at = self.heading(self.tr("AT THE START"))
        self._numbers = QFormLayout()
        self._numbers.setHorizontalSpacing(12)
        self._numbers.setVerticalSpacing(6)
        self.column.addLayout(self._numbers)
        self._values: dict[str, QLabel] = {}
        self._prepare("x")
        self.heading(self.tr("RACE"))
        self.table = self._make_table()
        self.column.addWidget(self.table)
        self.card = _Card(self.body)
        self.column.addWidget(self.card)
        self.column.addStretch()
        self._racers: tuple[str, ...] = ()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 5, self)
        table.setAccessibleName(self.tr("Race, one row per racer"))
        table.setHorizontalHeaderLabels(["", "f", "|∇f|", self.tr("to min"), self.tr("status")])
        table.setProperty("class", "dense")
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(4, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(20)
        table.setColumnWidth(0, 22)
        table.cellClicked.connect(lambda row, _column: self.focused.emit(self._racers[row]))
        return table

    def show_numbers(self, spec: DescentSpec, look: DescentLook, step: int | None, one: Curvature, lr: float) -> None:
        """Show the numbers at one racer's iterate."""
        racer = next((racer for racer in spec.racers if racer.id == one.racer), None)
        if racer is None:
            return
        name = racer_name(spec, look, racer)
        where = self.tr("AT THE START") if step is None else self.tr("AT STEP {step}").format(step=step)
        self.at.setText(f"{where}   {name}")
        self._set(self._point, _numbers(one.x))
        self._set("f", f"{one.f:.9g}", repr(one.f))
        self._set("∇f", _numbers(one.gradient))
        self._set("|∇f|", f"{float(np.linalg.norm(one.gradient)):.6g}")
        self._set("H", _matrix(one.hessian))
        self._set("eig H", _numbers(one.eigenvalues))
        self._set("cond H", f"{one.condition:.6g}")
        self._set("2/λmax", "–" if math.isnan(one.bound) else f"{one.bound:.6g}")
        self._set("lr", f"{lr:.6g}")
        self._set(self.tr("dtype"), spec.dtype)
        self.card.show_bound(name, lr, one)

    def show_step(self, row: Row | None, index: int) -> None:
        """Show the lengths of the vectors that explain a racer's step."""
        for name, column in (("|Δx|", "update"), ("|m|", "momentum")):
            length = float(np.linalg.norm(row[column][index])) if row is not None else math.nan
            self._set(name, "–" if math.isnan(length) else f"{length:.6g}")

    def _set(self, name: str, text: str, tip: str = "") -> None:
        value = self._values.get(name)
        if value is None:
            value = self._values[name] = number(name, self.body)
            caption = plain_label(name, "muted", self.body)
            caption.setMinimumWidth(56)
            self._numbers.addRow(caption, value)
        if value.text() != text:
            value.setText(text)
            value.setToolTip(tip)

    def _prepare(self, point: str) -> None:
        """Make the rows of the numbers, in their order."""
        while self._numbers.rowCount():
            self._numbers.removeRow(0)
        self._values.clear()
        for name in (point, "f", "∇f", "|∇f|", "H", "eig H", "cond H", "2/λmax", "lr", "|Δx|", "|m|", self.tr("dtype")):
            self._set(name, "–")
        self._point = point

    def show_objective(self, spec: DescentSpec) -> None:
        """Typeset the function and say in a word what it is."""
        self.formula.set_formula(spec.objective.formula_tex(), spec.objective.summary())
        names = spec.objective.variables
        point = ", ".join(names) if len(names) <= 3 else "x"
        if point != self._point:
            self._prepare(point)

    def show_race(self, spec: DescentSpec, look: DescentLook, row: Row | None, found: dict[str, Curvature]) -> None:
        """Fill the table: the newest numbers, and the verdict of the last inspection."""
        self._racers = tuple(racer.id for racer in spec.racers)
        if self.table.rowCount() != len(self._racers):
            self.table.setRowCount(len(self._racers))
            self.table.setFixedHeight(24 * len(self._racers) + 30)
        tokens = theme.current()
        tones = {"minimum": tokens.ok, "saddle": tokens.warn, "maximum": tokens.warn, "diverged": tokens.bad}
        for index, racer in enumerate(spec.racers):
            one = found.get(racer.id)
            f = row["f"][index] if row is not None else one.f if one else math.nan
            inspected = float(np.linalg.norm(one.gradient)) if one else math.nan
            norm = row["grad_norm"][index] if row is not None else inspected
            verdict = one.standing.verdict if one else "running"
            words = self._verdict(verdict)
            tip = f"{racer_name(spec, look, racer)}: {render(one.standing.text)}" if one else ""
            cells = (DOT, _short(f), _short(norm), _short(one.distance if one else math.nan), words)
            for column, text in enumerate(cells):
                tone = (
                    tokens.colour(colour(look.of(racer.id))) if column == 0 else QColor(tones.get(verdict, tokens.text))
                )
                self._cell(index, column, text, tone if column in {0, 4} else QColor(tokens.text), tip)

    def _verdict(self, verdict: str) -> str:
        return {
            "minimum": self.tr("minimum"),
            "saddle": self.tr("saddle"),
            "maximum": self.tr("maximum"),
            "flat": self.tr("flat"),
            "diverged": self.tr("diverged"),
        }.get(verdict, self.tr("running"))

    def _cell(self, row: int, column: int, text: str, tone: QColor, tip: str) -> None:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            right = Qt.AlignmentFlag.AlignRight if 0 < column < 4 else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(right | Qt.AlignmentFlag.AlignVCenter)
            if 0 < column < 4:
                item.setFont(theme.mono_font(11))
            self.table.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        if item.foreground().color() != tone:
            item.setForeground(tone)
        if item.toolTip() != tip:
            item.setToolTip(tip)


class _Card(QFrame):
    """How a racer's lr stands to the largest stable one at its iterate, in a sentence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("class", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        self.title, self.text = plain_label("", "title", self), plain_label("", "muted", self)
        for line in (self.title, self.text):
            line.setWordWrap(True)
            column.addWidget(line)
        self.hide()

    def show_bound(self, name: str, lr: float, one: Curvature) -> None:
        """Say how lr compares with 2/λmax, or why there is no bound."""
        self.setVisible(math.isfinite(lr))
        if math.isnan(one.bound):
            self._say(
                "warn",
                self.tr("No stable lr at this point"),
                self.tr("The curvature is not positive in any direction: there is no 2/λmax."),
            )
            return
        share = lr / one.bound
        title = self.tr("{name}: lr is {share} of the stability bound").format(name=name, share=_percent(share))
        if share < 1:
            text = self.tr("The curvature here allows plain gradient descent any lr below 2/λmax = {bound}.")
        else:
            text = self.tr(
                "Above 2/λmax = {bound} plain descent bounces and leaves; adaptive ones rescale their steps."
            )
        self._say("ok" if share < 1 else "warn", title, text.format(bound=f"{one.bound:.4g}"))

    def _say(self, tone: str, title: str, text: str) -> None:
        for line, words in ((self.title, title), (self.text, text)):
            if line.text() != words:
                line.setText(words)
        set_property(self.title, "tone", tone)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share < 10 else f"{share:.3g}×"


def _numbers(values: np.ndarray) -> str:
    return ", ".join(f"{float(value):.6g}" for value in values[:4]) + (" …" if len(values) > 4 else "")


def _matrix(values: np.ndarray) -> str:
    if len(values) > 3:
        return f"{len(values)} × {len(values)}"
    return "\n".join("  ".join(f"{float(value):.5g}" for value in row) for row in values)


def _short(value: float) -> str:
    return "–" if math.isnan(value) else f"{float(value):.1e}"
