"""A table to read: rows close together, no lines between them, chosen whole."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QWidget

ROW_PX = 24


class DenseTable(QTableWidget):
    """What the tables of results have in common; Tab leaves them."""

    def __init__(self, columns: int, parent: QWidget | None = None, *, row_px: int = ROW_PX) -> None:
        super().__init__(0, columns, parent)
        self.setProperty("class", "dense")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_px)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
