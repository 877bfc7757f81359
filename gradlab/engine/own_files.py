"""Files of the user's that a spec names: opened where the user chose them or beside a preset, and nowhere else."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from .errors import UserError
from .files import AnyPath, read_limited, shown
from .model import Advanced, Frozen, at, with_changes

F = TypeVar("F", bound=Frozen)
Sha256 = Annotated[
    str,
    Advanced(),
    Field(
        pattern=r"^([0-9a-f]{64})?$",
        title="SHA-256",
        description="what identifies its content; empty for the file as it is",
    ),
]

_lock = threading.Lock()
_chosen: set[Path] = set()
_folders: dict[Path, None] = {}
_code: set[str] = set()


@dataclass(frozen=True, slots=True)
class Consents:
    """What the user has let happen: files and folders chosen, folders of presets opened, code confirmed."""

    chosen: frozenset[Path]
    folders: tuple[Path, ...]
    code: frozenset[str]


class Travels(Frozen):
    """What names a file or a folder: it takes the user's consents along into another process of the program.

    They are part of its pickle alone, which is never read from a file; neither JSON nor a copy holds them.
    """

    LARGEST: ClassVar[int] = 0
    """Bytes of the largest file that is read, where there is a ``sha256`` to identify it by its content."""

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "consents": consents()}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        adopt(state["consents"])
        super().__setstate__({key: value for key, value in state.items() if key != "consents"})

    def edited(self, **changes: Any) -> Self:
        """Return this with an edit; what is typed or picked in an editor may be opened from then on."""
        made = self.replace(**changes)
        for name, value in changes.items():
            if not is_path(self, name):
                continue
            with at_field(type(self).__name__, name, value):
                found = choose(value) if value else None
                if self.LARGEST:
                    made = made.replace(sha256=digest(found, self.LARGEST) if found else "")
        return made


def consents() -> Consents:
    """Return everything the user has let happen in this process."""
    with _lock:
        return Consents(frozenset(_chosen), tuple(_folders), frozenset(_code))


def adopt(given: Consents) -> None:
    """Let happen what the user has let happen in another process of the program."""
    with _lock:
        _chosen.update(given.chosen)
        _code.update(given.code)
        _folders.update(dict.fromkeys(folder for folder in given.folders if folder not in _folders))


def allow_code(sha256: str) -> None:
    """Let code of this SHA-256 run until the program ends; called when the user has confirmed it, and never else."""
    with _lock:
        _code.add(sha256.lower())


def is_code_allowed(sha256: str) -> bool:
    """Tell whether the user has confirmed code of this SHA-256."""
    with _lock:
        return sha256.lower() in _code


def choose(path: AnyPath) -> Path:
    """Let the very file or folder at ``path``, which the user has picked or typed, be opened from now on; return it.

    What lies in a folder is not chosen with it: a path that is being typed passes through many.
    """
    try:
        found = Path(path).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{shown(path)}: cannot be read: {error}") from error
    with _lock:
        _chosen.add(found)
    return found


def beside(folder: AnyPath) -> None:
    """Let specs name files inside ``folder``, that of a preset the user has opened; the last one comes first."""
    with _lock:
        found = Path(folder).resolve()
        _folders.pop(found, None)
        _folders[found] = None


def find(name: str) -> Path:
    """Return the path that a spec means by ``name``.

    A whole path must have been chosen in this session, or lie in the folder of a preset that was opened; a name is
    looked up in those folders. Raises ``UserError`` for any other: a spec that came from elsewhere opens nothing.
    """
    path = _resolved(name)
    with _lock:
        folders, chosen = [*reversed(_folders)], set(_chosen)
    if path.is_absolute():
        if path in chosen or any(_inside(path, folder) for folder in folders):
            return path
        raise UserError(f"{shown(name)}: was not chosen in this session", "choose it again to let it be opened")
    for folder in folders:
        found = (folder / path).resolve()
        if _inside(found, folder) and found.exists():
            return found
    raise UserError(f"{shown(name)}: is not beside the preset", "choose the file where it is now")


def named(spec: F, settings: Iterable[str]) -> F:
    """Return ``spec`` after settings (path=value) of a command line: files they name are chosen, by whole paths."""
    for setting in settings:
        owner, _, name = setting.partition("=")[0].strip().rpartition(".")
        try:
            item = at(spec, owner) if owner else spec
        except KeyError:  # what was set there has been replaced or renamed by a later setting
            continue
        if is_path(item, name) and getattr(item, name):
            whole = str(Path(getattr(item, name)).expanduser().absolute())
            spec = with_changes(spec, {owner: item.edited(**{name: whole})})
    return spec


def is_path(item: Any, name: str) -> bool:
    """Tell whether the field of an item names a file or a folder."""
    field = type(item).model_fields.get(name) if isinstance(item, Frozen) else None
    return field is not None and isinstance(field.json_schema_extra, dict) and "pick" in field.json_schema_extra


@contextlib.contextmanager
def at_field(item: str, field: str, value: str) -> Iterator[None]:
    """Let a ``UserError`` keep the field it is about, as a form looks for it: as what pydantic would have raised."""
    try:
        yield
    except UserError as error:
        why = PydanticCustomError("file", "{why}", {"why": str(error)})
        detail = InitErrorDetails(type=why, loc=(field,), input=value)
        try:
            raise ValidationError.from_exception_data(item, [detail])
        except ValidationError:
            raise UserError(error.message, error.hint) from None


def read(name: str, sha256: str, limit: int) -> tuple[Path, bytes, str]:
    """Return where the file that a spec means by ``name`` is, its bytes, at most ``limit``, and their SHA-256.

    Raises ``UserError`` when it cannot be read, or is not the file of ``sha256``, where one is given.
    """
    path = find(name)
    data = read_limited(path, limit)
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256:
        raise UserError(f"{shown(path)}: is not the file that was saved with this setting", "choose it again")
    return path, data, found


def digest(path: AnyPath, limit: int) -> str:
    """Return the SHA-256 of a file of at most ``limit`` bytes, in hexadecimal digits."""
    return hashlib.sha256(read_limited(path, limit)).hexdigest()


def _resolved(name: str) -> Path:
    try:
        path = Path(name).expanduser()
        return path.resolve() if path.is_absolute() else path
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{shown(name)}: cannot be read: {error}") from error


def _inside(path: Path, folder: Path) -> bool:
    return path != folder and folder in path.parents
