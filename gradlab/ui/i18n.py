"""What the user reads: engine texts rendered in the language of the window, and the translators behind it."""

from __future__ import annotations

import html
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gradlab import resources
from gradlab.engine.text import Text

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
    return f"<span style='white-space:pre-wrap'>{html.escape(text)}</span>" if "<" in text else text


def languages() -> tuple[str, ...]:
    """Return the languages there are translations for, as in ``zh_CN``; English, which needs none, first."""
    return (ENGLISH, *sorted(file.stem.removeprefix("gradlab_") for file in _files()))


def install(language: str) -> str:
    """Speak ``language`` from now on, ``system`` for that of the system; return the language that is spoken.

    Widgets hear of it by a ``LanguageChange`` event. An unknown language speaks English.
    """
    app = QCoreApplication.instance()
    assert app is not None, "install a language after the application is made"
    for translator in _installed:
        app.removeTranslator(translator)
    _installed.clear()
    wanted = _nearest(QLocale.system().name() if language == "system" else language)
    if wanted != ENGLISH:
        qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        for file in (qt / f"qtbase_{wanted}.qm", resources.path("translations", f"gradlab_{wanted}.qm")):
            translator = QTranslator(app)
            if translator.load(str(file)):
                app.installTranslator(translator)
                _installed.append(translator)
    return wanted


def _nearest(language: str) -> str:
    """Return the language itself, else one of the same tongue, else English."""
    known = languages()
    tongue = language.partition("_")[0]
    return next((name for name in known if name == language), next((n for n in known if n.startswith(tongue)), ENGLISH))


def _files() -> list[Path]:
    folder = resources.path("translations")
    return sorted(folder.glob("gradlab_*.qm")) if folder.is_dir() else []
