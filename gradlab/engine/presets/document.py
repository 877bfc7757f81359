"""One preset and its file: loading is all or nothing, saving never leaves half a file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, create_model

from gradlab.engine import own_files
from gradlab.engine.edits import put
from gradlab.engine.errors import UserError, explain, quote
from gradlab.engine.files import ANY_STAMP, AnyPath, Stamp, read_limited, shown, write_atomic
from gradlab.engine.lab import Lab, lab_of
from gradlab.engine.model import Frozen, Int, at, is_tunable
from gradlab.engine.record import Change

from . import strict

SCHEMA = 1
"""Version of the file format that is written, and the newest that is read."""
SUFFIX = ".gradlab.json"
Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""What brings the content of a file from version n to n + 1, by n."""
FindLab = Callable[[str], Lab]


@dataclass(frozen=True, slots=True)
class Preset:
    """An experiment on disk: which lab, what it asks, how it looks, and what was changed while it ran."""

    lab: str
    spec: Any
    title: str = ""
    comment: str = ""
    look: Any = None
    changes: tuple[Change, ...] = ()
    schema: int = SCHEMA


class FileChange(Frozen):
    """A live change as a file holds it."""

    step: Int = Field(ge=0)
    values: dict[str, Any] = Field(min_length=1)


class FileForm(Frozen):
    """What every preset file holds, whichever the lab."""

    schema_: Int = Field(alias="schema", description="version of the file format")
    lab: str
    title: str = Field(default="", max_length=200)
    comment: str = Field(default="", max_length=10_000)


@functools.cache
def form(lab: Lab) -> type[FileForm]:
    """Return the model of a preset file of ``lab``: all of it is validated in one go, so every error has its path."""
    fields: dict[str, Any] = {
        "schema_": (Literal[SCHEMA], Field(alias="schema", description="version of the file format")),
        "lab": (Literal[lab.id], Field()),
        "spec": (lab.spec, Field()),
        "look": (lab.look | None, Field(default=None)),
        "changes": (tuple[FileChange, ...], Field(default=(), max_length=10_000)),
    }
    return create_model("Preset", __base__=FileForm, **fields)


def load(path: AnyPath, *, find_lab: FindLab = lab_of) -> Preset:
    """Return the preset in the file at ``path``.

    Files that it names may be opened from then on where they lie in its folder. Raises ``UserError``, in one line,
    naming the file, the place in it (line and column, or JSON path) and the value.
    """
    try:
        preset = loads(read_limited(path), find_lab=find_lab)
    except UserError as error:
        if error.message.startswith(shown(path)):
            raise
        raise UserError(f"{shown(path)}: {error.message}", error.hint) from None
    own_files.beside(Path(path).parent)
    return preset


def loads(text: str | bytes, *, find_lab: FindLab = lab_of) -> Preset:
    """Return the preset that ``text`` holds; raise ``UserError`` naming the place and the value that is wrong."""
    data = migrate(_object(strict.parse(text)))
    data.pop("$schema", None)  # what an editor goes by
    lab = data.get("lab")
    if not isinstance(lab, str):
        raise UserError(f"lab: must be the name of a lab, not {quote(lab)}" if "lab" in data else "lab: is missing")
    try:
        file: Any = form(find_lab(lab)).model_validate(data)
    except ValidationError as error:
        raise explain(error) from None
    tape = _tape(file.spec, file.changes)
    return Preset(lab, file.spec, file.title, file.comment, file.look, tape, SCHEMA)


def dumps(preset: Preset) -> str:
    """Return the text of ``preset``: the same for equal presets, every value stated, floats as they read back."""
    data: dict[str, Any] = {"schema": SCHEMA, "lab": preset.lab, "title": preset.title, "comment": preset.comment}
    data["spec"] = preset.spec.model_dump(mode="json")
    if preset.look is not None:
        data["look"] = preset.look.model_dump(mode="json")
    if preset.changes:
        data["changes"] = [change.as_json() for change in preset.changes]
    try:
        return strict.pretty(data)
    except ValueError as error:
        raise UserError(f"the preset cannot be written: {error}") from None


def save(
    path: AnyPath,
    preset: Preset,
    *,
    since: Stamp | None = ANY_STAMP,
    find_lab: FindLab = lab_of,
) -> None:
    """Write ``preset`` to ``path``, atomically, and only if it reads back as what it is.

    ``since`` is the file's stamp when it was read; ``files.ChangedError`` is raised when it is another by now.
    Raises ``UserError`` naming what is wrong; the old file is then untouched.
    """
    text = dumps(preset)
    if dumps(loads(text, find_lab=find_lab)) != text:
        raise UserError(f"{shown(path)}: cannot be saved: the preset would not read back as it is")
    write_atomic(path, text.encode(), since=since)


def migrate(data: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a file at the version of today; raise ``UserError`` where that fails."""
    version = data.get("schema")
    if version is None:
        raise UserError("schema: is missing", f'a preset begins with "schema": {SCHEMA}')
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UserError(f"schema: must be a whole number from 1 to {SCHEMA}, not {quote(version)}")
    if version > SCHEMA:
        raise UserError(f"schema: version {version} is from a newer gradlab; this one reads up to {SCHEMA}")
    for old in range(version, SCHEMA):
        try:
            data = {**MIGRATIONS[old](deepcopy(data)), "schema": old + 1}
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"schema: version {old} cannot be brought to {old + 1}: {quote(str(error))}") from None
    return data


def _object(tree: Any) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise UserError(f"must be a JSON object, not {quote(tree)}")
    return tree


def _tape(spec: Frozen, changes: tuple[FileChange, ...]) -> tuple[Change, ...]:
    """Return the changes with their values as the fields take them, each tried on the spec of its time."""
    tape: list[Change] = []
    for n, change in enumerate(changes):
        if tape and change.step < tape[-1].step:
            raise UserError(f"changes[{n}].step: must be ≥ {tape[-1].step}, the one before, not {change.step}")
        values: dict[str, Any] = {}
        for path, value in change.values.items():
            spec = _changed(spec, path, value, f"changes[{n}].values")
            values[path] = at(spec, path)
        tape.append(Change(change.step, values))
    return tuple(tape)


def _changed(spec: Frozen, path: str, value: Any, where: str) -> Frozen:
    try:
        after = put(spec, path, value)
    except UserError as error:
        raise UserError(f"{where}: {error.message}", error.hint) from None
    if not is_tunable(spec, path):
        raise UserError(f"{where}: {path} cannot change while a run is under way")
    return after
