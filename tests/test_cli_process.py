"""The command line from the outside: streams, signals, and what is not imported."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradlab import __version__
from gradlab.engine.files import shown

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and shells")
COMMAND = [sys.executable, "-m", "gradlab"]


def environment(**changes: str | None) -> dict[str, str]:
    """Return the environment with changes; None takes a variable out."""
    found = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | changes
    return {name: value for name, value in found.items() if value is not None}


def call(*words: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, env=environment(**changes), check=False, timeout=120
    )


def test_exit_codes_and_streams_reach_the_shell(tmp_path):
    done = call("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"gradlab {__version__}\n", "")
    done = call("run", str(tmp_path / "none.json"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"gradlab: {shown(tmp_path / 'none.json')}: cannot be read: there is no such file\n"
    words = [f"racers.{racer}.optimizer.lr=2" for racer in ("lr-0-1", "lr-1-0", "lr-1-1")]
    done = call("run", "step-too-big", "--steps", "2000", *(word for path in words for word in ("--set", path)))
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.count("diverged at step") == 3


IMPORTS = """
import sys
from gradlab.cli import main
code = main({words!r})
print(sorted(set(sys.modules) & {{"torch", "sympy", "PySide6", "pyqtgraph", "numpy"}}), code, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["--version"], set()),
        (["list"], {"numpy"}),
        (["presets"], set()),
        (["schema", "descent"], {"numpy"}),
        (["run", "step-too-big"], {"numpy", "torch", "sympy"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_nothing_is_imported_that_is_not_needed(words, allowed):
    """No command but the window's needs Qt, nor a screen; listing does not wait for torch."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS.format(words=words)],
        capture_output=True,
        text=True,
        env=environment(DISPLAY=None, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None),
        check=True,
    )
    loaded, _, code = done.stderr.strip().rpartition(" ")
    assert code == "0"
    assert set(json.loads(loaded.replace("'", '"'))) <= allowed


@pytest.mark.parametrize(("words", "code"), [(["list"], 141), (["grad", "x^2", "x=3"], 141), (["--help"], 1)])
def test_a_reader_that_goes_away_is_no_error(words, code):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, *words], stdout=writer, stderr=subprocess.PIPE, env=environment(), check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["list"], ["grad", "x^2", "x=3"], ["run", "step-too-big", "--quiet", "--json"]])
def test_a_disk_that_is_full_is_one_line(words):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.stderr == b"gradlab: standard output cannot be written: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize("words", ["list", "--version", "run step-too-big"])
def test_a_closed_stdout_is_no_error(words):
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m gradlab {words} >&-', sys.executable],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_stderr_is_no_error():
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m gradlab lst 2>&-', sys.executable],
        env=environment(),
        check=False,
        capture_output=True,
    )
    assert (done.returncode, done.stdout) == (2, b"")


ENCODINGS = [
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "ascii"},
]


@pytest.mark.parametrize(
    ("words", "changes"),
    [(words, changes) for words in (["list", "optimizer"], ["qqqé"]) for changes in ENCODINGS]
    + [(["run", "step-too-big"], ENCODINGS[1])],
)
def test_any_encoding_will_do(words, changes):
    done = subprocess.run([*COMMAND, *words], capture_output=True, env=environment(LANG=None, **changes), check=False)
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr
    assert done.returncode == (2 if words == ["qqqé"] else 0)


@pytest.fixture
def running(tmp_path: Path) -> Any:
    """Start a long run whose stderr is a screen; give the process once its progress bar shows steps being made."""
    screen, side = pty.openpty()
    words = ["run", "himmelblau-adam", "--steps", "100000000", "--out", str(tmp_path / "a.csv")]
    environ = environment(TERM="xterm", COLUMNS="100")
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=side, env=environ) as process:
        os.close(side)
        shown = b""
        while b"steps/s" not in shown:
            shown += os.read(screen, 4096)
        process.screen = screen  # type: ignore[attr-defined]
        yield process
        process.kill()
    os.close(screen)


def drained(screen: int) -> bytes:
    """Return what is still on the screen; its end shows as an error on Linux and as nothing elsewhere."""
    found = b""
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:
            return found
        if not piece:
            return found
        found += piece


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_cleanly(running, number, code, tmp_path):
    running.send_signal(number)
    assert running.wait(timeout=60) == code
    said = drained(running.screen)
    assert b"Traceback" not in said
    assert running.stdout.read() == b""
    assert list(tmp_path.iterdir()) == []


def test_the_probe_finds_qt_where_there_is_a_screen(monkeypatch):
    from gradlab.cli.doctor import probe_qt

    found = probe_qt()
    if "problem" in found:
        pytest.skip(f"no screen: {found['problem']}")
    assert found["platform"] in {"xcb", "offscreen", "wayland", "cocoa", "windows"}
    assert found["fonts"] > 0
    if found["platform"] == "xcb":
        assert found["opengl"]["renderer"]
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert probe_qt()["platform"] == "offscreen"
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such")
    assert "no-such" in probe_qt()["problem"]
