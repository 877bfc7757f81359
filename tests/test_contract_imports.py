"""The import contracts hold, each of them bites, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from processes import ROOT, python

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

SABOTAGE = {
    "a layer reaches up": ({"ui/theme.py": "import gradlab.labs"}, {"layers"}),
    "a module belongs to no layer": ({"extra.py": ""}, {"layers"}),
    "a runner draws": ({"labs/descent/runner.py": "import PySide6.QtWidgets"}, {"qt"}),
    "a measurement plots": ({"labs/descent/measurement.py": "import pyqtgraph"}, {"qt"}),
    "the engine uses Qt": ({"engine/model.py": "import PySide6"}, {"qt"}),
    "what every front door imports uses Qt": ({"engine/lab.py": "import PySide6"}, {"qt", "front-door"}),
    "the command line draws": ({"cli/__init__.py": "import PySide6"}, {"qt"}),
    "a runner uses the UI kit": ({"labs/descent/runner.py": "import gradlab.ui.theme"}, {"ui"}),
    "the command line opens the shell by itself": ({"cli/__init__.py": "import gradlab.shell"}, {"shell"}),
    "a front door imports its view": ({"labs/descent/__init__.py": "from .view import descent_view"}, {"front-door"}),
    "a look knows the measurement": ({"labs/descent/look.py": "from . import measurement"}, {"lab-layers"}),
    "a lab uses another": ({"labs/other/__init__.py": "import gradlab.labs.descent.spec"}, {"labs"}),
    "two modules need each other": (
        {"engine/errors.py": "import gradlab.engine.text", "engine/text.py": "import gradlab.engine.errors"},
        {"cycles"},
    ),
}


def broken(folder: Path) -> set[str]:
    """Return the ids of the contracts that the package in ``folder`` breaks."""
    script = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    result = python("-c", script, folder=folder)
    told = {c["id"] for c in CONTRACTS if f"{c['name']} BROKEN" in " ".join(result.stdout.split())}
    kept = {c["id"] for c in CONTRACTS if f"{c['name']} KEPT" in " ".join(result.stdout.split())}
    assert told | kept == {c["id"] for c in CONTRACTS}, result.stdout + result.stderr
    assert bool(told) == bool(result.returncode)
    return told


@pytest.fixture(scope="module")
def already() -> set[str]:
    """Return what the package breaks as it is, so that one broken rule fails one test."""
    return broken(ROOT)


def test_the_package_keeps_every_contract(already: set[str]) -> None:
    assert already == set()


def test_every_contract_is_tried() -> None:
    tried = set().union(*(expected for _, expected in SABOTAGE.values() if len(expected) == 1))
    assert tried == {contract["id"] for contract in CONTRACTS}


@pytest.mark.parametrize("what", SABOTAGE)
def test_a_broken_rule_is_seen(what: str, already: set[str], tmp_path: Path) -> None:
    edits, expected = SABOTAGE[what]
    shutil.copytree(ROOT / "gradlab", tmp_path / "gradlab", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in edits.items():
        file = tmp_path / "gradlab" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text((file.read_text() if file.exists() else "") + f"\n{line}\n")
    assert broken(tmp_path) == expected | already


LIGHT = """
import importlib, pkgutil, sys
import gradlab, gradlab.engine, gradlab.labs

def walk(package):
    yield package.__name__
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield found.name

names = ["gradlab", "gradlab.resources", *walk(gradlab.engine), "gradlab.labs"]
for lab in pkgutil.iter_modules(gradlab.labs.__path__, "gradlab.labs."):
    parts = [part.name for part in pkgutil.iter_modules(importlib.import_module(lab.name).__path__)]
    names += [lab.name, *(f"{lab.name}.{part}" for part in parts if part in {LIGHT_PARTS})]
names.append("gradlab.cli")
heavy = {"torch", "sympy", "networkx", "ziamath", "PySide6", "shiboken6", "pyqtgraph", "OpenGL"}
for name in names:
    importlib.import_module(name)
    brought = heavy & set(sys.modules)
    heavy -= brought
    if brought:
        print(name, "imports", *sorted(brought))
"""


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    parts = {"spec", "look", "measurement", "outcomes", "script"}
    code = LIGHT.replace("{LIGHT_PARTS}", repr(parts))
    result = python("-c", code)
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_computing_needs_no_qt() -> None:
    code = (
        "import sys; from gradlab.labs import discover\n"
        "for lab in discover():\n"
        "    [lab.load(part) for part in ('run', 'inspect', 'columns', 'outcomes', 'script') if getattr(lab, part)]\n"
        "print(*sorted({'PySide6', 'shiboken6', 'pyqtgraph', 'OpenGL'} & set(sys.modules)))"
    )
    result = python("-c", code)
    assert (result.stdout.strip(), result.stderr, result.returncode) == ("", "", 0)
