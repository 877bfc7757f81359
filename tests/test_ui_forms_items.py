"""Choosing a member of a family: searched by typing, explained, refused with a reason, its parameters carried over."""

from __future__ import annotations

import pytest
from form_specs import Everything, Hammer, Saw
from forms import Driven
from PySide6.QtCore import Qt

from gradlab.ui.editors.item import group_of, switched
from gradlab.ui.editors.picker import Entry


@pytest.fixture
def form(qtbot):
    return Driven(qtbot, Everything(tool=Hammer()))


def open_picker(form, path="tool"):
    editor = form.editor(path)
    form.focus(editor.box)
    form.qtbot.keyClick(editor.box, Qt.Key.Key_Down)
    picker = editor._picker
    form.qtbot.waitUntil(picker.isVisible)
    return editor, picker


def names(picker):
    return [picker.list.item(row).text() for row in range(picker.list.count())]


def test_a_member_is_found_by_typing_and_chosen_by_enter(form, qtbot):
    editor, picker = open_picker(form)
    assert names(picker) == ["Hammer", "Hand saw", "Plane"]
    assert picker.list.currentItem().text() == "Hammer"
    qtbot.keyClicks(picker.search, "saw")
    assert names(picker) == ["Hand saw"]
    assert picker.note.text() == "Cuts <b>wood</b> & more."
    assert picker.note.textFormat() == Qt.TextFormat.PlainText
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert form.last.tool == Saw()
    assert not picker.isVisible()
    assert editor.box.currentText() == "Hand saw"
    assert editor.summary_label.text() == "Cuts <b>wood</b> & more."
    assert list(editor.params.fields.built()) == ["lr", "teeth"]


def test_letters_on_the_closed_box_start_the_search(form, qtbot):
    editor = form.editor("tool")
    form.focus(editor.box)
    qtbot.keyClicks(editor.box, "h")
    qtbot.waitUntil(editor._picker.isVisible)
    assert editor._picker.search.text() == "h"
    assert names(editor._picker) == ["Hammer", "Hand saw"]  # best first: both begin with it
    qtbot.keyClick(editor._picker.search, Qt.Key.Key_Down)
    qtbot.keyClick(editor._picker.search, Qt.Key.Key_Return)
    assert form.last.tool.kind == "saw"


def test_a_click_chooses(form, qtbot):
    _, picker = open_picker(form)
    item = picker.list.item(1)
    place = picker.list.visualItemRect(item).center()
    qtbot.mouseClick(picker.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert form.last.tool.kind == "saw"


def test_escape_leaves_everything(form, qtbot):
    _, picker = open_picker(form)
    qtbot.keyClick(picker.search, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert form.emitted == []


def test_what_cannot_be_chosen_says_why(form, qtbot):
    _, picker = open_picker(form)
    qtbot.keyClicks(picker.search, "plane")
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert picker.isVisible()
    assert picker.note.text() == "needs a workshop"
    assert form.emitted == []


def test_reasons_come_while_the_list_is_open(form, qtbot):
    _, picker = open_picker(form)
    plane = picker.list.item(2)
    qtbot.waitUntil(lambda: plane.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "needs a workshop")
    qtbot.waitUntil(lambda: not picker._judging.isActive())
    assert not plane.icon().isNull()


def test_nothing_found_is_said(form, qtbot):
    _, picker = open_picker(form)
    qtbot.keyClicks(picker.search, "zzz")
    assert names(picker) == []
    assert picker.note.text() == "Nothing is called that."
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert form.emitted == []


def test_parameters_of_the_same_name_are_carried_over(form, qtbot):
    form.type("tool.lr", "0.07", enter=True)
    form.type("tool.momentum", "0.9", enter=True)
    _, picker = open_picker(form)
    qtbot.keyClicks(picker.search, "saw\r")
    assert form.last.tool == Saw(lr=0.07)
    form.type("tool.lr", "0.08", enter=True)
    _, picker = open_picker(form)
    qtbot.keyClicks(picker.search, "hammer\r")
    assert form.last.tool == Hammer(lr=0.08, momentum=0.9)  # and its own are remembered


def test_a_default_is_not_carried_over_and_what_does_not_fit_is_left_out():
    assert switched(Hammer(), Saw).lr == 0.5
    assert switched(Saw(lr=1000.0), Hammer).lr == 0.001  # above its range


def test_groups_come_from_the_members_and_vanish_while_searching():
    class One:
        __module__ = "pkg.deep_valleys"

    class Two:
        __module__ = "pkg.bowls"

    assert group_of(One, (One, Two)) == "Deep valleys"
    assert group_of(One, (One, One)) == ""
    One.group = "Own"
    assert group_of(One, (One, Two)) == "Own"


def test_better_matches_come_first():
    entry = Entry("adam", "Adam", "Divides by the root of a mean square")
    assert [entry.rank(words) for words in ("ad", "dam", "root mean", "zzz")] == [0, 1, 2, None]


def test_the_kind_changes_under_the_form_too(form):
    form.form.set_value(form.spec.replace(tool=Saw(teeth=7)))
    assert form.editor("tool").box.currentText() == "Hand saw"
    assert form.editor("tool.teeth").field.text() == "7"
    assert form.emitted == []


def test_advanced_parameters_are_folded_until_they_are_wanted(form):
    fold = form.editor("tool").params.fold
    assert not fold.is_open()
    form.click(fold.button)
    assert fold.is_open()
    assert form.editor("tool.eps").field.isVisible()
    form.type("tool.eps", "0", enter=True)
    form.click(fold.button)
    assert not form.editor("tool.eps").field.isVisible() or fold.is_open()
    assert form.form.focus_problem()
    assert fold.is_open()
