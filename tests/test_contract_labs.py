"""Every lab, present and future, passes these."""

from __future__ import annotations

import importlib
import inspect
import itertools
import math
import pkgutil
import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import values

from gradlab import resources
from gradlab.engine.history import History
from gradlab.engine.lab import Lab, discover
from gradlab.engine.model import Frozen, at, leaves
from gradlab.engine.record import Block
from gradlab.engine.run import iterate

LABS = [pytest.param(lab, id=lab.id) for lab in discover()]
RUNNING = [pytest.param(lab, id=lab.id) for lab in discover() if lab.run]
PARTS = ("run", "inspect", "columns", "outcomes", "script", "view")
STEPS = 40
SAMPLES = 10

every_lab = pytest.mark.parametrize("lab", LABS)
every_running_lab = pytest.mark.parametrize("lab", RUNNING)


def blocks(lab: Lab, **changes: Any) -> list[Block]:
    """Return the blocks of a short run of the default spec."""
    return list(iterate(lab, lab.spec(**changes)))


def test_there_are_labs_and_each_has_its_own_name() -> None:
    labs = discover()
    assert labs
    assert len({lab.id for lab in labs}) == len({lab.title for lab in labs}) == len(labs)


@every_lab
def test_what_a_lab_names_is_there(lab: Lab) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", lab.id)
    assert lab.title
    assert lab.summary.endswith(".")
    for part in PARTS:
        assert not getattr(lab, part) or callable(lab.load(part)), part
    assert lab.view
    assert lab.inspect
    assert bool(lab.run) == bool(lab.columns) == (lab.on_change != "instant")
    assert lab.outcomes
    assert lab.icon
    assert resources.path("icons", f"{lab.icon}.svg").is_file()


@every_lab
def test_every_part_of_a_lab_is_told(lab: Lab) -> None:
    package = importlib.import_module(lab.view.rsplit(".", 1)[0].split(":")[0])
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        module = importlib.import_module(found.name)
        assert module.__doc__, found.name
        own = [item for _, item in inspect.getmembers(module) if getattr(item, "__module__", "") == found.name]
        public = [item for item in own if not item.__name__.startswith("_")]
        assert all(inspect.getdoc(item) for item in public), [item for item in public if not inspect.getdoc(item)]


@every_lab
def test_a_spec_and_a_look_come_back_from_json(lab: Lab) -> None:
    rng = random.Random(lab.id)
    for cls in (lab.spec, lab.look):
        for value in [cls(), *(values.draw(cls, rng) for _ in range(SAMPLES))]:
            text = value.model_dump_json()
            again = cls.model_validate_json(text)
            assert again == value
            assert hash(again) == hash(value)
            assert again.model_dump_json() == text


@every_lab
def test_every_leaf_of_a_spec_is_reached_by_its_path(lab: Lab) -> None:
    spec = lab.spec()
    found = leaves(spec)
    assert found
    assert all(at(spec, path) == value for path, value in found.items())
    assert not [path for path, value in found.items() if isinstance(value, Frozen)]


@every_lab
def test_every_field_of_a_spec_is_told(lab: Lab) -> None:
    dumb = [name for name, info in lab.spec.model_fields.items() if not (info.description or info.title)]
    assert not dumb


@every_running_lab
def test_blocks_follow_each_other_at_the_tip(lab: Lab) -> None:
    """A block begins at the tip of the one before, which it completes; N steps give N + 1 rows."""
    made = blocks(lab, steps=STEPS)
    assert made[0].first == 0
    assert made[-1].tip == STEPS
    for before, after in itertools.pairwise(made):
        assert after.first == before.tip
        for name, rows in before.columns.items():
            tip, start = rows[-1], after.columns[name][0]
            measured = ~np.isnan(tip)  # what the tip lacks, such as its update, comes with the next block
            np.testing.assert_array_equal(tip[measured], start[measured], err_msg=name)


@every_running_lab
def test_blocks_hold_the_columns_as_declared(lab: Lab) -> None:
    spec = lab.spec(steps=STEPS)
    columns = lab.load("columns")(spec)
    headings = [heading for column in columns for heading in column.headings()]
    assert len(headings) == len(set(headings))
    for block in iterate(lab, spec):
        assert set(block.columns) == {column.name for column in columns if not column.heavy}
        for column in columns:
            if column.heavy:
                assert not block.heavy or block.heavy[column.name].size == sum(map(math.prod, column.sizes))
                continue
            rows = block.columns[column.name]
            assert type(rows) is np.ndarray
            assert rows.shape == (block.tip - block.first + 1, *column.shape), column.name
            assert rows.dtype == np.dtype(column.dtype), column.name


@every_running_lab
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_comes_out_the_same_again(lab: Lab, dtype: str) -> None:
    first, second = blocks(lab, steps=STEPS, dtype=dtype), blocks(lab, steps=STEPS, dtype=dtype)
    assert [block.first for block in first] == [block.first for block in second]
    for one, other in zip(first, second, strict=True):
        for name, rows in one.columns.items():
            np.testing.assert_array_equal(rows, other.columns[name], err_msg=name)


@pytest.fixture
def history_of() -> Iterator[Any]:
    """Return the history of a short run; close it afterwards."""
    opened: list[History] = []

    def record(lab: Lab, spec: Any) -> History:
        history = History(lab.load("columns")(spec))
        opened.append(history)
        for block in iterate(lab, spec):
            history.extend(block)
        return history

    yield record
    for history in opened:
        getattr(history, "close", lambda: None)()


@every_running_lab
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_is_the_value_at_its_own_place(lab: Lab, dtype: str, history_of: Any) -> None:
    """Row k is the state before update k: f is the value at the x beside it, bit for bit, and never one step off."""
    import torch

    spec = lab.spec(steps=STEPS, dtype=dtype)
    history = history_of(lab, spec)
    assert history.rows == STEPS + 1
    row = history.row(0)
    if not {"x", "f"} <= set(row) or not hasattr(spec, "objective"):
        pytest.skip("this lab does not descend a function")
    for step in range(history.rows):
        row = history.row(step)
        for x, f in zip(row["x"], row["f"], strict=True):
            place = [torch.tensor(value, dtype=getattr(torch, dtype)) for value in x]
            assert spec.objective(*place).item() == f, step


@every_running_lab
def test_outcomes_have_stable_names_and_plain_values(lab: Lab, history_of: Any) -> None:
    spec = lab.spec(steps=STEPS)
    found = lab.load("outcomes")(spec, history_of(lab, spec))
    assert found
    for name, value in found.items():
        assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name)
        assert isinstance(value, str | int | float | tuple), name
        assert not isinstance(value, tuple) or all(type(entry) is float for entry in value), name
    again = lab.load("outcomes")(spec, history_of(lab, spec))
    assert again.keys() == found.keys()
