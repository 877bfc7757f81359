"""Reading files that may be anything and writing files that must never be half-written."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .errors import VALUE_LIMIT, UserError

log = logging.getLogger(__name__)

READ_LIMIT = 5 << 20
"""Bytes of the largest file that is read whole."""
AnyPath = str | os.PathLike[str]
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Stamp(NamedTuple):
    """What identifies one state of a file on disk: when it differs, somebody else has written the file."""

    device: int
    inode: int
    size: int
    mtime_ns: int


ANY_STAMP = Stamp(-1, -1, -1, -1)
"""Stands for whatever is on disk."""


class ChangedError(UserError):
    """The file on disk is not the one that was read: writing it would lose what somebody else wrote."""


def stamp(path: AnyPath) -> Stamp | None:
    """Return the state of the file at ``path``; None when there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the path may hold what Path refuses
    except (OSError, ValueError):
        return None
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def shown(path: AnyPath) -> str:
    """Return ``path`` as one quoted line whose end, the file's name, is kept."""
    text = os.fspath(path)
    return repr(text if len(text) <= VALUE_LIMIT else "…" + text[1 - VALUE_LIMIT :])


def read_limited(path: AnyPath, limit: int = READ_LIMIT) -> bytes:
    """Return the bytes of a regular file of at most ``limit`` bytes; never blocks on a pipe, never reads a device.

    Raises ``UserError`` naming the path and what is wrong with it.
    """
    with _refusals(path, "cannot be read"):
        _regular(path, os.stat(path))  # noqa: PTH116
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            _regular(path, found)
            data = file.read(limit + 1) if found.st_size <= limit else None
    if data is None or len(data) > limit:
        size = found.st_size if data is None else len(data)
        raise UserError(f"{shown(path)}: has {size:,} bytes, more than the {limit:,} that are read")
    return data


def write_atomic(path: AnyPath, data: bytes | Callable[[BinaryIO], object], *, since: Stamp | None = ANY_STAMP) -> None:
    """Put ``data`` (bytes, or a function that writes them) into the file at ``path``, wholly or not at all.

    A temporary file in the same folder is filled, synced and moved into place, so that at every moment, a kill or a
    power cut included, the path holds either the old bytes or the new ones. A link is followed and its target written;
    permissions are kept. When this raises, the old file is untouched and nothing is left beside it.

    ``since`` is the stamp the file had when it was read (None: it did not exist); a file that has changed since is
    refused with ``ChangedError``. Raises ``UserError`` naming the path and the reason; what a writing function raises
    passes through, an ``OSError`` as ``UserError``.
    """
    if since != ANY_STAMP and stamp(path) != since:
        raise ChangedError(f"{shown(path)}: was changed on disk by another program since it was read")
    with _refusals(path, "cannot be saved"):
        target, mode = _destination(path)
        temporary = target.parent / f".{target.name[:64]}.{secrets.token_hex(8)}.tmp"
        try:
            _fill(temporary, data, mode)
            os.replace(temporary, target)  # noqa: PTH105 - tests make it fail
        except FileExistsError:
            raise  # the temporary file is somebody else's
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    _sync_folder(target.parent)


def check_writable(path: AnyPath) -> None:
    """Raise ``UserError`` when ``write_atomic`` could not write ``path``; asked before hours of work."""
    with _refusals(path, "cannot be saved"):
        folder = _destination(path)[0].parent
        if not folder.is_dir():
            raise UserError(f"{shown(path)}: cannot be saved: the folder does not exist")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UserError(f"{shown(path)}: cannot be saved: the folder is read-only")


def _destination(path: AnyPath) -> tuple[Path, int | None]:
    """Return the file behind ``path`` and its permissions, None for a new one; refuse what must not be replaced."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return Path(os.path.realpath(path)), None
    _regular(path, found)
    target = Path(os.path.realpath(path, strict=True))
    mode = stat.S_IMODE(found.st_mode)
    if not mode & 0o222 or not os.access(target, os.W_OK):
        raise UserError(f"{shown(path)}: cannot be saved: the file is read-only")
    return target, mode


def _fill(temporary: Path, data: bytes | Callable[[BinaryIO], object], mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666 if mode is None else mode)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.chmod(temporary, mode)  # noqa: PTH101 - open() has masked it
        if callable(data):
            data(file)
        else:
            file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name last. The file is whole either way, so a folder that cannot be synced is no failure."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        log.info("%s: the folder cannot be synced: %s", folder, error)


def _regular(path: AnyPath, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UserError(f"{shown(path)}: is {KINDS.get(stat.S_IFMT(found.st_mode), 'no regular file')}, not a file")


@contextlib.contextmanager
def _refusals(path: AnyPath, what: str) -> Iterator[None]:
    """Turn what the system refuses into one line that names the path."""
    try:
        yield
    except OSError as error:
        why = "there is no such file" if error.errno == errno.ENOENT else error.strerror or type(error).__name__
        if error.errno == errno.ENOENT and what == "cannot be saved":
            why = "the folder does not exist"
        raise UserError(f"{shown(path)}: {what}: {why}") from error
    except ValueError as error:  # a NUL or a lone surrogate in the path
        raise UserError(f"{shown(path)}: {what}: {error}") from error
