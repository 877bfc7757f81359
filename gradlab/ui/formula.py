"""A formula in LaTeX as a picture that follows the width, the theme and the resolution."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class FormulaLabel(QWidget):
    """Shows LaTeX, typeset off the GUI thread; until then, and where it cannot be, its plain text."""

    rendered = Signal(bool)

    def __init__(self, latex: str = "", plain: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    def set_formula(self, latex: str, plain: str = "") -> None:
        """Show ``latex``; ``plain`` stands in for it where it cannot be typeset."""
        raise NotImplementedError


def shutdown(timeout: float = 3.0) -> None:
    """Drop what waits to be typeset and wait for what is under way."""
    raise NotImplementedError
