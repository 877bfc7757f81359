"""What is pressed on the stage of a training, where its plots stand, and how often they say they are measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from plots import click, drag, pixel
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.datasets import Adding, Moons
from gradlab.engine.initializers import NormalInit
from gradlab.engine.lab import lab_of
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import LayerBlock, Mlp, OwnFile, Recurrent
from gradlab.engine.optimizers import SGD
from gradlab.engine.run import Phase
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.pins import Pin
from gradlab.labs.training.spec import Beside, Probes, TrainingSpec
from gradlab.ui import formula
from gradlab.ui.editors.base import Remark

LEFT = Qt.MouseButton.LeftButton
SMALL = TrainingSpec(data=Moons(count=80), network=Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8),)), steps=20)
BESIDE = SMALL.replace(beside=Beside(name="SGD", optimizer=SGD(lr=0.1)))


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    assert list(lab_of("training").load("inspect")(SMALL, None, TrainingLook(), None))
    one = Driver(qtbot)
    one.open("training")
    yield one
    one.close()
    formula.shutdown()


def finished(driver: Driver, spec: TrainingSpec, look: TrainingLook | None = None) -> Any:
    """Run a training to its end and return the view."""
    page: Any = driver.put(spec)
    page.apply_look(look or TrainingLook())
    page.set_pace(None)
    page.run()
    driver.until(lambda: page.session.phase in {Phase.FINISHED, Phase.DIVERGED})
    driver.until(lambda: page.session.head == page.session.run.status.step)
    page.drawing.touch()
    driver.until(lambda: page.drawing.current and not page.drawing.inspection.inspector.busy)
    return page.view


def press_bar(view: Any, index: int) -> None:
    bars = view.flow.bars
    click(bars, index, sum(bars.view.viewRange()[1]) / 2)


def in_sight(widget: Any) -> bool:
    return bool(widget.isVisible()) and not widget.visibleRegion().isEmpty()


def choose(view: Any, chip: Any, value: str) -> None:
    """Take an entry of the menu behind a chip."""
    next(entry for entry in chip.menu.actions() if entry.data() == value).trigger()


# Weights.


def test_a_bar_that_is_pressed_brings_the_weights_of_its_layer_into_sight(driver: Driver) -> None:
    view = finished(driver, BESIDE)
    reading = view.reading
    assert not in_sight(reading.weights)
    press_bar(view, 1)
    assert driver.page.look.layer == "hidden_2"
    driver.until(lambda: in_sight(reading.weights))
    assert reading.weights_head.text() == "WEIGHTS OF hidden_2"
    assert reading.weights.model().rowCount() == 8
    press_bar(view, 1)
    assert driver.page.look.layer == ""
    driver.until(lambda: not reading.weights.isVisible())


def test_a_row_of_the_map_is_pressed_as_a_bar_is(driver: Driver) -> None:
    view = finished(driver, SMALL)
    click(view.flow.map, 5, 0)  # the output is on top
    driver.until(lambda: in_sight(view.reading.weights))
    assert driver.page.look.layer == "output"


def test_a_weight_is_pressed_in_the_picture_of_a_layer_and_set(driver: Driver) -> None:
    view: Any = driver.put(SMALL).view
    picture, table = view.pictures["a"], view.reading.weights
    driver.until(lambda: bool(view.flow.first_layer()))
    choose(view, picture._choice, "weights")
    assert driver.page.look.layer == "hidden_1"
    driver.until(lambda: picture.stack.front() == "heat")
    assert picture.heat.matrix().shape == (8, 3)
    assert "press one to set it" in picture.frame.accessibleName()
    click(picture.heat, 1, 6)
    driver.until(lambda: table.viewport().findChild(QLineEdit) is not None)
    assert in_sight(table)
    field = table.viewport().findChild(QLineEdit)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (6, 1)
    field.selectAll()
    driver.qtbot.keyClicks(field, "2.5\r")
    driver.until(lambda: bool(driver.page.spec.pins))
    assert driver.page.spec.pins == (Pin(tensor="hidden_1.weight", index=(6, 1), value=2.5),)
    driver.until(lambda: picture.stack.front() == "heat" and picture.heat.matrix()[6, 1] == 2.5)


def test_a_unit_that_is_pressed_shows_what_it_starts_from(driver: Driver) -> None:
    view = finished(driver, SMALL, TrainingLook(picture="neurons"))
    picture, table = view.pictures["a"], view.reading.weights
    driver.until(lambda: picture.stack.front() == "tiles")
    click(picture.tiles, 1.4, 1.4)  # eight units in three columns and three rows: the middle one
    driver.until(lambda: in_sight(table))
    assert driver.page.look.layer == "hidden_1"
    driver.until(lambda: table.currentIndex().row() == 4)
    assert table.model().index(4, 0).data() == f"{picture_start(view, 4, 0):.3g}"


def picture_start(view: Any, row: int, column: int) -> float:
    return float(view.reading._weights["a"].values[0][row, column])


def test_the_dashed_line_is_dragged_and_everything_follows(driver: Driver) -> None:
    view = finished(driver, SMALL.replace(steps=40))
    driver.page.seek(30)
    driver.until(lambda: view.reading.at.text() == "AT STEP 30")
    plot = view.charts.plot
    middle = sum(plot.view.viewRange()[1]) / 2
    drag(plot.graphics.viewport(), pixel(plot, 30, middle), pixel(plot, 12, middle))
    driver.until(lambda: view.reading.at.text() == "AT STEP 12")
    history = driver.page.session.history
    assert history is not None
    driver.until(lambda: view.flow.bars.series()[0].values.tolist() == history.row(12)["a.grad_norm"].tolist())
    layer_map = view.flow.map
    drag(layer_map.graphics.viewport(), pixel(layer_map, 12, 0.5), pixel(layer_map, 25, 0.5))
    driver.until(lambda: view.reading.at.text() == "AT STEP 25")
    driver.until(lambda: view.flow.bars.series()[0].values.tolist() == history.row(25)["a.grad_norm"].tolist())


def test_new_numbers_of_a_layer_come_into_the_cells_that_are_there(driver: Driver) -> None:
    view = finished(driver, SMALL)
    press_bar(view, 1)
    table = view.reading.weights
    driver.until(lambda: in_sight(table))
    model, resets = table.model(), []
    model.modelReset.connect(lambda: resets.append(1))
    table.setCurrentIndex(model.index(3, 4))
    late = model.values.copy()
    driver.page.seek(0)
    driver.until(lambda: bool((model.values != late).any()))
    assert not resets
    assert (table.currentIndex().row(), table.currentIndex().column()) == (3, 4)
    assert view.reading.weights_title.text().startswith("At step 0. ")


def test_a_picture_of_weights_says_what_to_press(driver: Driver) -> None:
    view = finished(driver, SMALL, TrainingLook(picture="weights"))
    picture = view.pictures["a"]
    driver.until(lambda: picture.plane.note() == "Press a layer in the bars: its weights come here")
    assert picture.plane.left.tick_list(0, 1, 300) == []


# Room.


def test_two_pictures_have_room_in_a_narrow_window(driver: Driver) -> None:
    view = finished(driver, BESIDE)
    wide = view.pictures["a"].frame.width()
    assert view.charts.frame.parentWidget() is view.bottom
    driver.window.resize(1280, 800)
    driver.until(lambda: view.charts.frame.parentWidget() is not view.bottom)
    assert view.charts.frame.isVisible()
    driver.until(lambda: view.pictures["b"].frame.width() > wide)
    assert min(view.pictures[arm].plane.area().width() for arm in "ab") > 200
    page = driver.page
    page.maximise(view.charts.frame, True)
    assert [one for one in view.plots() if one.isVisible()] == [view.charts.frame]
    page.maximise(view.charts.frame, False)
    assert all(frame.isVisible() for frame in view.plots())
    driver.window.resize(1440, 900)
    driver.until(lambda: view.charts.frame.parentWidget() is view.bottom)


def test_one_picture_keeps_its_place_in_a_narrow_window(driver: Driver) -> None:
    view = finished(driver, SMALL)
    driver.window.resize(1280, 800)
    driver.until(lambda: view.width() < 920)
    assert view.charts.frame.parentWidget() is view.bottom


# How often.


def test_the_plots_say_how_often_they_are_measured(driver: Driver) -> None:
    view = finished(driver, SMALL)
    names = [frame.accessibleName() for frame in view.flow.frames]
    assert all(name.endswith("every step") for name in names)
    assert view.flow.map.bottom._name == "step"
    assert view.charts.frame.accessibleName() == "Loss dashed: held out, every 10 steps"
    view = finished(driver, SMALL.replace(held_out=0.0))
    assert "held out" not in view.charts.frame.accessibleName(), "nothing is"
    seldom = SMALL.replace(probes=Probes(norms=5, ratios=0, metrics=4, sharpness=2))
    view = finished(driver, seldom, TrainingLook(heat="update_ratio", curve="accuracy"))
    assert view.flow.bars.bottom._name == "every 5 steps"
    assert view.flow.map_frame.accessibleName().endswith("not measured: see Probes in the panel")
    assert view.charts.plot.bottom._name == "step, every 4 steps"
    choose(view, view.charts._choice, "sharpness")
    driver.until(lambda: view.charts.plot.bottom._name == "step, every 2 steps")


def test_the_bound_is_in_sight_where_the_sharpness_is_near_it(driver: Driver) -> None:
    spec = SMALL.replace(probes=Probes(sharpness=2), optimizer=SGD(lr=0.1), steps=30)
    view = finished(driver, spec, TrainingLook(curve="sharpness"))
    curves = {curve.key: curve for curve in view.charts.plot._curves.curves}
    sharp = float(np.nanmax(curves["a.sharpness"].y))
    lr = 2 / (2 * sharp)
    view = finished(driver, spec.replace(optimizer=SGD(lr=lr), steps=3), TrainingLook(curve="sharpness"))
    low, high = view.charts.plot.view.viewRange()[1]
    assert low < np.log10(2 / lr) < high
    view = finished(driver, spec.replace(optimizer=SGD(lr=lr / 100), steps=3), TrainingLook(curve="sharpness"))
    assert view.charts.plot.view.viewRange()[1][1] < np.log10(200 / lr)


# Two arms.


def test_gradients_over_time_of_two_cells_have_one_scale(driver: Driver) -> None:
    spec = TrainingSpec(
        data=Adding(count=40, length=12), network=Recurrent(cell="rnn", hidden=8), loss=MSELoss(), steps=5,
        beside=Beside(name="LSTM", network=Recurrent(cell="lstm", hidden=8)),
    )  # fmt: skip
    view = finished(driver, spec, TrainingLook(picture="time"))
    one, other = (view.pictures[arm].bars for arm in "ab")
    driver.until(lambda: bool(one.series()) and bool(other.series()))
    assert one.values().tolist() != other.values().tolist()
    assert one.view.viewRange()[1] == pytest.approx(other.view.viewRange()[1])


def test_the_cloud_of_single_gradients_is_named(driver: Driver) -> None:
    view = finished(driver, SMALL.replace(batch=16), TrainingLook(picture="samples"))
    driver.until(lambda: bool(view.pictures["a"].plane.key()))
    names = view.pictures["a"].plane.key().splitlines()
    assert names == ["single sample", "mini-batch of 16", "all samples", "gradient 0"]


def test_what_is_wrong_with_an_own_network_stands_under_it_and_fits_the_panel(driver: Driver, tmp_path: Any) -> None:
    file = tmp_path / "net.py"
    file.write_text("def build(shape, outputs):\n    return 7\n")
    page: Any = driver.put(SMALL)
    page.apply(SMALL.replace(network=OwnFile().edited(file=str(file))))
    driver.until(lambda: "SHA-256" in page.form._context.hints.get("network", ""))
    assert not page.form._context.hints.get("data")
    remarks = [one for one in page.form.findChildren(Remark) if "SHA-256" in one.text() and one.isVisible()]
    assert remarks
    assert all(one.minimumSizeHint().width() < 270 for one in remarks)
    assert page.form.minimumSizeHint().width() < 330


def test_rows_after_the_end_of_an_arm_hold_nothing() -> None:
    network = Mlp(blocks=(LayerBlock(id="hidden", count=6, width=24, initializer=NormalInit(std=2.0)),))
    spec = TrainingSpec(data=Moons(count=60), network=network, optimizer=SGD(lr=1e6), steps=200)
    arm = Arm(spec, "cpu")
    first = 0
    while arm.ended is None:
        arm.advance(first, 2)
        first += 2
    for later in (first + 2, first + 4):
        rows = arm.advance(later, 2)
        assert np.isnan(rows["grad_norm"]).all()
        assert np.isnan(rows["loss"]).all()
        assert (rows["ended"] == arm.ended).all()
