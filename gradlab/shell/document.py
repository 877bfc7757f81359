"""The experiment that a page shows as a document: its file, its title, and whether it has unsaved edits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradlab.engine.files import Stamp, stamp
from gradlab.engine.presets import SUFFIX, Preset, load, save
from gradlab.engine.record import Record


@dataclass(slots=True)
class Document:
    """``saved``, ``seen`` and ``words``: spec, look and texts as they are on disk, or were when the document began."""

    lab: str
    saved: Any
    title: str = ""
    comment: str = ""
    path: Path | None = None
    known: Stamp | None = None
    seen: Any = None
    words: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        self.words = self.title, self.comment

    def modified(self, spec: Any, look: Any = None) -> bool:
        """Tell whether there are edits that are not saved: of the spec, of how it looks, of title or comment."""
        if spec != self.saved or (self.title, self.comment) != self.words:
            return True
        return None not in (look, self.seen) and bool(self.seen.lasting(spec) != look.lasting(spec))

    @property
    def name(self) -> str:
        """What the window's title says: the file's name, or the title of what was never saved."""
        return self.path.name.removesuffix(SUFFIX) if self.path else self.title

    def preset(self, spec: Any, look: Any) -> Preset:
        """Return what is written when ``spec`` is saved."""
        return Preset(self.lab, spec, self.title, self.comment, look)

    def save(self, path: Path, spec: Any, look: Any, *, overwrite: bool = False) -> None:
        """Write the experiment to ``path``; raise ``ChangedError`` when somebody else wrote it since it was read."""
        if path != self.path or overwrite:
            save(path, self.preset(spec, look))
        else:
            save(path, self.preset(spec, look), since=self.known)
        self.path, self.known = path, stamp(path)
        self.keep(spec, look)

    def keep(self, spec: Any, look: Any) -> None:
        """Take this as what is saved."""
        self.saved, self.seen, self.words = spec, look, (self.title, self.comment)


def open_document(path: Path, *, shipped: bool = False) -> tuple[Document, Preset]:
    """Return the document in the file at ``path``.

    A shipped preset is a new document that was never saved; so is a run, as saving the panel would lose its changes.
    """
    known = stamp(path)
    preset = load(path)
    title = preset.title or (path.name.removesuffix(SUFFIX) if preset.changes else "")
    document = Document(preset.lab, Record(preset.spec, preset.changes).last_spec(), title, preset.comment)
    if not shipped and not preset.changes:
        document.path, document.known = path, known
    return document, preset
