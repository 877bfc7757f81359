"""The JSON Schema of preset files agrees with what gradlab loads."""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
import sys
from typing import Any, ClassVar, Literal

import jsonschema
import pytest

from gradlab.engine import presets
from gradlab.engine.catalog import FAMILIES, Item
from gradlab.engine.errors import UserError
from gradlab.engine.lab import discover, lab_of
from gradlab.engine.record import RunSpec
from gradlab.labs.descent.spec import DescentSpec

SHIPPED = presets.library()


@functools.cache
def validator_of(lab: str) -> jsonschema.Draft202012Validator:
    schema = presets.schema(lab_of(lab))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture
def validator() -> jsonschema.Draft202012Validator:
    return validator_of("descent")


@pytest.mark.parametrize("entry", SHIPPED, ids=[entry.name for entry in SHIPPED])
def test_every_shipped_preset_is_valid_as_it_stands_and_as_it_is_saved(entry):
    validator = validator_of(presets.load(entry.path).lab)
    validator.validate(json.loads(entry.path.read_text(encoding="utf-8")))
    validator.validate(json.loads(presets.dumps(presets.load(entry.path))))


WRONG: list[tuple[tuple[Any, ...], Any]] = [
    (("schema",), 2),
    (("lab",), "other"),
    (("colour",), "red"),
    (("spec", "steps"), 0),
    (("spec", "steps"), "9"),
    (("spec", "dtype"), "float16"),
    (("spec", "objective"), "himelblau"),
    (("spec", "objective"), {"kind": "rosenbrock", "c": 1.0}),
    (("spec", "objective"), {"b": 1.0}),
    (("spec", "racers"), []),
    (("spec", "racers", 0, "id"), "No!"),
    (("spec", "racers", 0, "optimizer"), {"kind": "adam", "lr": -1.0}),
    (("spec", "racers", 0, "schedule"), {"kind": "warmup", "then": {"kind": "steplr", "gamma": 99.0}}),
    (("spec", "noise"), {"kind": "gaussian", "sigma": -1.0}),
    (("look",), {"color_map": "jet"}),
]


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_what_gradlab_refuses_the_schema_refuses(place, value, validator):
    content = json.loads(presets.dumps(presets.Preset("descent", DescentSpec())))
    validator.validate(content)
    owner = content
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = value
    assert not validator.is_valid(content)
    with pytest.raises(UserError):
        presets.loads(json.dumps(content))


def references(node: Any) -> set[str]:
    """Return every reference in a schema."""
    if isinstance(node, list):
        return {found for child in node for found in references(child)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own | {found for child in node.values() for found in references(child)}


@pytest.mark.parametrize("lab", discover(), ids=[lab.id for lab in discover()])
def test_every_family_stands_in_the_schema_once(lab):
    schema = presets.schema(lab)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "x-family" not in json.dumps(schema)
    defined = {f"#/$defs/{name}" for name in schema["$defs"]}
    assert references(schema) == defined, "what is referred to is defined, and the other way round"
    for name, family in FAMILIES.items():
        members = {other for other in schema["$defs"] if other.startswith(f"{name}.")}
        if name in schema["$defs"]:
            assert members == {f"{name}.{member.model_fields['kind'].default}" for member in family.items()}


def test_families_that_hold_themselves_and_each_other_are_walked_once(monkeypatch):
    kept = dict(FAMILIES)  # defining a family registers it

    class Tree(Item):
        """A thing of things."""

        family: ClassVar[dict[str, type[Item]]] = {}

    class Leaf(Tree):
        """The end."""

        kind: Literal["leaf"] = "leaf"

    class Branch(Tree):
        """More of it."""

        kind: Literal["branch"] = "branch"
        left: Tree = Leaf()
        right: tuple[Tree, ...] = ()

    class Spec(RunSpec):
        tree: Tree = Leaf()

    try:
        assert FAMILIES["tree"] is Tree
        monkeypatch.setattr(sys.modules[__name__], "tree_spec", Spec, raising=False)
        lab = dataclasses.replace(lab_of("descent"), id="trees", spec_path=f"{__name__}:tree_spec")
        schema = presets.schema(lab)
        check = jsonschema.Draft202012Validator(schema)
        deep: Any = "leaf"
        for _ in range(5):
            deep = {"kind": "branch", "left": copy.deepcopy(deep), "right": [deep, "leaf"]}
        content = {"schema": 1, "lab": "trees", "spec": {"tree": deep}}
        check.validate(content)
        assert presets.loads(json.dumps(content), find_lab=lambda name: lab).spec.tree.left.left.kind == "branch"
        deep["left"]["left"]["kind"] = "twig"
        assert not check.is_valid(content)
    finally:
        FAMILIES.clear()
        FAMILIES.update(kept)
