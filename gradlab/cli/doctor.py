"""``gradlab doctor``: what gradlab finds on this machine, and what to do about what it does not find."""

from __future__ import annotations

import importlib.metadata
import json as jsonlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from gradlab import __version__

from . import output
from .codes import Code

PACKAGES = ("PySide6-Essentials", "pyqtgraph", "PyOpenGL", "numpy", "torch", "sympy", "networkx", "pydantic", "ziamath")
EXTRAS = ("pyarrow", "pytorch_optimizer", "tensorboard", "distributed")
PROBE_S = 30
"""Seconds that Qt may take to say what it finds."""


def doctor(*, json: bool) -> int:
    """Print the findings; the exit code is 0 whatever they are."""
    found = examine()
    if json:
        output.say_json(found)
        return Code.OK
    for section in ("gradlab", "torch", "qt", "packages", "extras"):
        output.say(section)
        for name, value in found[section].items():
            output.say(f"  {name:<20} {_shown(value)}")
    for line in found["advice"]:
        output.say(f"→ {line}")
    return Code.OK


def examine() -> dict[str, Any]:
    """Return all findings by section, and advice."""
    found: dict[str, Any] = {
        "gradlab": {
            "version": __version__,
            "python": f"{platform.python_version()} ({sys.executable})",
            "system": platform.platform(),
            "processors": os.cpu_count() or 1,
        },
        "torch": probe_torch(),
        "qt": probe_qt(),
        "packages": {name: _version(name) or "missing" for name in PACKAGES},
        "extras": {name: _version(name) or "not installed" for name in EXTRAS},
    }
    found["advice"] = list(advice(found))
    return found


def probe_torch() -> dict[str, Any]:
    """Return torch's version, build, devices and threads; why not, where it cannot be imported."""
    try:
        import torch
    except Exception as error:  # noqa: BLE001 - a broken installation fails in any way it likes
        return {"problem": " ".join(f"{type(error).__name__}: {error}".split())}
    cuda = torch.cuda.is_available()
    devices = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())] if cuda else []
    return {
        "version": torch.__version__,
        "build": f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU",
        "devices": ["cpu", *devices],
        "threads": torch.get_num_threads(),
    }


def probe_qt() -> dict[str, Any]:
    """Return what Qt finds in a process of its own, or the last thing it said before it died."""
    command = [sys.executable, "-m", "gradlab.ui.probe"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_S, check=False, errors="replace")  # noqa: S603
        found: dict[str, Any] = jsonlib.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"problem": " ".join(str(error).split())}
    except ValueError:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        telling = [line for line in said if "qt.qpa" in line or "Error" in line]
        return {"problem": (telling or said or [f"ended with code {done.returncode}"])[0]}
    return found


def advice(found: dict[str, Any]) -> Iterator[str]:
    """Give a line for everything that is missing, with what mends it."""
    torch, qt = found["torch"], found["qt"]
    if "problem" in torch:
        yield "torch cannot be imported; reinstall it: uv tool install gradlab --torch-backend=auto --reinstall"
    elif len(torch["devices"]) == 1 and torch["build"] != "CPU":
        yield "torch was built for CUDA but finds no device; the driver may be missing or too old"
    if "problem" in qt:
        yield "Qt opens no window here (no screen?); gradlab run works without one, and so does xvfb-run gradlab"
    elif not qt["opengl"]:
        yield "no OpenGL: the contour takes the surface's place; a driver, or Mesa's software OpenGL, brings it back"
    elif qt["opengl"]["software"]:
        yield "OpenGL is drawn by the processor: the surface will be slower than with a graphics driver"
    if "problem" not in qt and not qt["chinese"]:
        yield "no font with Chinese characters; fonts-noto-cjk is one"
    if sys.version_info < (3, 12) and str(qt.get("pyside", "")).startswith("6.12"):
        yield "PySide6 6.12 aborts Python 3.11; install PySide6-Essentials<6.12"
    missing = [name for name, version in found["packages"].items() if version == "missing"]
    if missing:
        yield f"reinstall gradlab; missing: {', '.join(missing)}"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(child)}" for name, child in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
