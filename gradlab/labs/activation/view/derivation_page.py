"""The page of the derivation: line by line in letters, then with the numbers of the point put in."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradlab.labs.activation.readings import Derivation, Line
from gradlab.ui.formula import FormulaLabel
from gradlab.ui.widgets import Pane, plain_label

LINE_GAP = 18
LETTERS_PX, NUMBERS_PX = 18, 15


class Row(QWidget):
    """One line: why it holds, what it says, and what it comes to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.why = plain_label("", "muted", self)
        self.why.setWordWrap(True)
        self.letters = FormulaLabel(parent=self, pixels=LETTERS_PX)
        self.numbers = FormulaLabel(parent=self, pixels=NUMBERS_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, LINE_GAP)
        column.setSpacing(6)
        for widget in (self.why, self.letters, self.numbers):
            column.addWidget(widget)

    def show_line(self, number: int, line: Line) -> None:
        """Show a line."""
        self.why.setText(f"{number}   {line.why}")
        self.letters.set_formula(line.letters.tex, line.letters.text)
        self.numbers.set_formula(line.numbers.tex, line.numbers.text)
        self.numbers.setToolTip(repr(line.value))


class DerivationPage(Pane):
    """Shows the derivation of one activation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("derivation", parent)
        self.setAccessibleName(self.tr("Derivation"))
        self.column.setContentsMargins(28, 18, 28, 12)
        self.title = plain_label("", "title", self.body)
        self.about: QLabel = plain_label("", "muted", self.body)
        self.about.setWordWrap(True)
        self.about.setText(self.tr("The lines come as soon as the first numbers are computed."))
        self.column.addWidget(self.title)
        self.column.addWidget(self.about)
        self.column.addSpacing(LINE_GAP)
        self.rows: list[Row] = []
        self.column.addStretch()

    def show_derivation(self, name: str, found: Derivation) -> None:
        """Show the lines of ``name``; rows stay where they are when only the numbers change."""
        self.title.setText(self.tr("{name} at x = {x}").format(name=name, x=f"{found.x:.6g}"))
        self.about.setText(self._about(found))
        while len(self.rows) < len(found.lines):
            row = Row(self.body)
            self.rows.append(row)
            self.column.insertWidget(self.column.count() - 1, row)
        for number, row in enumerate(self.rows):
            row.setVisible(number < len(found.lines))
            if number < len(found.lines):
                row.show_line(number + 1, found.lines[number])

    def _about(self, found: Derivation) -> str:
        if found.written:
            return self.tr("Each line in letters, then with the number at the point put in.")
        if found.lines:
            return self.tr("No derivation by hand is written for this one: its formula and what sympy makes of it.")
        return self.tr("It declares no formula: its derivatives are known by autograd and by differences alone.")
