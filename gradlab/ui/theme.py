"""The look of the program: tokens, palette, fonts and its one stylesheet, light and dark, switched live."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``."""

    name: str
    window: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_text: str
    ok: str
    warn: str
    bad: str
    traces: tuple[str, ...]

    def colour(self, colour: int | str) -> QColor:
        """Return a trace number's colour, or a fixed one made readable on this theme's surface (3 : 1)."""
        raise NotImplementedError

    def dash(self, colour: int | str) -> tuple[float, ...]:
        """Return the dashes of a trace: solid for the first six, then patterns."""
        raise NotImplementedError


class Watcher(QObject):
    """Tells when the theme changed."""

    changed = Signal(object)
    """The new Theme."""


def apply(app: QApplication, mode: str = "system", scale: float = 1.0) -> None:
    """Give the program its look; ``mode`` is dark, light or system (followed live)."""


def current() -> Theme:
    """Return the theme in force."""
    raise NotImplementedError


def mode() -> str:
    """Return dark, light or system, as applied."""
    raise NotImplementedError


def watcher() -> Watcher:
    """Return the object whose ``changed`` plots and icons follow."""
    raise NotImplementedError


def mono_font(pixels: int = 12) -> QFont:
    """Return the monospaced face, tabular by nature."""
    raise NotImplementedError
