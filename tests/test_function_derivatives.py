"""Derivatives by three ways: the numbers, what is compared, and the table that shows them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from gradlab.engine.derivatives import Derivative3, compared, disagreement, elementwise, symbolic

SIGMOID = "1/(1 + exp(-x))"


@pytest.mark.parametrize(
    ("module", "formula", "expected"),
    [
        (torch.nn.Sigmoid(), SIGMOID, (0.196612, 0.25, 0.196612)),
        (torch.nn.Tanh(), "tanh(x)", (0.419974, 1.0, 0.419974)),
    ],
)
def test_three_ways_agree_on_smooth_functions(module, formula, expected):
    for row, slope in zip(elementwise(module, [-1, 0, 1], formula), expected, strict=True):
        for way in (row.autograd, row.formula, row.difference):
            assert way == pytest.approx(slope, abs=5e-7)
        assert row.error < 1e-9
        assert row.note == ""


def test_a_kink_is_named_and_left_out_of_the_comparison():
    left, kink, right = elementwise(torch.nn.ReLU(), [-1, 0, 1], "relu(x)", kinks=(0.0,))
    assert (left.autograd, kink.autograd, right.autograd) == (0, 0, 1)
    assert kink.difference == 0.5
    assert (kink.kink, left.kink) == ("at", "")
    assert math.isnan(kink.error)
    assert str(kink.note) == "kink: torch takes 0"
    (near,) = elementwise(torch.relu, [1e-6], "relu(x)", kinks=(0.0,))
    assert (near.kink, near.autograd, near.formula, near.error) == ("near", 1, 1, 0)
    assert near.difference < 0.6
    assert str(near.note).startswith("so near a kink")
    assert math.isnan(elementwise(torch.relu, [1e-6], kinks=(0.0,))[0].error), "nothing is left to compare"


def test_a_function_that_does_not_hang_on_x_has_slope_0():
    (row,) = elementwise(lambda x: torch.ones_like(x), [3.0])
    assert (row.autograd, row.difference, row.error) == (0, 0, 0)
    assert math.isnan(row.formula)


def test_the_worst_pair_counts():
    assert compared("x", 1, 2.0, 2.0, 2.2).error == pytest.approx(0.2 / 2.2)
    assert compared("x", 1, 2.0, 2.2, 2.0).error == pytest.approx(0.2 / 2.2)
    assert compared("x", 1, 2.0, 2.0).error == 0
    assert math.isnan(compared("x", 1, 2.0, math.nan, 2.0).error)


def test_noise_around_zero_is_no_disagreement():
    assert disagreement(0.0, 1e-12) == pytest.approx(1e-6)
    assert disagreement(0.0, 1e-8, scale=1e3) == pytest.approx(1e-5)
    assert disagreement(0.0, 1.0) == 1
    assert disagreement(math.inf, math.inf) == 0
    assert math.isnan(disagreement(math.inf, 1.0))
    assert math.isnan(disagreement(math.nan, 1.0))
    assert disagreement(math.nan, math.nan) == disagreement(0.0, 0.0) == 0
    assert disagreement(2.0, 2.2) == pytest.approx(0.2 / 2.2)


def test_formulas_that_cannot_be_differentiated_are_left_out():
    assert symbolic("", 1.0) is None
    assert symbolic("x^(2^x^1200) + x^1e9", 1.0) is None
    assert symbolic("x^3", 2.0) == 12


def test_the_table_shows_every_digit(qtbot):
    from gradlab.ui.derivative_table import DerivativeTable

    table = DerivativeTable()
    qtbot.addWidget(table)
    table.show_rows(
        [
            Derivative3("∂/∂w", 2.0, 42.0, 42.0, 42.0000000001, 2e-12),
            Derivative3("<b>", 0.0, 0.0, math.nan, 0.5, math.nan, "kink: torch takes 0", "at"),
        ]
    )
    texts = [[table.item(row, column).text() for column in range(6)] for row in (0, 1)]
    assert texts[0] == ["∂/∂w", "2", "42", "42", "42", "2.0e-12"]
    assert texts[1] == ["<b>", "0", "0", "–", "0.5", "kink"]
    assert table.item(0, 4).toolTip() == "42.0000000001"
    assert table.item(2, 0).text() == "kink: torch takes 0"
    assert table.rowCount() == 3
    table.show_rows([])
    assert table.rowCount() == 0


def test_a_table_tells_once_of_all_that_was_written(qtbot):
    from gradlab.ui.derivative_table import DerivativeTable

    table = DerivativeTable()
    qtbot.addWidget(table)
    rows = [Derivative3(f"x{i}", float(i), 1.0, 1.0, 1.0, 0.0) for i in range(20)]
    table.show_rows(rows)
    told = []
    table.model().dataChanged.connect(lambda *area: told.append(area))
    table.show_rows(rows)
    assert not told, "nothing is new"
    table.show_rows([replace(row, autograd=2.0, error=0.5) for row in rows])
    assert len(told) == 1
    assert table.item(19, 2).text() == "2"
