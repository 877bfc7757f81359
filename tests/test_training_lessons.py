"""Every lesson about training opens from the shelf of presets and shows its number in the window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from plots import hover
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab import resources
from gradlab.engine.run import Phase
from gradlab.ui import formula

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    yield one
    one.close()
    formula.shutdown()


def opened(driver: Driver, name: str, steps: int | None = None) -> Any:
    """Open a shipped training, which runs, go on to a step or to its end, and return the view."""
    driver.window.filing.open(resources.path("presets", "training", f"{name}.gradlab.json"), shipped=True)
    driver.until(lambda: driver.window.page is not None and driver.page.running)
    page: Any = driver.page
    assert driver.window.comment.label.text()
    page.set_pace(None)
    ended = {Phase.FINISHED, Phase.DIVERGED}
    driver.until(lambda: page.session.phase in ended or (steps is not None and page.session.head >= steps))
    if page.session.phase not in ended:
        page.pause()
        driver.until(lambda: page.session.phase in {Phase.PAUSED, *ended})
    driver.until(lambda: page.session.head == page.session.run.status.step)
    settled(driver)
    return page.view


def settled(driver: Driver) -> None:
    page: Any = driver.page
    for _ in range(2):
        page.drawing.touch()
        driver.until(lambda: page.drawing.current and not page.drawing.inspection.inspector.busy)


def at(driver: Driver, step: int) -> Any:
    """Scrub to a step."""
    page: Any = driver.page
    page.seek(step)
    driver.until(lambda: page.view.reading.at.text().endswith(f" {step}"))
    settled(driver)
    return page.view


def shown(view: Any, name: str, arm: str = "a") -> float:
    text = view.reading.numbers.text(name, arm)
    return float(text.removesuffix(" %")) / (100 if text.endswith("%") else 1)


def verdict(view: Any, arm: str = "a") -> str:
    return str(view.reading.verdicts[arm].title.text())


def rows(view: Any) -> dict[str, list[str]]:
    """Return the table of layers: names, and what stands beside them."""
    table = view.reading.layers
    return {
        table.item(row, 0).text().strip(): [table.item(row, column).text() for column in range(1, table.columnCount())]
        for row in range(table.rowCount())
    }


def weight_norms(driver: Driver, view: Any, arm: str) -> list[float]:
    """Return the gradient norms of the hidden layers' weights, as the opened table tells them."""
    if not view.reading.tensors.isChecked():
        driver.qtbot.mouseClick(view.reading.tensors, LEFT)
    if view.reading.chips[arm].isVisible():
        driver.qtbot.mouseClick(view.reading.chips[arm], LEFT)
    settled(driver)
    table = view.reading.layers
    tips = [table.item(row, 0).toolTip() for row in range(table.rowCount())]
    found = [tip.split("  ") for tip in tips if tip.startswith("hidden_") and ".weight  " in tip]
    return [float(number) for name, number in found if "norm" not in name]


def test_the_loss_falls_and_its_gradient_has_components(driver: Driver) -> None:
    """1.1 to 1.3: a loss is one number of many parameters; its gradient has a size, and a component for each."""
    view = opened(driver, "spirals", 300)
    assert "1,218 parameters" in view.reading.facts.text()
    late = shown(view, "loss")
    driver.qtbot.mouseClick(view.reading.tensors, LEFT)
    settled(driver)
    parts = [float(cells[0]) for name, cells in rows(view).items() if not name.startswith(".")]
    assert float(np.hypot.reduce(parts)) == pytest.approx(shown(view, "total"), rel=0.05)
    assert shown(at(driver, 0), "loss") > 10 * late
    assert shown(view, "accuracy") < 0.9


def test_one_step_goes_against_the_gradient_by_lr_times_it(driver: Driver) -> None:
    """1.4, 1.5, 3.12, 4.5, 4.7: .grad is None, is filled, would be added to; the update is lr times it."""
    view = opened(driver, "backprop-opened", 20)
    table, lr = view.reading.layers, shown(view, "lr")
    assert [table.horizontalHeaderItem(column).text() for column in range(4)] == ["layer", ".grad", "twice", "update"]
    found = rows(view)
    assert list(found) == ["hidden_1", "hidden_2", "hidden_3", "output"]
    for filled, twice, update in ((float(cell) for cell in cells) for cells in found.values()):
        assert twice == pytest.approx(2 * filled, rel=0.06)
        assert update == pytest.approx(lr * filled, rel=0.1)
    assert all(".grad: None before" in table.item(row, 0).toolTip() for row in range(4))
    names = {one.name for one in view.pictures["a"].bars.series()}
    assert names == {"output", "δ", ".grad", "not zeroed", "update"}


def test_a_rate_above_the_bound_is_called_so(driver: Driver) -> None:
    """1.8: descent converges below 2/L, and only there."""
    view = opened(driver, "lr-above-bound")
    assert verdict(view) == "A   Learning rate above the bound"
    assert "0.2 is above" in view.reading.verdicts["a"].text.text()
    assert verdict(view, "b") == "B   Healthy"
    curves = {curve.key: curve for curve in view.charts.plot._curves.curves}
    assert float(np.nanmax(curves["a.sharpness"].y)) > 2 / 0.2 == pytest.approx(float(curves["a.bound"].y[-1]))
    low, high = view.charts.plot.view.viewRange()[1]
    assert low < 1 < high  # log10 of 2/lr


def test_one_hidden_layer_approaches_a_sine_and_a_line_does_not(driver: Driver) -> None:
    """1.9: universal approximation needs an activation that bends."""
    view = opened(driver, "sine-universal")
    assert shown(view, "loss") < 0.01
    assert shown(view, "loss", "b") > 0.4
    line = view.pictures["b"].line.lines()[0]
    assert np.ptp(np.diff(line.y)) == pytest.approx(0, abs=1e-4)
    curve, dots = view.pictures["a"].line.lines()[0], view.pictures["a"].line.dots()[0]
    assert float(np.sqrt(np.mean((np.interp(dots.x, curve.x, curve.y) - dots.y) ** 2))) < 0.15


def test_single_samples_tremble_where_the_whole_batch_does_not(driver: Driver) -> None:
    """1.10: batch, stochastic and mini-batch descent."""
    view = opened(driver, "batch-or-single", 300)
    whole, single = view.flow.bars.series()
    spread = [np.log10(one.high / one.low).mean() for one in (whole, single)]
    assert spread[1] > 2 * spread[0]


@pytest.mark.parametrize(
    ("name", "arm", "first", "last", "word"),
    [
        ("deep-sigmoid-10", "a", 2.57e-7, 0.426, "Vanishing towards the input"),
        ("deep-sigmoid-10", "b", 0.122, 0.126, "Healthy"),
        ("deep-relu-too-large", "a", 66.6, 211.0, "Exploding"),
        ("deep-sigmoid-20-batchnorm", "a", 2.4e-13, 0.345, "Vanishing towards the input"),
        ("deep-sigmoid-20-batchnorm", "b", 0.164, 0.100, "Healthy"),
        ("deep-sigmoid-20-residual", "a", 1.13, 55.9, ""),
    ],
)
def test_gradients_by_depth(driver: Driver, name: str, arm: str, first: float, last: float, word: str) -> None:
    """1.11 to 1.13: vanishing, exploding and their remedies, in the numbers of the table of depths."""
    opened(driver, name, 2)
    view = at(driver, 0)
    norms = weight_norms(driver, view, arm)
    assert norms[0] == pytest.approx(first, rel=0.03 if first < 1e-12 else 0.01)
    assert norms[-1] == pytest.approx(last, rel=0.01)
    assert verdict(view, arm).endswith(word)


def test_an_explosion_names_its_step_and_its_tensor(driver: Driver) -> None:
    """1.12: divergence to values that are no numbers; 1.13: clipping goes on."""
    view = opened(driver, "exploding-clip", 40)
    assert verdict(view) == "A   Not finite at step 5"
    assert "the output of hidden_5" in view.reading.verdicts["a"].text.text()
    assert np.isnan(view.flow.map.matrix()[-1, 6:]).all()
    assert "Not finite" not in verdict(view, "b")
    assert shown(view, "loss", "b") < 10
    assert shown(at(driver, 3), "total") > 1e4


def test_dead_units_come_back_with_a_slope(driver: Driver) -> None:
    """1.13: LeakyReLU for dead units."""
    view = opened(driver, "dead-relu", 200)
    assert verdict(view) == "A   Dead units"
    assert shown(view, "dead") > 0.9
    assert shown(view, "dead", "b") == 0


def test_recurrent_cells_are_compared_over_time(driver: Driver) -> None:
    """1.13: LSTM beside RNN; the gradient of the state at each of forty steps, on one scale: lost, and carried."""
    opened(driver, "rnn-or-lstm", 5)
    view = at(driver, 0)
    bars = [view.pictures[arm].bars for arm in "ab"]
    driver.until(lambda: all(len(one.series()) == 1 for one in bars))
    assert [len(one.series()[0].values) for one in bars] == [40, 40]
    assert bars[0].view.viewRange()[1] == pytest.approx(bars[1].view.viewRange()[1])
    lost = [float(one.series()[0].values[0] / one.series()[0].values[-1]) for one in bars]
    assert lost[0] < 1e-4
    assert lost[1] > 0.05


def test_cross_entropy_needs_fewer_steps_with_sgd_only(driver: Driver) -> None:
    """2.9: 90 % after 255 steps against 459 with SGD; side by side with Adam."""
    first = reached(opened(driver, "mse-or-ce-sgd", 470))
    assert first["a"] == pytest.approx(255, abs=5)
    assert first["b"] == pytest.approx(459, abs=10)
    first = reached(opened(driver, "mse-or-ce-adam", 125))
    assert first["a"] == pytest.approx(first["b"], abs=10)


def reached(view: Any) -> dict[str, float]:
    """Return the step at which the curve of each arm reaches 90 %."""
    curves = {curve.key: curve for curve in view.charts.plot._curves.curves}
    pairs = {arm: curves[f"{arm}.accuracy"] for arm in "ab"}
    return {arm: float(one.x[np.flatnonzero(one.y >= 0.9)[0]]) for arm, one in pairs.items()}


def test_the_convolutional_network_has_its_parameters_and_shapes(driver: Driver) -> None:
    """4.6: 145,578 parameters, the first weights 32×3×5×5."""
    view = opened(driver, "cnn-waves", 2)
    assert "145,578 parameters" in view.reading.facts.text()
    bars = view.flow.bars
    hover(bars, 0, sum(bars.view.viewRange()[1]) / 2)
    assert "conv_1  32×3×5×5" in bars.readout()
    assert list(rows(view)) == ["conv_1", "conv_2", "conv_3", "hidden", "output"]
