"""The JSON Schema of a lab's preset files: what an editor outside gradlab needs to complete and check them."""

from __future__ import annotations

from typing import Any

from gradlab.engine.catalog import FAMILIES, Item
from gradlab.engine.lab import Lab

from .document import form

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(lab: Lab) -> dict[str, Any]:
    """Return the JSON Schema of the preset files of ``lab``, every family and member under ``$defs`` once."""
    definitions: dict[str, Any] = {}
    root = _settled(form(lab).model_json_schema(), definitions)
    root["properties"]["$schema"] = {"type": "string"}
    return {"$schema": DIALECT, **root, "title": f"gradlab preset: {lab.title}", "$defs": definitions}


def _settled(piece: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return ``piece`` with its own definitions moved to ``definitions`` and its families referred to."""
    own = piece.pop("$defs", {})
    for name, definition in own.items():
        if name not in definitions:
            definitions[name] = {}  # taken, so that a definition that holds itself is walked once
            definitions[name] = _referred(definition, definitions)
    settled: dict[str, Any] = _referred(piece, definitions)
    return settled


def _referred(node: Any, definitions: dict[str, Any]) -> Any:
    """Return a copy of ``node`` in which every family's placeholder is a reference."""
    if isinstance(node, list):
        return [_referred(child, definitions) for child in node]
    if not isinstance(node, dict):
        return node
    if "x-family" not in node:
        return {name: _referred(child, definitions) for name, child in node.items()}
    name = node["x-family"]
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _family(FAMILIES[name], definitions)
    others = {key: _referred(child, definitions) for key, child in node.items() if key != "x-family"}
    return {**others, "$ref": f"#/$defs/{name}"}


def _family(family: type[Item], definitions: dict[str, Any]) -> dict[str, Any]:
    members = [_member(member, definitions) for member in family.items()]
    kinds = [kind for member in family.items() for kind in _kinds(member)]
    return {
        "description": family.summary(),
        "anyOf": [{"enum": kinds, "description": "the kind alone: its defaults"}, *members],
    }


def _member(member: type[Item], definitions: dict[str, Any]) -> dict[str, Any]:
    piece = _settled(member.model_json_schema(), definitions)
    kinds = _kinds(member)
    piece["properties"]["kind"] = {"const": kinds[0]} if len(kinds) == 1 else {"enum": kinds}
    piece["required"] = ["kind", *piece.get("required", [])]
    piece["title"] = member.name()
    name = f"{_family_name(member)}.{kinds[0]}"
    definitions[name] = piece
    return {"$ref": f"#/$defs/{name}"}


def _kinds(member: type[Item]) -> list[str]:
    return [member.model_fields["kind"].default, *member.renamed]


def _family_name(member: type[Item]) -> str:
    return next(name for name, family in FAMILIES.items() if family.family is member.family)
