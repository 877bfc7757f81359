"""Editors of files and folders: chosen, confirmed, downloaded; driven with real clicks."""

from __future__ import annotations

import hashlib
import socket
import threading
import urllib.error
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from forms import Driven
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from gradlab.engine import own_files
from gradlab.engine.datasets import Csv, Dataset, Mnist, Remote, download
from gradlab.engine.errors import UserError
from gradlab.engine.model import Frozen
from gradlab.engine.networks import Mlp, Network, OwnFile
from gradlab.ui.editors.code_path import CodeDialog


class Bench(Frozen):
    """Data and a network."""

    data: Dataset = Csv()
    network: Network = Mlp()


def click(form: Driven, button: Any) -> None:
    form.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def form(qtbot: Any) -> Driven:
    return Driven(qtbot, Bench())


def test_a_file_is_chosen_in_the_dialog(form: Driven, qtbot: Any, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("1,2,x\n3,4,y\n")
    editor = form.editor("data.file")
    click(form, editor.choose)
    dialog = editor.window().findChild(QFileDialog)
    assert dialog.windowTitle() == editor.choose.accessibleName() == "Choose a table"
    dialog.fileSelected.emit(str(table))
    dialog.reject()
    assert form.spec.data.file == editor.field.text() == str(table)
    assert form.emitted[-1][1].startswith("data.file:choose:")
    assert len(form.spec.data.sample(0)) == 2


def test_a_typed_path_is_taken_when_it_is_whole(form: Driven, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("1,2,x\n3,4,y\n")
    form.type("data.file", str(tmp_path / "t.csv"))
    form.form.commit()
    assert len(form.spec.data.sample(0)) == 2


def test_code_is_read_and_confirmed_before_it_runs(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "_code", set())
    code = tmp_path / "net.py"
    code.write_text("from torch import nn\n\ndef build():\n    return nn.Linear(2, 3)  # <b>bold</b>\n")
    form = Driven(qtbot, Bench(network=OwnFile()))
    editor = form.editor("network.file")
    assert editor.confirm.isHidden()
    editor.take(str(code))
    assert form.spec.network.sha256 == hashlib.sha256(code.read_bytes()).hexdigest()
    with pytest.raises(UserError, match="has not been confirmed"):
        form.spec.network.build((2,), 3)
    qtbot.waitUntil(lambda: editor.confirm.text() == "Read and confirm…")

    for let_it_run in (False, True):
        click(form, editor.confirm)
        dialog = next(d for d in editor.window().findChildren(CodeDialog) if d.isVisible())
        assert dialog.code.toPlainText() == code.read_text()
        assert dialog.code.isReadOnly()
        if not let_it_run:
            qtbot.keyClick(dialog, Qt.Key.Key_Return)  # Cancel is what Enter means
            assert not dialog.isVisible()
            assert not own_files.is_code_allowed(form.spec.network.sha256)
        else:
            click(form, dialog.run)
    assert editor.confirm.text() == "Confirmed · read…"
    assert form.spec.network.build((2,), 3).out_features == 3
    code.write_text("changed")
    with pytest.raises(UserError, match="is not the file that was saved with this setting"):
        form.spec.network.build((2,), 3)
    click(form, editor.confirm)
    dialog = next(d for d in editor.window().findChildren(CodeDialog) if d.isVisible())
    assert dialog.code.toPlainText() == "changed"
    qtbot.waitUntil(lambda: editor.confirm.text() == "Read and confirm…")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert form.spec.network.sha256 == hashlib.sha256(b"changed").hexdigest()
    with pytest.raises(UserError, match="has not been confirmed"):
        form.spec.network.build((2,), 3)


def test_a_changed_file_beside_its_preset_is_read_from_there(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files, "_code", set())
    monkeypatch.setattr(own_files, "_folders", {tmp_path: None})
    (tmp_path / "net.py").write_text("# as it is now\n")
    form = Driven(qtbot, Bench(network=OwnFile(file="net.py", sha256="0" * 64)))
    click(form, form.editor("network.file").confirm)
    dialog = next(d for d in form.form.window().findChildren(CodeDialog) if d.isVisible())
    assert dialog.code.toPlainText() == "# as it is now\n"
    dialog.reject()
    assert form.spec.network.sha256 == hashlib.sha256(b"# as it is now\n").hexdigest()
    assert not own_files.is_code_allowed(form.spec.network.sha256)


def test_a_file_chosen_in_place_of_a_confirmed_one_is_not_called_confirmed(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files, "_code", set())
    form = Driven(qtbot, Bench(network=OwnFile()))
    editor = form.editor("network.file")
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(f"# {name}\n")
    editor.take(str(tmp_path / "one.py"))
    own_files.allow_code(form.spec.network.sha256)
    editor.retranslate()
    assert editor.confirm.text() == "Confirmed · read…"
    editor.take(str(tmp_path / "two.py"))
    qtbot.waitUntil(lambda: editor.confirm.text() == "Read and confirm…")


def test_columns_are_chosen_among_those_of_the_file(form: Driven, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,c,kind\n1,2,3,x\n3,4,5,y\n")
    form.editor("data.file").take(str(tmp_path / "t.csv"))
    target, features = form.editor("data.target"), form.editor("data.features")

    def press(editor: Any, text: str) -> None:
        editor.menu.aboutToShow.emit()
        next(action for action in editor.menu.actions() if action.text() == text).trigger()

    target.menu.aboutToShow.emit()
    assert [action.text() for action in target.menu.actions()] == ["the last column", "a", "b", "c", "kind"]
    assert [action.isChecked() for action in target.menu.actions()] == [True, False, False, False, False]
    assert (target.field.placeholderText(), features.field.placeholderText()) == ("the last column", "all others")
    press(target, "a")
    assert form.spec.data.target == target.field.text() == "a"
    press(features, "c")
    press(features, "b")
    assert form.spec.data.features == ("b", "c")  # in the order of the file
    assert features.field.text() == "b, c"
    press(features, "c")
    assert form.spec.data.features == ("b",)
    press(features, "all others")
    press(target, "the last column")
    assert (form.spec.data.target, form.spec.data.features) == ("", ())
    form.type("data.features", "a, b")
    form.form.commit()
    assert form.spec.data.features == ("a", "b")


def test_a_file_without_columns_says_so_where_they_are_chosen(form: Driven, tmp_path: Path) -> None:
    target = form.editor("data.target")
    target.menu.aboutToShow.emit()
    (told,) = target.menu.actions()
    assert "no file is chosen" in told.text()
    assert not told.isEnabled()


def test_a_file_that_is_not_there_is_refused_at_its_field(qtbot: Any, tmp_path: Path) -> None:
    form = Driven(qtbot, Bench(network=OwnFile()))
    form.editor("network.file").take(str(tmp_path / "none.py"))
    assert "there is no such file" in dict(form.form.problems())["network.file"]
    assert form.spec.network.file == ""


BODY = bytes(100_000)


class Source:
    """Stands for a server: gives its bytes when it is told to."""

    status = 200
    headers: dict[str, str] = {}

    def __init__(self, gate: threading.Event) -> None:
        self.gate = gate
        self.left = BODY

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""

    def read(self, size: int) -> bytes:
        chunk, self.left = self.left[:size], self.left[size:]
        if len(self.left) < len(BODY) - size:
            self.gate.wait(20)
        return chunk


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> threading.Event:
    """Offer one small file for MNIST; the second half of it waits for the event."""
    gate = threading.Event()
    remote = Remote("x.gz", ("https://data.example/x.gz",), len(BODY), "sha256", hashlib.sha256(BODY).hexdigest())
    monkeypatch.setattr(Mnist, "REMOTES", (remote,))
    monkeypatch.setattr(Mnist, "missing", lambda self: () if (self.place() / "x.gz").is_file() else self.REMOTES)
    monkeypatch.setattr(download, "_open", lambda _address, _have: Source(gate))
    return gate


def test_missing_data_are_downloaded_on_request(qtbot: Any, offer: threading.Event) -> None:
    form = Driven(qtbot, Bench(data=Mnist()))
    editor = form.editor("data.folder")
    assert editor.download.text() == "Download 0 MB"
    assert editor.download.toolTip() == "https://data.example/x.gz"
    assert editor.bar.isHidden()
    click(form, editor.download)
    assert editor.bar.isVisible()
    assert editor.download.isHidden()
    assert form.form.focusWidget() is editor.stop, "no field below has the keys"
    qtbot.waitUntil(lambda: 0 < editor.bar.value() < 1000, timeout=5000)
    offer.set()
    qtbot.waitUntil(lambda: editor.transfer is None, timeout=5000)
    assert editor.bar.isHidden()
    assert editor.download.isHidden(), "nothing is missing any more"
    assert form.form.focusWidget() is editor.choose
    assert (Mnist().place() / "x.gz").read_bytes() == BODY


def test_a_download_is_cancelled_and_says_so(qtbot: Any, offer: threading.Event) -> None:
    form = Driven(qtbot, Bench(data=Mnist()))
    editor = form.editor("data.folder")
    click(form, editor.download)
    qtbot.waitUntil(lambda: editor.bar.value() > 0, timeout=5000)
    click(form, editor.stop)
    assert not editor.stop.isEnabled()
    assert form.form.focusWidget() is editor.choose
    offer.set()
    qtbot.waitUntil(lambda: editor.transfer is None, timeout=5000)
    assert editor.note.text() == "Cancelled; what has come is kept."
    assert editor.download.isVisible()
    assert [p.name for p in Mnist().place().iterdir()] == ["x.gz.part"]


def test_a_download_that_fails_tells_why(qtbot: Any, offer: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_address: str, _have: int) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(download, "_open", refuse)
    form = Driven(qtbot, Bench(data=Mnist()))
    editor = form.editor("data.folder")
    click(form, editor.download)
    qtbot.waitUntil(lambda: editor.transfer is None, timeout=5000)
    assert editor.note.text() == (
        "x.gz cannot be downloaded: data.example: no route (try again; what has come is kept)"
    )
    assert editor.download.isVisible()


def test_without_a_network_one_sentence_says_so(
    qtbot: Any, offer: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_address: str, _have: int) -> None:
        raise urllib.error.URLError(socket.gaierror(-2, "Name or service not known"))

    monkeypatch.setattr(download, "_open", refuse)
    hosts = ("https://one.example/x.gz", "https://two.example/x.gz")
    monkeypatch.setattr(Mnist, "REMOTES", tuple(replace(one, addresses=hosts) for one in Mnist.REMOTES))
    form = Driven(qtbot, Bench(data=Mnist()))
    editor = form.editor("data.folder")
    click(form, editor.download)
    qtbot.waitUntil(lambda: editor.transfer is None, timeout=5000)
    assert editor.note.text() == (
        "x.gz cannot be downloaded: one.example, two.example: cannot be found; is there a network? "
        "(try again; what has come is kept)"
    )
    assert form.form.focusWidget() is editor.download


def test_other_data_end_the_download(qtbot: Any, offer: threading.Event) -> None:
    form = Driven(qtbot, Bench(data=Mnist()))
    editor = form.editor("data.folder")
    click(form, editor.download)
    transfer = editor.transfer
    form.form.set_value(Bench())
    qtbot.waitUntil(transfer._stop.is_set, timeout=5000)
    offer.set()
    qtbot.waitUntil(lambda: transfer.finished, timeout=5000)
    assert transfer.cancelled
