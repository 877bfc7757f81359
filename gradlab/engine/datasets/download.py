"""Downloads of data sets: on request alone, with progress, cancel and resume, and checked against a known digest."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gradlab.engine.errors import UserError
from gradlab.engine.files import shown

from .remotes import CancelledError, Remote

CHUNK = 1 << 16
TIMEOUT_S = 20
SPARE = 64 << 20
"""Bytes that stay free on the disk."""
Progress = Callable[[int, int], None]
"""Told the bytes that are there and the bytes in all."""
NETWORK = (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError)
LOCAL = {"127.0.0.1", "localhost", "::1"}


def fetch_all(
    remotes: Sequence[Remote],
    folder: Path,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Download what is not in ``folder`` yet; ``progress`` runs over the bytes of all.

    Blocks, so it is called off the GUI thread. Raises ``CancelledError`` soon after ``cancelled()`` holds and
    ``UserError``, in one line, when no address gives the file whole and unchanged.
    """
    total, before = sum(remote.size for remote in remotes), 0
    for remote in remotes:
        start = before

        def told(done: int, start: int = start) -> None:
            if progress is not None:
                progress(start + done, total)

        fetch(remote, folder, told, cancelled)
        before += remote.size


def fetch(remote: Remote, folder: Path, told: Callable[[int], None], cancelled: Callable[[], bool]) -> Path:
    """Download one file into ``folder``, unless it is there; see ``fetch_all``."""
    target, part = folder / remote.name, folder / f"{remote.name}.part"
    if target.is_file() and target.stat().st_size == remote.size:
        told(remote.size)
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < remote.size + SPARE:
            raise UserError(f"{shown(folder)}: has no room for {remote.size:,} bytes")
        _from_any(remote, part, told, cancelled)
        part.replace(target)
    except OSError as error:
        raise UserError(f"{shown(target)}: cannot be saved: {error.strerror or type(error).__name__}") from error
    return target


def _from_any(remote: Remote, part: Path, told: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
    """Fill ``part`` from the first address that gives the right bytes."""
    troubles: dict[str, list[str]] = {}
    for address in remote.addresses:
        try:
            _load(address, remote, part, told, cancelled)
            _verify(remote, part)
            return
        except CancelledError:
            raise
        except NETWORK as error:
            _note(troubles, _reason(error), address)
        except UserError as error:
            _note(troubles, error.message, address)
    all_told = "; ".join(f"{', '.join(hosts)}: {why}" for why, hosts in troubles.items())
    raise UserError(f"{remote.name} cannot be downloaded: {all_told}", "try again; what has come is kept")


def _note(troubles: dict[str, list[str]], why: str, address: str) -> None:
    """Say what went wrong at an address; hosts with one trouble share its words."""
    troubles.setdefault(why, []).append(urllib.parse.urlsplit(address).hostname or address)


def _load(address: str, remote: Remote, part: Path, told: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
    """Append to ``part`` what it lacks, or begin anew where the server cannot resume."""
    have = part.stat().st_size if part.is_file() else 0
    if have > remote.size:
        have = 0
    if have == remote.size:
        return
    if cancelled():
        raise CancelledError(f"{remote.name}: the download was cancelled")
    with _open(address, have) as answer:
        resumes = answer.status == http.client.PARTIAL_CONTENT and _begins(answer) == have
        done = have if resumes else 0
        with part.open("ab" if resumes else "wb") as file:
            told(done)
            while chunk := answer.read(CHUNK):
                done += len(chunk)
                if done > remote.size:
                    raise UserError(f"sends more than {remote.size:,} bytes")
                file.write(chunk)
                told(done)
                if cancelled():
                    raise CancelledError(f"{remote.name}: the download was cancelled")
    if done < remote.size:
        raise ConnectionError(f"broke off after {done:,} of {remote.size:,} bytes")


def _open(address: str, have: int) -> Any:
    _check(address)
    headers = {"User-Agent": "gradlab", "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - checked above
    answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310
    try:
        _check(answer.url)
    except UserError:
        answer.close()
        raise
    return answer


def _check(address: str) -> None:
    """Refuse whatever could be changed on its way, where a redirection leads included."""
    url = urllib.parse.urlsplit(address)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOCAL):
        raise UserError(f"{address} is no https address")


def _begins(answer: Any) -> int:
    """Return the first byte of a partial answer; −1 when it does not say."""
    unit, _, span = answer.headers.get("Content-Range", "").partition(" ")
    first = span.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else -1


def _verify(remote: Remote, part: Path) -> None:
    """Raise ``UserError`` and remove ``part`` when its bytes are not the ones that were published."""
    summed = hashlib.new(remote.algorithm, usedforsecurity=False)
    with part.open("rb") as file:
        while chunk := file.read(1 << 20):
            summed.update(chunk)
    if summed.hexdigest() != remote.digest:
        part.unlink()
        raise UserError(f"its {remote.algorithm.upper()} is {summed.hexdigest()}, not {remote.digest}")


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"answers {error.code} {error.reason}"
    if isinstance(getattr(error, "reason", None), socket.gaierror):
        return "cannot be found; is there a network?"
    why = " ".join(str(getattr(error, "reason", None) or error).split())
    return why or type(error).__name__
