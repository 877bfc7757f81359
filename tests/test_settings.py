"""What the window remembers, read from a file in which anything may stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QSplitter, QWidget
from pytestqt.qtbot import QtBot

from gradlab.shell.settings import Settings

pytestmark = pytest.mark.usefixtures("qapp")


def written(home: Path, text: str) -> Settings:
    """Return the settings in a file."""
    file = home / ".config" / "gradlab" / "gradlab.ini"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return Settings()


@pytest.mark.parametrize(
    "value", ["hello", "a, b", "42", "@Invalid()", "@Size(3 4)", "@ByteArray(\\0\\x1)", "@Variant(x)"]
)
def test_what_cannot_be_meant_is_passed_over(qtbot: QtBot, home: Path, value: str) -> None:
    keys = {"window": ("theme", "geometry"), "files": ("recent",), "layout": ("stage",)}
    text = "".join(f"[{part}]\n" + "".join(f"{name}={value}\n" for name in names) for part, names in keys.items())
    settings, window = written(home, text), QWidget()
    qtbot.addWidget(window)
    QSplitter(window).setObjectName("stage")
    assert settings.theme == "system"
    assert all(path.name for path in settings.recent)
    assert not settings.restore_geometry(window)
    settings.restore_layout(window)


def test_a_file_of_noise_is_an_empty_one(home: Path) -> None:
    settings = written(home, "\x00\xff]=[;%\n" * 50)
    assert (settings.theme, settings.recent) == ("system", [])


def test_files_opened_last_come_first_and_once(home: Path) -> None:
    settings = written(home, "[files]\nrecent=\n")
    assert settings.recent == []
    for name in ("a", "b", "a", *(str(number) for number in range(9))):
        settings.remember(Path(name))
    assert [path.name for path in settings.recent] == [*"876543210", "a"]
    settings.forget_recent()
    assert settings.recent == []
