"""What the README promises is there: files, make targets, commands, and the preset it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from processes import ROOT

from gradlab.cli import commands
from gradlab.engine import presets

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_what_it_links_to_is_there(link: str) -> None:
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))))
def test_its_make_targets_are_there(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
    assert f"make {target} " in MAKEFILE, "make help tells it"


def test_its_commands_are_there() -> None:
    known = set(typer.main.get_command(commands.app).commands)  # type: ignore[attr-defined]
    told = set(re.findall(r"^gradlab ([a-z]+)(?![\w.-])", README, re.MULTILINE))
    assert told >= {"run", "list", "grad", "doctor"}
    assert told <= known


@pytest.mark.parametrize("name", sorted(set(re.findall(r"gradlab run ([a-z0-9-]+)", README))))
def test_the_presets_it_runs_are_there(name: str) -> None:
    assert presets.find(name).is_file()


def test_the_preset_it_shows_loads(tmp_path: Path) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    preset = presets.loads(text)
    assert [racer.id for racer in preset.spec.racers] == ["adam", "sgd"]


def test_the_changes_it_shows_are_taken() -> None:
    from gradlab.engine.edits import put_text

    spec = presets.load(presets.find("rosenbrock-race")).spec
    for path, value in re.findall(r"--set (\S+)=(\S+)", README):
        assert put_text(spec, path, value) != spec


def test_make_help_tells_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    told = set(re.findall(r"make ([a-z]+) ", MAKEFILE))
    assert set(phony.split()) - {"help", "system", "screen"} <= told
