"""The Activation lab in a real window: numbers are read where a person reads them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import plots
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableWidget, QWidget
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine import presets
from gradlab.engine.activations import Activation, Sigmoid
from gradlab.labs.activation.look import ActivationLook
from gradlab.labs.activation.spec import ActivationSpec, Depth, Softmax, Unit
from gradlab.shell import main_window
from gradlab.ui import formula
from gradlab.ui.editors import Editor

SHIPPED = {entry.name: entry for entry in presets.library() if entry.lab == "activation"}
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open("activation")
    yield one
    one.close()
    formula.shutdown()


def open_preset(driver: Driver, name: str) -> Any:
    """Open a shipped preset as the menu does and wait for its page."""
    driver.window.filing.open(SHIPPED[name].path, shipped=True)
    spec = presets.load(SHIPPED[name].path).spec
    driver.until(lambda: driver.page.spec == spec)
    settled(driver)
    return driver.page.view


def settled(driver: Driver) -> None:
    """Wait until what is asked is on screen."""
    page = driver.page
    driver.until(
        lambda: (
            page.drawing.inspection._asked is not None and page.drawing.inspection._asked[:2] == (page.spec, page.look)
        )
    )
    driver.until(lambda: not page.drawing.inspection.inspector.busy and not page.drawing.inspection.inspector._outbox)


def cells(table: QTableWidget) -> dict[str, list[str]]:
    """Return the texts of each row by its first cell."""
    rows: dict[str, list[str]] = {}
    for row in range(table.rowCount()):
        texts = [item.text() if (item := table.item(row, k)) else "" for k in range(table.columnCount())]
        rows[texts[0]] = texts[1:]
    return rows


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize(("x", "slope"), [(-1.0, 0.196612), (0.0, 0.25), (1.0, 0.196612)])
def test_the_slope_of_the_sigmoid_stands_in_the_table_by_three_ways(driver: Driver, x: float, slope: float) -> None:
    view = open_preset(driver, "sigmoid-slope")
    driver.page.apply(driver.page.spec.replace(x=x))
    settled(driver)
    value, *ways, error = cells(view.curves.table)["Sigmoid  f′"]
    assert number(value) == pytest.approx(1 / (1 + math.exp(-x)), abs=1e-8)
    assert [number(way) for way in ways] == pytest.approx([slope] * 3, abs=5e-7)
    assert number(error) < 1e-9
    assert f"AT x = {x:g}" in view.reading.where.text()


SLOPES = [
    ("tanh-and-sigmoid", "tanh", -1.0, 0.419974),
    ("tanh-and-sigmoid", "tanh", 0.0, 1.0),
    ("tanh-and-sigmoid", "tanh", 1.0, 0.419974),
    ("relu-kink", "ReLU", -1.0, 0.0),
    ("relu-kink", "ReLU", 1.0, 1.0),
]


@pytest.mark.parametrize(("preset", "name", "x", "slope"), SLOPES)
def test_the_slopes_of_tanh_and_relu_stand_in_the_table(
    driver: Driver, preset: str, name: str, x: float, slope: float
) -> None:
    view = open_preset(driver, preset)
    driver.page.apply(driver.page.spec.replace(x=x))
    settled(driver)
    _, *ways, error = cells(view.curves.table)[f"{name}  f′"]
    assert [number(way) for way in ways] == pytest.approx([slope] * 3, abs=5e-7)
    assert number(error) < 1e-9


def test_the_kink_of_relu_is_marked_and_said(driver: Driver) -> None:
    view = open_preset(driver, "relu-kink")
    rows = cells(view.curves.table)
    assert rows["ReLU  f′"][1:] == ["0", "0", "0.5", "kink"]
    assert "kink: torch takes f′ = 0; the difference reaches over it" in rows
    assert [(spot.x, spot.y) for spot in view.curves.lines["slope"]._spot_list] == [(0.0, 0.0), (0.0, 0.01)]
    assert "kink" in view.reading.verdict.text()
    slope = view.curves.lines["slope"]
    plots.hover(slope, 0.0, 0.5)
    assert "ReLU: kink at 0, torch takes f′ = 0" in slope.readout()


def test_hardsigmoid_says_that_torch_has_no_second_derivative(driver: Driver) -> None:
    view = open_preset(driver, "no-second-derivative")
    assert "f″ not available for Hardsigmoid" in view.curves.frames[2]._how.text()
    assert any("not available for Hardsigmoid" in row for row in cells(view.curves.table))
    assert cells(view.curves.table)["Hardswish  f″"][1] == "0.333333333"
    assert driver.page.drawing.inspection.inspector.error is None


def test_saturation_is_shaded_from_the_threshold_on(driver: Driver) -> None:
    view = open_preset(driver, "sigmoid-slope")
    (zone,) = view.curves.zones["slope"].zones()
    (low, left), (right, high) = zone.ranges
    assert (low, high) == (-6, 6)
    assert (left, right) == pytest.approx((-2.887, 2.887), abs=1e-3)
    driver.page.apply(driver.page.spec.replace(saturation=0.2))
    driver.until(lambda: view.curves.zones["f"].zones()[0].ranges[1][0] < 1)
    assert "0.2" in view.curves.frames[0]._how.text()


def test_every_visible_activation_shows_where_it_is_saturated(driver: Driver) -> None:
    page = driver.put(ActivationSpec())
    view = page.view
    settled(driver)
    zones = view.curves.zones["f"].zones()
    assert [(zone.unit, zone.front) for zone in zones] == [("sigmoid", True), ("tanh", False), ("relu", False)]
    assert zones[2].ranges == ((-6.0, 0.0),)
    assert len({zone.colour for zone in zones}) == 3
    assert "Sigmoid shaded, the others as bars" in view.curves.frames[0]._how.text()
    page.apply_look(page.look.replace(focus="tanh"))
    view.curves.toggled.emit("relu")
    driver.until(lambda: not page.look.of("relu").visible)
    zones = view.curves.zones["f"].zones()
    assert [(zone.unit, zone.front) for zone in zones] == [("sigmoid", False), ("tanh", True)]
    picture = view.curves.lines["f"].grab().toImage()
    assert not picture.isNull()


def test_a_ring_is_dragged_and_the_numbers_follow(driver: Driver) -> None:
    view = open_preset(driver, "sigmoid-slope")
    line = view.curves.lines["f"]
    plots.click(line, 2.0, 0.5)
    driver.until(lambda: abs(driver.page.spec.x - 2.0) < 0.05)
    settled(driver)
    x = driver.page.spec.x
    s = 1 / (1 + math.exp(-x))
    assert number(cells(view.curves.table)["Sigmoid  f′"][1]) == pytest.approx(s * (1 - s), abs=1e-8)
    steps = driver.page.undo.count()
    start, stop = plots.pixel(line, x, s), plots.pixel(line, -1.0, s)
    plots.drag(line.graphics.viewport(), start, stop)
    driver.until(lambda: abs(driver.page.spec.x + 1.0) < 0.1)
    assert driver.page.undo.count() == steps + 1, "a drag is one step of undo"
    driver.page.undo.undo()
    assert driver.page.spec.x == x


def test_a_typed_value_is_computed(driver: Driver) -> None:
    view = open_preset(driver, "tanh-and-sigmoid")
    rows = cells(view.curves.table)
    assert rows["tanh  f′"][1] == rows["Formula  f′"][1] == "0.419974342"
    tanh, typed = (view.curves._curves[name].f for name in ("tanh", "typed"))
    np.testing.assert_allclose(tanh, typed, atol=1e-15)


def test_the_bound_of_ten_sigmoids_stands_in_the_window(driver: Driver) -> None:
    view = open_preset(driver, "vanishing-sigmoid")
    assert view.tabs.currentIndex() == 1
    rows = cells(view.deep.table)
    assert number(rows["Sigmoid"][0]) == pytest.approx(0.25**10, rel=1e-4)
    assert number(rows["ReLU"][1]) == pytest.approx(2**-5, rel=1e-4)
    assert "9.54e-07" in view.reading.meaning.text()
    assert len(view.deep.bands.bands()) == 1
    view.deep.frames[0]._log.click()
    driver.until(lambda: not driver.page.look.log)
    assert not view.deep.product._log


def test_softmax_and_its_jacobian_stand_in_the_window(driver: Driver) -> None:
    view = open_preset(driver, "softmax-jacobian")
    found = [number(label.text()) for label in view.softmax.logits.probabilities]
    assert found == pytest.approx([0.09003, 0.2447, 0.6652], abs=5e-5)
    diagonal = np.diag(view.softmax.heat.matrix())
    assert [round(float(one), 4) for one in diagonal] == [0.0819, 0.1848, 0.2227]
    plots.hover(view.softmax.heat, 1, 0)
    assert view.softmax.heat.readout().startswith("p1 · z2   -0.0220")


def test_a_slider_moves_a_logit_and_the_probabilities(driver: Driver) -> None:
    view = open_preset(driver, "softmax-jacobian")
    slider = view.softmax.logits.sliders[0]
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    driver.until(lambda: driver.page.spec.softmax.logits == (2.0, 2.0, 3.0))
    settled(driver)
    e = math.e
    assert number(view.softmax.logits.probabilities[2].text()) == pytest.approx(e / (2 + e), abs=5e-5)
    driver.page.undo.undo()
    assert driver.page.spec.softmax.logits == (1.0, 2.0, 3.0)
    assert slider.value() == 20


def test_logits_come_and_go_in_the_panel(driver: Driver) -> None:
    view = open_preset(driver, "softmax-jacobian")
    driver.page.apply(driver.page.spec.replace(softmax=Softmax(logits=(0.0, 0.0, 0.0, 0.0, 50.0))))
    settled(driver)
    assert len(view.softmax.logits.sliders) == len(view.softmax.heat.matrix()) == 5
    assert view.softmax.logits.values[4].text() == "50"
    assert view.softmax.logits.sliders[4].value() == view.softmax.logits.sliders[4].maximum()
    assert driver.page.spec.softmax.logits[4] == 50.0, "a slider at its end changes nothing by itself"


def test_an_underflow_is_red_and_counted(driver: Driver) -> None:
    view = open_preset(driver, "log-of-softmax")
    rows = cells(view.softmax.table)
    assert rows["p1"][3:] == ["-140", "-inf"]
    assert rows["p3"][2] == "nan"
    assert "1 of log(softmax) are −∞" in view.reading.verdict.text()


def test_a_derivation_has_its_numbers_and_follows_x(driver: Driver) -> None:
    view = open_preset(driver, "sigmoid-derivation")
    rows = [row for row in view.derivation.rows if row.isVisibleTo(view.derivation)]
    assert len(rows) == 6
    assert all("0.235004" in row.numbers.latex() for row in rows[1:])
    driver.page.apply(driver.page.spec.replace(x=0.0))
    driver.until(lambda: "0.25" in rows[5].numbers.latex())
    view.front.setCurrentIndex(2)
    view.front.activated.emit(2)
    driver.until(lambda: view.derivation.title.text() == "ReLU at x = 0")
    assert "torch takes 0" in rows[2].why.text()


@pytest.mark.parametrize("page", ["curves", "depth", "softmax", "derivation"])
def test_a_tab_is_a_look_and_no_edit(driver: Driver, page: str) -> None:
    view, before = driver.page.view, driver.page.spec
    index = ["curves", "depth", "softmax", "derivation"].index(page)
    QTest.mouseClick(view.tabs, LEFT, pos=view.tabs.tabRect(index).center())
    driver.until(lambda: driver.page.look.page == page)
    settled(driver)
    assert view.stack.currentIndex() == index
    assert driver.page.spec == before
    assert driver.page.undo.count() == 0


@pytest.mark.parametrize("lab", ["activation", "descent"])
def test_a_stage_that_comes_late_edits_nothing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, lab: str) -> None:
    monkeypatch.setattr(main_window, "_loaded", lambda _modules: False)
    driver = Driver(qtbot)
    page = driver.open(lab)
    driver.until(lambda: page.furnished)
    document = driver.window.filing.documents[lab]
    assert [part.color for part in (page.look.units if lab == "activation" else page.look.racers)] != []
    assert not document.modified(page.spec, page.look)
    driver.close()
    formula.shutdown()


def test_an_activation_can_be_added_hidden_and_removed(driver: Driver) -> None:
    page, view = driver.page, driver.page.view
    spec = page.spec
    page.apply(spec.replace(units=(*spec.units, spec.new_part("units"))))
    settled(driver)
    assert "LeakyReLU  f′" in cells(view.curves.table)
    assert view.front.count() == 4
    colours = {name: page.look.of(name).color for name in ("sigmoid", "tanh", "relu", "leaky-relu")}
    assert len(set(colours.values())) == 4
    view.curves.toggled.emit("tanh")
    driver.until(lambda: not page.look.of("tanh").visible)
    page.apply(page.spec.replace(units=page.spec.units[1:]))
    settled(driver)
    assert "Sigmoid  f′" not in cells(view.curves.table)
    assert page.look.of("relu").color == colours["relu"], "neighbours keep their colours"


def test_a_member_that_is_defined_at_run_time_appears_with_curve_and_derivatives(driver: Driver) -> None:
    class Cubed(Activation):
        r"""Steeper and steeper. :math:`f(x) = x^3`."""

        kind: Literal["cubed_at_run_time"] = "cubed_at_run_time"
        FORMULA = "x^3"

    try:
        page, view = driver.page, driver.page.view
        page.apply(ActivationSpec(units=(Unit(id="own", activation=Cubed()),), x=2.0))
        settled(driver)
        rows = cells(view.curves.table)
        assert rows["Cubed  f′"][:4] == ["8", "12", "12", "12"]
        assert rows["Cubed  f″"][1:3] == ["12", "12"]
        drawn = view.curves._curves["own"]
        np.testing.assert_allclose(drawn.f, drawn.x**3, atol=1e-12)
        page.apply_look(page.look.replace(page="derivation"))
        driver.until(lambda: view.derivation.title.text() == "Cubed at x = 2")
        assert any("12" in row.numbers.latex() for row in view.derivation.rows)
        page.apply_look(page.look.replace(page="depth"))
        driver.until(lambda: "Cubed" in cells(view.deep.table))
        page.apply(ActivationSpec())
        settled(driver)
    finally:
        del Activation.family["cubed_at_run_time"]


def test_a_formula_that_fails_leaves_gaps_and_a_count(driver: Driver) -> None:
    page, view = driver.page, driver.page.view
    wild = Activation.parse({"kind": "expression", "text": "sqrt(x)"})
    page.apply(ActivationSpec(units=(Unit(id="wild", activation=wild), Unit(id="s", activation=Sigmoid()))))
    settled(driver)
    assert view.curves.lines["f"].note().startswith("Not finite: ")
    assert page.drawing.inspection.inspector.error is None


HOSTILE = [
    "__import__('os').system('x')",
    "x.__class__",
    "lambda: x",
    "y + 1",
    "x" * 3000,
    "(" * 300 + "x",
    "",
    "ｘ²\u202e",
]


def test_a_hostile_formula_is_refused_in_its_field_and_nothing_is_lost(driver: Driver) -> None:
    typed = Activation.parse({"kind": "expression", "text": "x*sigmoid(x)"})
    page = driver.put(ActivationSpec(units=(Unit(id="own", activation=typed),)))
    settled(driver)
    before, shown = page.spec, cells(page.view.curves.table)
    page.form.reveal("units.own.activation.text")
    editor: Any = next(e for e in page.form.findChildren(Editor) if e.path == "units.own.activation.text")
    for text in HOSTILE:
        editor.field.setPlainText(text)
        editor.commit()
        assert page.spec == before, text
        assert page.form.problems(), text
        assert "\n" not in page.form.problems()[0][1]
        editor.restore()
        assert not page.form.problems()
    assert cells(page.view.curves.table) == shown
    assert page.drawing.inspection.inspector.error is None


WILD = ["1/x", "exp(exp(exp(x)))", "5", "tan(x)", "abs(x)^0.5"]


def test_wild_formulas_and_extreme_settings_are_drawn_on_every_page(driver: Driver) -> None:
    page, view = driver.page, driver.page.view
    for index, text in enumerate(WILD):
        wild = Activation.parse({"kind": "expression", "text": text})
        ends = ((-1e4, 1e4), (-1e-3, 1e-3), (9999.0, 1e4))[index % 3]
        depth = Depth(layers=200, samples=100, spread=(1e3, 1e-3)[index % 2], gain=(1e3, 1e-3)[index % 2])
        softmax = Softmax(logits=(1e6, -1e6, 0.0), temperature=(1e-3, 1e3)[index % 2])
        page.apply(
            ActivationSpec(
                units=(Unit(id="wild", activation=wild),), domain=ends, x=ends[0], depth=depth, softmax=softmax
            )
        )
        for name in ("curves", "depth", "softmax", "derivation"):
            page.apply_look(page.look.replace(page=name))
            settled(driver)
            assert not view.grab().isNull()
            assert page.drawing.inspection.inspector.error is None, (text, name)


def test_pictures_of_the_spec_before_stand_in_until_they_are_late(driver: Driver) -> None:
    view = open_preset(driver, "vanishing-sigmoid")
    drawn = cells(view.deep.table)
    spec = driver.page.spec
    edited = spec.replace(depth=spec.depth.replace(layers=40), x=3.0)
    view.show_spec(edited)
    assert cells(view.deep.table) == drawn
    assert " 10 layers" in view.reading.meaning.text(), "the words belong to the numbers"
    view._forget()
    assert not cells(view.deep.table)
    view.show_spec(spec.replace(units=(Unit(id="sigmoid", activation=Activation.parse("tanh")),)))
    assert not view.curves.known("sigmoid")
    view.show_spec(spec)
    driver.page.drawing.inspection.again()
    driver.page.drawing.touch()
    driver.until(lambda: cells(view.deep.table) == drawn)


def test_a_page_out_of_sight_is_drawn_when_it_is_turned_to(driver: Driver) -> None:
    view = open_preset(driver, "vanishing-sigmoid")
    before = cells(view.curves.table)
    driver.page.apply(driver.page.spec.replace(x=-2.0))
    settled(driver)
    assert cells(view.curves.table) == before
    driver.page.apply_look(driver.page.look.replace(page="curves"))
    driver.until(lambda: cells(view.curves.table)["Sigmoid  f′"][0] == "0.119202922")


def test_every_control_has_a_name_and_the_stage_keeps_its_look(driver: Driver) -> None:
    view = driver.page.view
    names = [view.tabs, view.front, view.curves.table, view.deep.table, view.softmax.table]
    names += [*view.softmax.logits.sliders, view.softmax.logits.temperature]
    assert all(isinstance(widget, QWidget) and widget.accessibleName() for widget in names)
    assert [frame.key for frame in view.plots()] == [
        "activation-f",
        "activation-slope",
        "activation-bend",
        "activation-product",
        "activation-spread",
        "activation-jacobian",
    ]
    frame = view.curves.frames[1]
    driver.page.maximise(frame, True)
    assert not view.curves.frames[0].isVisible()
    driver.page.maximise(frame, False)
    assert view.curves.frames[0].isVisible()
    assert ActivationLook().page == "curves"
    assert view.tabs.tabRect(0).contains(QPoint(5, 5))


def test_the_panel_shows_the_fields_of_the_page_that_is_open(driver: Driver) -> None:
    page = driver.page
    sections = {"x", "domain", "saturation", "depth", "softmax", "units"}
    for name, wanted in {
        "curves": {"units", "x", "domain", "saturation"},
        "depth": {"units", "x", "saturation", "depth"},
        "softmax": {"softmax"},
        "derivation": {"units", "x", "saturation"},
    }.items():
        page.apply_look(page.look.replace(page=name))
        assert {one.path for one in page.form.findChildren(Editor) if one.isVisible()} & sections == wanted, name


def test_a_table_takes_the_height_of_its_rows_and_the_plots_the_rest(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    for name, page in (("smooth-rectifiers", "curves"), ("sigmoid-slope", "curves"), ("vanishing-sigmoid", "deep")):
        one = getattr(open_preset(driver, name), page)
        driver.until(lambda one=one: one.table.rowCount() > 0)
        assert one.stage.sizes()[-1] == one.table.maximumHeight(), name
    one = open_preset(driver, "softmax-jacobian").softmax
    driver.until(lambda: one.table.rowCount() == 3)
    assert one.stage.sizes()[-1] == one.table.maximumHeight()
    assert one.heat.width() > 500


def test_a_way_that_torch_has_not_is_no_number(driver: Driver) -> None:
    rows = cells(open_preset(driver, "no-second-derivative").curves.table)
    assert rows["Hardsigmoid  f″"][1:] == ["–", "0", "0", "0"]
    assert rows["Hardswish  f″"][1] == "0.333333333"
