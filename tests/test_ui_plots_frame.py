"""The frame around a plot: its buttons, its names, and what it writes to files and to the clipboard."""

from __future__ import annotations

import csv
import io
import os
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from plots import bowl, colours, has, painted, pixels, shown
from PySide6.QtCore import QItemSelectionModel, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QToolButton

from gradlab.engine.errors import UserError
from gradlab.ui import gl, theme
from gradlab.ui.plots import export
from gradlab.ui.plots.contour import ContourPlot
from gradlab.ui.plots.curves import CurvePlot
from gradlab.ui.plots.fallback import NoSurface, make_surface
from gradlab.ui.plots.flat_svg import flatten
from gradlab.ui.plots.frame import PlotFrame
from gradlab.ui.plots.line import LinePlot
from gradlab.ui.plots.table import ColumnsModel, DataTable
from gradlab.ui.plots.values import Curve, Path, Spot, Start

STEPS = np.arange(50.0)


def curves():
    plot = CurvePlot(y="loss", legend=True)
    plot.show_curves([Curve("a", STEPS, 0.9**STEPS, 0, "Adam"), Curve("b", STEPS[:20], STEPS[:20], 7, "SGD")])
    plot.set_cursor(20)
    return plot


def line():
    plot = LinePlot()
    plot.show_curves([Curve("f", STEPS, STEPS**2, 1, "f")])
    plot.set_starts([Start(3.0, 9.0)])
    return plot


def contour():
    plot = ContourPlot()
    x, z = bowl()
    plot.set_map(x, x, z)
    plot.set_paths([Path("a", x, x / 2, 4, "Adam")])
    plot.set_spots([Spot(0, 0)])
    return plot


def surface():
    plot = make_surface()
    x, z = bowl()
    plot.set_surface(x, x, z)
    return plot


PLOTS = {"curves": curves, "line": line, "contour": contour, "surface": surface}


@pytest.fixture(params=PLOTS)
def frame(request, qtbot):
    if request.param == "surface" and not gl.gl_available():
        pytest.skip("there is no OpenGL on this screen")
    return shown(qtbot, PlotFrame(request.param, PLOTS[request.param](), "Title <b>", "how & why", log=True), 520, 420)


@pytest.fixture
def framed(qtbot):
    return shown(qtbot, PlotFrame("loss", curves(), "Loss", "against step", log=False), 520, 420)


def rendered(svg: bytes, size: QSize) -> QImage:
    picture = QImage(size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.red)
    painter = QPainter(picture)
    renderer = QSvgRenderer(svg)
    assert renderer.isValid()
    renderer.render(painter)
    painter.end()
    return picture


def test_png_is_twice_as_fine_and_shows_the_plot(frame, tmp_path):
    frame.export(tmp_path / "plot.PNG")
    picture = QImage(str(tmp_path / "plot.PNG"))
    assert picture.width() == 2 * frame.widget.width()
    assert len(colours(picture, 3)) > 20
    assert has(picture, theme.current().surface, 0)
    assert os.listdir(tmp_path) == ["plot.PNG"]


def test_svg_parses_and_looks_like_the_png(frame, tmp_path):
    frame.export(tmp_path / "plot.svg")
    data = (tmp_path / "plot.svg").read_bytes()
    root = ET.fromstring(data)
    assert root.tag.endswith("svg")
    texts = "".join(node.text or "" for node in root.iter() if node.tag.endswith("text"))
    assert "Title <b>" in texts
    drawn = pixels(rendered(data, frame.image(1.0).size()))
    exact = pixels(frame.image(1.0))
    assert (np.abs(drawn - exact).max(axis=2) > 100).mean() < 0.06  # letters and thin lines fall a little differently
    if frame.key != "surface":  # what OpenGL draws is a picture in it
        assert sum(node.tag.endswith(("path", "polyline")) for node in root.iter()) > 5


def test_svg_leaves_no_width_to_the_viewer(frame):
    """A viewer that does not know vector-effect would draw a curve in data units with a pen as wide as the plot."""
    for group in ET.fromstring(export.svg(frame.widget, "", "")).iter("{http://www.w3.org/2000/svg}g"):
        scale = [float(n) for n in re.findall(r"[-\d.e+]+", group.get("transform", "1,0,0,1"))]
        if any("non-scaling" in node.get("vector-effect", "") for node in group if not len(node)):
            assert (abs(scale[0]), abs(scale[3])) == (1, 1), group.attrib


def test_a_flat_group_has_its_lines_where_they_were():
    kept = '<g a="1" transform="matrix(2,0,0,-3,10,20)" b="2"><circle r="1"/></g>'
    lines = '<path vector-effect="non-scaling-stroke" d="M0,1 L2.5,-1e1 Z"/><polyline points="1,1 " />'
    assert flatten(f'{kept}<g a="1" transform="matrix(2,0,0,-3,10,20)" b="2">{lines}</g>') == (
        kept + '<g a="1" b="2"><path d="M10.00,17.00 L15.00,50.00 Z"/><polyline points="12.00,17.00 " /></g>'
    )


@pytest.mark.parametrize(
    ("title", "name"),
    [("step length", "step-length"), ("|∇f|", "grad-f"), ("f′ / x", "f-x"), ("损失", "损失"), ("…", "")],
)
def test_a_file_is_named_after_the_title(title, name):
    assert export.file_name(title) == name


def test_csv_reads_back_exactly(frame, tmp_path):
    frame.export(tmp_path / "plot.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "plot.csv").read_text())))
    columns = frame.plot.columns()
    assert rows[0] == list(columns)
    for place, column in enumerate(columns.values()):
        cells = [row[place] for row in rows[1:]]
        assert [float(cell) for cell in cells[: len(column)]] == np.asarray(column).tolist()
        assert not any(cells[len(column) :])


def test_an_export_that_fails_leaves_the_old_file_and_says_why(framed, tmp_path, monkeypatch):
    target = tmp_path / "plot.csv"
    target.write_text("old")
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(UserError, match="No space left"):
            framed.export(target)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["plot.csv"]
    with pytest.raises(UserError, match=r"'plot\.gif': must end in \.png, \.svg or \.csv"):
        framed.export(tmp_path / "plot.gif")


def test_the_focus_frame_stays_out_of_the_picture(framed, qtbot):
    framed.widget.setFocus()
    qtbot.waitUntil(framed.widget.hasFocus)
    assert has(painted(framed), theme.current().accent, 2)
    assert not has(framed.image(1.0), theme.current().accent, 2)


def test_copy_puts_picture_and_table_on_the_clipboard(framed):
    framed.copy()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage()
    head, first, *_ = mime.text().splitlines()
    assert head.split("\t") == ["Adam: step", "Adam: loss", "SGD: step", "SGD: loss"]
    assert first == "0.0\t1.0\t0.0\t0.0"
    QGuiApplication.clipboard().clear()


def test_maximise_is_a_button_that_asks(framed, qtbot):
    button = next(b for b in framed.findChildren(QToolButton) if b.accessibleName() == "Maximise Loss")
    with qtbot.waitSignal(framed.maximiseRequested) as told:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == [True]
    assert framed.maximised()
    assert button.accessibleName() == "Restore Loss"
    with qtbot.assertNotEmitted(framed.maximiseRequested):
        framed.set_maximised(False)
    assert button.accessibleName() == "Maximise Loss"


def test_the_log_button_tells_and_is_absent_where_it_makes_no_sense(framed, qtbot):
    button = next(b for b in framed.findChildren(QToolButton) if b.text() == "log")
    assert not framed.log()
    with qtbot.waitSignal(framed.logToggled) as told:
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert told.args == [True]
    with qtbot.assertNotEmitted(framed.logToggled):
        framed.set_log(False)
    bare = shown(qtbot, PlotFrame("s", NoSurface(), "S"))
    assert not any(b.isVisible() and b.text() == "log" for b in bare.findChildren(QToolButton))


def test_every_control_has_a_name_and_texts_are_plain(frame):
    assert all(b.accessibleName() for b in frame.findChildren(QToolButton))
    assert frame.accessibleName() == frame.widget.accessibleName() == "Title <b> how & why"
    labels = [label for label in frame.findChildren(QLabel) if label.window() is frame]
    assert {"Title <b>", "how & why"} <= {label.text() for label in labels}
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)


def test_the_menu_has_it_all_and_takes_more(framed):
    texts = [action.text() for action in framed._menu.actions() if action.text()]
    assert texts == [
        "Reset view", "Copy picture and data", "Export PNG…", "Export SVG…", "Export CSV…", "Show data table…",
    ]  # fmt: skip
    framed.add_menu_action(QAction("Equal scales", framed))
    framed.add_menu_action(QAction("Field", framed))
    assert [a.text() for a in framed._menu.actions() if a.text()][:3] == ["Equal scales", "Field", "Reset view"]
    framed.widget.zoom(0.5)
    framed.actions_by_name["reset"].trigger()
    assert framed.widget.auto_range()


def test_a_tool_stands_left_of_the_others(framed, qtbot):
    button = framed.add_tool(QAction("Quantity", framed))
    painted(framed)
    others = [b for b in framed.findChildren(QToolButton) if b.isVisible() and b is not button and b.y() < 40]
    assert all(button.x() < b.x() for b in others if b.text() == "log")
    assert button.accessibleName() == "Quantity"


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_the_export_dialog_is_not_modal_to_the_program_and_writes(framed, qtbot, tmp_path, kind):
    framed.actions_by_name[kind].trigger()
    dialog = framed.findChild(QFileDialog) or framed.window().findChild(QFileDialog)
    assert dialog.defaultSuffix() == kind
    assert "Loss" in dialog.windowTitle()
    dialog.fileSelected.emit(str(tmp_path / f"out.{kind}"))
    dialog.close()
    assert (tmp_path / f"out.{kind}").stat().st_size > 100


def test_a_refused_export_is_told(framed, qtbot, tmp_path):
    framed.actions_by_name["csv"].trigger()
    dialog = framed.window().findChild(QFileDialog)
    with qtbot.waitSignal(framed.failed) as told:
        dialog.fileSelected.emit(str(tmp_path / "absent" / "out.csv"))
    assert "the folder does not exist" in told.args[0].message
    dialog.close()


def test_the_data_table_shows_every_digit_and_copies(framed, qtbot):
    framed.actions_by_name["table"].trigger()
    table = framed.findChild(DataTable)
    qtbot.waitExposed(table)
    assert not table.isModal()
    model = table.view.model()
    assert (model.rowCount(), model.columnCount()) == (50, 4)
    assert model.index(3, 1).data() == repr(0.9**3.0)
    assert model.index(30, 3).data() is None
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Adam: loss"
    table.view.selectRow(3)
    QTest.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == f"3.0\t{0.9**3.0!r}\t3.0\t3.0"
    QGuiApplication.clipboard().clear()
    table.close()


def test_all_of_a_large_table_is_chosen_and_copied_without_a_question_per_row(framed, qtbot, monkeypatch):
    rows, count = np.arange(20_000), ColumnsModel.rowCount
    asked = []
    monkeypatch.setattr(ColumnsModel, "rowCount", lambda model, *parent: asked.append(1) or count(model, *parent))
    table = DataTable("grid", {"x": rows * 0.5, "z": rows[:5]}, framed)
    qtbot.addWidget(table)
    table.show()
    qtbot.waitExposed(table)
    asked.clear()
    table.view.selectAll()
    table.view.viewport().repaint()
    table.view.horizontalHeader().viewport().repaint()
    table.view.copy()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert (len(lines), lines[3], lines[-1]) == (20_000, "1.5\t3", "9999.5\t")
    assert len(asked) < 2_000
    table.view.clearSelection()
    for row, column in ((7, 0), (2, 1), (3, 0), (3, 1)):
        table.view.selectionModel().select(
            table.view.model().index(row, column), QItemSelectionModel.SelectionFlag.Select
        )
    table.view.copy()
    assert QGuiApplication.clipboard().text() == "2\n1.5\t3\n3.5"
    QGuiApplication.clipboard().clear()


def test_a_large_table_costs_nothing_to_open(framed, qtbot):
    plot = framed.widget
    plot.show_curves([Curve("a", np.arange(1e6), np.zeros(1_000_000), 0)])
    table = framed.data_table()
    qtbot.addWidget(table)
    assert table.view.model().rowCount() == 1_000_000
    assert table.view.model().index(999_999, 0).data() == "999999.0"
    table.close()


def test_a_remark_that_breaks_off_at_its_beginning_is_not_written(framed, qtbot):
    framed.set_title("Loss", "the mean of what each of the elements costs")
    metrics = framed._how.fontMetrics()
    whole = metrics.horizontalAdvance(framed._how.text())

    def written(width):
        framed._how.resize(width, 20)
        picture = framed._how.grab().toImage()
        ground = picture.pixelColor(0, 0)
        return any(picture.pixelColor(x, y) != ground for x in range(picture.width()) for y in range(picture.height()))

    assert written(whole + 2)
    assert written(metrics.horizontalAdvance("the mean of what …") + 2)
    assert not written(metrics.horizontalAdvance("the me…") + 2)
