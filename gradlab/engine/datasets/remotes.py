"""Files of data sets that can be downloaded: where from, where to, and what is said when they are missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradlab.engine.errors import UserError


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on the network: what it is called here, its addresses in order of trial, its bytes and their digest."""

    name: str
    addresses: tuple[str, ...]
    size: int
    algorithm: str
    digest: str


class MissingDataError(UserError):
    """Files are missing that can be downloaded: ``remotes``, into ``folder``."""

    def __init__(self, message: str, hint: str, remotes: tuple[Remote, ...], folder: Path) -> None:
        super().__init__(message, hint)
        self.remotes = remotes
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.hint, self.remotes, self.folder)

    @property
    def size(self) -> int:
        """The bytes to be downloaded."""
        return sum(remote.size for remote in self.remotes)


class CancelledError(UserError):
    """The user has cancelled the download; what has come stays, and the next try goes on from there."""


def store(name: str) -> Path:
    """Return the folder that downloads of the data set called ``name`` go to; it need not exist."""
    import platformdirs

    return platformdirs.user_data_path("gradlab", appauthor=False) / "data" / name
