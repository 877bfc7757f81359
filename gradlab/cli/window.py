"""``gradlab [PRESET]``: opens the window, once it is clear that there is something to open."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradlab.engine.errors import UserError
from gradlab.engine.files import read_limited


def open_window(name: str | None, demo: Path | None, *, commands: Sequence[str] = ()) -> int:
    """Open the window on the preset called ``name``, or where it was left; return the exit code."""
    if name is None:
        return _open(demo=demo)
    from gradlab.engine import presets

    path = _find(name, commands)
    read_limited(path)
    return _open(preset=path, demo=demo, shipped=presets.is_shipped(path))


def _open(**what: Any) -> int:
    from gradlab.engine.begin import begin

    bench = begin()
    from gradlab.app import main  # after the process that computes has begun: it loads while this loads Qt

    return main(bench=bench, **what)


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
