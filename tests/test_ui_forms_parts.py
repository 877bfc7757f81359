"""Cards of parts: found again by id whatever moves, added, removed; their colours and names belong to the look."""

from __future__ import annotations

import pytest
from form_specs import Everything, Hammer, Saw, Worker
from forms import Driven
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from gradlab.ui.spec_form import Decoration


@pytest.fixture
def form(qtbot):
    return Driven(qtbot, Everything())


def ids(spec):
    return [worker.id for worker in spec.workers]


def cards(form):
    return form.editor("workers").cards


def choose(form, name, text):
    """Open the menu of a card and trigger the entry ``text``."""
    card = cards(form)[name]
    form.click(card.more)
    menu = [menu for menu in card.findChildren(QMenu) if menu.isVisible()][-1]
    action = next(action for action in menu.actions() if action.text() == text)
    enabled = action.isEnabled()
    if enabled:
        action.trigger()
    menu.close()
    return enabled


def test_a_card_shows_its_choice_and_first_number_inline(form):
    card = cards(form)["b"]
    assert not card.is_open()
    item = card.fields.built()["tool"]
    assert item.box.isVisible()
    assert item._beside.field.text() == "0.001"
    assert item._beside.field.isVisible()
    assert card.digest.whole() == "momentum 0.5"
    assert not item.params.isVisible()
    assert card.name.whole() == "Hammer"


def test_the_chevron_unfolds_the_rest(form):
    card = cards(form)["b"]
    form.click(card.chevron)
    assert card.is_open()
    assert form.editor("workers.b.tool.momentum").field.isVisible()
    assert form.editor("workers.b.noise").box.isVisible()
    form.click(card.chevron)
    assert not card.fields.built()["noise"].isVisible()


def test_an_edit_names_the_part_by_its_id(form):
    form.type("workers.b.tool.lr", "0.25", enter=True)
    spec, gesture = form.emitted[-1]
    assert [worker.tool.lr for worker in spec.workers] == [0.001, 0.25]
    assert gesture.startswith("workers.b.tool.lr:type:")


def test_add_asks_the_spec_and_focuses_the_new_card(form, qtbot):
    workers = form.editor("workers")
    assert workers.add.text() == "Add worker"
    form.click(workers.add)
    assert ids(form.last) == ["a", "b", "saw"]
    assert form.last.workers[-1].tool == Saw()
    qtbot.waitUntil(workers.cards["saw"].fields.built()["tool"].box.hasFocus)


def test_duplicate_puts_a_copy_with_its_own_id_below(form):
    assert choose(form, "b", "Duplicate")
    assert ids(form.last) == ["a", "b", "b-2"]
    assert form.last.workers[2].tool == Hammer(momentum=0.5)
    choose(form, "b-2", "Duplicate")
    assert ids(form.last) == ["a", "b", "b-2", "b-3"]


def test_removing_one_leaves_the_cards_of_the_others_alone(form):
    form.type("workers.b.tool.lr", "-1", enter=True)
    b = cards(form)["b"]
    field = form.editor("workers.b.tool.lr").field
    assert choose(form, "a", "Remove")
    assert ids(form.last) == ["b"]
    assert cards(form)["b"] is b
    assert field.text() == "-1"  # typed and refused: still there
    assert [path for path, _ in form.form.problems()] == ["workers.b.tool.lr"]
    form.type("workers.b.tool.lr", "2", enter=True)
    assert form.last.workers[0] == Worker(id="b", tool=Hammer(lr=2.0, momentum=0.5))
    assert not choose(form, "b", "Remove")  # one must stay


def test_the_focus_stays_near_a_card_that_is_taken_away_from_outside(form, qtbot):
    more = cards(form)["a"].more
    form.focus(form.line("workers.b.tool.lr"))
    form.form.set_value(form.spec.replace(workers=form.spec.workers[:1]))
    qtbot.waitUntil(more.hasFocus)


def test_moving_keeps_the_widgets(form, qtbot):
    before = dict(cards(form))
    assert not choose(form, "a", "Move up")
    assert choose(form, "a", "Move down")
    assert ids(form.last) == ["b", "a"]
    assert cards(form) == before
    assert list(cards(form)) == ["b", "a"]
    layout = form.editor("workers").layout()
    assert [layout.itemAt(i).widget().id for i in range(2)] == ["b", "a"]
    field = form.line("workers.a.tool.lr")
    qtbot.keyClick(field, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert ids(form.last) == ["a", "b"]


def test_no_more_than_the_spec_allows(form):
    form.click(form.editor("workers").add)
    form.click(form.editor("workers").add)
    assert len(form.last.workers) == 4
    assert not form.editor("workers").add.isEnabled()
    assert not choose(form, "a", "Duplicate")


def test_the_choice_of_a_card_changes_its_inline_number(form, qtbot):
    item = cards(form)["a"].fields.built()["tool"]
    form.focus(item.box)
    qtbot.keyClicks(item.box, "s")
    qtbot.keyClick(item._picker.search, Qt.Key.Key_Return)
    assert form.last.workers[0].tool == Saw()
    assert item._beside.field.text() == "0.5"
    assert cards(form)["a"].name.whole() == "Hand saw"


def test_decorations_show_and_are_asked_for_by_id(form, qtbot):
    asked = []
    form.form.decorated.connect(lambda *args: asked.append(args))
    card = cards(form)["a"]
    assert not card.dot.isVisible()
    form.form.set_decorations({"a": Decoration(0, "First"), "b": Decoration("#ff0000", "", visible=False)})
    assert card.name.whole() == "First"
    assert card.dot.isVisible()
    assert cards(form)["b"].eye.isVisible()
    form.click(cards(form)["b"].eye)
    assert asked.pop() == ("b", "visible", True)
    assert choose(form, "a", "Hide in plots")
    assert asked.pop() == ("a", "visible", False)
    form.click(card.dot)
    menu = next(menu for menu in card.findChildren(QMenu) if menu.isVisible())
    menu.actions()[2].trigger()
    menu.close()
    assert asked.pop() == ("a", "color", 2)
    assert form.emitted == []  # none of this is the spec's


def test_a_name_is_typed_where_it_stands(form, qtbot):
    asked = []
    form.form.decorated.connect(lambda *args: asked.append(args))
    form.form.set_decorations({"a": Decoration(0, "First")})
    card = cards(form)["a"]
    qtbot.mouseDClick(card.name, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(card.naming.hasFocus)
    qtbot.keyClicks(card.naming, "  Fast   one ")
    qtbot.keyClick(card.naming, Qt.Key.Key_Return)
    assert asked == [("a", "name", "Fast one")]
    assert not card.naming.isVisible()
    assert choose(form, "a", "Rename")
    qtbot.keyClicks(card.naming, "x")
    qtbot.keyClick(card.naming, Qt.Key.Key_Escape)
    assert asked == [("a", "name", "Fast one")]
    assert card.name.whole() == "First"


def test_a_refused_field_of_a_folded_card_is_unfolded_and_focused(form, qtbot):
    form.type("workers.b.tool.momentum", "3", enter=True)
    card = cards(form)["b"]
    card.set_open(False)
    form.focus(form.editor("steps").field)
    assert form.form.focus_problem()
    field = form.editor("workers.b.tool.momentum").field
    qtbot.waitUntil(field.hasFocus)
    assert card.is_open()
