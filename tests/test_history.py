"""The record of a run: exact rows, bounded memory, curves that lose no spike."""

from __future__ import annotations

import io
import os
import tracemalloc

import numpy as np
import psutil
import pytest

from gradlab.engine.history import SNAPSHOTS, History, Snapshots
from gradlab.engine.record import Block, Column

COLUMNS = (
    Column("x", "r.{0}.{1}", (("a", "b"), ("x", "y"))),
    Column("f", "r.{0}.f", (("a", "b"),), curve=True),
)


def made(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"x": rng.normal(size=(rows, 2, 2)), "f": rng.normal(size=(rows, 2))}


def fill(history: History, data: dict[str, np.ndarray], block: int, first: int = 0) -> History:
    rows = len(data["f"])
    for start in range(first, rows - 1, block):
        stop = min(start + block + 1, rows)
        history.extend(Block(start, {name: values[start:stop] for name, values in data.items()}))
    return history


@pytest.mark.parametrize("block", [1, 7, 250, 5000])
def test_rows_read_back_exactly(block: int) -> None:
    data = made(12_345)
    history = fill(History(COLUMNS, ram_rows=1000), data, block)
    assert history.rows == 12_345
    for row in (0, 1, 999, 5000, 11_344, 11_345, 12_343, 12_344):
        np.testing.assert_array_equal(history.row(row)["x"], data["x"][row])
    chunk = history.read(2000, 12_345)
    np.testing.assert_array_equal(chunk["f"], data["f"][2000:])


def test_the_tip_is_replaced_by_the_row_of_the_update() -> None:
    history = History(COLUMNS)
    tip = made(1, seed=1)
    history.extend(Block(0, tip))
    assert history.rows == 1
    data = made(3, seed=2)
    history.extend(Block(0, data))
    assert history.rows == 3
    np.testing.assert_array_equal(history.row(0)["x"], data["x"][0])
    with pytest.raises(ValueError, match="from row 2, not 3"):
        history.extend(Block(3, data))
    with pytest.raises(IndexError, match="row 3 of 3"):
        history.row(3)


@pytest.mark.parametrize("at_once", [2, 7, 1000])
def test_blocks_that_come_together_leave_what_one_after_the_other_does(at_once: int) -> None:
    data = made(9001)
    one, other = fill(History(COLUMNS), data, 9), History(COLUMNS)
    blocks = [Block(low, {name: rows[low : low + 10] for name, rows in data.items()}) for low in range(0, 9000, 9)]
    for low in range(0, len(blocks), at_once):
        other.extend(*blocks[low : low + at_once])
    assert other.rows == one.rows == 9001
    np.testing.assert_array_equal(other.read(0, 9001)["x"], data["x"])
    found, wanted = (h.curves("f", points=100) + h.path("x") for h in (other, one))
    for mine, other_way in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(mine, other_way)
    with pytest.raises(ValueError, match="from row 9002, not 9003"):
        other.extend(*(Block(row, made(3)) for row in (9000, 9003)))


def test_curves_keep_every_spike_and_gap() -> None:
    data = made(100_000)
    data["f"][77_777, 1] = 99.0
    data["f"][:, 0] = np.nan
    history = fill(History(COLUMNS, ram_rows=1000), data, 997)
    rows, values = history.curves("f", points=1000)
    assert len(rows) <= 2000
    assert np.nanmax(values[:, 1]) == 99.0
    assert np.isnan(values[:-1, 0]).all()
    assert rows[0] == 0
    assert rows[-1] == 99_999
    assert (np.diff(rows) >= 0).all()
    near, exact = history.curves("f", 77_770, 77_790, points=1000)
    np.testing.assert_array_equal(near, np.arange(77_770, 77_791))
    np.testing.assert_array_equal(exact, data["f"][77_770:77_791])


def test_a_path_that_bounces_shows_both_sides_however_long() -> None:
    rows = 60_001
    data = made(rows)
    data["x"][:] = np.where(np.arange(rows) % 2, 1.0, -1.0)[:, None, None]
    history = fill(History(COLUMNS, ram_rows=500), data, 613)
    steps, x = history.path("x", until=50_000)
    assert len(steps) < 10_000
    assert steps[-1] == 50_000
    np.testing.assert_array_equal(x, data["x"][steps])
    late = steps > 30_000
    assert {-1.0, 1.0} == set(x[late, 0, 0])


def test_past_the_disk_budget_rows_are_thinned_and_it_says_so() -> None:
    data = made(20_000)
    itemsize = History(COLUMNS).dtype.itemsize
    history = fill(History(COLUMNS, ram_rows=100, disk_bytes=1000 * itemsize), data, 50)
    assert "every" in history.trouble
    near = history.nearest(4321)
    assert near <= 4321
    np.testing.assert_array_equal(history.row(4321)["x"], data["x"][near])
    np.testing.assert_array_equal(history.row(19_990)["x"], data["x"][19_990])
    steps = [row for row, _ in history.records()]
    assert steps == sorted(set(steps))
    assert steps[-1] == 19_999
    with pytest.raises(LookupError):
        history.read(10, 20)


def test_a_full_disk_keeps_the_newest_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    data = made(3000)
    history = fill(History(COLUMNS, ram_rows=200), {k: v[:1001] for k, v in data.items()}, 50)

    def full(_place: int, _records: np.ndarray) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(history._store, "_put", full)
    fill(history, data, 50, first=1000)
    assert "No space left" in history.trouble
    np.testing.assert_array_equal(history.row(2990)["x"], data["x"][2990])
    assert history.nearest(10) >= 2000


def test_a_fork_goes_on_by_itself() -> None:
    data, other = made(5000), made(6000, seed=9)
    history = fill(History(COLUMNS, ram_rows=300), data, 100)
    fork = history.fork(2500)
    fill(fork, other, 100, first=2500)
    np.testing.assert_array_equal(fork.row(2499)["x"], data["x"][2499])
    np.testing.assert_array_equal(fork.row(2501)["x"], other["x"][2501])
    np.testing.assert_array_equal(history.row(2501)["x"], data["x"][2501])
    assert fork.rows == 6000


def test_csv_reads_back_bit_for_bit() -> None:
    data = made(700)
    data["f"][3, 0] = np.inf
    history = fill(History(COLUMNS, ram_rows=100), data, 64)
    text = io.StringIO()
    history.write_csv(text, preamble={"device": "cpu"})
    lines = text.getvalue().splitlines()
    assert lines[:2] == ["# device: cpu", "step,r.a.x,r.a.y,r.b.x,r.b.y,r.a.f,r.b.f"]
    table = np.array([[float(cell) for cell in line.split(",")] for line in lines[2:]])
    np.testing.assert_array_equal(table[:, 0], np.arange(700))
    np.testing.assert_array_equal(table[:, 1:5].reshape(-1, 2, 2), data["x"])
    np.testing.assert_array_equal(table[:, 5:], data["f"])


def test_snapshots_stay_within_their_budget() -> None:
    kept = Snapshots(budget=100 * 800)
    for row in range(5000):
        kept.add(row, np.full(100, float(row)))
    assert len(kept._kept) <= 101
    assert kept.at(None)[0] == 4999  # type: ignore[index]
    row, array = kept.at(2500)  # type: ignore[misc]
    assert row <= 2500
    assert 2500 - row < 500
    assert array[0] == row


def test_small_snapshots_are_kept_by_their_number() -> None:
    kept = Snapshots()
    for row in range(10 * SNAPSHOTS):
        kept.add(row, np.zeros(1))
    assert SNAPSHOTS / 2 <= len(kept._kept) <= SNAPSHOTS


def test_a_million_rows_take_flat_memory_and_no_open_file_stays() -> None:
    process = psutil.Process()
    files = process.num_fds() if os.name == "posix" else 0
    history = History(COLUMNS)
    data = made(1001)
    tracemalloc.start()
    for block in range(1000):
        first = block * 1000
        history.extend(Block(first, data))
        if block == 100:
            early = tracemalloc.get_traced_memory()[0]
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert history.rows == 1_000_001
    assert late < 1.05 * early
    history.close()
    if os.name == "posix":
        assert process.num_fds() == files
