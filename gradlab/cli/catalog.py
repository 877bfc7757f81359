"""``gradlab list``, ``presets`` and ``schema``: what there is to choose from."""

from __future__ import annotations

import difflib
from typing import Any

from gradlab.engine import presets
from gradlab.engine.catalog import FAMILIES, Item
from gradlab.engine.errors import UserError, quote
from gradlab.engine.lab import discover, lab_of

from . import output
from .codes import Code

BOUNDS = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
TYPES = {"number": "number", "integer": "whole number", "boolean": "true or false", "string": "text", "null": "none"}


def list_families(name: str | None, *, json: bool) -> int:
    """Print every family with its members, or the members of one family with their parameters."""
    for lab in discover():
        lab.load("spec_path")  # what the labs ask defines every family
    families = FAMILIES if name is None else {name: _family(name)}
    if json:
        output.say_json({key: [describe(member) for member in family.items()] for key, family in families.items()})
        return Code.OK
    for key, family in families.items():
        output.say(f"{key}: {len(family.items())}")
        facts = [describe(member) for member in family.items()]
        width = max((len(fact["kind"]) for fact in facts), default=0)
        for fact in facts:
            _print_member(fact, width, parameters=name is not None)
        output.say()
    if name is None:
        output.say("gradlab list FAMILY shows the parameters.")
    return Code.OK


def list_presets(*, json: bool) -> int:
    """Print the presets at hand by lab."""
    entries = presets.library()
    if json:
        fields = ("name", "lab", "title", "comment", "own", "problem")
        rows = [{name: getattr(entry, name) for name in fields} | {"path": str(entry.path)} for entry in entries]
        output.say_json(rows)
        return Code.OK
    for lab in dict.fromkeys(entry.lab for entry in entries):
        output.say(f"{lab}:")
        width = max(len(entry.name) for entry in entries)
        for entry in (entry for entry in entries if entry.lab == lab):
            own = " (your own)" if entry.own else ""
            output.say(f"  {entry.name:<{width}}  {entry.problem or entry.title}{own}")
    return Code.OK


def print_schema(lab: str) -> int:
    """Print the JSON Schema of the preset files of a lab."""
    output.say_json(presets.schema(lab_of(lab)))
    return Code.OK


def describe(member: type[Item]) -> dict[str, Any]:
    """Return a member as plain data: kind, title, summary, formula, and its parameters with default and range."""
    properties: dict[str, dict[str, Any]] = member.model_json_schema()["properties"]
    parameters = [{"name": name, **shape} for name, shape in properties.items() if name != "kind"]
    return {
        "kind": member.model_fields["kind"].default,
        "title": member.name(),
        "summary": member.summary(),
        "formula": member.formula_tex(),
        "parameters": parameters,
    }


def value_range(shape: dict[str, Any]) -> str:
    """Return what a parameter takes, from its JSON schema: ``number > 0``, ``a | b``."""
    if "enum" in shape or "const" in shape:
        return " | ".join(str(value) for value in shape.get("enum", [shape.get("const")]))
    if "anyOf" in shape:
        return " or ".join(value_range(part) for part in shape["anyOf"])
    if "x-family" in shape or "$ref" in shape:
        return str(shape.get("x-family") or shape["$ref"].rpartition("/")[2])
    if "prefixItems" in shape:
        return f"({', '.join(value_range(part) for part in shape['prefixItems'])})"
    if shape.get("type") == "array":
        return f"list of {value_range(shape.get('items', {}))}"
    bounds = [f"{sign} {shape[key]:g}" for key, sign in BOUNDS.items() if key in shape]
    return " ".join([TYPES.get(shape.get("type", ""), "value"), ", ".join(bounds)]).strip()


def _print_member(facts: dict[str, Any], width: int, *, parameters: bool) -> None:
    output.say(f"  {facts['kind']:<{width}}  {facts['summary']}")
    if not parameters:
        return
    for shape in facts["parameters"]:
        default = f" = {output.number(shape['default'])}" if "default" in shape else ""
        about = f"  {shape['description']}" if "description" in shape else ""
        output.say(f"      {shape['name']}{default}  [{value_range(shape)}]{about}")


def _family(name: str) -> type[Item]:
    found = FAMILIES.get(name) or FAMILIES.get(name.casefold().removesuffix("s"))
    if found is None:
        near = difflib.get_close_matches(name, FAMILIES, n=1)
        advice = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(FAMILIES))}"
        raise UserError(f"unknown family {quote(name)}{advice}")
    return found
