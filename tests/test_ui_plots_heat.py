"""The heat map on screen: colours, numbers, gaps, zeros, uneven columns, and what the mouse is told."""

from __future__ import annotations

import numpy as np
import pytest
from plots import click, hover, painted, pixel, pixels, shown
from PySide6.QtGui import QColor

from gradlab.ui import theme
from gradlab.ui.plots import colours
from gradlab.ui.plots.heat import HeatMap

JACOBIAN = np.array([[0.0819, -0.022, -0.0599], [-0.022, 0.1848, -0.1628], [-0.0599, -0.1628, 0.2227]])


@pytest.fixture
def heat(qtbot):
    return shown(qtbot, HeatMap(x="logit", y="probability"), 520, 420)


def colour_at(plot, x, y):
    at = pixel(plot, x, y)
    return pixels(plot.graphics.grab().toImage())[at.y(), at.x()]


def test_each_cell_has_the_colour_of_its_value_and_row_0_is_on_top(heat):
    heat.show_matrix(JACOBIAN, diverging=True)
    painted(heat)
    for row, column in np.ndindex(3, 3):
        place = colours.indices(JACOBIAN[row, column : column + 1], -0.2227, 0.2227)[0]
        wanted = colours.table(colours.DIVERGING)[place][:3]
        assert np.abs(colour_at(heat, column, row) - wanted).max() <= 6
    assert heat.to_pixels(0, 0).y() < heat.to_pixels(0, 2).y()
    red, _, blue = colour_at(heat, 2, 2)
    assert red > blue


def test_the_mouse_reads_the_exact_value(heat):
    heat.show_matrix(JACOBIAN, rows=["p1", "p2", "p3"], columns=["z1", "z2", "z3"])
    painted(heat)
    hover(heat, 2, 1)
    assert heat.readout() == "p2 · z3   -0.1628"
    assert heat.cell_at(9, 9) is None
    heat.show_matrix(2 * JACOBIAN, rows=["p1", "p2", "p3"], columns=["z1", "z2", "z3"])
    assert heat.readout() == "p2 · z3   -0.3256"


def test_a_click_tells_the_cell(heat, qtbot):
    heat.show_matrix(JACOBIAN)
    painted(heat)
    with qtbot.waitSignal(heat.picked) as caught:
        click(heat, 1, 2)
    assert caught.args == [2, 1]


def test_gaps_and_exact_zeros_are_counted_apart(heat):
    heat.show_matrix(np.array([[1e-9, 0.0, np.nan], [1.0, -1.0, np.inf]]), log=True)
    painted(heat)
    assert heat.note() == "Hatched (exactly 0): 1 · Not drawn: 3"
    ground = np.array(QColor(theme.current().surface).getRgb()[:3])
    assert np.abs(colour_at(heat, 2, 0) - ground).max() <= 3
    low, high = colour_at(heat, 0, 0), colour_at(heat, 0, 1)
    assert np.abs(low - colours.table("viridis")[0][:3]).max() <= 6
    assert np.abs(high - colours.table("viridis")[-1][:3]).max() <= 6


def test_numbers_stand_in_cells_that_have_room_only(heat):
    heat.show_matrix(np.zeros((3, 3)), diverging=True)
    bare = pixels(painted(heat.graphics)).copy()
    heat.show_matrix(np.zeros((3, 3)), diverging=True, numbers=True)
    assert (pixels(painted(heat.graphics)) != bare).any()
    heat.show_matrix(np.zeros((60, 60)), diverging=True)
    bare = pixels(painted(heat.graphics)).copy()
    heat.show_matrix(np.zeros((60, 60)), diverging=True, numbers=True)
    assert (pixels(painted(heat.graphics)) == bare).all()


def test_uneven_columns_reach_half_way_to_their_neighbours(heat):
    heat.show_matrix(np.array([[0.0, 1.0, 0.0]]), x=np.array([0.0, 1.0, 10.0]), levels=(0, 1))
    painted(heat)
    bright, dark = colours.table("viridis")[-1][:3], colours.table("viridis")[0][:3]
    assert np.abs(colour_at(heat, 5.2, 0) - bright).max() <= 6
    assert np.abs(colour_at(heat, 5.8, 0) - dark).max() <= 6
    assert heat.cell_at(5.4, 0) == (0, 1)


def test_it_is_a_plot_of_a_frame(heat):
    heat.show_matrix(JACOBIAN, rows=["a", "b", "c"])
    table = heat.columns()
    assert {len(column) for column in table.values()} == {9}
    assert table["value"].tolist() == JACOBIAN.ravel().tolist()
    assert heat.summary() == "Heat map of 3 rows and 3 columns, values from -0.1628 to 0.2227"
    heat.show_matrix(np.empty((0, 0)))
    painted(heat)
    assert heat.summary() == "Empty heat map"


def test_names_that_do_not_fit_are_refused(heat):
    with pytest.raises(ValueError, match="a name per row"):
        heat.show_matrix(JACOBIAN, rows=["a"])
    with pytest.raises(ValueError, match="columns: 3 are needed, not 1"):
        heat.show_matrix(JACOBIAN, columns=["a"])


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_it_follows_the_theme(heat, qapp, mode):
    theme.apply(qapp, mode)
    heat.show_matrix(JACOBIAN, numbers=True, diverging=True)
    assert painted(heat).size() == heat.size()
    theme.apply(qapp, "dark")
