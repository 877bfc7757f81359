"""What a person does on the stage of the Loss lab, and the numbers that the window then shows."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine import presets
from gradlab.engine.losses import Loss
from gradlab.engine.losses.ways import worst
from gradlab.labs.loss.look import LossLook, Page
from gradlab.labs.loss.spec import USED, LossSpec
from gradlab.ui import formula, theme
from gradlab.ui.editors.base import Editor
from gradlab.ui.editors.slot import slots
from gradlab.ui.latex import to_svg
from gradlab.ui.number_table import NumberTable, read_block, shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    one = Driver(qtbot)
    one.open("loss")
    yield one
    one.close()
    formula.shutdown()


def opened(driver: Driver, name: str) -> Any:
    """Open a shipped preset as the File menu does, and return the page of the view that is in front."""
    preset = presets.load(presets.find(name))
    driver.page.load(preset.spec, preset.look)
    view: Any = driver.page.view
    page = view.stack.currentWidget()
    assert page is view.pages[preset.look.page]
    driver.until(lambda: getattr(page, "reading", None) is not None or page.name == "entropy")
    return page


def rows(table: Any) -> list[list[str]]:
    """Return what stands in a table."""
    return [[table.text(row, column) for column in range(table.columnCount())] for row in range(table.rowCount())]


def shows(driver: Driver, table: Any, wanted: list[list[str]]) -> None:
    driver.until(lambda: rows(table) == wanted)


def test_the_tables_of_the_notes_are_read_from_the_window(driver: Driver) -> None:
    page = opened(driver, "mse-of-two")
    shows(
        driver,
        page.results,
        [["[0, 0]", "0.9", "1", "0.01", "-0.2", "-0.1", "-0.2"], ["[0, 1]", "0.1", "0", "0.01", "0.2", "0.1", "0.2"]],
    )
    page = opened(driver, "cross-entropy-of-logits")
    driver.until(lambda: page.results.text(0, 3) == "0.3711007")
    assert [page.results.text(row, 5) for row in (0, 1)] == ["-0.3100255", "0.3100255"]
    assert [one.autograd for one in page.ways.rows()] == pytest.approx([-0.310026, 0.310026], abs=5e-7)
    page = opened(driver, "l1-of-three")
    driver.until(lambda: page.results.text(2, 5) == "-0.3333333")
    assert [page.results.text(row, 3) for row in range(3)] == ["0", "0", "2"]
    assert page.facts._values["mean"].text() == "0.666666667"
    assert page.facts._values["sum"].text() == "2"
    page = opened(driver, "mse-of-three")
    driver.until(lambda: page.results.text(2, 5) == "-1.333333")
    page = opened(driver, "sum-mean-and-norm")
    driver.until(lambda: page.facts._values["sum"].text() == "14")
    assert page.facts._values["√sum"].text() == "3.74165739"
    assert page.facts._values["mean"].text() == "4.66666667"


def test_the_formula_is_written_with_the_numbers_of_the_element_that_is_picked(driver: Driver) -> None:
    page = opened(driver, "sum-mean-and-norm")
    driver.until(lambda: page.results.rowCount() == 3)
    page.results.setCurrentCell(2, 0)
    driver.until(lambda: page.numbers.latex() == r"\ell_{0,2} = \left(3 - 0\right)^{2} = 9")
    page.tables["input"].grid.setCurrentCell(0, 1)
    driver.until(lambda: "(-2" in page.numbers.latex().replace(r"\left", "").replace(" ", ""))
    assert driver.page.look.element == 1


def test_shapes_that_only_fit_by_broadcasting_are_refused_until_the_table_is_mended(driver: Driver) -> None:
    page = opened(driver, "broadcast-refused")
    driver.until(page.strip.isVisible)
    assert "(1, 1)" in page.strip.text()
    assert "(1, 2)" in page.strip.text()
    assert page.results.rowCount() == 0
    page.tables["target"].acts["column+"].trigger()
    driver.until(lambda: not page.strip.isVisible())
    assert driver.page.spec.target == ((1.0, 0.0),)
    driver.until(lambda: page.results.rowCount() == 2)
    driver.page.undo.undo()
    driver.until(page.strip.isVisible)
    assert driver.page.spec.target == ((1.0,),)


def test_cross_entropy_taken_apart_is_read_from_the_window(driver: Driver) -> None:
    page = opened(driver, "weighted-mean")
    driver.until(lambda: page.facts._values["mean"].text() == "1.537164")
    assert page.facts._values["1/N"].text() == "2.305746"
    assert page.facts._values["Σ w"].text() == "3"
    assert page.facts._values["nll"].text() == "1.537164"
    assert "2.30575" in page.words.text()
    page = opened(driver, "cross-entropy-one-class")
    driver.until(lambda: page.facts._values["mean"].text() == "1.101943")
    assert [page.table.text(row, 2) for row in range(3)] == ["0.30061", "0.33222", "0.36717"]
    page = opened(driver, "log-softmax-underflow")
    driver.until(lambda: page.table.text(3, 4) == "-inf")
    assert page.table.text(3, 3) == "-112.3"
    assert "underflows" in page.words.text()
    page = opened(driver, "label-smoothing")
    driver.until(lambda: page.facts._values["mean"].text() == "0.5909617")


def test_a_page_that_is_not_for_a_loss_says_so(driver: Driver) -> None:
    view: Any = driver.page.view
    driver.page.apply(LossSpec().edited(loss=Loss.parse("triplet_margin")))
    for name in ("entropy", "surface"):
        driver.page.apply_look(driver.page.look.replace(page=name))
        driver.until(view.pages[name].strip.isVisible)
        assert "Triplet margin" in view.pages[name].strip.text()
    assert view.pages["values"].tables["third"].isVisibleTo(view.pages["values"])


def test_a_refused_surface_leaves_nothing_of_the_one_before(driver: Driver) -> None:
    page = opened(driver, "surface-of-a-line")
    driver.until(lambda: page.facts._values["∂/∂w"].text() not in {"", "–"})
    best = page.facts._values["best w"].text()
    driver.page.apply(driver.page.spec.edited(loss=Loss.parse("ctc")))
    driver.until(page.strip.isVisible)
    assert not page.contour.isVisible()
    assert {label.text() for label in page.facts._values.values()} == {"–"}
    driver.page.undo.undo()
    driver.until(lambda: page.facts._values["best w"].text() == best)
    assert page.contour.isVisible()
    assert not page.strip.isVisible()


def test_a_descent_that_runs_away_leaves_the_others_in_sight(driver: Driver) -> None:
    page = opened(driver, "kink-never-settles")
    driver.page.apply(driver.page.spec.replace(lr=10.0, start=1000.0, steps=1000))
    driver.until(lambda: page.where.text() == "AFTER 1000 STEPS")
    assert page.table.text(1, 1) == "nan"
    assert page.table.text(1, 2) == "nan", "what is no number does not stand still"
    assert page.plot.view.viewRange()[1][1] < 1e6


def test_what_the_deprecated_flags_do_is_said_beside_the_reductions(driver: Driver) -> None:
    page = opened(driver, "l1-of-three")
    driver.until(lambda: page.facts._values["sum"].text() == "2")
    assert "size_average=False gives the sum" in page.remarks.text()


def test_the_other_pages_are_read_from_the_window(driver: Driver) -> None:
    page = opened(driver, "one-wrong-logit")
    driver.until(lambda: page.table.text(0, 2) == "-0.0006702505")
    assert page.table.text(1, 2) == "-0.9996646"
    page = opened(driver, "kink-never-settles")
    driver.until(lambda: page.table.text(0, 1) == "0.05")
    assert page.table.text(0, 2) == "0.1"
    page = opened(driver, "outlier-robust")
    driver.until(lambda: page.table.text(1, 1) == "0.8666667")
    assert page.table.text(0, 1) == "0.2"
    page = opened(driver, "surrogates")
    driver.until(lambda: page.table.rowCount() == 5)
    assert [page.table.text(row, 1) for row in range(5)] == ["1", "2", "1.894636", "1.313262", "4"]
    page = opened(driver, "losses-of-an-error")
    driver.until(lambda: rows(page.table)[:2] == [["L1", "1.5", "1"], ["MSE", "2.25", "3"]])
    page = opened(driver, "surface-of-a-line")
    driver.until(lambda: page.facts._values["∂/∂w"].text() not in {"", "–"})
    assert float(page.facts._values["best w"].text()) == pytest.approx(0.8, abs=0.1)


def test_what_is_edited_on_the_stage_is_not_in_the_panel_too() -> None:
    assert not {"input", "target", "third"} & set(slots(LossSpec))
    assert "loss" in slots(LossSpec)


def test_tabs_turn_the_page_and_the_look_remembers(driver: Driver) -> None:
    view: Any = driver.page.view
    for index, name in enumerate(view.pages):
        QTest.mouseClick(view.tabs, LEFT, pos=view.tabs.tabRect(index).center())
        assert driver.page.look.page == name
        assert view.stack.currentWidget() is view.pages[name]
    assert not driver.page.undo.count()


def test_a_number_is_typed_into_a_cell_and_taken_back(driver: Driver) -> None:
    page = opened(driver, "mse-of-two")
    table = page.tables["input"]
    type_into(table, 0, 1, "1/4")
    driver.until(lambda: driver.page.spec.input == ((0.9, 0.25),))
    driver.until(lambda: page.results.text(1, 3) == "0.0625")
    driver.page.undo.undo()
    assert table.rows() == ((0.9, 0.1),)
    driver.until(lambda: page.results.text(1, 3) == "0.01")


@pytest.mark.parametrize("text", ["", "nan", "1e999", "1,5", "__import__('os')", "9**9**9**9", "<b>x</b>", "x" * 5000])
def test_what_is_no_number_stays_red_in_its_cell_and_nothing_is_lost(driver: Driver, text: str) -> None:
    page = opened(driver, "mse-of-two")
    driver.until(lambda: page.results.rowCount() == 2)
    table = page.tables["input"]
    began = time.monotonic()
    table.grid.item(0, 0).setText(text)
    assert time.monotonic() - began < 2
    assert len(table.problems()) == 1
    assert page.strip.isVisible()
    assert "\n" not in page.strip.text()
    assert page.strip.textFormat() is Qt.TextFormat.PlainText
    assert driver.page.spec.input == ((0.9, 0.1),)
    assert page.results.rowCount() == 2
    type_into(table, 0, 0, "0.5")
    driver.until(lambda: driver.page.spec.input == ((0.5, 0.1),))
    assert not table.problems()
    assert not page.strip.isVisible()


def type_into(table: NumberTable, row: int, column: int, text: str) -> None:
    """Type into a cell as at the keyboard."""
    table.grid.setCurrentCell(row, column)
    table.grid.setFocus()
    QTest.keyClick(table.grid, Qt.Key.Key_F2)
    editor = table.grid.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def test_a_block_is_pasted_from_a_spreadsheet_and_copied_back(driver: Driver) -> None:
    page = opened(driver, "mse-of-two")
    for name, text in (("input", "1\t2\t3\n4\t5\t6\n"), ("target", "0;0;0\n1;1;1")):
        grid = page.tables[name].grid
        grid.setFocus()
        grid.selectAll()
        QGuiApplication.clipboard().setText(text)
        QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert driver.page.spec.input == ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    assert driver.page.spec.target == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    driver.until(lambda: page.results.rowCount() == 6)
    assert page.facts._values["sum"].text() == "64"
    grid = page.tables["input"].grid
    grid.setCurrentCell(1, 2)
    QGuiApplication.clipboard().setText("7 8")
    QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert driver.page.spec.input == ((1.0, 2.0, 3.0, 0.0), (4.0, 5.0, 7.0, 8.0))
    grid.selectAll()
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "1\t2\t3\t0\n4\t5\t7\t8"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no numbers"),
        ("a\tb", "'a b'"),
        ("1\t2\n3", "not equally long"),
        ("1\n" * 100, "too many"),
        ("1\t" * 40 + "1", "too many"),
        ("nan", "finite"),
        ("1e999", "finite"),
        ("0" * 300_000, "characters"),
    ],
)
def test_a_hostile_clipboard_is_refused_in_one_line(driver: Driver, text: str, told: str) -> None:
    page = opened(driver, "mse-of-two")
    driver.until(lambda: page.results.rowCount() == 2)
    page.tables["input"].grid.selectAll()
    QGuiApplication.clipboard().setText(text)
    page.tables["input"].paste()
    assert page.strip.isVisible()
    assert told in page.strip.text().replace("\\t", " ")
    assert "\n" not in page.strip.text()
    assert driver.page.spec.input == ((0.9, 0.1),)


def test_a_number_too_large_for_the_table_is_refused_where_it_is_typed(driver: Driver) -> None:
    page = opened(driver, "mse-of-two")
    type_into(page.tables["input"], 0, 0, "1e300")
    driver.until(page.strip.isVisible)
    assert len(page.tables["input"].problems()) == 1
    assert "must lie between" in page.strip.text()
    assert driver.page.spec.input == ((0.9, 0.1),)


def test_the_outlier_follows_the_slider_in_one_step_of_undo(driver: Driver) -> None:
    page = opened(driver, "outlier-robust")
    before = driver.page.undo.count()
    page.slider.setSliderDown(True)
    for notch in (90, 120, 150):
        page.slider.setValue(notch)
    page.slider.setSliderDown(False)
    assert driver.page.spec.outlier == 15.0
    driver.until(lambda: page.table.text(1, 1) == "1.644444")
    assert page.table.text(0, 1) == "0.2"
    driver.page.undo.undo()
    assert driver.page.spec.outlier == 8.0
    assert driver.page.undo.index() == before
    assert page.slider.value() == 80


def test_rings_are_dragged_and_losses_hidden(driver: Driver) -> None:
    page = opened(driver, "losses-of-an-error")
    page.loss.startMoved.emit("", 2.0, True)
    driver.until(lambda: page.table.text(1, 1) == "4")
    assert driver.page.spec.prediction == 2.0
    page.loss.toggled.emit("mse")
    assert driver.page.look.hidden == ("mse",)
    page.loss.toggled.emit("mse")
    assert driver.page.look.hidden == ()
    surface = opened(driver, "surface-of-a-line")
    surface.contour.clicked.emit(0.8, 0.5)
    driver.until(lambda: surface.facts._values["w"].text() == "0.8")
    assert float(surface.facts._values["loss"].text()) < 0.1


def test_another_loss_in_the_panel_keeps_the_tables_it_can_take(driver: Driver) -> None:
    page = opened(driver, "mse-of-three")
    driver.page.apply(driver.page.spec.edited(loss=Loss.parse("huber")))
    driver.until(lambda: page.facts._values["mean"].text() == "0.5")
    assert page.formula.latex().startswith(r"\ell = \frac{1}{2}m^2")
    driver.page.apply(driver.page.spec.edited(loss=Loss.parse("gaussian_nll")))
    assert page.tables["third"].isVisible()
    assert page.tables["third"].caption.text() == "var"
    driver.page.undo.undo()
    assert not page.tables["third"].isVisible()


def test_every_control_has_a_name_and_both_themes_draw_it(driver: Driver, qapp: Any) -> None:
    from PySide6.QtWidgets import QAbstractButton, QSlider, QTableWidget

    view: Any = driver.page.view
    for mode in ("light", "dark"):
        theme.apply(qapp, mode)
        for name, page in view.pages.items():
            driver.page.apply_look(driver.page.look.replace(page=name))
            driver.window.resize(1280, 800)
            assert not page.grab().isNull()
            for kind in (QAbstractButton, QTableWidget):
                nameless = [w for w in page.findChildren(kind) if w.isVisible() and not _named(w)]
                assert not nameless, (name, nameless)
            nameless = [one for one in page.findChildren(QSlider) if one.isVisible() and not one.accessibleName()]
            assert not nameless, (name, nameless)
    pane = view.pages["values"].pane
    view.set_compact(True)
    assert not pane.isVisible()
    view.set_compact(False)


def _named(widget: Any) -> bool:
    return bool(widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip()) or (
        type(widget).__name__ == "QAbstractButton"  # the corner of a table
    )


def test_blocks_of_a_clipboard_are_read_as_people_write_them() -> None:
    assert read_block("1\t2\r\n3\t4\r\n") == [[1.0, 2.0], [3.0, 4.0]]
    assert read_block("1, -2e-3, \u22124") == [[1.0, -0.002, -4.0]]
    assert read_block("  1   2 ") == [[1.0, 2.0]]
    assert read_block("pi/2;2*3") == [[pytest.approx(1.5707963), 6.0]]
    assert [shown(value) for value in (1.0, 0.1, 1e-320, -0.0)] == ["1", "0.1", "1e-320", "-0"]


def test_the_panel_shows_the_fields_of_the_page_that_is_open(driver: Driver) -> None:
    form = driver.page.form
    driver.page.load(LossSpec())
    for page, fields in {
        "values": ["loss", "h"],
        "curves": ["loss", "against", "prediction", "truth"],
        "outlier": ["loss", "outlier"],
        "surface": ["loss", "weights"],
        "entropy": ["loss"],
        "logit": ["logit"],
        "kink": ["loss", "start", "lr", "steps"],
    }.items():
        driver.page.apply_look(driver.page.look.replace(page=page))
        shown = [one.path for one in form.findChildren(Editor) if one.isVisible() and one.path in slots(LossSpec)]
        assert list(dict.fromkeys(shown)) == fields, page
    driver.page.apply_look(driver.page.look.replace(page="curves"))
    driver.page.apply(driver.page.spec.replace(against="margins"))
    assert not any(one.isVisible() for one in form.findChildren(Editor) if one.path in {"loss", "truth"})
    assert set(USED) == set(get_args(Page))


def test_slopes_are_shown_by_each_input_that_has_them(driver: Driver) -> None:
    page = opened(driver, "loss-below-zero")
    driver.until(lambda: page.inputs.isVisible() and page.results.rowCount() == 3)
    assert [page.inputs.tabText(i) for i in range(page.inputs.count())] == ["∂/∂input", "∂/∂target", "∂/∂var"]
    QTest.mouseClick(page.inputs, LEFT, pos=page.inputs.tabRect(2).center())
    assert driver.page.look.by == 2
    driver.until(lambda: page.results.text(0, 7) == "50")
    driver.page.apply_look(driver.page.look.replace(by=1))
    driver.until(lambda: [page.results.text(row, 7) for row in range(3)] == ["0", "1", "2"])
    driver.page.apply_look(driver.page.look.replace(by=2))
    driver.until(lambda: page.results.text(0, 7) == "50")
    assert page.caption.text() == "∂ mean / ∂ var by three ways"
    assert [round(row.formula, 4) for row in page.ways.rows()] == [16.6667, 0.1667, -0.5]
    assert not driver.page.undo.count(), "where one looks is no edit"
    opened(driver, "cross-entropy-one-class")
    driver.page.apply_look(driver.page.look.replace(page="values", by=1))
    driver.until(lambda: page.results.rowCount() == 3 and not page.inputs.isVisible())
    assert page.caption.text() == "∂ mean / ∂ input by three ways"


def test_what_a_table_leaves_out_is_said_with_the_largest_disagreement_of_all(driver: Driver) -> None:
    page = opened(driver, "mse-of-two")
    rows = tuple(tuple(row + column / 7 for column in range(10)) for row in range(30))
    driver.page.apply(driver.page.spec.replace(input=rows, target=tuple(tuple(0.0 for _ in row) for row in rows)))
    driver.until(lambda: page.results.rowCount() == 256)
    driver.until(lambda: len(page.ways.rows()) == 64)
    told = page.agreement.text()
    assert "first 64 of 300" in told
    furthest = worst(page.reading.derivatives)
    assert furthest is not None
    assert told.endswith(f"{furthest.name}: {furthest.error:.1e}.")
    assert len(page.reading.derivatives) == 300
    assert "first 256 of 300" in page.remarks.text()
    driver.page.apply(driver.page.spec.replace(loss=Loss.parse("cross_entropy"), target=((1.0,),) * 30))
    driver.page.apply_look(driver.page.look.replace(page="entropy"))
    entropy: Any = driver.page.view.pages["entropy"]
    driver.until(lambda: entropy.table.rowCount() == 256)
    assert "first 256 of 300" in entropy.words.text()
    opened(driver, "mse-of-two")
    driver.until(lambda: page.agreement.text() == "")


def test_every_loss_has_a_formula_column_in_the_window(driver: Driver) -> None:
    page: Any = driver.page.view.pages["values"]
    for kind in Loss.family:
        driver.page.apply(LossSpec().edited(loss=Loss.parse(kind)))
        driver.until(lambda kind=kind: page.reading is not None and page.reading.spec.loss.kind == kind)
        assert page.ways.rows()
        loss = driver.page.spec.loss
        for by in page.reading.sloped:
            tex = loss.slope_tex(by)
            assert tex.startswith(loss.partial(by)), kind
            assert to_svg(tex), kind
        assert page.slope.latex() == loss.slope_tex(0)
        for row in page.ways.rows():
            assert not math.isnan(row.formula), kind
            assert row.note or row.error < 1e-5, kind


def test_sequences_and_triplets_are_read_from_the_window(driver: Driver) -> None:
    page = opened(driver, "ctc-two-labels")
    driver.until(lambda: page.facts._values["sum"].text() == "0.997871387")
    assert r"-\ln\left(0.3686633\right)" in page.numbers.latex()
    driver.until(lambda: page.ways.rows() and page.ways.rows()[0].name == "log_probs[0, 0]")
    assert all(row.error < 1e-5 for row in page.ways.rows())
    page = opened(driver, "triplet-pulls")
    driver.until(lambda: page.facts._values["mean"].text() == "1" and page.inputs.count() == 3)
    for place, wanted in enumerate(((0.2, -0.2), (0.6, 0.8), (-0.8, -0.6))):
        page.inputs.setCurrentIndex(place)
        driver.until(lambda place=place: page.reading.by == place)
        assert [row.autograd for row in page.ways.rows()] == pytest.approx(wanted, abs=1e-6)
        assert [row.formula for row in page.ways.rows()] == pytest.approx(wanted, abs=1e-6)
    assert page.formula.latex().endswith(r"+ m\right)")
    assert page.aside.isVisible()
    assert page.aside.latex().startswith("d(u, v) =")
    opened(driver, "mse-of-two")
    assert not page.aside.isVisible()


def test_tables_are_as_high_as_their_rows_and_what_the_user_divided_stays(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    page = opened(driver, "mse-of-two")
    driver.until(lambda: page.results.rowCount() == 2)
    top, middle, rest = page.parts.sizes()
    assert rest > 1.5 * (top + middle) / 2
    page.parts.setSizes([top + 80, middle, rest - 80])
    spec = driver.page.spec
    driver.page.apply(spec.replace(input=((0.8, 0.1),)))
    driver.until(lambda: page.results.text(0, 1) == "0.8")
    assert page.parts.sizes()[0] == top + 80
    page = opened(driver, "ctc-two-labels")
    driver.until(lambda: page.results.rowCount() == 12)
    assert page.parts.sizes()[1] > middle
    entropy = opened(driver, "cross-entropy-one-class")
    driver.until(lambda: entropy.table.rowCount() == 3)
    table, plot = entropy.parts.sizes()
    assert table < plot


def test_the_reading_pane_begins_beside_the_tabs(driver: Driver) -> None:
    view: Any = driver.page.view
    for name in view.pages:
        driver.page.apply_look(driver.page.look.replace(page=name))
        pane = view.pages[name].pane
        assert pane.isVisible()
        assert pane.mapTo(view, pane.rect().topLeft()).y() == view.tabs.mapTo(view, view.tabs.rect().topLeft()).y()


def test_a_loss_that_is_defined_at_run_time_appears_on_every_page(driver: Driver) -> None:
    class Rounded(Loss):
        r"""Absolute far off, squared near by. :math:`\ell = \sqrt{(x - y)^2 + 1} - 1`."""

        kind: Literal["rounded_at_run_time"] = "rounded_at_run_time"
        FORMULA: ClassVar[str] = "sqrt((x - y)^2 + 1) - 1"
        EXAMPLE: ClassVar[Any] = (((1.0, 2.0, 3.0),), ((1.0, 2.0, 5.0),))

    try:
        driver.page.apply(driver.page.spec.edited(loss=Rounded()))
        view: Any = driver.page.view
        values = view.pages["values"]
        driver.until(lambda: values.results.rowCount() == 3 and values.results.text(2, 3) == "1.236068")
        driver.until(lambda: len(values.ways.rows()) == 3)
        last = values.ways.rows()[2]
        assert (last.autograd, last.formula, last.difference) == pytest.approx((-2 / math.sqrt(5) / 3,) * 3)
        assert "sqrt" in values.slope.latex()
        for name in ("curves", "outlier", "kink"):
            driver.page.apply_look(driver.page.look.replace(page=name))
            table = view.pages[name].table
            driver.until(lambda table=table: [row[0] for row in rows(table)][-1:] == ["Rounded"])
        driver.page.apply_look(driver.page.look.replace(page="surface"))
        driver.until(lambda: view.pages["surface"].reading is not None)
        assert not view.pages["surface"].reading.refusal
        driver.page.load(LossSpec(), LossLook())
        driver.until(lambda: values.reading.spec == driver.page.spec)
    finally:
        del Loss.family["rounded_at_run_time"]


@pytest.mark.parametrize("name", ["curves", "outlier", "kink"])
def test_a_loss_that_is_not_compared_is_said_to_be_left_out(driver: Driver, name: str) -> None:
    page = driver.page.view.pages[name]
    for loss, said in (("cross_entropy", True), ("huber", False)):
        driver.page.load(LossSpec(loss=Loss.parse(loss)), LossLook(page=name))
        driver.until(lambda: page.reading is not None and page.reading.spec == driver.page.spec)
        assert ("Cross-entropy, the loss in the panel, is no loss of an error" in page.words.text()) is said
