"""Finds the shipped files (icons, fonts, presets, translations, help) in a checkout and in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """Return the folder of the shipped files; raise ``FileNotFoundError`` when the installation lacks it."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_resources", here.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no resources beside {here}; reinstall gradlab")


def path(*parts: str) -> Path:
    """Return the place of a shipped file: ``path("icons", "play.svg")``."""
    return root().joinpath(*parts)
