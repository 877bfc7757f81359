"""Files of the user's that a spec names: opened where the user chose them or beside a preset, and nowhere else."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

from .errors import UserError
from .files import AnyPath, read_limited, shown

_lock = threading.Lock()
_chosen: set[Path] = set()
_folders: dict[Path, None] = {}


def choose(path: AnyPath) -> Path:
    """Let the very file or folder at ``path``, which the user has picked or typed, be opened from now on; return it.

    What lies in a folder is not chosen with it: a path that is being typed passes through many.
    """
    try:
        found = Path(path).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{shown(path)}: cannot be read: {error}") from error
    with _lock:
        _chosen.add(found)
    return found


def beside(folder: AnyPath) -> None:
    """Let specs name files inside ``folder``, that of a preset the user has opened; the last one comes first."""
    with _lock:
        found = Path(folder).resolve()
        _folders.pop(found, None)
        _folders[found] = None


def find(name: str) -> Path:
    """Return the path that a spec means by ``name``.

    A whole path must have been chosen in this session, or lie in the folder of a preset that was opened; a name is
    looked up in those folders. Raises ``UserError`` for any other: a spec that came from elsewhere opens nothing.
    """
    path = _resolved(name)
    with _lock:
        folders, chosen = [*reversed(_folders)], set(_chosen)
    if path.is_absolute():
        if path in chosen or any(_inside(path, folder) for folder in folders):
            return path
        raise UserError(f"{shown(name)}: was not chosen in this session", "choose it again to let it be opened")
    for folder in folders:
        found = (folder / path).resolve()
        if _inside(found, folder) and found.exists():
            return found
    raise UserError(f"{shown(name)}: is not beside the preset", "choose the file where it is now")


def digest(path: AnyPath, limit: int) -> str:
    """Return the SHA-256 of a file of at most ``limit`` bytes, in hexadecimal digits."""
    return hashlib.sha256(read_limited(path, limit)).hexdigest()


def _resolved(name: str) -> Path:
    try:
        path = Path(name).expanduser()
        return path.resolve() if path.is_absolute() else path
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{shown(name)}: cannot be read: {error}") from error


def _inside(path: Path, folder: Path) -> bool:
    return path != folder and folder in path.parents
