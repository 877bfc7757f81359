"""A plot in its frame: title, tools, maximise, export, and the numbers behind it as a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QDialog, QToolButton, QWidget


class PlotFrame(QWidget):
    """Frames ``plot`` (a widget that is a ``values.Plot``); ``key`` is its stable name in files and settings."""

    maximiseRequested = Signal(bool)
    logToggled = Signal(bool)

    def __init__(
        self, key: str, plot: QWidget, title: str = "", how: str = "", *, log: bool | None = None, parent: QWidget | None = None
    ) -> None:
        """``log`` None: no log button, else its state."""

    def set_title(self, title: str, how: str = "") -> None:
        """Say what is drawn, and how, in muted letters."""

    def log(self) -> bool: ...
    def set_log(self, on: bool) -> None:
        """Set the log button without a signal."""

    def set_maximised(self, on: bool) -> None:
        """Show the button as restore; emits nothing."""

    def add_tool(self, action: QAction) -> QToolButton:
        """Add a button left of the log button."""

    def add_menu_action(self, action: QAction) -> None:
        """Add an entry to the ⋯ menu, above the exports."""

    def reset_view(self) -> None: ...
    def image(self, scale: float = 2.0) -> QImage:
        """Return the frame's picture."""

    def copy(self) -> None:
        """Put the picture and the table on the clipboard."""

    def export(self, path: Path) -> None:
        """Write PNG, SVG or CSV by the suffix, atomically; raise ``UserError``."""

    def data_table(self) -> QDialog:
        """Return a (non-modal, self-deleting) window with the numbers."""
