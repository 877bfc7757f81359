"""Values written on one line: lists separated by commas, and JSON for whatever has no editor of its own."""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from pydantic_core import to_json

from .base import edits
from .line import LineEditor
from .numbers import read_int, read_real
from .slot import peel


@edits(lambda _slot: True, last=True)
class JsonEdit(LineEditor):
    """Any value, as JSON: nothing a spec can hold is out of reach, however plain its field."""

    def read(self, text: str) -> Any:
        """Return what the JSON stands for."""
        try:
            return json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(self.tr("must be JSON: {why}").format(why=error)) from None

    def write(self, value: Any) -> str:
        """Return ``value`` as JSON."""
        return to_json(value, inf_nan_mode="constants").decode()


def element(annotation: Any) -> Any:
    """Return the bare element type of ``tuple[T, ...]``, else None."""
    args = get_args(annotation)
    return peel(args[0])[0] if get_origin(annotation) is tuple and len(args) == 2 and args[1] is Ellipsis else None


@edits(lambda slot: not slot.optional and element(slot.type) is str)
class ListEdit(LineEditor):
    """A list of words or numbers, separated by commas."""

    def read(self, text: str) -> tuple[Any, ...]:
        """Return the entries; an empty line has none."""
        return tuple(self._entry(part.strip()) for part in text.replace(";", ",").split(",")) if text.strip() else ()

    def write(self, value: Any) -> str:
        """Return the entries with commas between them."""
        kind = element(self.slot.type)
        return ", ".join(repr(entry) if kind is float else str(entry) for entry in value)

    def _entry(self, text: str) -> Any:
        kind = element(self.slot.type)
        if kind is str:
            return text
        return read_int(text) if kind is int else read_real(text)
