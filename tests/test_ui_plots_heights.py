"""How values become heights where f has poles, and where it has deep wells."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.ui.plots.heights import Heights

SIDE = np.linspace(-1, 1, 201)
X, Y = np.meshgrid(SIDE, SIDE)
with np.errstate(divide="ignore", invalid="ignore"):
    PEAK, PIT, BOTH = 1 / (X**2 + Y**2), -1 / (X**2 + Y**2) ** 2, 1 / X


@pytest.mark.parametrize("z", [PEAK, PIT, BOTH + np.where(Y > 0.99, 1e9, 0)], ids=["peak", "pit", "spike"])
def test_a_pole_leaves_the_rest_its_relief(z: np.ndarray) -> None:
    heights = Heights.over("linear", z)
    assert heights.cut
    assert "cut at" in heights.words("f")
    drawn = heights.of(z)
    assert np.nanmin(drawn) == heights.low
    assert np.nanmax(drawn) == heights.high
    usual = np.nanquantile(z, 0.95) - np.nanquantile(z, 0.05)
    assert heights.high - heights.low < 60 * usual
    kept = (z > heights.low) & (z < heights.high)
    np.testing.assert_array_equal(drawn[kept], z[kept])
    assert kept.mean() > 0.97
    assert all(heights.low <= height <= heights.high for height, _ in heights.ticks())


def test_a_narrow_well_is_never_cut() -> None:
    easom = -np.cos(20 * X) * np.cos(20 * Y) * np.exp(-400 * (X**2 + Y**2))
    for z in (easom, X**2 + 100 * Y**4, X, np.zeros_like(X)):
        heights = Heights.over("linear", z)
        assert not heights.cut
        np.testing.assert_array_equal(heights.of(z), z)
        assert heights.words("f") == "f"


def test_the_lowest_value_has_a_tick_where_there_is_room() -> None:
    heights = Heights.over("log", 50 * (X**2 + Y**2) - 78.0)
    height, text = heights.ticks()[0]
    assert (height, text) == (0.0, "-78")
    places = [height for height, _ in heights.ticks()]
    assert min(np.diff(places)) > 0.05 * places[-1]


@pytest.mark.parametrize(("low", "high", "texts"), [
    (0.279, 5.303, ["1", "2", "3", "4", "5"]),
    (-78.3, 250.0, ["0", "100", "200"]),
    (1_000_000.2, 1_000_004.1, ["1.000001×10⁶", "1.000002×10⁶", "1.000003×10⁶", "1.000004×10⁶"]),
])  # fmt: skip
def test_values_are_written_at_round_numbers(low: float, high: float, texts: list[str]) -> None:
    ticks = Heights.over("linear", np.linspace(low, high, 101)).ticks()
    assert [text for _, text in ticks] == texts
    assert all(low <= height <= high for height, _ in ticks)
