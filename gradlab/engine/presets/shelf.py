"""The presets at hand: those that come with gradlab and the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradlab.engine.errors import UserError, quote
from gradlab.engine.files import read_limited

from . import strict
from .document import SUFFIX


@dataclass(frozen=True, slots=True)
class Entry:
    """A preset file as a menu shows it: its head has been read, its spec has not been looked at.

    ``problem`` says in one line why the head could not be read.
    """

    path: Path
    name: str
    lab: str
    title: str
    comment: str = ""
    own: bool = False
    problem: str = ""


def own_folder() -> Path:
    """Return the folder of the user's presets, with one folder per lab in it; it may not exist yet."""
    from platformdirs import user_data_path

    return user_data_path("gradlab", appauthor=False) / "presets"


def library(lab: str | None = None) -> tuple[Entry, ...]:
    """Return the presets of ``lab``, or of all labs: first those shipped, then the user's own, each by name."""
    from gradlab import resources

    shipped = _entries(resources.path("presets"), own=False)
    return tuple(entry for entry in (*shipped, *_entries(own_folder(), own=True)) if lab in {None, entry.lab})


def find(name: str) -> Path:
    """Return the file that ``name`` stands for: a path, or the name or title of a preset at hand.

    Raises ``UserError`` with the nearest name when there is none.
    """
    if name.endswith(".json") or "/" in name or "\\" in name:
        return Path(name)
    entries = library()
    for key in (name, name.casefold()):
        for entry in entries:
            if key in {entry.name, entry.name.casefold(), entry.title.casefold()}:
                return entry.path
    if Path(name).is_file():
        return Path(name)
    near = difflib.get_close_matches(name.casefold(), [entry.name for entry in entries], n=1)
    advice = f"; did you mean {near[0]!r}?" if near else ""
    raise UserError(f"preset: unknown preset {quote(name)}{advice}", "" if near else "gradlab presets lists them")


def is_shipped(path: Path) -> bool:
    """Tell whether ``path`` is a file that came with gradlab, and so is not to be written."""
    from gradlab import resources

    return path.resolve().is_relative_to(resources.path("presets").resolve())


def _entries(folder: Path, *, own: bool) -> Iterator[Entry]:
    try:
        found = sorted(folder.glob(f"*/*{SUFFIX}"))
    except OSError:
        return
    for path in found:
        yield _entry(path, own=own)


def _entry(path: Path, *, own: bool) -> Entry:
    name, lab = path.name.removesuffix(SUFFIX), path.parent.name
    try:
        head = strict.parse(read_limited(path))
        texts: dict[str, Any] = head if isinstance(head, dict) else {}
    except UserError as error:
        return Entry(path, name, lab, name, own=own, problem=str(error))
    return Entry(path, name, lab, _text(texts, "title") or name, _text(texts, "comment"), own=own)


def _text(head: dict[str, Any], key: str) -> str:
    value = head.get(key, "")
    return value if isinstance(value, str) else ""
