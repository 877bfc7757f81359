"""The program's own line icons, drawn in the colours of the theme, sharp at any scale."""

from __future__ import annotations

from PySide6.QtGui import QIcon


def icon(name: str, color: str | None = None) -> QIcon:
    """Return ``resources/icons/<name>.svg`` in ``color`` (the theme's text colour by default; icons follow the theme)."""
    raise NotImplementedError
