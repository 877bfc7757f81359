"""What a person does on the stage of a descent, and what the stage then shows."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import plots
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine import presets
from gradlab.engine.objectives import Forrester, Himmelblau, Rosenbrock, Saddle
from gradlab.engine.optimizers import SGD, Adam, Optimizer
from gradlab.engine.run import Phase
from gradlab.labs.descent.inspect import Landscape, curvatures, inspect, refusals
from gradlab.labs.descent.look import DescentLook, RacerLook
from gradlab.labs.descent.spec import DescentSpec, Racer
from gradlab.labs.descent.view import step_layer
from gradlab.labs.descent.view.bound_card import BoundCard, percent
from gradlab.shell.lab_page import LabPage
from gradlab.ui import figures, formula
from gradlab.ui.editors.item import ItemEdit
from gradlab.ui.plots.values import PERSPECTIVE, TOP

LEFT = Qt.MouseButton.LeftButton
SPEC = DescentSpec(steps=100)
FIVE = DescentSpec(objective=Rosenbrock(dimension=5), racers=(Racer(id="a", optimizer=Adam(lr=0.05)),), steps=100)


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open()
    yield one
    one.close()
    formula.shutdown()


def finished(driver: Driver, spec: DescentSpec, look: DescentLook | None = None) -> LabPage:
    page = driver.put(spec)
    if look is not None:
        page.apply_look(look)
    page.set_pace(None)
    page.run()
    driver.until(lambda: page.session.head == spec.steps)
    page.seek(5)
    driver.until(lambda: page.view._cursor == 5)
    return page


def entry(view: Any, name: str) -> QAction:
    action: QAction = view.maps._tools.flags[name]
    return action


def pick(driver: Driver, choice: Any, words: str) -> None:
    """Press a chip and take an entry of its menu with the mouse."""
    menu = choice.menu
    menu.popup(choice.button.mapToGlobal(QPoint(0, choice.button.height())))
    driver.until(menu.isVisible)
    action = next(action for action in menu.actions() if action.text() == words)
    driver.qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    driver.until(lambda: not menu.isVisible())


def drawn_vectors(view: Any) -> list[Any]:
    return list(view.contour._arrows._vectors)


# The slice of a function of many variables.


def test_the_slice_of_an_n_d_function_can_be_chosen(driver: Driver) -> None:
    page = finished(driver, FIVE)
    view, tools = page.view, page.view.maps._tools
    driver.until(lambda: view.maps.landscape is not None and tools.across.button.isVisible())
    pick(driver, tools.across, "x2")  # was drawn up: the two change places
    assert page.look.axes == (1, 0)
    pick(driver, tools.up, "x4")
    assert page.look.axes == (1, 3)
    driver.until(lambda: view.maps.landscape.axes == (1, 3) and len(view.maps.landscape.grid.x) > 100)
    assert view.contour._names == ("x2", "x4")
    history = page.session.history
    assert history is not None
    (path,) = view.contour._paths.paths
    np.testing.assert_array_equal(path.x, history.path("x", 5)[1][:, 0, 1])
    np.testing.assert_array_equal(path.y, history.path("x", 5)[1][:, 0, 3])
    (start,) = view.contour._starts
    assert (start.x, start.y) == (FIVE.objective.start[1], FIVE.objective.start[3])
    assert page.session.run is not None
    assert page.spec == FIVE


def test_a_click_on_a_slice_moves_only_its_coordinates(driver: Driver) -> None:
    page = finished(driver, FIVE, DescentLook(axes=(1, 3)))
    driver.until(lambda: page.view.maps.landscape is not None)
    page.view.contour.clicked.emit(0.5, -0.25)
    start = FIVE.objective.start
    assert page.spec.start == (start[0], 0.5, start[2], -0.25, start[4])


def test_a_slice_goes_through_the_start_of_a_racer_that_diverged() -> None:
    wild = Racer(id="wild", optimizer=SGD(lr=1.0), start=(1.0, 2.0, 3.0))
    spec = DescentSpec(objective=Rosenbrock(dimension=3), racers=(wild, Racer(id="tame")))
    row = {"x": np.array([[1e200] * 3, [0.5] * 3]), "ended": np.array([4.0, np.nan])}
    for focus, place in (("wild", (1.0, 2.0, 3.0)), ("tame", (0.5, 0.5, 0.5))):
        slices = [one for one in inspect(spec, row, DescentLook(focus=focus)) if isinstance(one, Landscape)]
        assert [one.at for one in slices] == [place, place]
        assert np.isfinite(slices[-1].grid.z).all()


def test_a_function_of_two_variables_has_no_slice_to_choose(driver: Driver) -> None:
    page = finished(driver, SPEC)
    assert not page.view.maps._tools.across.button.isVisible()


def test_what_cannot_race_is_asked_for_off_the_window(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[threading.Thread] = []
    refusals.cache_clear()
    known = Optimizer.unavailable

    def unavailable(self: Optimizer, shape: tuple[int, ...]) -> str:
        asked.append(threading.current_thread())
        return known(self, shape)

    monkeypatch.setattr(Optimizer, "unavailable", unavailable)
    page = driver.put(SPEC.replace(objective=Rosenbrock(dimension=4)))
    wanted = f"racers.{page.spec.racers[0].id}.optimizer"
    choice = next(one for one in page.form.findChildren(ItemEdit) if one.path == wanted)
    driver.until(lambda: bool(asked))  # of the function before, the same was known
    driver.until(lambda: "Muon only supports 2D" in choice.refusal("muon"))
    assert choice.refusal("adam") == ""
    assert threading.main_thread() not in asked


# What explains a step.


def test_the_vectors_of_the_step_are_those_of_the_focus(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    assert not drawn_vectors(view)
    entry(view, "vectors").trigger()
    assert page.look.vectors
    driver.until(lambda: len(drawn_vectors(view)) == 10)  # 4 gradients, 4 updates, 2 racers have a momentum
    table = view.reading.table
    place = table.visualItemRect(table.item(1, 1)).center()
    driver.qtbot.mouseClick(table.viewport(), LEFT, pos=place)
    assert page.look.focus == "momentum"
    driver.until(lambda: len(drawn_vectors(view)) == 3)
    row = page.session.history.row(5)  # type: ignore[union-attr]
    down, momentum, update = drawn_vectors(view)
    np.testing.assert_allclose((update.dx, update.dy), row["x"][1] * -1 + page.session.history.row(6)["x"][1])  # type: ignore[union-attr]
    assert np.cross((down.dx, down.dy, 0), (*row["grad"][1], 0))[2] == pytest.approx(0, abs=1e-9)
    assert down.dx * row["grad"][1][0] < 0
    assert math.hypot(down.dx, down.dy) == pytest.approx(math.hypot(momentum.dx, momentum.dy))
    ring = next(symbol for symbol in view.contour._spots._symbols if symbol.shape == "ring")
    np.testing.assert_array_equal((ring.x, ring.y), row["x"][1] + row["update"][1])
    driver.qtbot.mouseClick(table.viewport(), LEFT, pos=place)  # once more lets go
    assert page.look.focus is None
    entry(view, "vectors").trigger()
    assert not drawn_vectors(view)
    assert all(symbol.shape != "ring" for symbol in view.contour._spots._symbols)


def test_one_weight_is_followed_to_its_minimum_in_the_window(driver: Driver) -> None:
    driver.window.filing.open(presets.find("one-weight"), shipped=True)
    page = driver.page
    driver.until(lambda: page.spec == presets.load(presets.find("one-weight")).spec)
    page.set_pace(None)
    driver.qtbot.mouseClick(page.transport.run, LEFT)
    driver.until(lambda: page.session.phase is Phase.FINISHED and page.session.head == 60)
    page.seek(0)
    driver.until(lambda: page.view.reading.state._values["∇f"].text().strip() == "2.00000")
    page.seek(60)
    driver.until(lambda: page.view.reading.state._values["w"].text().strip() == "1.00000")
    statuses = [page.view.reading.table.item(row, 4).text() for row in range(3)]
    assert statuses == ["minimum"] * 3


def test_the_reading_names_the_step_it_explains(driver: Driver) -> None:
    page = finished(driver, SPEC)
    reading = page.view.reading
    driver.until(lambda: reading.made.text() == "THE STEP 5 → 6")
    row = page.session.history.row(5)  # type: ignore[union-attr]
    values = {name: float(label.text()) for name, label in reading.step._values.items()}
    assert values["|∇f|"] == pytest.approx(float(row["grad_norm"][0]), rel=1e-5)
    assert values["|Δx|"] == pytest.approx(float(row["step_length"][0]), rel=1e-5)
    assert values["|m|"] == pytest.approx(float(np.linalg.norm(row["momentum"][0])), rel=1e-5)
    page.seek(100)
    driver.until(lambda: reading.made.text() == "THE STEP 99 → 100")  # none is made at the last row
    page.apply_look(page.look.replace(focus="sgd"))
    driver.until(lambda: reading.step._values["|m|"].text() == "–")


def test_tangent_and_level_set_come_and_go(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    driver.until(lambda: view.maps.landscape is not None and len(view.maps.landscape.grid.x) > 100)
    entry(view, "tangent").trigger()
    x, y = view.contour._tangent.getData()
    row = page.session.history.row(5)  # type: ignore[union-attr]
    np.testing.assert_allclose((np.mean(x), np.mean(y)), row["x"][0])
    assert (x[1] - x[0]) * row["grad"][0][0] + (y[1] - y[0]) * row["grad"][0][1] == pytest.approx(0, abs=1e-9)
    lx, ly = view.contour._level.pieces().reshape(-1, 2).T
    assert len(lx) > 100
    f = (lx**2 + ly - 11) ** 2 + (lx + ly**2 - 7) ** 2
    np.testing.assert_allclose(f, row["f"][0], rtol=0.02)
    entry(view, "tangent").trigger()
    assert not view.contour._level.isVisible()
    assert not len(view.contour._level.pieces())


def test_the_field_comes_and_goes(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view

    def arrows() -> int:
        return len(view.contour._map._arrows._array.ndarray())

    driver.until(lambda: view.maps.landscape is not None)
    assert not arrows()
    entry(view, "field").trigger()
    driver.until(lambda: arrows() > 100)
    entry(view, "field").trigger()
    driver.until(lambda: not arrows())


def test_height_by_rank(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    driver.until(lambda: view.maps.landscape is not None and len(view.maps.landscape.grid.x) > 100)
    pick(driver, view.maps._tools.heights[1], "rank")
    assert page.look.height == "rank"
    z = view.contour._grid[2]
    assert float(np.quantile(z, 0.25)) == pytest.approx(0.25, abs=0.01)
    assert "rank of f" in view.contour_frame.accessibleName()


# Curves.


def test_a_live_change_is_marked_on_the_curves_and_the_timeline(driver: Driver) -> None:
    page = driver.paused(DescentSpec(steps=10**6))
    head = page.session.head
    first, *others = page.spec.racers
    page.apply(page.spec.replace(racers=(first.replace(optimizer=first.optimizer.replace(lr=0.02)), *others)))
    driver.qtbot.mouseClick(page.transport.step, LEFT)
    driver.until(lambda: page.session.head == head + 1)
    wanted = [(head, "racers.adam.optimizer.lr 0.1 → 0.02")]
    for plot in page.view.curves:
        driver.until(lambda plot=plot: [(mark.x, mark.text) for mark in plot._marks] == wanted)
    assert page.session.tracks[-1].marks == tuple(wanted)


def test_a_hidden_racer_leaves_every_plot(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    page.apply_look(page.look.with_racer(page.look.of("adam").replace(visible=False)))
    for shown in (view.contour._paths.paths, view.surface._paths, view.curves[0]._curves.curves):
        assert {one.key: one.visible for one in shown}["adam"] is False
    entry(view, "vectors").trigger()
    row = page.session.history.row(5)  # type: ignore[union-attr]
    assert all((v.x, v.y) != tuple(row["x"][0]) for v in drawn_vectors(view))
    assert view.reading.table.item(0, 0).text() == "○"


def test_a_quantity_is_chosen_on_its_plot(driver: Driver) -> None:
    page = finished(driver, SPEC)
    pick(driver, page.view.charts._choices[1], "step length")
    assert page.look.curves == ("f", "step_length")
    assert page.view.curve_frames[1].title() == "step length"
    curve = page.view.curves[1]._curves.curves[0]
    assert curve.y[5] == page.session.history.row(5)["step_length"][0]  # type: ignore[union-attr]


def test_nothing_is_drawn_again_that_has_not_changed(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    page = finished(driver, SPEC)
    view = page.view
    driver.until(lambda: not page.drawing.inspection.inspector.busy and view.maps.landscape is not None)
    calls: list[str] = []
    for plot in (view.contour, view.surface, *view.curves):
        for name in ("set_paths", "set_map", "set_surface", "set_vectors", "show_curves"):
            if hasattr(plot, name):
                monkeypatch.setattr(plot, name, lambda *_, name=name, **__: calls.append(name))
    view.show_tracks(page.session.tracks, page.session.cursor)
    calls.clear()
    view.show_tracks(page.session.tracks, page.session.cursor)
    assert calls == []
    view.show_tracks(page.session.tracks, 6)
    assert calls.count("set_paths") == 2


# One variable.


def test_one_variable_has_start_and_minimum_on_its_curve(driver: Driver) -> None:
    racers = (Racer(id="a", optimizer=SGD(lr=0.001)), Racer(id="b", optimizer=SGD(lr=0.001), start=(0.9,)))
    page = finished(driver, DescentSpec(objective=Forrester(), racers=racers, steps=50))
    line = page.view.line

    def f(x: float) -> float:
        return (6 * x - 2) ** 2 * math.sin(12 * x - 4)

    driver.until(lambda: len(line._starts) == 2)
    for start in line._starts:
        assert start.y == pytest.approx(f(start.x), abs=1e-3)
    (spot,) = line._spot_list
    assert (spot.x, spot.y) == pytest.approx((0.75725, -6.02074), abs=1e-3)
    x, y, slope = line._line
    assert y == pytest.approx(f(x))
    assert slope == pytest.approx((f(x + 1e-6) - f(x - 1e-6)) / 2e-6, rel=1e-4)


# Words and numbers.


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[BoundCard]:
    parent = QWidget()
    qtbot.addWidget(parent)
    yield BoundCard(parent)
    parent.close()


@pytest.mark.parametrize(
    ("objective", "at", "lr", "words"),
    [
        (Saddle(), (0.0, 0.0), 0.1, "come to rest at a saddle"),
        (Saddle(), (1.0, 0.5), 0.1, "Not convex here: lr is 10% of 2/λmax"),
        (Himmelblau(), (3.0, 2.0), 0.001, "of the stability bound"),
        (Himmelblau(), (3.0, 2.0), 1.0, "times the stability bound"),
        (Himmelblau(), (3.0, 2.0), 1e-9, "lr is less than 0.001% of the stability bound"),
        (Himmelblau(), (3.0, 2.0), 0.0, "lr is 0% of the stability bound"),
    ],
)
def test_the_card_says_what_the_curvature_allows(
    card: BoundCard, objective: Any, at: tuple[float, float], lr: float, words: str
) -> None:
    spec = DescentSpec(objective=objective, racers=(Racer(id="a"),))
    card.show_bound("SGD", lr, curvatures(spec, np.array([at]), None, None).racers[0])
    assert words in card.title.text()
    assert "{" not in card.title.text() + card.text.text()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.063, "6.3"), (0.5, "50"), (1.0, "100"), (1.005, "100.5"), (0.99999, "99.999"), (0.997, "99.7"), (2.344, "234"),
     (0.0003, "0.03"), (1e-5, "0.001"), (1.0 + 1e-15, "100"), (0.996, "99.6")],
)  # fmt: skip
def test_a_share_of_the_bound_is_100_percent_only_where_it_is(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize("value", [1.0, -3.77931, 1e-5, -2.5e7, 123456.0, 0.0, 1e-300])
def test_numbers_keep_their_digits_and_their_place(value: float) -> None:
    text = figures.steady(value)
    assert float(text) == pytest.approx(value, rel=1e-5)
    assert len(text) <= figures.width(6)
    assert text[0] in " -"


def test_what_is_not_known_is_a_dash() -> None:
    assert figures.steady(math.nan).strip() == "–"
    assert figures.point(np.full(2, np.nan)) == "–"
    assert figures.matrix(np.full((2, 2), np.nan)) == "–"
    assert figures.short(math.nan) == "–"
    assert figures.short(math.inf) == "∞"
    shorts = {
        0.0: "0", 1.0: "1.00", -11.0667: "-11.1", 0.0136785: "0.0137", -0.0136785: "-0.0137", 999.7: "1000",
        2.4774e-4: "2.5e-04", -2.4774e-4: "-2e-04", -12345.6: "-12346", 1234567.0: "1.2e+06", -1e-300: "-1e-300",
    }  # fmt: skip
    assert {value: figures.short(value) for value in shorts} == shorts
    assert max(map(len, shorts.values())) == 7


def test_a_diverged_racer_has_no_step_to_explain() -> None:
    spec = DescentSpec(racers=(Racer(id="a"),))
    nothing = np.full((1, 2), np.nan)
    row = {"x": np.ones((1, 2)), "grad": nothing, "momentum": nothing, "update": nothing}
    look = DescentLook(racers=(RacerLook(id="a"),))
    assert not list(step_layer.vectors(spec, look, row, (0, 1)))
    assert not list(step_layer.next_places(spec, look, row, (0, 1)))


def test_vectors_whose_squares_overflow_have_their_lengths(driver: Driver) -> None:
    spec = DescentSpec(racers=(Racer(id="a"),))
    far = np.array([[3e200, 4e200]])
    row = {"x": np.ones((1, 2)), "grad": far, "momentum": -far, "update": far}
    grad, momentum, update = step_layer.vectors(spec, DescentLook(racers=(RacerLook(id="a"),)), row, (0, 1))
    assert grad.text == "−∇f 5e+200"
    assert momentum.text == "−m 5e+200"
    assert (update.dx, update.dy) == (3e200, 4e200)
    pane = driver.page.view.reading
    pane.show_step(3, row, 0)
    assert float(pane.step._values["|∇f|"].toolTip()) == pytest.approx(5e200)


# The race in words.


def words(driver: Driver, row: int = 0) -> str:
    text: str = driver.page.view.reading.table.item(row, 4).text()  # type: ignore[attr-defined]
    return text


def test_the_race_says_ready_running_paused_and_finished(driver: Driver) -> None:
    slow = DescentSpec(racers=(Racer(id="a", optimizer=SGD(lr=1e-6)),), steps=10**6)
    driver.put(slow)
    driver.until(lambda: words(driver) == "ready")
    page = driver.start(slow, pace=100.0)
    driver.until(lambda: words(driver) == "running")
    page.pause()
    driver.until(lambda: words(driver) == "paused")
    page.seek(1)
    driver.until(lambda: words(driver) == "running")
    page.stop()
    page.seek(page.session.head)
    driver.until(lambda: words(driver) == "stopped")
    driver.start(slow.replace(steps=20))
    driver.until(lambda: words(driver) == "finished")


def test_the_race_says_where_a_racer_diverged(driver: Driver) -> None:
    racers = (Racer(id="wild", optimizer=SGD(lr=0.1)), Racer(id="tame", optimizer=SGD(lr=1e-6)))
    page = driver.start(DescentSpec(racers=racers, start=(0.0, 0.0), steps=50))
    driver.until(lambda: page.session.head == 50 and words(driver) == "diverged at 7")
    table = page.view.reading.table
    assert words(driver, 1) == "finished"
    needed = table.fontMetrics().horizontalAdvance("diverged at 7")
    assert table.columnSpan(0, 3) == 2
    assert table.item(0, 3).text() == "diverged at 7"
    assert table.visualItemRect(table.item(0, 3)).width() > needed
    assert table.columnSpan(1, 3) == 1
    numbers = table.item(1, 3)
    page.seek(3)
    driver.until(lambda: words(driver) == "running")
    assert table.columnSpan(0, 3) == 1
    assert table.item(0, 3).font() == numbers.font()


def test_a_racer_that_diverged_leaves_the_axes_to_the_others(driver: Driver) -> None:
    racers = (Racer(id="wild", optimizer=SGD(lr=0.1)), Racer(id="tame", optimizer=SGD(lr=1e-3)))
    page = driver.start(DescentSpec(racers=racers, start=(0.0, 0.0), steps=50))
    plot = page.view.curves[0]
    driver.until(lambda: page.session.head == 50 and len(plot._curves.curves[1].x) == 51)
    wild, _ = plot._curves.curves
    assert wild.x[-1] == 7
    assert "finite" not in plot.note()
    assert plot.view.viewRange()[1][1] < 5
    page.apply_look(page.look.with_racer(page.look.of("tame").replace(visible=False)))
    driver.until(lambda: plot.view.viewRange()[1][1] > 100)


def test_a_run_of_another_function_does_not_bend_the_axes(driver: Driver) -> None:
    driver.start(DescentSpec(objective=Forrester(), racers=(Racer(id="a", optimizer=SGD(lr=1e-3)),), steps=50))
    frame = driver.page.view.curve_frames[0]
    driver.until(lambda: "f < 0" in frame.accessibleName())
    driver.page.apply(driver.page.spec.replace(objective=Himmelblau()))
    driver.page.run()
    driver.until(lambda: len(driver.page.session.tracks) == 2 and driver.page.session.head == 50)
    driver.until(lambda: "f < 0" not in frame.accessibleName())


# Places that are pointed at.


def test_a_place_that_is_pointed_at_has_few_digits(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    driver.until(lambda: view.contour.isVisible() and view.maps.landscape is not None)
    plot = view.contour
    plots.click(plot, 1.23456, -2.34567)
    driver.until(lambda: page.spec.start is not None)
    np.testing.assert_allclose(page.spec.start, (1.23456, -2.34567), atol=0.1)
    assert all(len(repr(abs(value))) <= 5 for value in page.spec.start)
    view.surface.picked.emit(1.2345678, -0.98765432)
    assert page.spec.start == (1.23, -0.99)
    view.surface.startMoved.emit("", 1.7345678, -0.18765432, True)
    assert page.spec.start == (1.73, -0.19)
    plot.zoom(0.01)
    assert len(repr(plot._short(1.2345678, 0.0)[0])) >= 5


# What the tables hold.


def test_the_table_of_the_surface_holds_f_whatever_its_height(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    driver.until(lambda: view.maps.landscape is not None and len(view.maps.landscape.grid.x) > 100)
    for height in ("log", "rank", "linear"):
        page.apply_look(page.look.replace(height=height))
        x, y, f = view.surface.columns().values()
        np.testing.assert_allclose(f, (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2)


def test_the_newest_row_has_no_update_and_no_remark(driver: Driver) -> None:
    page = finished(driver, SPEC, DescentLook(curves=("step_length", "effective_lr")))
    for plot in page.view.curves:
        driver.until(lambda plot=plot: len(plot._curves.curves) == 4)
        assert all(len(curve.x) == 100 for curve in plot._curves.curves)
        assert "finite" not in plot.note()


def test_in_many_dimensions_only_the_surface_has_the_chip_of_the_scale(driver: Driver) -> None:
    page = finished(driver, FIVE)
    on_surface, on_contour = page.view.maps._tools.heights
    driver.until(on_surface.button.isVisible)
    assert not on_contour.button.isVisible()


def test_the_pointer_on_the_contour_reads_f(driver: Driver) -> None:
    page = finished(driver, SPEC)
    view = page.view
    driver.until(lambda: view.maps.landscape is not None and len(view.maps.landscape.grid.x) > 100)
    plots.hover(view.contour, 1.5, -2.25)
    driver.until(lambda: "f ≈" in view.contour.readout())
    x, y, f = (float(word) for word in view.contour.readout().replace("f ≈", "f").split()[1::2])
    assert f == pytest.approx((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, rel=0.01)
    assert view.maps._read(100.0, 0.0) == ""


def test_the_surface_is_seen_from_the_top_and_in_perspective_by_its_menu(driver: Driver) -> None:
    view = finished(driver, SPEC).view
    for text, camera in (("View from the top", TOP), ("Perspective view", PERSPECTIVE)):
        next(one for one in view.surface_frame._menu.actions() if one.text() == text).trigger()
        assert view.surface.camera() == camera


def test_an_export_that_cannot_be_written_is_said(driver: Driver) -> None:
    finished(driver, SPEC).view.contour_frame._export_to("/nowhere/at/all.svg")
    assert "/nowhere/at" in driver.window.notice.label.text()
