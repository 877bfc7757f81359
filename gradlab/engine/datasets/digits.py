"""Handwritten digits of 8 × 8 pixels, which come with the program."""

from __future__ import annotations

import functools
import gzip
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab import resources
from gradlab.engine.model import Int

from .base import Array, Data, Dataset, Form, labelled

if TYPE_CHECKING:
    from torch import Generator

PICTURES = 1797


class Digits(Dataset):
    """Handwritten digits of 8 × 8 pixels from 43 people (Alpaydin and Kaynak 1998, UCI); shipped with the program."""

    FORM: ClassVar[Form] = "images"
    kind: Literal["digits"] = "digits"
    title: ClassVar[str] = "Digits 8×8"

    count: Annotated[Int, Field(ge=10, le=PICTURES, description="pictures, chosen at random")] = PICTURES

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return pictures ``[N, 1, 8, 8]`` of 0 … 1 in random order."""
        table = _table()
        order = self._rng(seed).permutation(len(table))[: self.count]
        pixels = table[order, :64].reshape(-1, 1, 8, 8) / np.float32(16)
        return labelled(pixels, table[order, 64], 10, targets=tuple("0123456789"))


@functools.cache
def _table() -> Array:
    """Return a row per picture: 64 pixels of 0 … 16, then the digit."""
    text = gzip.decompress(resources.path("data", "digits.csv.gz").read_bytes()).decode("ascii")
    return np.array([line.split(",") for line in text.split()], np.int64)
