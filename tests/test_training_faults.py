"""What goes wrong at the bench of a training: one clear line, and a page that goes on."""

from __future__ import annotations

import _socket
import contextlib
import gzip
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from windows import Driver

from gradlab.engine import own_files
from gradlab.engine.datasets import Csv, Formula, Mnist, Moons, Remote, SyntheticImages
from gradlab.engine.lab import lab_of
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp, OwnFile
from gradlab.engine.run import Phase
from gradlab.labs.training.look import TrainingLook
from gradlab.labs.training.spec import TrainingSpec
from gradlab.ui import formula
from gradlab.ui.editors import Editor
from gradlab.ui.editors.base import Remark
from gradlab.ui.editors.code_path import CodeDialog

LEFT = Qt.MouseButton.LeftButton
SMALL = TrainingSpec(data=Moons(count=80), network=Mlp(blocks=(LayerBlock(id="hidden", count=2, width=8),)), steps=60)
RAISES = "from torch import nn\n\ndef build(shape, outputs):\n    raise RuntimeError('no such layer')\n"
BUILDS = "from torch import nn\n\ndef build(shape, outputs):\n    return nn.Linear(shape[0], outputs)\n"


@pytest.fixture(scope="module")
def warm() -> None:
    """Load torch once, outside every wait."""
    assert list(lab_of("training").load("inspect")(SMALL, None, TrainingLook(), None))


@pytest.fixture
def driver(qtbot: QtBot, warm: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setattr(own_files, "_code", set())
    one = Driver(qtbot)
    one.open("training")
    yield one
    if hasattr(one, "window"):
        one.close()
    formula.shutdown()


def editor(driver: Driver, path: str) -> Any:
    """Return the editor of the field at ``path``."""
    return next(one for one in driver.page.form.findChildren(Editor) if one.path == path)


def choose(driver: Driver, path: str, words: str) -> None:
    """Choose a member of a family: open the list, type, Enter."""
    field = editor(driver, path)
    field.open()
    driver.until(field._picker.isVisible)
    driver.qtbot.keyClicks(field._picker.search, words + "\r")


def path_typed(driver: Driver, path: str, file: Path) -> None:
    """Type where a file is, and Enter."""
    field = editor(driver, path).field
    field.setFocus()
    field.selectAll()
    driver.qtbot.keyClicks(field, str(file))
    driver.qtbot.keyClick(field, Qt.Key.Key_Return)


def said(driver: Driver) -> str:
    """Return the line that the window shows."""
    label = driver.window.notice.label
    return str(label.text()) if label.isVisible() else ""


def press_run(driver: Driver) -> None:
    driver.qtbot.mouseClick(driver.page.transport.run, LEFT)


def finishes(driver: Driver) -> None:
    session = driver.page.session
    driver.until(lambda: session.phase is Phase.FINISHED and session.head == driver.page.spec.steps)


def test_a_broken_table_is_one_line_and_other_data_run(driver: Driver, tmp_path: Path) -> None:
    table = tmp_path / "broken.csv"
    table.write_text("a,b,k\n1,2,x\n3,oops,y\n5,6,x\n")
    driver.put(SMALL)
    choose(driver, "data", "csv")
    assert isinstance(driver.page.spec.data, Csv)
    path_typed(driver, "data.file", table)
    press_run(driver)
    driver.until(lambda: "line 3, column 'b': must be a finite number, not 'oops'" in said(driver))
    assert driver.page.session.phase is Phase.FAILED
    assert "\n" not in said(driver)
    choose(driver, "data", "spirals")
    press_run(driver)
    finishes(driver)
    assert "oops" not in said(driver)


def test_what_is_not_known_of_a_network_is_not_shown_of_the_one_before(driver: Driver, tmp_path: Path) -> None:
    view: Any = driver.put(SMALL).view
    reading = view.reading
    driver.until(lambda: reading.layers.rowCount() == 3)
    file = tmp_path / "net.py"
    file.write_text(BUILDS)
    choose(driver, "network", "own")
    path_typed(driver, "network.file", file)
    driver.until(lambda: "has not been confirmed" in reading.facts.text())
    plane = view.pictures["a"].plane
    driver.until(lambda: "has not been confirmed" in plane.note())
    hint = next(one for one in driver.page.form.findChildren(Remark) if "has not been confirmed" in one.text())
    assert "warn" in hint.property("class")
    assert reading.layers.rowCount() == 0
    assert view.flow.first_layer() == ""
    confirm(driver)
    driver.until(lambda: reading.layers.rowCount() == 1)
    assert "6 parameters" in reading.facts.text()
    driver.until(lambda: plane.note() == "")


def test_why_there_is_nothing_to_draw_stands_on_the_stage(driver: Driver) -> None:
    pictures = TrainingSpec(data=SyntheticImages(count=40), network=Cnn(channels=(2,), hidden=4), steps=2)
    view: Any = driver.put(pictures).view
    driver.until(lambda: "parameters" in view.reading.facts.text())
    page = driver.page
    page.apply(pictures.replace(network=Cnn(channels=(2,) * 6, hidden=4)), ":test:1")
    why = "network: 6 pools need pictures of at least 64×64 pixels, not 32×32"
    driver.until(lambda: view.reading.facts.text() == why)
    assert view.pictures["a"].plane.note() == why
    assert view.pictures["a"].frame.accessibleName().startswith("Histogram of gradients"), "they have no boundary"
    page.apply(pictures, ":test:2")
    driver.until(lambda: "parameters" in view.reading.facts.text())
    assert view.pictures["a"].plane.note() != why


def test_data_that_cannot_be_drawn_leave_no_picture_of_those_before(driver: Driver) -> None:
    sound = SMALL.replace(data=Formula(text="x*y"), loss=MSELoss())
    view: Any = driver.put(sound).view
    plane = view.pictures["a"].plane
    driver.until(lambda: plane.has_picture())
    driver.page.apply(sound.replace(data=Formula(text="sqrt(-1-x^2)")), ":test:1")
    driver.until(lambda: "finite at 0 of 200 points" in plane.note())
    assert not plane.has_picture()


def test_layers_of_the_network_that_is_asked_for_stand_under_its_name(driver: Driver) -> None:
    page = driver.put(SMALL)
    page.set_pace(None)
    page.run()
    finishes(driver)
    reading: Any = page.view.reading
    driver.until(lambda: reading.layers.rowCount() == 3)
    one = LayerBlock(id="hidden", count=1, width=8)
    page.apply(page.spec.replace(network=Mlp(blocks=(one,))), ":test:1")
    driver.until(lambda: reading.layers.rowCount() == 2)
    assert [reading.layers.model().index(row, 0).data() for row in range(2)] == ["hidden_1", "output"]
    assert reading.layers.model().headerData(1, Qt.Orientation.Horizontal) == "shape"


def own_model(driver: Driver, folder: Path, text: str) -> Path:
    file = folder / "net.py"
    file.write_text(text)
    driver.put(SMALL)
    choose(driver, "network", "own")
    assert isinstance(driver.page.spec.network, OwnFile)
    path_typed(driver, "network.file", file)
    press_run(driver)
    driver.until(lambda: "has not been confirmed" in said(driver))
    assert driver.page.session.phase is Phase.FAILED
    return file


def confirm(driver: Driver) -> None:
    field = editor(driver, "network.file")
    driver.qtbot.mouseClick(field.confirm, LEFT)
    dialog = next(one for one in driver.window.findChildren(CodeDialog) if one.isVisible())
    driver.qtbot.mouseClick(dialog.run, LEFT)


def test_a_network_of_ones_own_runs_as_soon_as_it_is_confirmed(driver: Driver, tmp_path: Path) -> None:
    own_model(driver, tmp_path, BUILDS)
    confirm(driver)
    finishes(driver)
    assert "confirmed" not in said(driver)


def test_a_network_of_ones_own_that_raises_names_its_line(driver: Driver, tmp_path: Path) -> None:
    file = own_model(driver, tmp_path, RAISES)
    confirm(driver)
    driver.until(lambda: "line 4: RuntimeError" in said(driver))
    assert "no such layer" in said(driver)
    assert "\n" not in said(driver)
    file.write_text(BUILDS)
    path_typed(driver, "network.file", file)
    choose(driver, "network", "mlp")
    press_run(driver)
    finishes(driver)


HALF = 400_000
GATE = threading.Event()


class Server(BaseHTTPRequestHandler):
    """Sends a file, or the rest of it; what is past the first bytes waits for the gate."""

    files: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        span = self.headers.get("Range")
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
        whole = self.files[self.path]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(whole) - start))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(whole[start:HALF])
            if len(whole) > HALF:
                GATE.wait(20)
            self.wfile.write(whole[max(start, HALF) :])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Offer MNIST of 1000 pictures, and 100 to test with, on a server of the test's own."""
    rng = np.random.default_rng(0)
    files = {}
    for name, values in (
        ("train-images-idx3-ubyte", rng.integers(0, 256, (1000, 28, 28), np.uint8)),
        ("train-labels-idx1-ubyte", (np.arange(1000) % 10).astype(np.uint8)),
        ("t10k-images-idx3-ubyte", rng.integers(0, 256, (100, 28, 28), np.uint8)),
        ("t10k-labels-idx1-ubyte", (np.arange(100) % 10).astype(np.uint8)),
    ):
        head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
        files[f"{name}.gz"] = gzip.compress(head + values.tobytes(), mtime=0)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(Server, "files", {f"/{name}": body for name, body in files.items()})
    GATE.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:

        def connect(self: socket.socket, address: Any) -> None:
            assert address == running.server_address
            _socket.socket.connect(self, address)

        monkeypatch.setattr(socket.socket, "connect", connect)
        place = f"http://127.0.0.1:{running.server_port}"
        remotes = [
            Remote(name, (f"{place}/{name}",), len(body), "sha256", hashlib.sha256(body).hexdigest())
            for name, body in files.items()
        ]
        monkeypatch.setattr(Mnist, "REMOTES", tuple(remotes))
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield
        GATE.set()
        running.shutdown()
        thread.join()


def test_a_download_is_cancelled_and_gone_on_with_and_then_it_trains(driver: Driver, offer: None) -> None:
    driver.put(SMALL.replace(steps=5))
    choose(driver, "data", "mnist")
    press_run(driver)
    driver.until(lambda: "the files of MNIST are not there" in said(driver))
    field = editor(driver, "data.folder")
    driver.qtbot.mouseClick(field.download, LEFT)
    driver.until(lambda: field.bar.value() > 0)
    driver.qtbot.mouseClick(field.stop, LEFT)
    GATE.set()
    driver.until(lambda: field.transfer is None)
    assert field.note.text() == "Cancelled; what has come is kept."
    assert [one.name for one in Mnist().place().iterdir()] == ["train-images-idx3-ubyte.gz.part"]
    assert driver.page.session.phase is Phase.FAILED
    driver.qtbot.mouseClick(field.download, LEFT)
    finishes(driver)
    assert "MNIST" not in said(driver)
    assert not field.download.isVisible()


def test_closing_while_it_trains_leaves_no_thread(driver: Driver) -> None:
    before = set(threading.enumerate())
    page = driver.start(SMALL.replace(steps=10**6))
    assert page.session.phase is Phase.RUNNING
    bench = driver.bench
    driver.close()
    assert bench.close(10)
    assert not {one.name for one in threading.enumerate() if one not in before and one.is_alive()}
