"""MNIST and CIFAR-10 from their files, and downloads against a server of the test's own."""

from __future__ import annotations

import _socket
import gzip
import hashlib
import io
import socket
import struct
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from gradlab.engine import own_files
from gradlab.engine.datasets import CancelledError, Cifar10, MissingDataError, Mnist, download
from gradlab.engine.datasets.download import Remote, fetch_all
from gradlab.engine.datasets.pictures import RECORD
from gradlab.engine.errors import UserError
from gradlab.labs.training.feed import parted

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (30, 28, 28), np.uint8)
LABELS = (np.arange(30) % 10).astype(np.uint8)


def idx(values: np.ndarray[Any, Any]) -> bytes:
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


def mnist(folder: Path, images: bytes = idx(PIXELS), labels: bytes = idx(LABELS), *, end: str = "") -> Mnist:
    folder.mkdir(exist_ok=True)
    (folder / f"train-images-idx3-ubyte{end}").write_bytes(images)
    (folder / f"train-labels-idx1-ubyte{end}").write_bytes(labels)
    return Mnist().edited(folder=str(folder), part="train")


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_from_a_folder(tmp_path: Path, packed: bool) -> None:
    files = (gzip.compress(idx(PIXELS)), gzip.compress(idx(LABELS))) if packed else (idx(PIXELS), idx(LABELS))
    data = mnist(tmp_path, *files, end=".gz" if packed else "").sample(0)
    assert data.x.shape == (30, 1, 28, 28)
    assert data.classes == 10
    for picture, label in zip(data.x, data.y, strict=True):
        place = int(np.flatnonzero((np.rint(picture[0] * 255) == PIXELS).all(axis=(1, 2)))[0])
        assert LABELS[place] == label
    assert len(mnist(tmp_path, *files, end=".gz" if packed else "").replace(count=10).sample(0)) == 10


BROKEN = {
    "empty": (b"", None, "is no IDX file of unsigned bytes in 3 dimensions: it begins with nothing"),
    "other": (b"\x89PNG" + bytes(20), None, "it begins with 89 50 4e 47"),
    "labels for pictures": (idx(LABELS), None, "it begins with 00 00 08 01"),
    "floats": (b"\0\0\x0d\x03" + bytes(12), None, "it begins with 00 00 0d 03"),
    "header alone": (idx(PIXELS)[:10], None, "is no IDX file"),
    "cut": (idx(PIXELS)[:-1], None, "announces 23,520 bytes of data and holds 23,519"),
    "too long": (idx(PIXELS) + b"x", None, "announces 23,520 bytes of data and holds 23,521"),
    "overflow": (b"\0\0\x08\x03" + b"\xff" * 12 + bytes(9), None, "announces 79,228,162,458,924,105,385,300,197,375"),
    "none": (idx(PIXELS[:0]), None, "announces 0 bytes"),
    "cut gzip": (gzip.compress(idx(PIXELS))[:-100], None, "cannot be decompressed: "),
    "wrong gzip": (b"\x1f\x8b" + b"x" * 50, None, "cannot be decompressed: "),
    "bomb": (gzip.compress(bytes(65 << 20)), None, "unpacks to more than 67,108,864 bytes"),
    "size": (idx(PIXELS[:, :20]), None, "has pictures of 20×28 pixels, not 28×28"),
    "count": (None, idx(LABELS[:-1]), "has 29 labels for 30 pictures"),
    "label": (None, idx(np.where(np.arange(30) == 4, 11, LABELS).astype(np.uint8)), "picture 5 has the label 11"),
}


@pytest.mark.parametrize(("images", "labels", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_idx_file_is_one_clear_line(
    tmp_path: Path, images: bytes | None, labels: bytes | None, message: str
) -> None:
    item = mnist(tmp_path, idx(PIXELS) if images is None else images, idx(LABELS) if labels is None else labels)
    with pytest.raises(UserError) as caught:
        item.sample(0)
    assert message in str(caught.value)
    assert "/train-" in str(caught.value)
    assert "\n" not in str(caught.value)


COLOURS = RNG.integers(0, 256, (5, 40, RECORD), np.uint8)
COLOURS[:, :, 0] %= 10


def cifar(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"data_batch_{n}.bin" for n in range(1, 6)]
    for path, batch in zip(paths, COLOURS, strict=True):
        path.write_bytes(batch.tobytes())
    (folder / "test_batch.bin").write_bytes(COLOURS[2].tobytes())
    return paths


@pytest.mark.parametrize("inner", ["", "cifar-10-batches-bin"])
def test_cifar_from_a_folder_and_from_the_archive(tmp_path: Path, inner: str) -> None:
    paths = cifar(tmp_path / "a" / inner)
    data = Cifar10().edited(folder=str(tmp_path / "a"), part="train").sample(0)
    assert data.x.shape == (200, 3, 32, 32)
    table = COLOURS.reshape(200, RECORD)
    order = [int(np.flatnonzero((table[:, 1:] == np.rint(x.ravel() * 255)).all(axis=1))[0]) for x in data.x]
    assert sorted(order) == list(range(200))
    assert np.array_equal(table[order, 0], data.y)
    (tmp_path / "b").mkdir()
    with tarfile.open(tmp_path / "b" / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for path in reversed([*paths, paths[0].with_name("test_batch.bin")]):
            archive.add(path, f"cifar-10-batches-bin/{path.name}")
    packed = Cifar10().edited(folder=str(tmp_path / "b"), part="train")
    assert np.array_equal(packed.sample(0).x, data.x)
    test = packed.replace(part="test").sample(0)
    assert sorted(test.y.tolist()) == sorted(COLOURS[2, :, 0].tolist())
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["cifar-10-binary.tar.gz"], "nothing was unpacked"


def test_the_published_test_part_is_what_is_held_out(tmp_path: Path) -> None:
    cifar(tmp_path)
    own = Cifar10().edited(folder=str(tmp_path))
    data = own.sample(0)
    held = data.published
    assert (len(data), held) == (200 + len(COLOURS[2]), len(COLOURS[2]))
    assert sorted(data.y[-held:].tolist()) == sorted(COLOURS[2, :, 0].tolist())
    for share in (0.0, 0.5):
        same, train, test = parted(data, share, seed=0)
        assert same is data
        assert train.tolist() == list(range(200))
        assert test.tolist() == list(range(200, 200 + held))
    some = own.replace(count=50).sample(0)
    assert (len(some), some.published) == (50 + round(50 * held / 200), round(50 * held / 200)), "in proportion"
    assert own.replace(part="train").sample(0).published == 0


def test_a_broken_cifar_file_is_one_clear_line(tmp_path: Path) -> None:
    paths = cifar(tmp_path)
    item = Cifar10().edited(folder=str(tmp_path))
    paths[1].write_bytes(b"x" * (RECORD + 1))
    with pytest.raises(UserError, match=r"data_batch_2.bin': has 3,074 bytes, which are no whole pictures of 3,073"):
        item.sample(0)
    paths[1].write_bytes(b"\x0b" * RECORD)
    with pytest.raises(UserError, match=r"data_batch_2.bin': picture 1 has the label 11, which is above 9"):
        item.sample(0)
    paths[1].unlink()
    with pytest.raises(MissingDataError, match=r"files of CIFAR-10 are not there \(download them \(170 MB\)"):
        item.sample(0)
    archive = tmp_path / "cifar-10-binary.tar.gz"
    archive.write_bytes(b"no archive")
    with pytest.raises(UserError, match="cannot be unpacked: not a gzip file"):
        item.sample(0)
    with tarfile.open(archive, "w:gz") as file:
        file.addfile(tarfile.TarInfo("../data_batch_1.bin"), io.BytesIO())
    with pytest.raises(UserError, match=r"lacks data_batch_1.bin"):
        item.sample(0)


def test_what_is_missing_can_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(MissingDataError, match="the files of MNIST are not there") as caught:
        Mnist().sample(0)
    assert caught.value.remotes == Mnist().missing() == Mnist.REMOTES
    assert caught.value.size == 11_594_722
    assert caught.value.folder == Mnist().place() == tmp_path / "gradlab" / "data" / "mnist"
    with pytest.raises(UserError, match="was not chosen in this session"):
        Mnist(folder=str(tmp_path / "other")).sample(0)
    for remote in (*Mnist.REMOTES, *Cifar10.REMOTES):
        assert len(remote.digest) == 32
        assert all(address.startswith("https://") for address in remote.addresses)


# Downloads.

BODY = bytes(range(256)) * 4096


class Server(BaseHTTPRequestHandler):
    """Serves BODY as it is told to."""

    manner: ClassVar[str] = ""
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        span = self.headers.get("Range")
        type(self).asked.append((self.path, span))
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span and self.manner != "no ranges" else 0
        body = {"changed": BODY[:-1] + b"!", "longer": BODY + b"!"}.get(self.manner, BODY)[start:]
        if self.path == "/gone":
            self.send_error(404)
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://example.invalid/file")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: 300_000 if self.manner == "breaks" else None])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(Server, "manner", "")
    monkeypatch.setattr(Server, "asked", [])
    refuse = socket.socket.connect
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:

        def connect(self: socket.socket, address: Any) -> None:
            """Reach this server and a port nobody listens at; all else stays refused."""
            own = address in {running.server_address, ("127.0.0.1", 1)}
            _socket.socket.connect(self, address) if own else refuse(self, address)

        monkeypatch.setattr(socket.socket, "connect", connect)
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def remote(*addresses: str, algorithm: str = "sha256", name: str = "file.gz") -> Remote:
    return Remote(name, addresses, len(BODY), algorithm, hashlib.new(algorithm, BODY).hexdigest())


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_file_comes_whole_with_progress(server: str, tmp_path: Path, algorithm: str) -> None:
    told: list[tuple[int, int]] = []
    both = [remote(server + "/a", algorithm=algorithm, name=name) for name in ("a", "b")]
    fetch_all(both, tmp_path / "new", lambda done, total: told.append((done, total)))
    assert (tmp_path / "new" / "a").read_bytes() == (tmp_path / "new" / "b").read_bytes() == BODY
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["a", "b"]
    assert [total for _, total in told] == [2 * len(BODY)] * len(told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 2 * len(BODY)
    fetch_all(both, tmp_path / "new")
    assert len(Server.asked) == 2, "what is there is not asked for again"


def test_a_cancelled_download_goes_on_where_it_was(server: str, tmp_path: Path) -> None:
    wanted, done = remote(server + "/a"), [0]
    with pytest.raises(CancelledError, match=r"file.gz: the download was cancelled"):
        fetch_all([wanted], tmp_path, lambda n, _: done.append(n), lambda: done[-1] > 200_000)
    part = (tmp_path / "file.gz.part").stat().st_size
    assert 200_000 < part < len(BODY)
    assert not (tmp_path / "file.gz").exists()
    with pytest.raises(CancelledError):
        fetch_all([wanted], tmp_path, cancelled=lambda: True)
    fetch_all([wanted], tmp_path)
    assert Server.asked == [("/a", None), ("/a", f"bytes={part}-")]
    assert (tmp_path / "file.gz").read_bytes() == BODY


def test_a_broken_connection_is_told_and_resumed(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "manner", "breaks")
    with pytest.raises(UserError, match=r"file.gz cannot be downloaded: 127.0.0.1: .* \(try again; what has come"):
        fetch_all([remote(server + "/a")], tmp_path)
    assert (tmp_path / "file.gz.part").stat().st_size == 300_000
    monkeypatch.setattr(Server, "manner", "no ranges")
    fetch_all([remote(server + "/a")], tmp_path)
    assert (tmp_path / "file.gz").read_bytes() == BODY


@pytest.mark.parametrize(
    ("manner", "why"), [("changed", "its SHA256 is"), ("longer", "sends more than 1,048,576 bytes")]
)
def test_other_bytes_are_refused(
    server: str, tmp_path: Path, manner: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "manner", manner)
    with pytest.raises(UserError, match=why):
        fetch_all([remote(server + "/a")], tmp_path)
    assert not (tmp_path / "file.gz").exists()
    monkeypatch.setattr(Server, "manner", "")
    (tmp_path / "file.gz.part").write_bytes(b"x" * 1000)
    with pytest.raises(UserError, match="its SHA256 is"):
        fetch_all([remote(server + "/a")], tmp_path)
    assert list(tmp_path.iterdir()) == [], "what is wrong is not resumed"
    fetch_all([remote(server + "/a")], tmp_path)


def test_the_next_address_is_tried(server: str, tmp_path: Path) -> None:
    fetch_all([remote(server + "/gone", server + "/a")], tmp_path)
    assert (tmp_path / "file.gz").read_bytes() == BODY
    assert [path for path, _ in Server.asked] == ["/gone", "/a"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("{server}/gone", "127.0.0.1: answers 404 Not Found"),
        ("http://127.0.0.1:1/a", "Connection refused"),
        ("http://example.invalid/a", "http://example.invalid/a is no https address"),
        ("file:///etc/passwd", "file:///etc/passwd is no https address"),
    ],
)
def test_an_address_that_fails_is_told(server: str, tmp_path: Path, address: str, why: str) -> None:
    with pytest.raises(UserError) as caught:
        fetch_all([remote(address.format(server=server))], tmp_path)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_room_and_no_folder(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be saved: "):
        fetch_all([remote(server + "/a")], tmp_path / "file" / "x")
    monkeypatch.setattr(download, "SPARE", 1 << 60)
    with pytest.raises(UserError, match="has no room for 1,048,576 bytes"):
        fetch_all([remote(server + "/a")], tmp_path)
    assert Server.asked == []


def test_a_download_is_read(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way: missing, downloaded, sampled."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setitem(globals(), "BODY", gzip.compress(idx(PIXELS), mtime=0))
    images = remote(server + "/i", name="train-images-idx3-ubyte.gz")
    fetch_all([images], Mnist().place())
    monkeypatch.setitem(globals(), "BODY", gzip.compress(idx(LABELS), mtime=0))
    fetch_all([remote(server + "/l", name="train-labels-idx1-ubyte.gz")], Mnist().place())
    assert Mnist(part="train").missing() == ()
    assert Mnist().missing() == Mnist.REMOTES, "the test part has not come"
    assert len(Mnist(part="train").sample(0)) == 30
    own_files.choose(tmp_path)
