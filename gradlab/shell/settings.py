"""What the window remembers: its place, its splitters, the theme, the language, the files opened last."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter, QWidget

RECENT = 10


class Settings:
    """A file of the user's, where anything may stand; what it holds is convenience, never part of an experiment."""

    def __init__(self) -> None:
        self._file = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradlab", "gradlab")

    @property
    def theme(self) -> str:
        """dark, light or system."""
        found = str(self._file.value("window/theme", "system", type=str))
        return found if found in {"dark", "light", "system"} else "system"

    @theme.setter
    def theme(self, mode: str) -> None:
        self._file.setValue("window/theme", mode)

    @property
    def recent(self) -> list[Path]:
        """The files opened last, the newest first."""
        found = cast("list[object]", self._file.value("files/recent", [], type=list))
        return [Path(path) for path in found if isinstance(path, str) and path][:RECENT]

    def remember(self, path: Path) -> None:
        """Put ``path`` first among the files opened last."""
        others = [other for other in self.recent if other != path]
        self._file.setValue("files/recent", [str(one) for one in (path, *others)][:RECENT])

    def forget_recent(self) -> None:
        """Empty the list of files."""
        self._file.remove("files/recent")

    def save_layout(self, window: QWidget) -> None:
        """Remember where the window is and how it is divided."""
        self._file.setValue("window/geometry", window.saveGeometry())
        for splitter in _named(window):
            self._file.setValue(f"layout/{splitter.objectName()}", splitter.saveState())
        self._file.sync()

    def restore_geometry(self, window: QWidget) -> bool:
        """Put the window where it was; tell whether that is known."""
        kept = self._bytes("window/geometry")
        return not kept.isEmpty() and window.restoreGeometry(kept)

    def restore_layout(self, window: QWidget) -> None:
        """Divide the window as it was."""
        for splitter in _named(window):
            kept = self._bytes(f"layout/{splitter.objectName()}")
            if not kept.isEmpty():
                splitter.restoreState(kept)

    def _bytes(self, key: str) -> QByteArray:
        kept = self._file.value(key)
        return kept if isinstance(kept, QByteArray) else QByteArray()

    def forget_layout(self) -> None:
        """Forget where the window was and how it was divided."""
        self._file.remove("layout")
        self._file.remove("window/geometry")


def _named(window: QWidget) -> list[QSplitter]:
    return [splitter for splitter in window.findChildren(QSplitter) if splitter.objectName()]
