"""Atomic writing under every failure that can be made to happen, and reading what is no plain file."""

from __future__ import annotations

import errno
import os
import random
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gradlab.engine import files
from gradlab.engine.errors import UserError
from gradlab.engine.files import ChangedError, check_writable, read_limited, stamp, write_atomic

OLD, NEW = b"old " * 1000, b"new " * 2000
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX files")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Faults:
    """Stands in for ``os`` in the module under test; call number ``at`` of those that can fail does."""

    CALLS = ("open", "chmod", "fsync", "replace", "close")

    def __init__(self, at: int, code: int) -> None:
        self.at, self.code, self.calls, self.injected = at, code, [], False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name == "fdopen":
            return lambda *arguments: FaultyFile(self, real(*arguments))
        return self.wrap(name, real) if name in self.CALLS else real

    def wrap(self, name: str, real: Any) -> Any:
        def call(*arguments: Any, **keywords: Any) -> Any:
            self.count(name)
            return real(*arguments, **keywords)

        return call

    def count(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) == self.at:
            self.injected = True
            self.fail()

    def fail(self) -> None:
        raise OSError(self.code, os.strerror(self.code))


class Killer(Faults):
    """Ends the process, uncatchably, at the given call."""

    def fail(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class FaultyFile:
    """A file whose writes can fail, half of the bytes written."""

    def __init__(self, faults: Faults, file: Any) -> None:
        self.faults, self.file = faults, file

    def __enter__(self) -> FaultyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, data: bytes) -> None:
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        self.faults.count("write")
        self.file.write(data[len(data) // 2 :])

    def flush(self) -> None:
        self.file.flush()
        self.faults.count("flush")

    def fileno(self) -> int:
        return int(self.file.fileno())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("old", [OLD, None])
def test_a_failure_at_any_call_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch, code, old):
    path = tmp_path / "a.json"
    refused = []
    for at in range(1, 50):
        path.unlink(missing_ok=True) if old is None else path.write_bytes(old)
        faults = Faults(at, code)
        monkeypatch.setattr(files, "os", faults)
        try:
            write_atomic(path, NEW)
            message = ""
        except UserError as error:
            message = str(error)
        finally:
            monkeypatch.undo()
        assert (path.read_bytes() if path.exists() else None) == (old if message else NEW)
        if message:
            refused.append(faults.calls[-1])
            assert message == f"{str(path)!r}: cannot be saved: {os.strerror(code)}"
        assert names(tmp_path) == (["a.json"] if path.exists() else []), "something was left behind"
        if not faults.injected:
            break
    expected = {"open", "write", "flush", "fsync", "replace"} | ({"chmod"} if old else set())
    assert set(refused) == expected, "the test did not reach every call"
    assert faults.calls[-3:] == ["open", "fsync", "close"], "the folder is synced after the replacement"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_what_a_writing_function_raises_passes_and_the_old_file_stays(tmp_path, error):
    path = tmp_path / "a.csv"
    path.write_bytes(OLD)

    def half(file):
        file.write(b"half")
        raise error

    with pytest.raises(error):
        write_atomic(path, half)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["a.csv"]


CHILD = """
import itertools, os, signal, sys
sys.path.insert(0, {tests!r})
from gradlab.engine import files
path, at = sys.argv[1], int(sys.argv[2])
if at:
    from test_files import Killer
    files.os = Killer(at, 0)
for n in itertools.count():
    files.write_atomic(path, str(n % 10).encode() * 4096 + b"end")
    os.write(1, b".")
    if at:
        break
"""


def child(path: Path, at: int = 0) -> subprocess.Popen[bytes]:
    program = CHILD.format(tests=str(Path(__file__).parent))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path), str(at)], stdout=subprocess.PIPE, env=environment
    )


@posix
def test_a_kill_at_any_call_leaves_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "a.json"
    seen = []
    for at in range(1, 30):
        path.write_bytes(OLD)
        with child(path, at) as process:
            process.communicate()
        assert process.returncode in {-signal.SIGKILL, 0}
        seen.append(path.read_bytes())
        assert seen[-1] in {OLD, b"0" * 4096 + b"end"}
        if process.returncode == 0:
            break
    assert process.returncode == 0, "the calls were not counted to the end"
    assert seen.count(OLD) >= 5 and len(seen) > seen.count(OLD) + 1


@posix
@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    path, chance = tmp_path / "a.json", random.Random(5)
    for _ in range(24):
        with child(path) as process:
            assert process.stdout is not None
            process.stdout.read(chance.randrange(1, 40))
            process.kill()
        data = path.read_bytes()
        assert len(data) == 4099 and len(set(data[:4096])) == 1 and data.endswith(b"end")


@posix
def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The kernel itself refuses: a limit on the size of files stands for the full disk."""
    path = tmp_path / "a.json"
    path.write_bytes(OLD)
    program = (
        "import resource, signal, sys\nfrom gradlab.engine.errors import UserError\nfrom gradlab.engine import files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: files.write_atomic(sys.argv[1], b'x' * 100_000)\n"
        "except UserError as error: print(error)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout == f"{str(path)!r}: cannot be saved: {os.strerror(errno.EFBIG)}\n"
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["a.json"]


@posix
def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(OLD)
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        write_atomic(old, NEW)
        write_atomic(new, NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o640
    old.chmod(0o606)
    write_atomic(old, OLD)
    assert stat.S_IMODE(old.stat().st_mode) == 0o606


@posix
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "a", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    write_atomic(link, NEW)
    assert link.is_symlink() and target.read_bytes() == NEW
    target.unlink()
    write_atomic(link, OLD)
    assert link.is_symlink() and target.read_bytes() == OLD


def odd_files(folder: Path) -> dict[str, Path]:
    """Return one of each thing that is no plain file, by what the message calls it."""
    pipe, loop = folder / "pipe", folder / "loop"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    (folder / "folder").mkdir()
    return {"pipe": pipe, "folder": folder / "folder", "Too many levels": loop, "device": Path("/dev/zero")}


@posix
@pytest.mark.parametrize("action", [read_limited, lambda path: write_atomic(path, NEW), check_writable])
@pytest.mark.timeout(20)
def test_what_is_no_plain_file_is_refused_without_waiting(tmp_path, action):
    for name, path in odd_files(tmp_path).items():
        with pytest.raises(UserError) as caught:
            action(path)
        assert name in str(caught.value) and str(path) in str(caught.value)
    assert names(tmp_path) == ["folder", "loop", "pipe"]


@posix
def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(UserError, match="is a socket, not a file"):
            read_limited("socket")


def test_large_files_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(UserError, match="2,147,483,648 bytes, more than the 5,242,880"):
        read_limited(path)
    path.write_bytes(b"12345")
    assert read_limited(path, limit=5) == b"12345"
    with pytest.raises(UserError):
        read_limited(path, limit=4)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "grows"
    path.write_bytes(b"123456")
    small = os.stat_result((stat.S_IFREG | 0o600, 0, 0, 1, 0, 0, 3, 0, 0, 0))
    monkeypatch.setattr(files.os, "fstat", lambda descriptor: small)
    with pytest.raises(UserError, match="6 bytes, more than the 5"):
        read_limited(path, limit=5)


@pytest.mark.parametrize(
    ("path", "why"),
    [("missing", "no such file"), ("a\0b", "null byte"), ("x" * 300, "too long"), ("\udfff\ud800", "surrogates")],
)
def test_impossible_paths_are_named(tmp_path, monkeypatch, path, why):
    monkeypatch.chdir(tmp_path)
    for action in (read_limited, lambda where: write_atomic(f"{where}/b", NEW)):
        with pytest.raises(UserError) as caught:
            action(path)
        assert "\n" not in str(caught.value) and str(caught.value).isprintable()
    with pytest.raises(UserError, match=why):
        read_limited(path)


def test_a_long_path_keeps_its_end():
    assert files.shown("/very" * 50 + "/name.json").endswith("/name.json'")


def test_a_read_only_file_or_folder_is_refused(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(OLD)
    path.chmod(0o444)
    for action in (check_writable, lambda where: write_atomic(where, NEW)):
        with pytest.raises(UserError, match="the file is read-only"):
            action(path)
    assert path.read_bytes() == OLD


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555)
    for action in (check_writable, lambda where: write_atomic(where, NEW)):
        with pytest.raises(UserError, match=r"cannot be saved: (the folder is read-only|Permission denied)"):
            action(folder / "a")


def test_a_missing_folder_is_named(tmp_path):
    for action in (check_writable, lambda where: write_atomic(where, NEW)):
        with pytest.raises(UserError, match="cannot be saved: the folder does not exist"):
            action(tmp_path / "no" / "a")
    check_writable(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_file_that_somebody_else_wrote_is_not_overwritten(tmp_path):
    path = tmp_path / "a"
    write_atomic(path, OLD, since=None)
    seen = stamp(path)
    write_atomic(path, NEW, since=seen)
    with pytest.raises(ChangedError, match="changed on disk"):
        write_atomic(path, OLD, since=seen)
    with pytest.raises(ChangedError):
        write_atomic(path, OLD, since=None)
    assert path.read_bytes() == NEW
    assert stamp(tmp_path / "none") is None


def test_the_temporary_name_of_somebody_else_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "secrets", SimpleNamespace(token_hex=lambda n: "0"))
    other = tmp_path / ".a.0.tmp"
    other.write_bytes(b"theirs")
    with pytest.raises(UserError, match="exists"):
        write_atomic(tmp_path / "a", NEW)
    assert other.read_bytes() == b"theirs"
