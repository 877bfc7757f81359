"""``gradlab [PRESET]``: opens the window, once it is clear that there is something to open."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from gradlab.engine import presets
from gradlab.engine.errors import UserError
from gradlab.engine.files import read_limited


def open_window(name: str | None, demo: Path | None, *, commands: Sequence[str]) -> int:
    """Open the window on the preset called ``name``, or where it was left; return the exit code."""
    path = None if name is None else _find(name, commands)
    if path is not None:
        read_limited(path)
    from gradlab.app import main

    return main(preset=path, demo=demo, shipped=path is not None and presets.is_shipped(path))


def _find(name: str, commands: Sequence[str]) -> Path:
    """Return the file of a preset; a word that is none may have been meant as a command."""
    try:
        return presets.find(name)
    except UserError as error:
        near = difflib.get_close_matches(name, commands, n=1)
        if near and "did you mean" not in error.message:
            raise UserError(f"{error.message}; did you mean 'gradlab {near[0]}'?") from None
        raise
