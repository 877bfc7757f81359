"""The chain rule: the pieces of the formula in a table, and under it the products that make the gradient."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradlab.labs.function.chain import ChainReading, Piece
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.i18n import render
from gradlab.ui.widgets import Pane, plain_label

from .tables import Cell, PlainTable


class ChainPage(Pane):
    """Shows a ``ChainReading``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("chain", parent)
        self.setAccessibleName(self.tr("Chain rule"))
        self.reading: ChainReading | None = None
        self.heading(self.tr("PIECES, FROM THE INSIDE OUT"))
        columns = (
            self.tr("piece"),
            self.tr("is"),
            self.tr("value"),
            self.tr("∂f/∂piece"),
            self.tr("local derivatives"),
        )
        self.table = PlainTable(self.tr("Pieces of the formula"), columns, self.body, wide=(1, 4))
        self.column.addWidget(self.table)
        self.column.addSpacing(6)
        self.title = self.heading(self.tr("THE GRADIENT, PIECE BY PIECE"))
        self.reason = plain_label("", "muted", self.body)
        self.reason.setWordWrap(True)
        self.column.addWidget(self.reason)
        self._products = QVBoxLayout()
        self._products.setSpacing(4)
        self.column.addLayout(self._products)
        self.column.addStretch()
        self.labels: list[tuple[FormulaLabel, FormulaLabel]] = []

    def take(self, reading: Any) -> None:
        """Take a reading in."""
        if not isinstance(reading, ChainReading) or reading == self.reading:
            return
        self.reading = reading
        self.reason.setText(render(reading.reason))
        self.reason.setVisible(bool(reading.reason))
        self.table.setVisible(bool(reading.pieces))
        self.table.show_cells([_cells(one) for one in reading.pieces], fit=True)
        self._show_products(reading)

    def _show_products(self, reading: ChainReading) -> None:
        while len(self.labels) < len(reading.products):
            pair = (FormulaLabel(parent=self.body), FormulaLabel(parent=self.body))
            for label in pair:
                self._products.addWidget(label)
            self.labels.append(pair)
        for place, (symbols, numbers) in enumerate(self.labels):
            shown = place < len(reading.products)
            symbols.setVisible(shown)
            numbers.setVisible(shown)
            if shown:
                one = reading.products[place]
                symbols.set_formula(one.symbols, f"∂f/∂{one.variable}")
                numbers.set_formula(rf"\quad {one.numbers}", f"= {one.value:.9g}")


def _cells(piece: Piece) -> list[Cell]:
    locals_ = "\n".join(f"∂{piece.name}/∂{one.by} = {one.value:.6g}" for one in piece.locals)
    return [
        (piece.name, "mono"),
        (piece.text, "mono"),
        (f"{piece.value:.6g}", "mono"),
        (f"{piece.slope:.6g}", "mono"),
        (locals_, "mono"),
    ]
