"""``gradlab [PRESET]``: opens the window, once it is clear that there is something to open."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from gradlab.engine.errors import UserError
from gradlab.engine.files import read_limited


def open_window(name: str | None, demo: Path | None, *, commands: Sequence[str]) -> int:
    """Open the window on the preset called ``name``, or where it was left; return the exit code."""
    from gradlab.app import main

    if name is None:
        return main(demo=demo)
    from gradlab.engine import presets

    path = _find(name, commands)
    read_limited(path)
    return main(preset=path, demo=demo, shipped=presets.is_shipped(path))


def _find(name: str, commands: Sequence[str]) -> Path:
    """Return the file of a preset; a word that is none may have been meant as a command."""
    from gradlab.engine import presets

    try:
        return presets.find(name)
    except UserError as error:
        near = difflib.get_close_matches(name, commands, n=1)
        if near and "did you mean" not in error.message:
            raise UserError(f"{error.message}; did you mean 'gradlab {near[0]}'?") from None
        raise
