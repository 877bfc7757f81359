"""What a person sees and does in the Function lab: every preset's numbers on screen, edits from the stage."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTableWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine import presets
from gradlab.engine.objectives import Expression, Himmelblau, Objective, Parabola, Rastrigin, StyblinskiTang
from gradlab.engine.objectives.base import Dimension
from gradlab.labs.function.look import FunctionLook
from gradlab.labs.function.spec import FunctionSpec
from gradlab.labs.function.view.tables import PlainTable
from gradlab.ui import formula

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open("function")
    yield one
    one.close()
    formula.shutdown()


def show(driver: Driver, spec: FunctionSpec, **look: Any) -> Any:
    """Put a spec on the page and wait until its numbers, with formulas, have come."""
    driver.page.load(spec, FunctionLook(**look))
    driver.window.filing.begin(driver.page)
    return settled(driver)


def settled(driver: Driver) -> Any:
    """Wait until everything that was asked has been answered and shown; return the view."""
    page = driver.page
    wanted = (page.spec, page.look, None, id(None))
    driver.until(lambda: page.drawing.inspection._asked == wanted and not page.drawing.inspection.inspector.busy)
    driver.until(lambda: not page.drawing.inspection.inspector._outbox)
    return page.view


def cells(table: QTableWidget) -> list[list[str]]:
    """Return what a table says, row by row."""
    rows = []
    for row in range(table.rowCount()):
        items = [table.item(row, column) for column in range(table.columnCount())]
        rows.append([item.text() if item is not None else "" for item in items])
    return rows


def said(view: Any, name: str) -> str:
    """Return a number of the reading pane."""
    return str(view.reading.at._values[name].text())


def text(view: Any) -> str:
    """Return all that the window says about the point, in one piece."""
    tables = [view.strip.table, view.chain.table, view.autograd.table, view.autograd.orders, view.reading.table]
    words = [" | ".join(row) for table in tables for row in cells(table)]
    words += [label.text() for numbers in (view.reading.at, view.reading.steps) for label in numbers._values.values()]
    words += [view.reading.counts.text(), view.directions.polar_frame.title()]
    words += [label.latex() for pair in view.chain.labels for label in pair if label.isVisible()]
    return re.sub(" +", " ", "\n".join(words))


ON_SCREEN = {
    "slope-of-a-square": ["∂f/∂x | 2 | 4 | 4 | 4 |"],
    "against-the-gradient": ["1.60000", "2.56000000", "Newton: 1 step to a minimum"],
    "weight-and-bias": ["∂f/∂w | 2 | 3 | 3 | 3 |", "∂f/∂b | 1 | 1 | 1 | 1 |"],
    "squared-neuron": [r"= 14 \cdot 1 \cdot 3 = 42", r"= 14 \cdot 1 = 14", "u3 | u2^2 | 49 | 1", "| 42 | 42 | 42 |"],
    "sigmoid-by-pieces": ["∂f/∂x | 0 | 0.25 | 0.25 | 0.25 |", "exp(u1)"],
    "perceptron-one-output": ["∂f/∂w1 | 0.4 | -0.25 | -0.25 | -0.25 |", "∂f/∂w2 | -0.2 | -0.5 | -0.5 | -0.5 |"],
    "perceptron-two-outputs": ["∂f/∂u | 0 | -0.25 | -0.25 | -0.25 |", "∂f/∂v | 0.5 | 0.28746"],
    "gradients-add-up": [
        "# 2nd | None | 8",
        "# 3rd | None | 12",
        "zero_grad(); f(x).backward() | None | 4",
        "y.sum().backward() |",
    ],
    "grad-or-backward": ["torch.autograd.grad(y, (w,)) | (2) | None", "f(w).backward() | None | 2", "floating point"],
    "higher-derivatives": ["∂f/∂x | 12 | 12", "∂²f/∂x² | 12 | 12", "∂³f/∂x³ | 6 | 6", "∂⁴f/∂x⁴ | 0 | 0"],
    "steepest-direction": ["∂f/∂x | 2 | 5 | 5 | 5 |", "∂f/∂y | -1 | -6 | -6 | -6 |", "D_u f = 7.81025"],
    "flat-is-not-minimal": ["1 minimum, 1 maximum, 1 degenerate"],
    "saddle-curvature": ["-2.00000 2.00000", "Newton rests here, at a saddle", "1 saddle"],
    "himmelblau-critical-points": [
        "4 minima, 4 saddles, 1 maximum",
        "× saddle | 3.3852, 0.0739 | 13.312",
        "△ maximum | -0.2708, -0.9230 | 181.62",
        "Newton: 4 steps to a saddle",
        "∂f/∂x | 4 | 74 | 74 | 74 |",
        "∂f/∂y | 0 | 10 | 10 | 10 |",
    ],
    "least-squares": ["1.53333 0.666667", "1.50000 0.333333", "0.0555555556", "Newton: 1 step to a minimum"],
    "newton-and-descent": ["3.68000 0.300000", "2.00000 20.0000", "10.0000"],
    "difference-step": ["∂f/∂x | 1 | -3.42011"],
}


def test_every_preset_shows_its_numbers_in_the_window(driver: Driver) -> None:
    entries = {entry.name: entry for entry in presets.library() if entry.lab == "function"}
    assert sorted(ON_SCREEN) == sorted(entries)
    for name, wanted in ON_SCREEN.items():
        driver.window.filing.open(entries[name].path, shipped=True)
        view = settled(driver)
        found = text(view)
        for words in wanted:
            assert words in found, f"{name}: {words!r} is not among\n{found}"
        assert view.stack.currentWidget().isVisible()
        assert view.page == driver.page.look.page


def test_the_step_of_the_difference_is_dragged(driver: Driver) -> None:
    page = driver.page
    view = show(driver, FunctionSpec(objective=Expression(text="exp(sin(3*x))", start=(1.0,)), h=6e-6))
    assert view.strip.table.rows()[0].error < 1e-9
    view.strip.slider.setValue(-12 * 20)
    assert page.spec.h == 1e-12
    settled(driver)
    assert view.strip.table.rows()[0].error > 1e-6
    assert view.strip.shown.text() == "1e-12"
    view.strip.slider.setFocus()
    QTest.keyClick(view.strip.slider, Qt.Key.Key_Right)
    assert page.spec.h == 1.1e-12
    page.undo.undo()
    page.undo.undo()
    assert page.spec.h == 6e-6
    page.apply_look(FunctionLook(page="difference"))
    settled(driver)
    view.difference.line.clicked.emit(-3.0)
    assert page.spec.h == 1e-3


def test_the_point_is_dragged_on_every_page(driver: Driver) -> None:
    page = driver.page
    view = show(driver, FunctionSpec(objective=Himmelblau(), at=(4.0, 0.0)))
    view.maps.contour.startMoved.emit("", 1.0, 2.0, False)
    view.maps.contour.startMoved.emit("", 3.0, 2.0, True)
    assert page.spec.at == (3.0, 2.0)
    settled(driver)
    assert said(view, "f").strip().startswith("0.0000")
    page.undo.undo()
    assert page.spec.at == (4.0, 0.0), "a drag is one step of undo"
    view.maps.surface.picked.emit(1.0, 1.0)
    assert page.spec.at == (1.0, 1.0)
    page.apply_look(FunctionLook(page="slices"))
    settled(driver)
    assert view.slices.frames[1].isVisible()
    assert not view.slices.frames[2].isVisible()
    view.slices.lines[1].clicked.emit(-2.0)
    assert page.spec.at == (1.0, -2.0)
    settled(driver)
    assert view.slices.frames[0].title() == f"∂f/∂x = {view.strip.table.rows()[0].autograd:.6g}"


def test_an_edit_is_asked_for_at_once_and_not_at_the_next_frame(driver: Driver) -> None:
    page = driver.page
    view = show(driver, FunctionSpec(objective=Himmelblau(), at=(4.0, 0.0)))
    page.drawing._clock.stop()
    view.maps.contour.startMoved.emit("", 3.0, 2.0, True)
    assert page.drawing.inspection._asked[0] == page.spec
    driver.until(lambda: said(view, "f").strip().startswith("0.0000"))
    settled(driver)


def test_a_direction_is_turned_with_the_mouse(driver: Driver) -> None:
    page = driver.page
    view = show(driver, FunctionSpec(objective=Himmelblau(), at=(1.0, 0.0)), page="directions")
    norm = math.hypot(52, 20)
    assert f"D_u f = {norm:.6g}" == view.directions.polar_frame.title()
    polar = view.directions.polar
    place = polar.to_pixels(0.0, norm / 2)
    spot = polar.graphics.viewport().mapFrom(polar, place.toPoint())
    driver.qtbot.mouseClick(polar.graphics.viewport(), LEFT, pos=spot)
    driver.until(lambda: page.spec.direction is not None)
    assert abs(page.spec.direction - 90) < 2
    page.apply(page.spec.replace(direction=90.0))
    settled(driver)
    assert view.directions.polar_frame.title() == "D_u f = -20"
    view.directions.map.startMoved.emit("direction", 3.0, 0.0, True)
    assert page.spec.direction == 0.0
    settled(driver)
    assert said(view, "D_u f").strip() == "-52.0000000"
    polar.setFocus()
    QTest.keyClick(polar, Qt.Key.Key_Left)
    assert page.spec.direction == 1.0


def test_a_critical_point_is_gone_to(driver: Driver) -> None:
    view = show(driver, FunctionSpec(objective=Himmelblau(), at=(4.0, 0.0)))
    table = view.reading.table
    assert table.rowCount() == 9
    row = next(i for i, cells_ in enumerate(cells(table)) if cells_[1].startswith("3.3852"))
    table.cellClicked.emit(row, 0)
    assert driver.page.spec.at == pytest.approx((3.385154, 0.073852), abs=1e-6)
    settled(driver)
    assert float(said(view, "|∇f|")) < 1e-9
    assert len(view.maps.contour._spots._symbols) == 9
    driver.page.apply_look(driver.page.look.replace(critical=False))
    assert not view.maps.contour._spots._symbols


def test_pages_are_those_of_the_function(driver: Driver) -> None:
    view = show(driver, FunctionSpec(objective=Himmelblau()), page="directions")
    assert view.stack.currentWidget() is view.directions.widget
    driver.page.apply(driver.page.spec.edited(objective=Parabola()))
    view = settled(driver)
    shown = [view.tabs.tabText(i) for i in range(view.tabs.count()) if view.tabs.isTabVisible(i)]
    assert shown == ["Curve", "Chain rule", "Autograd", "Difference"]
    assert view.page == "map"
    assert view.maps.line_frame.isVisible()
    assert not view.maps.contour_frame.isVisible()
    view.tabs.setCurrentIndex(3)
    assert driver.page.look.page == "chain"
    settled(driver)
    assert view.chain.reading is not None
    driver.page.apply(driver.page.spec.edited(objective=Rastrigin()))
    view = settled(driver)
    assert view.chain.table.rowCount() > 4, "the formula is read off code that stacks its coordinates"
    driver.page.apply(driver.page.spec.edited(objective=Rastrigin(dimension=40)))
    view = settled(driver)
    assert "more than 60 operations" in view.chain.reason.text()
    assert not view.chain.table.isVisible()


def test_a_member_that_is_defined_at_run_time_appears_with_everything(driver: Driver) -> None:
    class Bent(Objective):
        r"""A bowl and a ripple. :math:`f(x) = \sum_{i=1}^{n} \left(x_i^2 + \sin x_i\right)` (nobody 2000)."""

        kind: Literal["bent_at_run_time"] = "bent_at_run_time"
        DOMAIN: ClassVar[Any] = ((-3.0, 3.0),)
        START: ClassVar[Any] = (1.0, -1.0)
        dimension: Dimension = 2

        def __call__(self, *coordinates: Any) -> Any:
            v = torch.stack(coordinates)
            return (v * v + v.sin()).sum(0)

    try:
        view = show(driver, FunctionSpec(objective=Bent()))
        slope = 2 + math.cos(1)
        first = view.strip.table.rows()[0]
        assert (first.autograd, first.formula, first.difference) == pytest.approx((slope,) * 3)
        assert view.reading.partials[0].latex().endswith(r"= 2 x + \cos{\left(x \right)}")
        assert view.reading.counts.text() == "CRITICAL POINTS: 1 minimum"
        driver.page.apply_look(driver.page.look.replace(page="chain"))
        settled(driver)
        assert view.chain.table.rowCount() > 4
        driver.page.apply(driver.page.spec.edited(objective=Bent(dimension=5)))
        settled(driver)
        assert len(view.strip.table.rows()) == 5
        driver.page.load(FunctionSpec(), FunctionLook())
        settled(driver)
    finally:
        del Objective.family["bent_at_run_time"]


def test_curve_and_tools_of_one_variable(driver: Driver) -> None:
    view = show(driver, FunctionSpec(objective=Parabola(), at=(2.0,)))
    line = view.maps.line
    assert [curve.key for curve in line._curves.curves] == ["f", "slope"]
    view.maps.flags["parabola"].trigger()
    settled(driver)
    assert [curve.key for curve in line._curves.curves] == ["f", "slope", "parabola"]
    parabola = line._curves.curves[-1]
    assert parabola.y == pytest.approx(parabola.x**2), "a parabola osculates itself"
    assert line._line == (2.0, 4.0, 4.0)
    line.startMoved.emit("", -1.0, True)
    settled(driver)
    assert line._line == (-1.0, 1.0, -2.0)


def test_the_tangent_plane_lies_on_the_surface(driver: Driver) -> None:
    view = show(driver, FunctionSpec(objective=Himmelblau(), at=(1.0, 1.0)), height="linear")
    surface = view.maps.surface
    if not hasattr(surface, "set_plane"):
        pytest.skip("no OpenGL here")
    plane = surface._plane
    assert (plane.x, plane.y, plane.f) == (1.0, 1.0, 106.0)
    places = surface.places(plane)
    middle = places[places.shape[0] // 2, places.shape[1] // 2]
    assert middle[2] == pytest.approx(surface._field.on_surface(middle[None, :2])[0], abs=1e-3)
    driver.page.apply_look(driver.page.look.replace(plane=False))
    assert surface._plane is None


def test_many_coordinates_are_shown_as_a_slice(driver: Driver) -> None:
    view = show(driver, FunctionSpec(objective=StyblinskiTang(dimension=6)), axes=(4, 2))
    assert view.maps.landscape.axes == (4, 2)
    assert view.maps.across.button.text() == "→ x5 ▾"
    assert len(view.strip.table.rows()) == 6
    assert view.reading.counts.text() == "CRITICAL POINTS: NOT SEARCHED"
    view.maps.contour.clicked.emit(1.0, -1.0)
    assert driver.page.spec.at is not None
    assert (driver.page.spec.at[4], driver.page.spec.at[2]) == (1.0, -1.0)


HOSTILE = ["1/x", "log(-1) + 0*x", "exp(exp(exp(x)))", "5e-324*x", "1e300*x", "5", "tan(x)", "x^x + 0*y", "sqrt(x*y)"]


def test_hostile_functions_are_shown_or_refused(driver: Driver, qtbot: QtBot) -> None:
    for formula_text in HOSTILE:
        for page in ("map", "difference", "directions", "slices", "autograd", "chain"):
            view = show(driver, FunctionSpec(objective=Expression(text=formula_text)), page=page)
            view.grab()
    assert driver.page.drawing.inspection.inspector.error is None


REFUSED = ["__import__('os')", "(w*x+b", "x+" * 400 + "x", "х+1", "sin x +"]


@pytest.mark.parametrize("typed", REFUSED, ids=range(len(REFUSED)))
def test_a_formula_that_cannot_be_read_stays_in_its_field(driver: Driver, typed: str) -> None:
    view = show(driver, FunctionSpec(objective=Expression(text="x^2", start=(2.0,))))
    before, rows = driver.page.spec, cells(view.strip.table)
    field = next(e for e in driver.page.form.findChildren(QWidget) if getattr(e, "path", "") == "objective.text").field
    field.setFocus()
    field.selectAll()
    QApplication.clipboard().setText(typed)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: bool(driver.page.form.problems()))
    assert driver.page.form.problems()[0][0] == "objective.text"
    assert driver.page.spec == before
    assert cells(view.strip.table) == rows


def test_a_table_is_as_high_as_its_wrapped_text_whatever_comes_first(qtbot: Any) -> None:
    table = PlainTable("calls", ("call", "gives", "after"), None, wide=(1,))  # type: ignore[arg-type]
    qtbot.addWidget(table)
    table.setFixedWidth(420)
    table.show()
    words = "RuntimeError: Trying to backward through the graph a second time, or to use saved tensors after they went"
    table.show_cells([[("f()", "mono"), ("1", "mono"), ("None", "mono")]], fit=True)
    table.show_cells([[("torch.autograd.grad(y)", "mono"), (words, "bad"), ("None, None", "mono")]], fit=True)
    metrics = QFontMetrics(table.item(0, 1).font())
    qtbot.waitUntil(lambda: table.columnWidth(0) > metrics.horizontalAdvance("torch.autograd.grad"))
    lines = math.ceil(metrics.horizontalAdvance(words) / table.columnWidth(1))
    assert lines > 2
    qtbot.waitUntil(lambda: table.rowHeight(0) >= lines * metrics.height())
    assert table.height() >= table.rowHeight(0)


def test_a_table_that_is_filled_before_it_has_room_is_no_higher_for_it(qtbot: Any) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    table = PlainTable("calls", ("call", "gives", "after"), host, wide=(1,))
    column = QVBoxLayout(host)
    column.addWidget(table)
    column.addStretch()
    host.resize(200, 300)
    words = "RuntimeError: Trying to backward through the graph a second time"
    code = "torch.autograd.grad(y, (w,))  # again"
    table.show_cells([[(code, "mono"), (words, "bad"), ("None", "mono")]], fit=True)
    narrow = table.height()
    host.resize(560, 300)
    host.show()
    qtbot.waitUntil(lambda: table.height() < narrow)
    lines = math.ceil(QFontMetrics(table.item(0, 1).font()).horizontalAdvance(words) / table.columnWidth(1))
    assert table.rowHeight(0) < (lines + 1) * 20


def test_tabs_close_up_when_pages_go_and_make_room_when_they_come(driver: Driver) -> None:
    view = show(driver, FunctionSpec(objective=Himmelblau()))
    assert all(view.tabs.tabRect(index).width() > 20 for index in range(view.tabs.count()))
    view = show(driver, FunctionSpec())
    shown = [view.tabs.tabRect(index) for index in range(view.tabs.count()) if view.tabs.isTabVisible(index)]
    assert len(shown) == view.tabs.count() - 2
    assert all(left.right() + 1 == right.left() for left, right in itertools.pairwise(shown))


def test_the_panel_asks_for_what_the_open_page_uses(driver: Driver) -> None:
    wanted = {
        "map": {"lr"},
        "slices": set(),
        "directions": {"direction"},
        "chain": set(),
        "autograd": {"axis"},
        "difference": {"axis", "h"},
    }
    spec = FunctionSpec(objective=Himmelblau())
    for page, fields in wanted.items():
        view = show(driver, spec, page=page)  # type: ignore[arg-type]
        assert {"axis", "direction", "h", "lr"} - spec.idle(driver.page.look) == fields
        assert view.reading.step_part.isVisible() == (page == "map")
    assert "axis" in FunctionSpec().idle(FunctionLook(page="autograd"))


def test_nothing_in_the_reading_pane_is_cut_at_its_side_or_below(driver: Driver) -> None:
    """A longer heading, a longer row, and shorter ones after it, in the least width the pane has."""
    pane: Any = driver.page.view.reading
    for name in ("flat-is-not-minimal", "slope-of-a-square", "least-squares", "saddle-curvature"):
        preset = presets.load(next(entry.path for entry in presets.library() if entry.name == name))
        show(driver, preset.spec, page="map", steps=True)
        driver.until(lambda: pane.body.width() == pane.viewport().width())
        for label in pane.step_part.findChildren(QLabel):
            assert label.height() >= label.heightForWidth(label.width()), (name, label.text())


def test_steps_of_one_variable_are_drawn_on_the_curve(driver: Driver) -> None:
    preset = presets.load(presets.find("against-the-gradient"))
    view = show(driver, preset.spec, page="map", steps=True)
    ends = {spot.text: (spot.x, spot.y) for spot in view.maps.line._spot_list if spot.kind == "ring"}
    assert ends == {"−lr ∇f": pytest.approx((1.6, 2.56)), "Newton": pytest.approx((0.0, 0.0), abs=1e-12)}
    view.maps.line.toggled.emit("newton")
    assert not driver.page.look.steps
    driver.page.apply(driver.page.spec.replace(lr=10.0))
    driver.page.apply_look(driver.page.look.replace(steps=True))
    settled(driver)
    rings = [spot.text for spot in view.maps.line._spot_list if spot.kind == "ring"]
    assert rings == ["Newton"]  # the other is far off
