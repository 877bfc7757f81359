"""The form as a whole: it emits valid specs alone, is set silently and in place, and says where something is wrong."""

from __future__ import annotations

import gc
import time

import pytest
from form_specs import Everything, Hammer, Inner, Saw, Worker
from forms import Driven
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from gradlab.engine.model import leaves
from gradlab.ui.editors import Editor
from gradlab.ui.editors.group import GroupEdit
from gradlab.ui.spec_form import SpecForm


@pytest.fixture
def form(qtbot):
    return Driven(qtbot, Everything())


def texts(form):
    lines = {field: field.text() for field in form.form.findChildren(QLineEdit)}
    return lines | {field: field.toPlainText() for field in form.form.findChildren(QPlainTextEdit)}


def test_every_field_has_an_editor(form):
    for path in leaves(Everything()):
        if not path.endswith((".kind", ".id")):
            assert form.form.reveal(path), path


def test_headings_sections_and_order(form):
    headings = [w.text() for w in form.form.findChildren(QLabel) if w.property("class") == "h"]
    in_order = sorted(headings, key=headings.index)
    assert [h for h in in_order if h in {"FUNCTION", "WORKERS", "START", "FORMULA", "RANGE"}] == [
        "FUNCTION", "WORKERS", "START", "FORMULA", "RANGE",
    ]  # fmt: skip


def test_setting_is_silent_in_place_and_keeps_focus_and_typed_text(form, qtbot):
    field = form.type("high", "2.50")
    others = set(form.form.findChildren(QWidget))
    form.form.set_value(form.spec.replace(steps=4000, workers=(Worker(id="a", tool=Hammer(lr=2.0)), Worker(id="b"))))
    assert form.emitted == []
    assert field.text() == "2.50"
    assert field.hasFocus()
    assert set(form.form.findChildren(QWidget)) >= others
    assert form.editor("steps").field.text() == "4000"
    assert form.editor("workers.a.tool.lr").field.text() == "2.0"


def test_a_value_set_from_outside_replaces_what_was_refused_in_that_field_only(form):
    form.type("low", "5", enter=True)
    form.type("steps", "abc", enter=True)
    form.form.set_value(form.spec.replace(steps=77, milestones=()))
    assert form.editor("steps").field.text() == "77"
    assert form.editor("low").field.text() == "5"


def test_two_fields_pass_each_other_in_either_order(form):
    form.type("low", "5", enter=True)
    assert form.form.problems() == [("", "low must be below high")]
    assert form.editor("low").field.property("invalid") is True
    assert form.emitted == []
    form.type("steps", "3000", enter=True)  # what is refused holds nothing else up
    assert (form.last.steps, form.last.low) == (3000, 0.0)
    form.type("high", "9", enter=True)
    assert (form.last.low, form.last.high) == (5.0, 9.0)
    assert form.form.problems() == []
    assert form.editor("low").field.property("invalid") is False


def test_the_message_of_the_whole_stands_at_the_bottom(form):
    form.type("low", "5", enter=True)
    remark = next(w for w in form.form.findChildren(QLabel) if w.text() == "low must be below high")
    assert remark.isVisible()
    assert remark.parentWidget() is form.form.findChildren(GroupEdit)[0]
    form.qtbot.keyClick(form.editor("low").field, Qt.Key.Key_Escape)
    assert not remark.isVisible()
    assert form.form.problems() == []


def test_what_waited_and_is_no_number_any_more_does_not_come_back(form):
    form.type("low", "5", enter=True)
    form.type("low", "5x", enter=True)
    form.type("high", "9", enter=True)
    assert (form.last.low, form.last.high) == (0.0, 9.0)
    assert form.editor("low").field.text() == "5x"


def test_commit_takes_what_is_typed_and_tells_whether_all_is_well(form):
    form.type("high", "3")
    assert form.form.commit()
    assert form.last.high == 3.0
    form.type("high", "three")
    assert not form.form.commit()
    assert form.spec.high == 3.0


def test_problems_are_in_order(form, qtbot):
    form.type("steps", "x", enter=True)
    form.type("tool.lr", "-1", enter=True)
    assert [path for path, _ in form.form.problems()] == ["tool.lr", "steps"]
    form.focus(form.editor("high").field)
    assert form.form.focus_problem()
    qtbot.waitUntil(form.editor("tool.lr").field.hasFocus)
    form.type("steps", "5000", enter=True)
    assert [path for path, _ in form.form.problems()] == ["tool.lr"]
    assert not SpecForm(Inner(), form.panel).focus_problem()


def test_a_hint_stands_under_its_field_and_gives_way_to_a_reason(form):
    form.form.set_hint("steps", "about <2 s>")
    hint = next(w for w in form.form.findChildren(QLabel) if w.text() == "about <2 s>")
    assert hint.isVisible()
    assert hint.property("class") == "muted"
    form.type("steps", "x", enter=True)
    assert hint.text().startswith("must be a number")
    assert hint.property("class") == "muted bad"
    form.type("steps", "200", enter=True)
    assert hint.text() == "about <2 s>"
    form.form.set_hint("steps", "")
    assert not hint.isVisible()


def test_another_class_of_spec_gets_another_form(form):
    form.form.set_value(Inner(count=3))
    assert form.form.value() == Inner(count=3)
    assert [e.path for e in form.form.findChildren(Editor) if e.path] == ["count", "layout"]


def test_it_is_built_in_slices(qtbot):
    form = SpecForm()
    qtbot.addWidget(form)
    slices = sum(1 for _ in form.build(Everything(workers=tuple(Worker(id=f"w{i}") for i in range(4)))))
    assert slices > 12
    assert form.value() == Everything(workers=tuple(Worker(id=f"w{i}") for i in range(4)))
    assert form.commit()


def test_every_control_has_a_name_for_those_who_cannot_see_it(form):
    for name in ("a", "b"):
        form.editor("workers").cards[name].set_open(True)
    controls = [
        w for kind in (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit) for w in form.form.findChildren(kind)
    ]
    nameless = [w for w in controls if not w.accessibleName() and not (isinstance(w, QAbstractButton) and w.text())]
    nameless = [w for w in nameless if w.objectName() not in {"qt_spinbox_lineedit", "_q_qlineeditclearbutton"}]
    assert nameless == []


def test_tab_goes_through_the_fields_as_they_stand(form, qtbot):
    form.editor("workers").cards["b"].set_open(True)  # made after everything below it
    first = form.editor("workers").cards["b"].fields.built()["tool"].box
    form.focus(first)
    seen = []
    for _ in range(12):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    places = [w.mapTo(form.form, QPoint(0, 0)) for w in seen]
    assert [p.y() for p in places] == sorted(p.y() for p in places)
    names = [w.accessibleName() for w in seen]
    assert names[:3] == ["lr", "momentum", "betas 1"]
    assert "Add worker" in names
    assert names.index("Add worker") > names.index("nesterov")
    for back in reversed([first, *seen[:-1]]):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
        assert QApplication.focusWidget() is back


def test_tab_leaves_the_form_at_its_ends(qtbot):
    window = QWidget()
    column = QVBoxLayout(window)
    above, below, inner = QLineEdit(), QLineEdit(), SpecForm(Inner())
    for widget in (above, inner, below):
        column.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    above.setFocus()
    qtbot.waitUntil(above.hasFocus)
    for wanted in ("count", "layout"):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget().accessibleName() == wanted
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert below.hasFocus()
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    assert above.hasFocus()


def test_cards_that_come_and_go_leave_nothing(form):
    def count():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return len(form.form.findChildren(QObject))

    few, many = form.spec, form.spec.replace(workers=tuple(Worker(id=f"w{i}", tool=Saw()) for i in range(4)))
    form.form.set_value(many)
    form.form.set_value(few)
    before = count()
    for _ in range(10):
        form.form.set_value(many)
        form.form.set_value(few)
    assert count() == before


def test_labels_show_their_text_as_it_is(form):
    assert all(w.textFormat() == Qt.TextFormat.PlainText for w in form.form.findChildren(QLabel))


def test_another_language_is_followed(form, qtbot):
    class Shouting(QTranslator):
        def translate(self, context, text, disambiguation=None, n=-1):
            known = {
                "learning rate": "Lernrate",
                "Add {thing}": "{thing} dazu",
                "worker": "Helfer",
                "Formula": "Formel",
            }
            return known.get(text, "")

        def isEmpty(self):
            return False

    app = QCoreApplication.instance()
    shouting = Shouting(app)
    app.installTranslator(shouting)
    try:
        add = form.editor("workers").add
        qtbot.waitUntil(lambda: add.text() == "Helfer dazu")
        assert "FORMEL" in [label.text() for label in form.form.findChildren(QLabel)]
        form.form.set_value(form.spec.replace(tool=Hammer()))
        assert "Lernrate" in form.editor("tool.lr").field.toolTip()
    finally:
        app.removeTranslator(shouting)


numbers = st.floats(-1e6, 1e6, allow_nan=False)
tools = st.one_of(
    st.builds(Hammer, lr=st.floats(1e-6, 100), momentum=st.floats(0, 0.99), nesterov=st.booleans()),
    st.builds(Saw, lr=st.floats(1e-6, 100), teeth=st.integers(1, 100)),
)
workers = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, unique=True).flatmap(
    lambda names: st.tuples(*(st.builds(Worker, id=st.just(name), tool=tools) for name in names))
)
specs = st.builds(
    Everything,
    tool=tools,
    workers=workers,
    start=st.none() | st.tuples(numbers, numbers),
    parameters=st.dictionaries(st.sampled_from(["a", "b", "w", "x1"]), numbers, max_size=3),
    tools=st.lists(tools, max_size=3).map(tuple),
    low=st.floats(-5, 0),
    high=st.floats(0.1, 5),
    names=st.lists(st.sampled_from(["a", "b"]), max_size=3).map(tuple),
    flag=st.booleans(),
    maybe=st.none() | numbers,
)


def test_whatever_is_shown_can_be_read_back_from_the_fields(qtbot):
    """Set any spec on the same form, then read every field's own value; nothing is emitted, nothing refused."""
    form = SpecForm(Everything())
    qtbot.addWidget(form)
    emitted = []
    form.changed.connect(lambda value, _: emitted.append(value))
    root = form.findChildren(GroupEdit)[0]

    @given(spec=specs)
    @settings(max_examples=60, deadline=None)
    def check(spec):
        form.set_value(spec)
        shown = {name: root.fields.editor(name, root).value() for name in root.fields.slots}
        assert shown == {name: getattr(spec, name) for name in root.fields.slots}
        assert form.commit()
        assert emitted == []

    check()


def test_a_form_leaves_nothing_behind(qtbot):
    form = SpecForm(Everything())
    form.show()
    qtbot.waitExposed(form)
    form.set_value(Everything(tool=Hammer(), workers=(Worker(id="z"),)))
    gone = []
    form.destroyed.connect(lambda: gone.append(True))
    form.close()
    form.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del form
    gc.collect()
    assert gone == [True]


def test_a_small_change_is_shown_without_building_again(form, qtbot):
    spec = Everything(workers=tuple(Worker(id=f"w{i}") for i in range(4)))
    form.form.set_value(spec)
    widgets = len(form.form.findChildren(QWidget))
    changed = spec.replace(workers=(*spec.workers[:3], spec.workers[3].replace(tool=Hammer(lr=0.5))))
    began = time.perf_counter()
    form.form.set_value(changed)
    assert time.perf_counter() - began < 0.5  # a rebuild would show here and in the count below
    assert len(form.form.findChildren(QWidget)) == widgets


def in_sight(form: SpecForm) -> list[str]:
    """Return the names of the fields that are shown, and the headings."""
    rows = [row for row in form._root._rows if row.shown]
    assert all(row.editor.isVisible() for row in rows)
    assert not any(row.editor.isVisible() for row in form._root._rows if not row.shown)
    return [row.editor.slot.name for row in rows]


def test_fields_that_concern_nothing_in_sight_are_left_out_and_come_back(form):
    every = in_sight(form.form)
    widgets = set(form.form.findChildren(QWidget))
    headings = [w for w in form.form.findChildren(QLabel) if w.property("class") == "h" and w.text() == "RANGE"]
    form.form.set_idle({"low", "high", "start", "dtype", "odd"})
    assert in_sight(form.form) == [name for name in every if name not in {"low", "high", "start"}]
    assert not headings[0].isVisible()
    assert not form.form._root.fold.isVisible()
    form.form.set_idle({"low"})
    assert in_sight(form.form) == [name for name in every if name != "low"]
    assert headings[0].isVisible()
    assert form.form._root.fold.isVisible()
    form.form.set_idle(())
    assert in_sight(form.form) == every
    assert set(form.form.findChildren(QWidget)) == widgets
    assert form.emitted == []


def test_a_refused_field_stays_in_sight_and_one_that_is_asked_for_comes(form):
    form.type("high", "x")
    form.form.set_idle({"low", "high", "steps"})
    assert "high" in in_sight(form.form)
    assert {"low", "steps"}.isdisjoint(in_sight(form.form))
    assert form.form.reveal("steps")
    assert "steps" in in_sight(form.form)
