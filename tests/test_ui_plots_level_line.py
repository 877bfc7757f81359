"""The line of one level over a map."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from gradlab.ui.plots.level_line import LevelLine


@pytest.fixture
def line(qapp: QApplication) -> LevelLine:
    line = LevelLine(1.0)
    axis = np.linspace(-2.0, 2.0, 81)
    line.set_grid(axis, axis, axis[None, :] ** 2 + axis[:, None] ** 2)
    return line


def test_its_pieces_lie_where_the_grid_takes_the_level(line: LevelLine) -> None:
    line.set_level(1.0)
    assert line.isVisible()
    pieces = line.pieces()
    assert len(pieces) > 100
    np.testing.assert_allclose(np.hypot(pieces[..., 0], pieces[..., 1]), 1.0, atol=1e-3)


def test_it_asks_for_paint_when_the_level_is_another_and_only_then(
    line: LevelLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(line, "update", lambda: asked.append(1))
    for level, news in ((None, 0), (1.0, 1), (1.0, 1), (float("nan"), 2), (None, 2), (float("inf"), 3), (2.0, 4)):
        line.set_level(level)
        assert len(asked) == news, level
    assert line.isVisible()
