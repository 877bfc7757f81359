"""Editors: each shows one value of a spec and lets it be edited. What is imported here is registered by its type."""

from __future__ import annotations

from . import (
    choices,
    code_path,
    columns,
    data_path,
    group,
    item,
    lists,
    mapping,
    numbers,
    optional,
    parts,
    paths,
    sequence,
    texts,
    tuples,
)
from .base import Editor, editor_for, edits
from .context import Context, Decoration
from .slot import Slot

__all__ = [
    "Context",
    "Decoration",
    "Editor",
    "Slot",
    "choices",
    "code_path",
    "columns",
    "data_path",
    "editor_for",
    "edits",
    "group",
    "item",
    "lists",
    "mapping",
    "numbers",
    "optional",
    "parts",
    "paths",
    "sequence",
    "texts",
    "tuples",
]
