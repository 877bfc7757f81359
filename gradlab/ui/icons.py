"""The program's own line icons, drawn in the colours of the theme, sharp at any scale."""

from __future__ import annotations

import weakref
from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton
from shiboken6 import isValid

from gradlab import resources

from . import theme

SIZES = (16, 20, 32, 40, 60)
"""Device pixels at which icons are drawn: 16 and 20 at scales 1 to 3."""
Target = QAction | QAbstractButton

_targets: weakref.WeakKeyDictionary[Target, tuple[str, str | None]] = weakref.WeakKeyDictionary()


def icon(name: str, color: str | None = None) -> QIcon:
    """Return the line icon ``name`` in the colours of the theme in force; ``put`` keeps it so.

    ``color`` is a token of the theme (``text``, ``accent`` …) or ``#rrggbb``; by default muted, and text when checked.
    Raises ``FileNotFoundError`` for an unknown name.
    """
    tokens = theme.current()
    off = getattr(tokens, color, color) if color else tokens.muted
    on = off if color else tokens.text
    return _icon(name, off, on, tokens.faint)


def put(target: Target, name: str, color: str | None = None) -> None:
    """Give a button or an action an icon that follows the theme."""
    target.setIcon(icon(name, color))
    _targets[target] = (name, color)
    _follow_theme()


def app_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(str(resources.path("icons", "gradlab.svg")))


@cache
def _follow_theme() -> None:
    theme.watcher().changed.connect(_recolour)


def _recolour(_theme: object) -> None:
    for target, (name, color) in list(_targets.items()):
        if isValid(target):
            target.setIcon(icon(name, color))
        else:
            del _targets[target]


@cache
def _icon(name: str, off: str, on: str, disabled: str) -> QIcon:
    made = QIcon()
    for colour, mode, state in (
        (off, QIcon.Mode.Normal, QIcon.State.Off),
        (on, QIcon.Mode.Normal, QIcon.State.On),
        (disabled, QIcon.Mode.Disabled, QIcon.State.Off),
    ):
        for size in SIZES:
            made.addPixmap(_pixmap(name, colour, size), mode, state)
    return made


@cache
def _pixmap(name: str, colour: str, size: int) -> QPixmap:
    renderer = _renderer(name, colour)
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    svg = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", QColor(colour).name()).encode()))
