"""Editors of everything but numbers: switches, words, texts, tuples, lists, mappings, something or nothing, JSON."""

from __future__ import annotations

import pytest
from form_specs import Everything, Hammer, Saw
from forms import Driven
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLabel, QToolButton

from gradlab.ui.editors.lists import JsonEdit
from gradlab.ui.editors.text_field import LONGEST


@pytest.fixture
def form(qtbot):
    return Driven(qtbot, Everything(tool=Hammer()))


def test_a_switch_is_clicked_and_carries_its_own_label(form):
    box = form.editor("flag").box
    assert box.text() == "flag"
    assert box.isChecked()
    form.qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert form.last.flag is False
    form.qtbot.keyClick(box, Qt.Key.Key_Space)
    assert form.last.flag is True
    assert len({gesture for _, gesture in form.emitted}) == 2


def test_a_word_is_chosen_by_keys_and_by_a_focused_wheel(form):
    box = form.editor("inner.layout").box
    assert [box.itemText(i) for i in range(box.count())] == ["grid", "random"]
    form.focus(form.editor("steps").field)
    form.wheel(box, -1)
    assert box.currentText() == "grid"
    form.focus(box)
    form.qtbot.keyClick(box, Qt.Key.Key_Down)
    assert form.last.inner.layout == "random"
    form.wheel(box, 1)
    assert form.last.inner.layout == "grid"


def test_none_is_a_word_of_its_own(form):
    box = form.editor("tool.implementation").box
    assert [box.itemText(i) for i in range(box.count())] == ["own choice", "forloop", "foreach"]
    form.focus(box)
    form.qtbot.keyClick(box, Qt.Key.Key_End)
    assert form.last.tool.implementation == "foreach"
    form.qtbot.keyClick(box, Qt.Key.Key_Home)
    assert form.last.tool.implementation is None


def test_a_text_is_checked_while_it_is_typed(form, qtbot):
    field = form.type("text", "w*foo")
    qtbot.waitUntil(lambda: bool(form.form.problems()), timeout=2000)
    assert form.form.problems() == [("text", "unknown name 'foo', column 3")]
    assert field.property("invalid") is True
    (spot,) = field.extraSelections()
    assert (spot.cursor.selectionStart(), spot.cursor.selectedText()) == (2, "f")
    assert form.emitted == []
    assert field.toPlainText() == "w*foo"
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Backspace)
    with qtbot.waitSignal(form.form.changed):
        qtbot.keyClicks(field, "b")
    assert form.last.text == "w*b"
    assert field.extraSelections() == []
    assert form.form.problems() == []


def test_fast_typing_is_taken_once(form, qtbot):
    with qtbot.waitSignal(form.form.changed):
        form.type("text", "x+1+2+3+4+5+6+7+8+9")
    assert [value.text for value, _ in form.emitted] == ["x+1+2+3+4+5+6+7+8+9"]


def test_escape_gives_the_text_back(form, qtbot):
    field = form.type("text", "foo", enter=True)
    assert form.form.problems()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.toPlainText() == "(w*x+b)**2"
    assert form.form.problems() == []
    assert form.emitted == []


def test_a_paste_too_long_is_refused_before_it_is_laid_out(form):
    field = form.line("text")
    pasted = QMimeData()
    pasted.setText("x" * 1_000_000)
    field.insertFromMimeData(pasted)
    assert field.toPlainText() == "(w*x+b)**2"
    assert str(LONGEST) in form.form.problems()[0][1]
    field.moveCursor(QTextCursor.MoveOperation.End)
    pasted.setText("+1\n+2")
    field.insertFromMimeData(pasted)
    form.form.commit()
    assert form.last.text == "(w*x+b)**2+1\n+2"  # all of it, never the first line alone
    assert form.form.problems() == []


def test_a_paste_over_what_is_chosen_has_room_for_what_goes(form):
    """And where there is none, the number that is told is that of all there would be."""
    field = form.line("text")
    pasted = QMimeData()
    for letter, length in (("y", LONGEST - 10), ("x", LONGEST - 5)):
        field.selectAll()
        pasted.setText(letter * length)
        field.insertFromMimeData(pasted)
        assert field.toPlainText() == letter * length
    pasted.setText("z" * 9)
    field.insertFromMimeData(pasted)
    assert str(LONGEST + 4) in form.form.problems()[0][1]


def test_a_long_text_makes_its_field_higher(form):
    field = form.editor("text").field
    low = field.height()
    form.form.set_value(form.spec.replace(text="x+" * 60 + "x"))
    form.qtbot.waitUntil(lambda: field.height() > low + 10, timeout=2000)


def test_named_cells_take_their_own_gestures_and_blame(form):
    editor = form.editor("point")
    names = [label.text() for label in editor.findChildren(QLabel)]
    assert names[:2] == ["x", "y"]
    first, second = (cell.field for cell in editor.cells)
    form.focus(second)
    second.selectAll()
    form.qtbot.keyClicks(second, "abc")
    form.qtbot.keyClick(second, Qt.Key.Key_Return)
    assert form.form.problems()[0][0] == "point"
    assert form.form.problems()[0][1].startswith("y: must be a number")
    assert second.property("invalid") is True
    form.focus(first)
    first.selectAll()
    form.qtbot.keyClicks(first, "5")
    form.qtbot.keyClick(first, Qt.Key.Key_Return)
    assert form.last.point == (5.0, 2.0)
    assert second.text() == "abc"  # nothing is lost
    form.focus(second)
    second.selectAll()
    form.qtbot.keyClicks(second, "7")
    form.qtbot.keyClick(second, Qt.Key.Key_Return)
    assert form.last.point == (5.0, 7.0)
    assert form.form.problems() == []


def test_an_entry_out_of_range_is_named(form):
    editor = form.editor("tool.betas")
    cell = editor.cells[1].field
    form.focus(cell)
    cell.selectAll()
    form.qtbot.keyClicks(cell, "1")
    form.qtbot.keyClick(cell, Qt.Key.Key_Return)
    assert form.form.problems()[0][0] == "tool.betas"
    assert form.form.problems()[0][1].startswith("2: must be < 1")
    assert cell.property("invalid") is True
    assert editor.cells[0].field.property("invalid") in (False, None)
    assert form.emitted == []


def test_labels_can_change_with_the_spec(form):
    form.form.set_labels("point", ("u", "v"))
    assert [label.text() for label in form.editor("point").findChildren(QLabel)][:2] == ["u", "v"]
    form.form.set_value(form.spec.replace(point=(1.0, 2.0, 3.0)))
    assert len(form.editor("point").cells) == 3


def test_a_tuple_of_tuples_has_a_line_each(form):
    editor = form.editor("box")
    assert [cell.value() for cell in editor.cells] == [(-1.0, 1.0), (0.0, 2.0)]
    field = editor.cells[1].cells[0].field
    form.focus(field)
    field.selectAll()
    form.qtbot.keyClicks(field, "-3")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.last.box == ((-1.0, 1.0), (-3.0, 2.0))


def test_lists_without_names_are_one_line(form):
    form.type("names", "w, b ,c", enter=True)
    assert form.last.names == ("w", "b", "c")
    editor = form.editor("milestones")
    assert editor.line.field.text() == "30, 80"
    editor.line.field.selectAll()
    form.focus(editor.line.field)
    form.qtbot.keyClicks(editor.line.field, "10, 2*10; 1e3")
    form.qtbot.keyClick(editor.line.field, Qt.Key.Key_Return)
    assert form.last.milestones == (10, 20, 1000)


def test_a_message_of_the_whole_that_names_a_field_stands_at_that_field(form):
    form.type("steps", "50", enter=True)
    problems = dict(form.form.problems())
    assert problems == {"milestones": "the last one must be within the steps"}
    assert form.editor("steps").field.property("invalid") is True
    assert form.emitted == []
    form.type("steps", "500", enter=True)
    assert form.form.problems() == []
    assert form.editor("steps").field.property("invalid") is False
    assert form.last.steps == 500


def test_something_or_nothing_with_a_stand_in(form, qtbot):
    form.form.set_fallback("start", (-4.0, 0.5))
    editor = form.editor("start")
    first, second = (cell.field for cell in editor.inner.cells)
    assert (first.text(), first.placeholderText(), second.placeholderText()) == ("", "-4.0", "0.5")
    assert not editor.undo.isVisible()
    form.focus(first)
    qtbot.keyClicks(first, "1.50")
    with qtbot.waitSignal(form.form.changed):
        pass
    assert form.last.start == (1.5, 0.5)
    assert first.text() == "1.50"  # still being typed
    assert second.text() == "0.5"
    form.click(editor.undo)
    assert form.last.start is None
    assert (first.text(), second.text()) == ("", "")
    form.focus(second)
    qtbot.keyClick(second, Qt.Key.Key_Up)
    assert form.last.start == (-4.0, pytest.approx(0.51))


def test_something_or_nothing_with_a_box(form):
    editor = form.editor("workers.a.start")
    assert editor.box.text() == "same as all"
    assert editor.box.isChecked()
    form.press(editor.box)
    assert form.last.workers[0].start == (0.0, 0.0)
    assert [cell.value() for cell in editor.inner.cells] == [0.0, 0.0]
    form.press(editor.box)
    assert form.last.workers[0].start is None
    assert not editor.inner.isVisible()


def test_named_numbers_are_renamed_added_and_removed(form, qtbot):
    editor = form.editor("parameters")
    field = editor.cells[0].field
    form.focus(field)
    field.selectAll()
    qtbot.keyClicks(field, "3.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.last.parameters == {"w": 3.5, "b": 1.0}
    form.click(editor.add)
    assert form.last.parameters == {"w": 3.5, "b": 1.0, "a": 1.0}
    name = editor.names[2].field
    qtbot.waitUntil(name.hasFocus)
    qtbot.keyClicks(name, "b")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert form.form.problems()[0][1].endswith("b is there already")
    name.selectAll()
    qtbot.keyClicks(name, "rate")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert form.last.parameters == {"w": 3.5, "b": 1.0, "rate": 1.0}
    assert form.form.problems() == []
    away = next(b for b in editor.findChildren(QToolButton) if b.accessibleName() == "Remove w")
    form.click(away)
    assert form.last.parameters == {"b": 1.0, "rate": 1.0}


def test_a_list_of_choices_grows_and_shrinks(form):
    editor = form.editor("tools")
    form.click(editor.add)
    assert [tool.kind for tool in form.last.tools] == ["hammer", "hammer"]
    form.form.reveal("tools.1.lr")
    field = editor.editors[1].params.fields.built()["lr"].field
    field.selectAll()
    form.qtbot.keyClicks(field, "0.5")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert [tool.lr for tool in form.last.tools] == [0.001, 0.5]
    away = next(b for b in editor.findChildren(QToolButton) if b.accessibleName() == "Remove tools 1")
    form.click(away)
    assert [tool.lr for tool in form.last.tools] == [0.5]
    form.form.set_value(form.spec.replace(tools=(Saw(),) * 3))
    assert not editor.add.isEnabled()


def test_what_has_no_editor_of_its_own_is_written_as_json(form):
    editor = form.editor("odd")
    assert isinstance(editor, JsonEdit)
    form.type("odd", '"word"', enter=True)
    assert form.last.odd == "word"
    form.type("odd", "[1", enter=True)
    assert "must be JSON" in form.form.problems()[0][1]
