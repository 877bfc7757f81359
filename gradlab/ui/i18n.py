"""What the user reads: marks for translation, engine texts rendered in the language of the window, and its translators."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import Qt as GuiQt

from gradlab import resources
from gradlab.engine.text import Text

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = "engine"
"""The context under which texts of the engine stand in the translation files."""
ENGLISH = "en"

_installed: list[QTranslator] = []


def render(text: Text | str) -> str:
    """Return an engine text in the language of the window, its numbers put in."""
    if isinstance(text, str):
        return QCoreApplication.translate(CONTEXT, text) if text else ""
    return QCoreApplication.translate(CONTEXT, text.template).format(**text.values)


def plain_tip(text: str) -> str:
    """Return ``text`` as a tooltip that shows it literally, whatever tags stand in it."""
    return f"<span style='white-space:pre-wrap'>{html.escape(text)}</span>" if GuiQt.mightBeRichText(text) else text
