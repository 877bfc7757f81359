"""Forms over what is really there: every lab's spec and every member of every family finds its editors."""

from __future__ import annotations

import pytest
from forms import Driven
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from gradlab.engine.catalog import FAMILIES
from gradlab.engine.lab import discover
from gradlab.engine.model import Frozen, leaves
from gradlab.engine.networks import Cnn, Network
from gradlab.ui.editors import Context, Editor, Slot, editor_for
from gradlab.ui.editors.lists import JsonEdit
from gradlab.ui.spec_form import SpecForm

SPECS = {lab.id: lab.spec for lab in discover()}
MEMBERS = [
    pytest.param(member, id=f"{name}-{kind}") for name, base in FAMILIES.items() for kind, member in base.family.items()
]


class Pictures(Frozen):
    """A network for pictures."""

    network: Network = Cnn()


def made(member):
    required = [name for name, info in member.model_fields.items() if info.is_required()]
    return None if required else member()


@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_is_shown_whole_and_read_back(qtbot, member):
    item = made(member)
    if item is None:
        pytest.skip("has parameters without a default")
    editor = editor_for(Slot("it", member), Context(), "it")
    qtbot.addWidget(editor)
    emitted = []
    editor.edited.connect(lambda value, _: emitted.append(value))
    editor.set_value(item)
    fields = editor.params.fields
    for name in fields.slots:
        assert fields.editor(name, editor).value() == getattr(item, name)
    editor.commit()
    assert emitted == []
    assert editor.problems() == []
    assert not [e for e in editor.findChildren(Editor) if isinstance(e, JsonEdit)]


@pytest.mark.parametrize("lab", list(SPECS))
def test_every_lab_has_its_form(qtbot, lab):
    form = SpecForm(SPECS[lab]())
    qtbot.addWidget(form)
    form.show()
    qtbot.waitExposed(form)
    for path in leaves(form.value()):
        if not path.endswith((".kind", ".id", "kind")):
            assert form.reveal(path), path
    assert form.commit()
    assert not form.findChildren(JsonEdit)
    for line in form.findChildren(QLineEdit):
        assert line.accessibleName() or line.parent().accessibleName(), line


def test_a_member_defined_while_the_form_is_there_is_offered(qtbot):
    from typing import Literal

    from gradlab.engine.objectives import Objective
    from gradlab.labs.descent.spec import DescentSpec

    form = Driven(qtbot, DescentSpec())
    editor = form.editor("objective")

    class Bowl2(Objective):
        """A bowl made in a test."""

        kind: Literal["bowl2"] = "bowl2"
        DOMAIN = ((-1.0, 1.0), (-1.0, 1.0))
        START = (0.5, 0.5)

        def __call__(self, x, y):
            return x * x + y * y

    try:
        form.focus(editor.box)
        form.qtbot.keyClicks(editor.box, "b")
        form.qtbot.keyClicks(editor._picker.search, "owl2\r")
        assert form.last.objective == Bowl2()
        assert editor.summary_label.text() == "A bowl made in a test."
    finally:
        del Objective.family["bowl2"]


def test_an_entry_of_a_line_that_is_out_of_range_is_numbered(qtbot):
    form = Driven(qtbot, Pictures())
    line = form.editor("network.channels").line.field
    line.selectAll()
    qtbot.keyClicks(line, "32, -4, 8\r")
    form.form.commit()
    assert form.form.problems() == [("network.channels", "2: must be ≥ 1")]
    assert form.spec.network.channels == (32, 32, 64)


def test_a_formula_is_typed_and_its_names_find_their_places(qtbot):
    from gradlab.engine.objectives import Objective
    from gradlab.labs.descent.spec import DescentSpec

    start = Objective.parse(
        {"kind": "expression", "text": "(w*x+b)**2", "variables": ["w", "b"], "parameters": {"x": 3.0}}
    )
    form = Driven(qtbot, DescentSpec(objective=start))
    form.type("objective.text", "a*w^2 + sin(b", enter=True)
    (problem,) = form.form.problems()
    assert problem[0] == "objective.text"
    assert "column 12" in problem[1]
    assert form.emitted == []
    form.qtbot.keyClicks(form.editor("objective.text").field, ")")
    form.qtbot.keyClick(form.editor("objective.text").field, Qt.Key.Key_Return)
    made = form.last.objective
    assert made.text == "a*w^2 + sin(b)"
    assert (made.variables, made.parameters) == (("w", "b", "a"), {"x": 3.0})
    assert form.form.problems() == []
    form.form.set_fallback("start", made.start)
    cells = form.editor("start").inner.cells
    assert [cell.field.accessibleName()[-1] for cell in cells] == ["w", "b", "a"]

    parameters = form.editor("objective.parameters")
    name = parameters.names[0].field
    form.focus(name)
    name.selectAll()
    form.qtbot.keyClicks(name, "a\r")  # x, which the formula does not use, becomes a
    assert form.last.objective.parameters == {"a": 3.0}
    assert form.last.objective.variables == ("w", "b")
    form.type("objective.variables", "w", enter=True)
    assert form.last.objective.parameters == {"a": 3.0, "b": 1.0}
    assert form.last.objective.domain == ((-5.0, 5.0),)
    form.type("objective.text", "u*v*w*s*t", enter=True)
    assert form.form.problems() == [("objective.variables", "must be 1 to 4 names, not 5")]
    assert form.last.objective.text == "a*w^2 + sin(b)"
