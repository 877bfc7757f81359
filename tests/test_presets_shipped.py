"""Every shipped preset of every lab loads, says what to look at, and opens: it runs, or its pictures come."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.engine import presets
from gradlab.engine.lab import discover, lab_of
from gradlab.engine.run import iterate

SHIPPED = presets.library()
NAMES = [entry.name for entry in SHIPPED]
LABS = {lab.id: lab for lab in discover()}
STEPS = 3

every_preset = pytest.mark.parametrize("entry", SHIPPED, ids=NAMES)


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)
    titles = [entry.title for entry in SHIPPED]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("lab", "least"), [("descent", 12), ("function", 8), ("activation", 8), ("loss", 8), ("training", 20)]
)
def test_every_lab_has_enough_of_them(lab, least):
    assert len([entry for entry in SHIPPED if entry.lab == lab]) >= least


@every_preset
def test_it_loads_and_says_what_to_look_at(entry):
    preset = presets.load(entry.path)
    assert preset.title == entry.title
    assert preset.lab == entry.path.parent.name
    assert 10 <= len(entry.title) <= 60
    assert 80 <= len(entry.comment) <= 420
    assert preset.comment == entry.comment
    assert entry.comment[-1] == "."
    assert not preset.changes
    again = presets.dumps(preset)
    assert presets.dumps(presets.loads(again)) == again


@pytest.mark.parametrize("entry", [e for e in SHIPPED if LABS[e.lab].run], ids=lambda entry: entry.name)
def test_it_runs(entry):
    preset = presets.load(entry.path)
    lab = lab_of(preset.lab)
    names = {column.name for column in lab.load("columns")(preset.spec) if not column.heavy}
    blocks = list(iterate(lab, preset.spec.replace(steps=STEPS)))
    assert blocks[-1].tip == STEPS
    assert all(set(block.columns) == names for block in blocks)
    assert all(np.isfinite(block.columns["f"]).any() for block in blocks if "f" in block.columns)


@pytest.mark.parametrize("entry", [e for e in SHIPPED if not LABS[e.lab].run], ids=lambda entry: entry.name)
def test_its_pictures_come(entry):
    preset = presets.load(entry.path)
    lab = lab_of(preset.lab)
    look = preset.look if preset.look is not None else lab.look()
    assert list(lab.load("inspect")(preset.spec, None, look, None))
    assert lab.load("outcomes")(preset.spec, None)
