"""Sequences for recurrent networks, whose answer comes after the last step and hangs on early ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from gradlab.engine.model import Int, Real

from .base import Data, Dataset, Form, NoiseLevel, Task, labelled, measured

if TYPE_CHECKING:
    from torch import Generator

Many = Annotated[Int, Field(ge=2, le=100_000, description="sequences")]
Length = Annotated[Int, Field(ge=2, le=1000, description="steps of a sequence")]


class Adding(Dataset):
    """The sum of the two marked numbers in a row of random ones (Hochreiter and Schmidhuber 1997).

    One mark lies in the first half, the other in the second; the answer 1 for every sequence has an error of 1/6.
    """

    FORM: ClassVar[Form] = "sequences"
    TASK: ClassVar[Task] = "regression"
    kind: Literal["adding"] = "adding"
    title: ClassVar[str] = "Adding problem"

    count: Many = 1000
    length: Length = 20

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return sequences ``[N, length, 2]`` of a number in 0 … 1 and its mark, and the sums ``[N, 1]``."""
        rng = self._rng(seed)
        values, marks = rng.random((self.count, self.length)), np.zeros((self.count, self.length))
        every, half = np.arange(self.count), self.length // 2
        marks[every, rng.integers(0, half, self.count)] = 1
        marks[every, rng.integers(half, self.length, self.count)] = 1
        sums = (values * marks).sum(axis=1)
        return measured(np.stack([values, marks], axis=2), sums, ("value", "mark"), ("sum",))


class Copy(Dataset):
    """Symbols that are shown first and asked for, one after the other, after many blank steps.

    At each of the last ``length`` steps a mark says that the next symbol is wanted, in the order in which they were
    shown (Hochreiter and Schmidhuber 1997; Arjovsky, Shah and Bengio 2016). A step is one unit switched on out of
    ``symbols`` + 2: a symbol, a blank or the mark. With guessing, one in ``symbols`` answers is right.
    """

    FORM: ClassVar[Form] = "sequences"
    kind: Literal["copy"] = "copy"
    title: ClassVar[str] = "Copy after a delay"

    count: Many = 1000
    length: Annotated[Int, Field(ge=1, le=50, description="symbols that are shown, and as many answers")] = 3
    delay: Annotated[Int, Field(ge=1, le=1000, description="blank steps after the symbols")] = 20
    symbols: Annotated[Int, Field(ge=2, le=50, description="different symbols, a class each")] = 4

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return sequences ``[N, 2 length + delay, symbols + 2]`` and the symbols ``[N, length]`` that they ask for."""
        rng, every = self._rng(seed), np.arange(self.count)
        shown = np.stack([rng.permutation(every % self.symbols) for _ in range(self.length)], axis=1)
        steps = np.zeros((self.count, 2 * self.length + self.delay, self.symbols + 2), np.float32)
        steps[every[:, None], np.arange(self.length), shown] = 1
        steps[:, self.length : -self.length, self.symbols] = 1
        steps[:, -self.length :, self.symbols + 1] = 1
        names = tuple(f"symbol {n}" for n in range(1, self.symbols + 1))
        return labelled(steps, shown, self.symbols, (*names, "blank", "wanted"), names)


class EchoSine(Dataset):
    """What a noisy wave was worth some steps before its end; wavelength and phase are random."""

    FORM: ClassVar[Form] = "sequences"
    TASK: ClassVar[Task] = "regression"
    kind: Literal["echo_sine"] = "echo_sine"
    title: ClassVar[str] = "Echo of a sine"

    count: Many = 1000
    length: Length = 30
    lag: Annotated[Int, Field(ge=0, le=999, description="steps back from the end; 0 asks for the last value")] = 10
    noise: NoiseLevel = 0.05
    shortest: Annotated[Real, Field(ge=2, le=1000, description="shortest wavelength, in steps")] = 8.0
    longest: Annotated[Real, Field(ge=2, le=1000, description="longest wavelength, in steps")] = 24.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.lag >= self.length:
            raise ValueError(f"lag: must be less than length = {self.length}, not {self.lag}")
        if self.shortest > self.longest:
            raise ValueError(f"shortest: must be at most longest = {self.longest!r}, not {self.shortest!r}")
        return self

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return sequences ``[N, length, 1]`` and the values without noise ``[N, 1]``."""
        rng = self._rng(seed)
        wavelength = self.shortest + (self.longest - self.shortest) * rng.random((self.count, 1))
        phase = 2 * np.pi * rng.random((self.count, 1))
        wave = np.sin(2 * np.pi * np.arange(self.length) / wavelength + phase)
        heard = wave + self.noise * rng.standard_normal(wave.shape)
        return measured(heard[:, :, None], wave[:, self.length - 1 - self.lag], ("value",), ("echo",))
