"""MNIST and CIFAR-10 from their published binary files: in a folder of the user's, or downloaded on request."""

from __future__ import annotations

import functools
import gzip
import io
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab.engine import own_files
from gradlab.engine.errors import UserError
from gradlab.engine.files import Stamp, read_limited, shown, stamp
from gradlab.engine.model import Int

from .base import Array, Data, Dataset, Form, labelled
from .remotes import MissingDataError, Remote, store

if TYPE_CHECKING:
    from torch import Generator

Files = tuple[tuple[Path, Stamp | None], ...]
Folder = Annotated[
    str,
    Field(
        max_length=4096,
        description="the folder of the files; empty for the one that downloads go to",
        json_schema_extra={"pick": "folder"},
    ),
]
Part = Annotated[
    Literal["both", "train", "test"],
    Field(description="which of the two published parts; both holds the test part out"),
]
DIGITS = tuple("0123456789")
ARCHIVE = "cifar-10-binary.tar.gz"
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


class Pictures(own_files.Travels, Dataset):
    """Published pictures in files that are not shipped."""

    FORM: ClassVar[Form] = "images"
    REMOTES: ClassVar[tuple[Remote, ...]] = ()
    SHAPE: ClassVar[tuple[int, int, int]] = (1, 1, 1)
    CLASSES: ClassVar[tuple[str, ...]] = ()

    folder: Folder = ""
    part: Part = "both"
    count: Annotated[
        Int,
        Field(
            ge=10,
            le=60_000,
            description="pictures, chosen at random; all where there are fewer. The test part adds its share",
        ),
    ] = 5000

    def place(self) -> Path:
        """Return the folder that the files are read from."""
        return own_files.find(self.folder) if self.folder else store(self.kind)

    def missing(self) -> tuple[Remote, ...]:
        """Return what ``download.fetch_all`` would have to bring into ``place()``; empty when all is there."""
        return () if self._found() else self.REMOTES

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return pictures ``[N, channels, height, width]`` of 0 … 1, chosen at random from the part.

        With both parts, those of the test part come last, and as many for each other one as there are published.
        Raises ``MissingDataError`` where there are no files, ``UserError`` where one is broken.
        """
        found = self._found()
        if not found:
            size = sum(remote.size for remote in self.REMOTES) / 1e6
            hint = f"download them ({size:.0f} MB) or choose the folder where they are"
            place = self.place()
            message = f"{shown(place)}: the files of {self.name()} are not there"
            raise MissingDataError(message, hint, self.REMOTES, place)
        rng, (known, *rest) = self._rng(seed), [self._read(part, files) for part, files in found.items()]
        chosen = [_some(known, self.count, rng)]
        chosen += [_some(part, round(len(chosen[0][1]) * len(part[1]) / len(known[1])), rng) for part in rest]
        pixels, labels = (np.concatenate(parts) for parts in zip(*chosen, strict=True))
        held = sum(len(classes) for _, classes in chosen[1:])
        data = labelled(pixels / np.float32(255), labels, len(self.CLASSES), targets=self.CLASSES)
        return replace(data, published=held)

    def _found(self) -> dict[str, Files]:
        """Return the files of each part that is asked for, with their states; nothing when one of them is missing."""
        parts = ("train", "test") if self.part == "both" else (self.part,)
        found = {part: self._files(part) for part in parts}
        return found if all(found.values()) else {}

    def _files(self, part: str) -> Files:
        """Return the files of a part with their states; nothing when one of them is missing."""
        raise NotImplementedError

    def _read(self, part: str, files: Files) -> tuple[Array, Array]:
        """Return uint8 pixels ``[N, *SHAPE]`` and uint8 labels."""
        raise NotImplementedError

    def _first(self, *names: str) -> tuple[Path, Stamp | None] | None:
        """Return the first of the files called ``names`` that is there."""
        paths = (self.place() / name for name in names)
        return next(((path, stamp(path)) for path in paths if path.is_file()), None)


def _some(part: tuple[Array, Array], count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return ``count`` pictures and labels of a part, chosen at random."""
    order = rng.permutation(len(part[1]))[:count]
    return part[0][order], part[1][order]


MNIST_SITES = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")


def _mnist(name: str, size: int, md5: str) -> Remote:
    return Remote(name, tuple(site + name for site in MNIST_SITES), size, "md5", md5)


class Mnist(Pictures):
    """Handwritten digits of 28 × 28 pixels, 60,000 to train and 10,000 to test with (LeCun, Cortes and Burges 1998).

    Files in the IDX format, compressed or not; other data in this format (Fashion-MNIST) do as well.
    """

    REMOTES: ClassVar[tuple[Remote, ...]] = (
        _mnist("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        _mnist("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
        _mnist("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
        _mnist("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
    )
    SHAPE: ClassVar[tuple[int, int, int]] = (1, 28, 28)
    CLASSES: ClassVar[tuple[str, ...]] = DIGITS
    kind: Literal["mnist"] = "mnist"
    title: ClassVar[str] = "MNIST"

    def _files(self, part: str) -> Files:
        stem = "train" if part == "train" else "t10k"
        names = (f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte")
        found = [self._first(f"{n}.gz", n, n.replace("-idx", ".idx")) for n in names]
        return tuple(one for one in found if one) if all(found) else ()

    def _read(self, part: str, files: Files) -> tuple[Array, Array]:
        return _read_mnist(*files)


class Cifar10(Pictures):
    """Colour pictures of 32 × 32 pixels in ten classes, 50,000 to train and 10,000 to test with (Krizhevsky 2009).

    The binary version: the downloaded archive as it is, or the folder ``cifar-10-batches-bin`` in it.
    """

    REMOTES: ClassVar[tuple[Remote, ...]] = (
        Remote(
            ARCHIVE,
            ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
            170_052_171,
            "md5",
            "c32a1d4ab5d03f1284b67883e8d87530",
        ),
    )
    SHAPE: ClassVar[tuple[int, int, int]] = (3, 32, 32)
    CLASSES: ClassVar[tuple[str, ...]] = THINGS
    kind: Literal["cifar10"] = "cifar10"
    title: ClassVar[str] = "CIFAR-10"

    BATCHES: ClassVar[dict[str, tuple[str, ...]]] = {
        "train": tuple(f"data_batch_{n}.bin" for n in range(1, 6)),
        "test": ("test_batch.bin",),
    }

    def _files(self, part: str) -> Files:
        for folder in ("", "cifar-10-batches-bin/"):
            found = [self._first(folder + name) for name in self.BATCHES[part]]
            if all(found):
                return tuple(one for one in found if one)
        archive = self._first(ARCHIVE)
        return (archive,) if archive else ()

    def _read(self, part: str, files: Files) -> tuple[Array, Array]:
        return _read_cifar(files, self.BATCHES[part])


@functools.lru_cache(maxsize=2)
def _read_mnist(images: tuple[Path, Stamp | None], labels: tuple[Path, Stamp | None]) -> tuple[Array, Array]:
    pixels, classes = read_idx(images[0], 3), read_idx(labels[0], 1)
    if pixels.shape[1:] != (28, 28):
        raise UserError(f"{shown(images[0])}: has pictures of {pixels.shape[1]}×{pixels.shape[2]} pixels, not 28×28")
    if len(pixels) != len(classes):
        raise UserError(f"{shown(labels[0])}: has {len(classes):,} labels for {len(pixels):,} pictures")
    _check_labels(labels[0], classes)
    return pixels[:, None], classes


def read_idx(path: Path, dimensions: int, limit: int = 64 << 20) -> Array:
    """Return the bytes of an IDX file, compressed or not, as uint8 of as many ``dimensions``.

    Two zero bytes, 8 for unsigned bytes, the number of dimensions, each as four bytes with the highest first, the data.
    Raises ``UserError`` where the header or the length says otherwise, or there are more than ``limit`` bytes.
    """
    data = read_limited(path, limit)
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(path, data, limit)
    head = 4 + 4 * dimensions
    if data[:4] != bytes((0, 0, 8, dimensions)) or len(data) < head:
        wanted = f"unsigned bytes in {dimensions} dimension{'s' if dimensions > 1 else ''}"
        raise UserError(f"{shown(path)}: is no IDX file of {wanted}: it begins with {data[:4].hex(' ') or 'nothing'}")
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", dimensions, 4))
    size = 1
    for n in shape:
        size *= n
    if size != len(data) - head or not size:
        raise UserError(f"{shown(path)}: announces {size:,} bytes of data and holds {len(data) - head:,}")
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)


def _unzipped(path: Path, data: bytes, limit: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{shown(path)}: cannot be decompressed: {error}") from None
    if len(plain) > limit:
        raise UserError(f"{shown(path)}: unpacks to more than {limit:,} bytes")
    return plain


RECORD = 1 + 3 * 32 * 32
BATCH = 10_000 * RECORD


@functools.lru_cache(maxsize=2)
def _read_cifar(files: Files, names: tuple[str, ...]) -> tuple[Array, Array]:
    first = files[0][0]
    packed = _unpacked(first, names) if first.name == ARCHIVE else [(p, read_limited(p, BATCH)) for p, _ in files]
    table = np.concatenate([_records(path, data) for path, data in packed])
    return table[:, 1:].reshape(-1, 3, 32, 32), table[:, 0]


def _records(path: Path, data: bytes) -> Array:
    """Return the rows of a batch: a label, then the red, the green and the blue pixels."""
    if not data or len(data) % RECORD:
        raise UserError(f"{shown(path)}: has {len(data):,} bytes, which are no whole pictures of {RECORD:,}")
    table = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    _check_labels(path, table[:, 0])
    return table


def _unpacked(archive: Path, names: tuple[str, ...]) -> list[tuple[Path, bytes]]:
    """Return the batches in the archive in the order of ``names``; nothing of it is written to the disk."""
    import tarfile

    found: dict[str, bytes] = {}
    try:
        with tarfile.open(archive, "r:gz") as file:
            for member in file:
                name = member.name.removeprefix("./").removeprefix("cifar-10-batches-bin/")
                if name in names and member.isfile() and member.size <= BATCH:
                    content = file.extractfile(member)
                    found[name] = content.read() if content else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise UserError(f"{shown(archive)}: cannot be unpacked: {error}") from None
    for name in names:
        if name not in found:
            raise UserError(f"{shown(archive)}: lacks {name}")
    return [(archive / name, found[name]) for name in names]


def _check_labels(path: Path, labels: Array) -> None:
    if labels.max() > 9:
        place = int((labels > 9).argmax())
        raise UserError(f"{shown(path)}: picture {place + 1:,} has the label {labels[place]}, which is above 9")
