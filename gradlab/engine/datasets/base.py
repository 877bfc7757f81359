"""What a data set is: a description from which the same samples come every time."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from gradlab.engine.catalog import Item
from gradlab.engine.model import Int, Real

if TYPE_CHECKING:
    from torch import Generator

Array = NDArray[Any]
Task = Literal["classification", "regression"]
Form = Literal["points", "images", "sequences"]
Count = Annotated[Int, Field(ge=2, le=1_000_000, description="samples")]
NoiseLevel = Annotated[Real, Field(ge=0, le=100, description="standard deviation of the noise")]


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Samples and what they are to be mapped to.

    ``x`` is float32 ``[N, …]``: ``[N, features]``, images ``[N, channels, height, width]`` or sequences
    ``[N, steps, features]``. ``y`` is int64 ``[N]``, a class below ``classes`` each, or float32 ``[N, K]``; int64
    ``[N, A]`` where each of the last A steps of a sequence has a class. ``names`` are those of the features and
    ``targets`` those of the classes or of the K numbers, where they have any.

    The last ``published`` samples are a test part that the data come with: they are held out, and no others. ``raw``
    are float64 features ``[N, features]`` before they were standardised to ``x``: who splits the data standardises
    them again by what is trained on, so that nothing of what is held out is known.
    """

    x: Array
    y: Array
    classes: int = 0
    names: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    published: int = 0
    raw: Array | None = None

    def __post_init__(self) -> None:
        assert self.x.dtype == np.float32
        assert len(self.x) == len(self.y)
        if self.classes:
            assert self.y.dtype == np.int64
            assert self.y.ndim == 1 or self.y.ndim == 2 <= self.x.ndim - 1
        else:
            assert self.y.dtype == np.float32
            assert self.y.ndim == 2

    def __len__(self) -> int:
        return len(self.x)

    @property
    def task(self) -> Task:
        """What is asked of a network: a class or numbers."""
        return "classification" if self.classes else "regression"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.x.shape[1:])

    @property
    def answers(self) -> int:
        """The last steps of a sequence that are answered, each on its own; 1 where a sample has one answer."""
        return int(self.y.shape[1]) if self.classes and self.y.ndim > 1 else 1

    @property
    def outputs(self) -> int:
        """The numbers a network answers with: one per class, for every answer, or one per target."""
        return self.classes * self.answers or int(self.y.shape[1])

    @property
    def form(self) -> Form:
        """What one sample is."""
        forms: tuple[Form, ...] = ("points", "sequences", "images")
        return forms[self.x.ndim - 2]


class Dataset(Item):
    """What a network learns from.

    ``after_build`` tells that the samples are drawn from torch's global generator once the network is built: the runner
    then calls ``sample(seed, torch.default_generator)`` right after ``build``, without seeding again. ``FORM`` is what
    one sample is, known before any is drawn.
    """

    family: ClassVar[dict[str, type[Item]]] = {}
    after_build: ClassVar[bool] = False
    TASK: ClassVar[Task] = "classification"
    FORM: ClassVar[Form] = "points"

    @property
    def task(self) -> Task:
        """What is asked of a network, known before any sample is drawn."""
        return self.TASK

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return the samples of ``seed``, from a generator of their own: torch's and numpy's global ones stay.

        ``stream`` is for members with ``after_build``. Raises ``UserError`` where a file is missing or broken.
        """
        raise NotImplementedError

    def truth(self, x: Array) -> Array | None:
        """Return what the targets would be without noise, ``[N, K]`` for ``x`` ``[N, features]``; None if unknown."""
        return None

    def _rng(self, seed: int) -> np.random.Generator:
        """Return the generator of ``seed`` and this kind: two kinds with one seed do not share their draws."""
        return np.random.default_rng([seed, zlib.crc32(self.kind.encode())])


def labelled(x: Array, y: Array, classes: int, names: tuple[str, ...] = (), targets: tuple[str, ...] = ()) -> Data:
    """Return the data of a classification."""
    return Data(as_float32(x), np.ascontiguousarray(y, np.int64), classes, names, targets)


def measured(x: Array, y: Array, names: tuple[str, ...] = (), targets: tuple[str, ...] = ()) -> Data:
    """Return the data of a regression; ``y`` of one number per sample may be ``[N]``."""
    return Data(as_float32(x), as_float32(y.reshape(len(x), -1)), 0, names, targets)


def as_float32(values: Array) -> Array:
    """Return ``values`` as a contiguous float32 array."""
    return np.ascontiguousarray(values, np.float32)


def standardised(raw: Array, by: Array) -> Array:
    """Return columns with the mean 0 and standard deviation 1 that they have in the rows ``by``; constant ones as 0."""
    known = raw[by]
    centred, spread = raw - known.mean(axis=0), known.std(axis=0)
    scaled: Array = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
    return as_float32(scaled)
