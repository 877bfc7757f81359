"""Every family and every member, present and future, passes these."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import re
from collections.abc import Iterator
from typing import ClassVar, Literal

import pytest
import values
from pydantic import Field, ValidationError

import gradlab.engine
from gradlab.engine import presets
from gradlab.engine.catalog import FAMILIES, Item
from gradlab.engine.lab import discover
from gradlab.engine.model import Real

for found in pkgutil.walk_packages(gradlab.engine.__path__, "gradlab.engine."):
    importlib.import_module(found.name)
LABS = discover()
MEMBERS = [
    pytest.param(f, m, id=f"{n}-{m.model_fields['kind'].default}") for n, f in FAMILIES.items() for m in f.items()
]
SAMPLES = 20
SENTENCE = re.compile(r"[.!?)]$")


def kind_of(member: type[Item]) -> str:
    kind = member.model_fields["kind"].default
    assert isinstance(kind, str)
    return kind


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_explains_itself(name: str) -> None:
    family = FAMILIES[name]
    assert SENTENCE.search(family.summary())
    assert family.items()
    names = [member.name() for member in family.items()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("family", "member"), MEMBERS)
def test_a_member_explains_itself(family: type[Item], member: type[Item]) -> None:
    assert member.__doc__, "the docstring is its help"
    assert member.__doc__ != family.__doc__
    assert SENTENCE.search(member.summary()), member.summary()
    assert "\n" not in member.name()
    assert re.fullmatch(r"([a-z0-9_.-]+:)?[a-z][a-z0-9_]*", kind_of(member))


@pytest.mark.parametrize(("family", "member"), MEMBERS)
def test_every_field_says_what_it_is(family: type[Item], member: type[Item]) -> None:
    dumb = [name for name, info in member.model_fields.items() if name != "kind" and not info.description]
    assert not dumb, f"fields of {member.__name__} without a description: {dumb}"


@pytest.mark.parametrize(("family", "member"), MEMBERS)
def test_a_member_comes_back_from_its_kind_and_its_json(family: type[Item], member: type[Item]) -> None:
    plain = family.parse(kind_of(member))
    assert type(plain) is member
    rng = random.Random(kind_of(member))
    for item in [plain, *(values.draw(member, rng) for _ in range(SAMPLES))]:
        text = item.model_dump_json()
        again = family.parse(json.loads(text, parse_constant=pytest.fail))
        assert again == item
        assert hash(again) == hash(item)
        assert again.model_dump_json() == text


@pytest.mark.parametrize(("family", "member"), MEMBERS)
def test_an_unknown_field_is_refused(family: type[Item], member: type[Item]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        family.parse({"kind": kind_of(member), "no_such_field": 1})


@pytest.mark.parametrize(("family", "member"), MEMBERS)
def test_a_slip_of_the_pen_is_understood(family: type[Item], member: type[Item]) -> None:
    with pytest.raises(ValueError, match="did you mean"):
        family.parse(kind_of(member) + "x")


@pytest.mark.parametrize("name", FAMILIES)
def test_something_quite_unknown_lists_what_there_is(name: str) -> None:
    family = FAMILIES[name]
    with pytest.raises(ValueError, match=f"unknown {name} '§'; known: ") as caught:
        family.parse("§")
    assert all(kind in str(caught.value) for kind in family.family)
    for nonsense in (None, 3, [], {}, {"kind": 3}):
        with pytest.raises(ValueError, match="must name the kind"):
            family.parse(nonsense)


@pytest.mark.parametrize(("family", "member"), MEMBERS)
def test_old_names_still_load(family: type[Item], member: type[Item]) -> None:
    for old in member.renamed:
        assert type(family.parse(old)) is member
        assert old not in family.family


def schemas() -> dict[str, str]:
    """Return the schema of every lab's presets, as text."""
    return {lab.id: json.dumps(presets.schema(lab)) for lab in LABS}


def test_the_schemas_hold_every_member_of_the_families_they_use() -> None:
    for lab in LABS:
        definitions = presets.schema(lab)["$defs"]
        for name in definitions.keys() & FAMILIES.keys():
            for kind in FAMILIES[name].family:
                assert f"{name}.{kind}" in definitions
    assert "x-family" not in "".join(schemas().values())


@pytest.fixture
def newcomer() -> Iterator[type[Item]]:
    """Define one more objective while the program runs; take it back afterwards."""
    from gradlab.engine.objectives import Objective

    class Newcomer(Objective):
        r"""A bowl that nobody has heard of. :math:`a x^2`."""

        kind: Literal["newcomer"] = "newcomer"
        DOMAIN: ClassVar = ((-1.0, 1.0),)
        a: Real = Field(default=1.0, description="steepness")

    yield Newcomer
    del Objective.family["newcomer"]


def test_defining_a_class_is_enough(newcomer: type[Item]) -> None:
    from gradlab.engine.objectives import Objective

    assert newcomer in Objective.items()
    assert Objective.parse({"kind": "newcomer", "a": 2}) == newcomer(a=2.0)
    assert newcomer.summary() == "A bowl that nobody has heard of."
    assert newcomer.formula_tex() == "a x^2"
    assert "objective.newcomer" in schemas()["descent"]
    with pytest.raises(ValueError, match="did you mean 'newcomer'"):
        Objective.parse("newcommer")


def test_a_removed_member_is_gone() -> None:
    assert "newcomer" not in FAMILIES["objective"].family
    assert "objective.newcomer" not in schemas()["descent"]


def test_a_kind_is_taken_once() -> None:
    from gradlab.engine.objectives import Objective

    before = dict(Objective.family)
    taken = next(iter(before))
    with pytest.raises(ValueError, match=f"kind '{taken}' is already taken"):
        type("Thief", (Objective,), {"__annotations__": {"kind": Literal[taken]}, "kind": taken, "__doc__": "A thief."})
    assert Objective.family == before
