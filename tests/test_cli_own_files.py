"""gradlab run with files of the user's: those named on the command line or beside the preset, code once confirmed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from gradlab.cli import main
from gradlab.engine import own_files

TABLE = "a,b,k\n" + "".join(f"{n},{n % 3},{'xy'[n % 2]}\n" for n in range(20))
CODE = "from torch import nn\n\ndef build(shape, outputs):\n    return nn.Linear(shape[0], outputs)\n"


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in (("_code", set), ("_chosen", set), ("_folders", dict)):
        monkeypatch.setattr(own_files, name, kind())


@pytest.fixture
def call(capsys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what runs a training of the given spec for three steps and gives back exit code and stderr."""

    def run(spec: dict[str, Any], *words: str) -> tuple[int, str]:
        folder = tmp_path / "presets"
        folder.mkdir(exist_ok=True)
        preset = folder / "t.gradlab.json"
        preset.write_text(json.dumps({"schema": 1, "lab": "training", "title": "t", "spec": {"steps": 3, **spec}}))
        code = main(["run", str(preset), "--quiet", *words])
        return code, capsys.readouterr().err

    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return run


def test_a_table_named_on_the_command_line_is_read(call: Any) -> None:
    Path("mine.csv").write_text(TABLE)
    assert call({"data": {"kind": "csv"}}, "--set", "data.file=mine.csv") == (0, "")
    code, told = call({"data": {"kind": "csv"}}, "--set", "data.file=mine.csv", "--set", "data.target=c")
    assert code == 2
    assert "has no column 'c'" in told


def test_a_table_beside_the_preset_is_read_and_no_other(call: Any, tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "mine.csv").write_text(TABLE)
    (tmp_path / "secret.csv").write_text(TABLE)
    assert call({"data": {"kind": "csv", "file": "mine.csv"}}) == (0, "")
    for name in ("../secret.csv", str(tmp_path / "secret.csv")):
        code, told = call({"data": {"kind": "csv", "file": name}})
        assert code == 2
        assert told.count("\n") == 1
        assert "secret.csv" in told


def test_code_runs_only_with_its_hash(call: Any) -> None:
    Path("net.py").write_text(CODE)
    sha256 = hashlib.sha256(CODE.encode()).hexdigest()
    words = ("--set", "network.file=net.py")
    code, told = call({"network": {"kind": "file"}}, *words)
    assert code == 2
    assert (
        f"holds code that has not been confirmed (read it and confirm that it may run; its SHA-256 is {sha256})" in told
    )
    assert call({"network": {"kind": "file"}}, *words, "--confirm-code", sha256) == (0, "")
