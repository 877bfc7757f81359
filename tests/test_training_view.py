"""What a person does on the stage of a training, and what the stage then shows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from plots import hover
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine.activations import GELU, Sigmoid
from gradlab.engine.datasets import Moons, Sine, SyntheticImages
from gradlab.engine.initializers import XavierNormal
from gradlab.engine.lab import lab_of
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import SGD, Adam
from gradlab.engine.run import Phase
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.measurement import latest
from gradlab.labs.training.readings import DecisionMap, Fit, Points
from gradlab.labs.training.spec import Beside, Probes, TrainingSpec
from gradlab.labs.training.view import planes, records
from gradlab.shell.lab_page import LabPage
from gradlab.ui import formula
from gradlab.ui.editors import Editor
from gradlab.ui.plots import colours

LEFT = Qt.MouseButton.LeftButton
SMALL = TrainingSpec(data=Moons(count=80), network=Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8),)), steps=60)
DEEP = TrainingSpec(
    data=Moons(count=60),
    network=Mlp(
        blocks=(
            LayerBlock(
                id="hidden", count=10, width=12, activation=Sigmoid(), initializer=XavierNormal(), zero_bias=True
            ),
        )
    ),
    steps=40,
)
BESIDE = SMALL.replace(beside=Beside(name="SGD", optimizer=SGD(lr=0.1)))


@pytest.fixture(scope="module")
def warm() -> None:
    """Load torch and probe the optimizer once, outside every wait."""
    lab = lab_of("training")
    assert list(lab.load("inspect")(SMALL, None, TrainingLook(), None))


@pytest.fixture
def driver(qtbot: QtBot, warm: None) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open("training")
    yield one
    one.close()
    formula.shutdown()


def finished(driver: Driver, spec: TrainingSpec | None, look: TrainingLook | None = None) -> LabPage:
    page = driver.page if spec is None else driver.put(spec)
    if look is not None:
        page.apply_look(look)
    page.set_pace(None)
    page.run()
    driver.until(lambda: page.session.phase in {Phase.FINISHED, Phase.DIVERGED})
    driver.until(lambda: page.session.run is not None and page.session.head == page.session.run.status.step)
    settled(driver)
    return page


def settled(driver: Driver) -> None:
    """Wait until everything is drawn and every picture has come."""
    page: Any = driver.page
    page.drawing.touch()
    driver.until(lambda: page.drawing.current and not page.drawing.inspection.inspector.busy)
    page.drawing.touch()
    driver.until(lambda: page.drawing.current)


def press(driver: Driver, widget: Any) -> None:
    driver.qtbot.mouseClick(widget, LEFT)


def bar(view: Any, arm: str = "a") -> Any:
    return next(one for one in view.flow.bars.series() if one.key == arm)


# Before a run.


def test_an_untrained_network_is_shown_with_its_data(driver: Driver) -> None:
    driver.put(SMALL)
    view: Any = driver.page.view
    plane = view.pictures["a"].plane
    driver.until(lambda: plane.has_picture() and sum(len(one.x) for one in plane.dots()) == 80)
    assert view.reading.waiting.isVisible()
    assert not view.pictures["b"].frame.isVisible()
    assert view.reading.remedies.cards[0].title.text() == "BatchNorm"


# A run.


def test_bars_hold_the_norms_of_the_record(driver: Driver) -> None:
    page = finished(driver, SMALL)
    view: Any = page.view
    history = page.session.history
    assert history is not None
    expected = latest(history, "a.grad_norm", SMALL.steps)
    assert bar(view).values.tolist() == expected.tolist()
    rows = history.read(0, SMALL.steps + 1)["a.grad_norm"]
    assert bar(view).low == pytest.approx(np.nanmin(rows, axis=0))
    assert bar(view).high == pytest.approx(np.nanmax(rows, axis=0))
    assert view.flow.map.matrix().shape == (3, SMALL.steps + 1)
    assert view.flow.map.matrix()[2] == pytest.approx(rows[:, 0], rel=1e-14)


def test_bars_move_while_it_trains(driver: Driver) -> None:
    page = driver.start(SMALL.replace(steps=10**6))
    view: Any = page.view
    driver.until(lambda: bool(view.flow.bars.series()))
    before = bar(view).values.tolist()
    driver.until(lambda: bar(view).values.tolist() != before)
    page.stop()


def test_hovering_a_layer_names_it_its_shape_and_its_numbers(driver: Driver) -> None:
    page = finished(driver, SMALL)
    bars: Any = page.view.flow.bars
    hover(bars, 1, sum(bars.view.viewRange()[1]) / 2)
    assert "hidden_2" in bars.readout()
    assert "8×8" in bars.readout()
    assert repr(float(bar(page.view).values[1])) in bars.readout()


def test_layers_of_one_name_stand_beside_each_other_whatever_their_depth(driver: Driver) -> None:
    page = finished(driver, SMALL.replace(beside=Beside(name="no hidden layer", network=Mlp(blocks=()))))
    bars: Any = page.view.flow.bars
    history = page.session.history
    assert history is not None
    deep, plain = bars.series()
    assert np.isfinite(deep.values).all()
    assert np.isnan(plain.values[:2]).all(), "it has no hidden layer"
    assert plain.values[2] == latest(history, "b.grad_norm", SMALL.steps)[0]
    hover(bars, 0, sum(bars.view.viewRange()[1]) / 2)
    assert "8×2" in bars.readout()
    assert "2×2" not in bars.readout()
    assert "B –" in " ".join(bars.readout().split())


def test_scrubbing_shows_the_numbers_of_that_step(driver: Driver) -> None:
    page = finished(driver, SMALL)
    view: Any = page.view
    page.seek(7)
    driver.until(lambda: view.reading.at.text().endswith("7"))
    assert page.session.history is not None
    row = page.session.history.row(7)
    assert bar(view).values.tolist() == row["a.grad_norm"].tolist()
    assert float(view.reading.numbers.text("loss", "a")) == pytest.approx(float(row["a.loss"]), rel=1e-3)
    view.flow.map.cursorMoved.emit(3)
    driver.until(lambda: view.reading.at.text().endswith(" 3"))


def test_a_number_of_long_ago_bears_its_step(driver: Driver) -> None:
    page = finished(driver, SMALL.replace(probes=Probes(metrics=40)))
    numbers = page.view.reading.numbers
    page.seek(55)
    driver.until(lambda: page.view.reading.at.text().endswith(" 55"))
    history = page.session.history
    assert history is not None
    assert numbers.text("accuracy", "a") == f"{100 * float(history.row(40)['a.accuracy']):.1f} %"
    page.seek(39)
    driver.until(lambda: page.view.reading.at.text().endswith(" 39"))
    assert numbers.text("accuracy", "a") == f"{100 * float(history.row(0)['a.accuracy']):.1f} % @0"
    assert numbers.text("test_loss", "a").endswith(" @0")
    assert "@" not in numbers.text("loss", "a") + numbers.text("lr", "a") + numbers.text("dead", "a")


# The verdict, and a remedy beside.


def test_a_deep_sigmoid_network_vanishes_and_batchnorm_is_tried(driver: Driver) -> None:
    page = finished(driver, DEEP)
    view: Any = page.view
    page.seek(0)
    card = view.reading.verdicts["a"]
    driver.until(lambda: card.title.text() == "Vanishing towards the input")
    assert card.isVisible()
    assert "10 layers" in card.text.text()
    assert not view.reading.verdicts["b"].isVisible()
    assert float(view.reading.numbers.text("ratio", "a")) < 1e-3
    remedy = view.reading.remedies.cards[0]
    assert (remedy.title.text(), remedy.button.text()) == ("BatchNorm", "Try")
    press(driver, remedy.button)
    assert page.spec.beside is not None
    assert page.spec.beside.network.blocks[0].norm == "batch"
    assert remedy.button.text() == "B"
    driver.until(lambda: page.session.spec == page.spec and page.session.phase is Phase.FINISHED)  # by itself
    settled(driver)
    page.seek(0)
    driver.until(lambda: view.reading.verdicts["b"].isVisible())
    assert view.reading.verdicts["b"].title.text().startswith("B")
    assert view.pictures["b"].frame.isVisible()
    assert len(view.flow.bars.series()) == 2
    assert len(bar(view, "b").values) == len(bar(view).values) == 11
    assert bar(view, "b").values[0] > 1e4 * bar(view).values[0]
    press(driver, remedy.button)
    assert page.spec == DEEP
    page.undo.undo()
    assert page.spec.beside is not None


def test_remove_b_takes_the_second_arm_away(driver: Driver) -> None:
    page = finished(driver, BESIDE)
    view: Any = page.view
    assert view.reading.remedies.cards[0].title.text() == "SGD"
    press(driver, view.reading.remedies.remove_button)
    assert page.spec == SMALL
    assert not view.pictures["b"].frame.isVisible()


def test_a_double_click_tries_once_and_the_focus_stays_with_what_was_tried(driver: Driver) -> None:
    page = finished(driver, BESIDE)
    cards: Any = page.view.reading.remedies.cards
    wanted = cards[1].title.text()
    assert wanted == "BatchNorm"
    cards[1].button.setFocus()
    press(driver, cards[1].button)
    assert driver.window.focusWidget() is cards[0].button
    driver.qtbot.mouseDClick(cards[1].button, Qt.MouseButton.LeftButton)  # what follows the first press of two
    assert page.spec.beside is not None
    assert page.spec.beside.name == wanted
    assert cards[0].title.text() == wanted, "B's own change has given its place up"


def test_more_remedies_unfold(driver: Driver) -> None:
    page = finished(driver, DEEP)
    remedies: Any = page.view.reading.remedies
    shown = [card for card in remedies.cards if card.isVisible()]
    press(driver, remedies.more_button)
    assert len([card for card in remedies.cards if card.isVisible()]) > len(shown) == 3


def test_after_an_edit_run_begins_anew(driver: Driver) -> None:
    page = finished(driver, SMALL)
    page.apply(SMALL.replace(seed=1))
    assert page.stale
    page.run()
    assert not page.stale
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == SMALL.steps)
    page.apply(SMALL)
    page.step()
    assert not page.stale
    driver.until(lambda: page.session.head == 1)


# Layers.


def test_layers_open_to_their_tensors(driver: Driver) -> None:
    page = finished(driver, SMALL)
    table: Any = page.view.reading.layers
    assert table.rowCount() == 3
    press(driver, page.view.reading.tensors)
    driver.until(lambda: table.rowCount() == 9)
    assert table.item(1, 0).text().strip() == ".weight"
    history = page.session.history
    assert history is not None
    grads = latest(history, "a.tensor_grad", SMALL.steps)
    squares = float(table.item(1, 1).text()) ** 2 + float(table.item(2, 1).text()) ** 2
    assert math.sqrt(squares) == pytest.approx(float(np.hypot(grads[0], grads[1])), rel=0.1)


def test_a_layer_that_is_pressed_is_followed(driver: Driver) -> None:
    page = finished(driver, SMALL)
    view: Any = page.view
    table = view.reading.layers
    place = table.visualRect(table.model().index(1, 0)).center()
    driver.qtbot.mouseClick(table.viewport(), LEFT, pos=place)
    assert page.look.layer == "hidden_2"
    settled(driver)
    assert view.flow.bars._chosen == 1
    driver.qtbot.mouseClick(table.viewport(), LEFT, pos=place)
    assert page.look.layer == ""


# Further pictures.


@pytest.mark.parametrize("picture", ["neurons", "samples", "backprop", "histogram", "activations"])
def test_every_picture_comes(driver: Driver, picture: str) -> None:
    page = finished(driver, BESIDE, TrainingLook(picture=picture))
    for arm in "ab":
        shown: Any = page.view.pictures[arm]
        driver.until(lambda one=shown: bool(one.stack.columns()) or one.stack.front() == "tiles")
        front = {"neurons": "tiles", "samples": "plane", "histogram": "heat"}.get(picture, "bars")
        assert shown.stack.front() == front
        assert shown.stack.summary()


def test_a_picture_out_of_the_record_bears_the_name_of_what_ran(driver: Driver) -> None:
    page = finished(driver, BESIDE, TrainingLook(picture="histogram"))
    frame = page.view.pictures["b"].frame
    driver.until(lambda: "SGD · sizes of" in frame.accessibleName())
    page.apply(page.spec.replace(beside=Beside(name="shallow", network=Mlp(blocks=()))), ":test:1")
    driver.until(lambda: page.drawing.current)
    assert page.stale
    assert "SGD · sizes of" in frame.accessibleName(), "nothing else has run yet"


def test_a_fit_is_drawn_through_its_data(driver: Driver) -> None:
    spec = TrainingSpec(
        data=Sine(count=50, noise=0.0), network=SMALL.network, loss=MSELoss(), optimizer=Adam(lr=0.02), steps=300
    )
    page = finished(driver, spec)
    line: Any = page.view.pictures["a"].line
    driver.until(lambda: page.view.pictures["a"].stack.front() == "line" and bool(line.lines()))
    curve, dots = line.lines()[0], line.dots()[0]
    off = np.interp(dots.x, curve.x, curve.y) - dots.y
    assert float(np.sqrt(np.mean(off**2))) < 0.5


def test_images_have_a_histogram_where_a_plane_would_say_nothing(driver: Driver) -> None:
    spec = SMALL.replace(data=SyntheticImages(count=20, patterns=2), steps=4)
    page = finished(driver, spec)
    driver.until(lambda: page.view.pictures["a"].stack.front() == "heat")
    assert page.view.pictures["a"].frame.title() == "Histogram of gradients"


# Building a network in the form, and training it.


def field_at(page: LabPage, path: str) -> Any:
    """Return the editor at a path of the form, unfolded."""
    page.form.reveal(path)
    return next(editor for editor in page.form.findChildren(Editor) if editor.path == path)


def test_a_network_is_built_in_the_form_and_learns_the_spirals(driver: Driver) -> None:
    page = driver.put(TrainingSpec(steps=400))
    block = f"network.blocks.{page.spec.network.blocks[0].id}"
    width = field_at(page, f"{block}.width").field
    width.setFocus()
    width.selectAll()
    driver.qtbot.keyClicks(width, "24")
    driver.qtbot.keyClick(width, Qt.Key.Key_Return)
    driver.until(lambda: page.spec.network.blocks[0].width == 24)
    choice = field_at(page, f"{block}.activation")
    choice.box.setFocus()
    driver.qtbot.keyClick(choice.box, Qt.Key.Key_Down)
    driver.until(choice._picker.isVisible)
    driver.qtbot.keyClicks(choice._picker.search, "gelu")
    driver.qtbot.keyClick(choice._picker.search, Qt.Key.Key_Return)
    driver.until(lambda: page.spec.network.blocks[0].activation == GELU())
    finished(driver, None)
    view: Any = page.view
    assert float(view.reading.numbers.text("accuracy", "a").removesuffix(" %")) > 95
    assert view.reading.verdicts["a"].title.text() in {"Healthy", "Converged"}
    assert "24×24" in "".join(view.flow.bars._details)


# Ends.


def test_an_explosion_stops_and_the_record_stays(driver: Driver) -> None:
    from gradlab.engine.initializers import NormalInit

    network = Mlp(blocks=(LayerBlock(id="hidden", count=6, width=24, initializer=NormalInit(std=2.0)),))
    page = finished(driver, TrainingSpec(data=Moons(count=60), network=network, optimizer=SGD(lr=10.0), steps=200))
    view: Any = page.view
    assert page.session.phase is Phase.DIVERGED
    assert view.reading.verdicts["a"].title.text().startswith("Not finite at step")
    assert page.session.head < 200
    page.seek(0)
    driver.until(lambda: view.reading.at.text().endswith(" 0"))
    assert np.isfinite(bar(view).values).all()


def test_answers_that_are_not_finite_are_said_to_be_so(driver: Driver) -> None:
    view: Any = driver.put(SMALL).view
    picture = view.pictures["a"]
    driver.until(picture.plane.has_picture)
    assert picture.plane.note() == ""
    x, lost = np.linspace(-1, 1, 5), np.full((5, 5), np.nan)
    view.show_reading(DecisionMap("a", x, x, np.zeros((5, 5)), lost, 2, 3))
    assert picture.plane.note() == "What the network answers is not finite"
    view.show_reading(Fit("a", x, lost[:, :1], 3))
    assert picture.line.note() == "What the network answers is not finite"
    view.show_reading(Fit("a", x, x[:, None], 4))
    assert picture.line.note() == ""


def test_a_remedy_under_another_name_is_known_as_taken(driver: Driver) -> None:
    view: Any = driver.put(SMALL.replace(beside=Beside(name="lr / 10", optimizer=Adam(lr=0.001)))).view
    cards = view.reading.remedies.cards
    driver.until(lambda: "Learning rate / 10" in [card.title.text() for card in cards])
    shown = [(card.title.text(), card.button.text()) for card in cards if card.title.text()]
    assert ("Learning rate / 10", "B") in shown
    assert "lr / 10" not in dict(shown)


def test_a_plot_is_maximised_and_given_back(driver: Driver) -> None:
    page = finished(driver, BESIDE)
    view: Any = page.view
    for frame in view.plots():
        page.maximise(frame, True)
        assert [one for one in view.plots() if one.isVisible()] == [frame]
        page.maximise(frame, False)
    assert all(frame.isVisible() for frame in view.plots())
    finished(driver, SMALL)
    page.maximise(view.plots()[0], True)
    page.maximise(view.plots()[0], False)
    assert not view.pictures["b"].frame.isVisible()


def test_the_window_closes_while_it_trains(driver: Driver) -> None:
    page = driver.start(BESIDE.replace(steps=10**6))
    assert page.running  # the fixture closes the window now


def test_numbers_of_long_runs_are_thinned_without_losing_a_layer() -> None:
    values = records.smoothed(np.array([1.0, np.nan, 3.0, 3.0]), 2.0)
    assert values[0] == 1.0
    assert values[1] == 1.0
    assert 1.0 < values[2] < values[3] < 3.0


def test_data_of_two_inputs_have_the_colours_of_the_map() -> None:
    y = np.linspace(-1, 1, 50)[:, None]
    held_out = np.arange(50) % 5 == 0
    dots = list(planes.data_dots(Points(np.random.default_rng(0).random((50, 2)), y, held_out, 0), held_out=True))
    assert sum(len(one.x) for one in dots if one.hollow) == 10
    assert sum(len(one.x) for one in dots) == 50
    shades = [one.colour for one in dots if not one.hollow]
    assert len(set(shades)) == len(shades) > 8
    for one, value in ((dots[0], -1.0), (next(o for o in reversed(dots) if not o.hollow), 1.0)):
        red, green, blue, _ = map(int, colours.rgba(np.array([[value]]), "viridis", (-1.0, 1.0))[0, 0])
        near = QColor(str(one.colour))
        assert max(abs(near.red() - red), abs(near.green() - green), abs(near.blue() - blue)) < 25
