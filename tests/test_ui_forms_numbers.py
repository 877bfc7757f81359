"""Fields of numbers, driven by keys and wheel: what is read, refused, stepped, restored; nothing typed is lost."""

from __future__ import annotations

import math

import pytest
from form_specs import Everything, Hammer
from forms import Driven
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu

from gradlab.engine.model import Scale
from gradlab.ui.editors.base import Remark
from gradlab.ui.editors.numbers import clamp, read_int, read_real, step_by
from gradlab.ui.editors.slot import Bounds


@pytest.fixture
def form(qtbot):
    return Driven(qtbot, Everything(tool=Hammer(lr=0.1)))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e-3", 0.001),
        (" 1e-3 ", 0.001),
        ("2", 2.0),
        (".5", 0.5),
        ("-0.0", -0.0),
        ("\u22122", -2.0),
        ("20 000", 20000.0),
        ("1\u202f000.5", 1000.5),
        ("1/3", 1 / 3),
        ("2*pi", 2 * math.pi),
        ("2^-3", 0.125),
        ("sqrt(2)", math.sqrt(2)),
        ("5e-324", 5e-324),
    ],
)
def test_what_is_read_as_a_number(text, number):
    assert read_real(text) == pytest.approx(number, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    "text", ["", "abc", "nan", "inf", "-Infinity", "1e999", "1/0", "1e-", "0x10", "__import__('os')", "9**9**9", "1 2"]
)
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match="must be a"):
        read_real(text)


def test_a_decimal_comma_is_refused_with_the_way_to_write_it():
    with pytest.raises(ValueError, match=r"write 1\.5, with a point"):
        read_real("1,5")


def test_whole_numbers():
    assert [read_int(text) for text in ("12", " 20 000 ", "1e4", "2*3", "-5")] == [12, 20000, 10000, 6, -5]
    assert read_int("9007199254740993") == 9007199254740993  # 2**53 + 1 survives
    for text in ("2.5", "1/3", "x"):
        with pytest.raises(ValueError, match="must be a"):
            read_int(text)


def test_steps_leave_no_dust():
    assert step_by(0.2, 1, Scale(step=0.1)) == 0.3  # 0.2 + 0.1 is 0.30000000000000004
    assert step_by(0.9, 1, Scale(step=0.05)) == 0.95
    assert step_by(0.001, 10, Scale(log=True)) == 0.01
    assert step_by(-1.0, 10, Scale(log=True)) == -0.1


def test_bounds_hold_a_stepped_number():
    assert clamp(2.0, Bounds(high=1.0), 0.9) == 1.0
    assert clamp(2.0, Bounds(high=1.0, open_high=True), 0.9) == 0.9
    assert clamp(-1.0, Bounds(low=0.0, open_low=True), 0.1) == 0.1


def test_typing_is_taken_after_a_pause_as_one_gesture(form, qtbot):
    with qtbot.waitSignal(form.form.changed):
        form.type("tool.lr", "0.25")
    with qtbot.waitSignal(form.form.changed):
        qtbot.keyClicks(form.editor("tool.lr").field, "5")
    assert [value.tool.lr for value, _ in form.emitted] == [0.25, 0.255]
    first, second = (gesture for _, gesture in form.emitted)
    assert first == second
    assert first.startswith("tool.lr:type:")


def test_half_a_number_is_not_taken_while_it_is_typed(form, qtbot):
    field = form.type("tool.lr", "1e-")
    qtbot.keyClicks(field, "3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert [value.tool.lr for value, _ in form.emitted] == [0.001]
    assert field.text() == "0.001"


def test_another_visit_is_another_gesture(form, qtbot):
    form.type("tool.lr", "0.25", enter=True)
    form.type("tool.lr", "0.5", enter=True)
    gestures = [gesture for _, gesture in form.emitted]
    assert len(set(gestures)) == 2


@pytest.mark.parametrize(("text", "reason"), [("-1", "must be > 0"), ("1000", "≤ 100"), ("abc", "must be a number")])
def test_a_bad_value_stays_red_with_its_reason_and_leaves_the_spec_alone(form, qtbot, text, reason):
    before = form.spec
    field = form.type("tool.lr", text, enter=True)
    assert field.text() == text
    assert field.property("invalid") is True
    assert [path for path, _ in form.form.problems()] == ["tool.lr"]
    assert reason in form.form.problems()[0][1]
    assert form.emitted == []
    assert form.spec is before
    form.form.set_value(before)  # whatever else changes, the text stays
    assert field.text() == text
    form.form.set_value(before.replace(steps=3000))
    assert field.text() == text
    assert field.property("invalid") is True


def remark(editor):
    return next(w for w in editor.parentWidget().findChildren(Remark) if w.text())


def test_the_reason_stands_under_the_field(form):
    form.type("tool.lr", "-1", enter=True)
    label = remark(form.editor("tool.lr"))
    assert label.text().startswith("must be > 0")
    assert label.isVisible()
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.property("class") == "muted bad"
    form.panel.grab()  # lays everything out
    above, below = form.editor("tool.lr"), form.editor("tool.momentum")
    assert above.geometry().bottom() < label.geometry().top()
    assert label.geometry().bottom() < below.geometry().top()
    form.type("tool.lr", "1", enter=True)
    assert not label.isVisible()


def test_escape_gives_back_what_was_there(form, qtbot):
    field = form.type("tool.lr", "-1", enter=True)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.1"
    assert field.property("invalid") is False
    assert form.form.problems() == []
    assert form.emitted == []


def test_leaving_the_field_takes_what_is_typed(form, qtbot):
    field = form.type("tool.lr", "1/4")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert form.last.tool.lr == 0.25
    assert field.text() == "0.25"


def test_every_digit_is_shown(form):
    form.form.set_value(form.spec.replace(low=0.1 + 0.2, high=1 / 3))
    assert form.editor("low").field.text() == "0.30000000000000004"
    assert form.editor("high").field.text() == "0.3333333333333333"


def test_numbers_read_the_same_in_every_locale(form):
    old = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    try:
        form.type("high", "2.5", enter=True)
        assert form.last.high == 2.5
        assert form.editor("high").field.text() == "2.5"
    finally:
        QLocale.setDefault(old)


def test_arrows_and_page_keys_step(form, qtbot):
    field = form.line("tool.momentum")
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "0.15"
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert form.last.tool.momentum == 0.1
    assert len({gesture for _, gesture in form.emitted}) == 1
    qtbot.keyClick(field, Qt.Key.Key_PageDown)
    assert form.last.tool.momentum == 0.0  # the closed end of its range
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert form.last.tool.momentum == 0.5  # 1 is open: the step to it is not taken
    assert form.form.problems() == []


def test_the_wheel_steps_only_a_field_that_has_the_focus(form, qtbot):
    field = form.editor("tool.lr").field
    form.focus(form.editor("tool.momentum").field)
    form.wheel(field, 1)
    assert form.emitted == []
    form.focus(field)
    form.wheel(field, 1)
    form.wheel(field, 9)
    assert form.last.tool.lr == pytest.approx(1.0, rel=0.01)
    form.wheel(field, 0.5)
    assert len(form.emitted) == 2  # half a notch waits for the other half
    form.wheel(field, 0.5)
    assert len(form.emitted) == 3


def test_whole_numbers_step_by_one(form, qtbot):
    field = form.line("steps")
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.last.steps == 2001
    form.type("steps", "1e4", enter=True)
    assert form.last.steps == 10000
    assert field.text() == "10000"
    form.type("steps", "0.5", enter=True)
    assert "whole number" in form.form.problems()[0][1]


def test_reset_is_in_the_context_menu_and_a_changed_value_is_marked(form, qtbot):
    editor = form.editor("tool.lr")
    label = next(w for w in editor.parentWidget().children() if getattr(w, "text", str)() == "lr")
    assert label.property("changed") is True
    form.focus(editor.field)
    menu = QMenu(form.panel)
    editor.field.menu_wanted.emit(menu)
    reset = menu.actions()[0]
    assert reset.text() == "Reset to 0.001"
    reset.trigger()
    assert form.last.tool.lr == 0.001
    assert editor.field.text() == "0.001"
    assert label.property("changed") is False


def test_the_tooltip_says_meaning_unit_range_and_default_as_plain_text(form):
    tip = form.editor("tool.lr").field.toolTip()
    assert "learning rate" in tip
    assert "> 0" in tip
    assert "≤ 100" in tip
    assert "default: 0.001" in tip
    assert "unit: m" in form.editor("low").field.toolTip()
    assert "step &lt;budget&gt;" in form.editor("steps").field.toolTip()
    assert form.editor("tool.lr").field.accessibleName() == "lr"


def test_undo_belongs_to_the_window_once_the_text_is_taken(form):
    def wanted() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        event.ignore()
        QApplication.sendEvent(field, event)
        return event.isAccepted()

    field = form.line("tool.lr")
    assert not wanted()
    form.type("tool.lr", "0.2")
    assert wanted()
    form.form.commit()
    assert not wanted()


def test_nothing_stands_for_none_where_it_may(form):
    field = form.line("maybe")
    assert field.text() == ""
    assert field.placeholderText() == "off"
    form.type("maybe", "2", enter=True)
    assert form.last.maybe == 2.0
    field.selectAll()
    form.qtbot.keyClick(field, Qt.Key.Key_Delete)
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.last.maybe is None
