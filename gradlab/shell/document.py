"""The experiment that a page shows as a document: its file, its title, and whether it has unsaved edits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradlab.engine.files import Stamp, stamp
from gradlab.engine.presets import SUFFIX, Preset, load, save


@dataclass(slots=True)
class Document:
    """``saved`` is the spec as it is on disk, or as it was when the document began."""

    lab: str
    saved: Any
    title: str = ""
    comment: str = ""
    path: Path | None = None
    known: Stamp | None = None

    def modified(self, spec: Any) -> bool:
        """Tell whether ``spec`` has edits that are not saved."""
        return bool(spec != self.saved)

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
        self.path, self.known, self.saved = path, stamp(path), spec


def open_document(path: Path, *, shipped: bool = False) -> tuple[Document, Preset]:
    """Return the document in the file at ``path``; a shipped preset is a new document that was never saved."""
    known = stamp(path)
    preset = load(path)
    document = Document(preset.lab, preset.spec, preset.title, preset.comment)
    if not shipped:
        document.path, document.known = path, known
    return document, preset
