"""Classes of points in a plane: moons, circles, spirals, XOR, Gaussians, a checkerboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gradlab.engine.model import Int, Real

from .base import Array, Count, Data, Dataset, NoiseLevel, labelled

if TYPE_CHECKING:
    from torch import Generator

Rng = np.random.Generator


class Plane(Dataset):
    """Labelled points in a plane, within −1.5 … 1.5 but for the noise."""

    count: Count = 400
    noise: NoiseLevel = 0.0

    def sample(self, seed: int, stream: Generator | None = None) -> Data:
        """Return the points in random order; the noise moves them after their class is settled."""
        rng = self._rng(seed)
        classes = rng.permutation(np.arange(self.count) % self._classes())
        points, classes = self._points(rng, classes)
        noisy = points + self.noise * rng.standard_normal(points.shape)
        return labelled(noisy, classes, self._classes(), ("x", "y"))

    def _classes(self) -> int:
        return 2

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        """Return points and their classes, as many of each class as in ``classes`` where that can be had."""
        raise NotImplementedError


class Moons(Plane):
    """Two half circles that reach into each other."""

    kind: Literal["moons"] = "moons"
    noise: NoiseLevel = 0.1

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        angle = np.pi * rng.random(self.count)
        upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
        return np.where(classes[:, None] == 0, upper, -upper), classes


class Circles(Plane):
    """A circle inside another: no straight line parts them."""

    kind: Literal["circles"] = "circles"
    noise: NoiseLevel = 0.08
    factor: Annotated[Real, Field(gt=0, lt=1, description="radius of the inner circle; the outer one has 1")] = 0.5

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        radius = np.where(classes == 0, 1.0, self.factor)
        return _polar(radius, 2 * np.pi * rng.random(self.count)), classes


class Spirals(Plane):
    """Arms that wind around each other; the more turns, the harder."""

    kind: Literal["spirals"] = "spirals"
    noise: NoiseLevel = 0.02
    arms: Annotated[Int, Field(ge=2, le=20, description="spirals, a class each")] = 2
    turns: Annotated[Real, Field(ge=0, le=10, description="how often each winds around the centre")] = 1.0

    def _classes(self) -> int:
        return self.arms

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        radius = 0.1 + 0.9 * rng.random(self.count)
        return _polar(radius, 2 * np.pi * (self.turns * radius + classes / self.arms)), classes


class Xor(Plane):
    """Four squares, opposite ones of one class: what no single layer can learn (Minsky and Papert 1969)."""

    kind: Literal["xor"] = "xor"
    title: ClassVar[str] = "XOR"
    gap: Annotated[Real, Field(ge=0, lt=1, description="half the width of the empty cross between the squares")] = 0.1

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        size = self.gap + (1 - self.gap) * rng.random((self.count, 2))
        right = rng.random(self.count) < 0.5
        up = right ^ (classes == 1)
        return size * np.where(np.stack([right, up], axis=1), 1.0, -1.0), classes


class Gaussians(Plane):
    """A cloud per class, their centres even on a circle of radius 1."""

    kind: Literal["gaussians"] = "gaussians"
    noise: NoiseLevel = 0.25
    clouds: Annotated[Int, Field(ge=2, le=20, description="clouds, a class each")] = 3

    def _classes(self) -> int:
        return self.clouds

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        return _polar(np.ones(self.count), 2 * np.pi * (classes / self.clouds + 0.25)), classes


class Checkerboard(Plane):
    """The squares of a board, in turn of one class and the other."""

    kind: Literal["checkerboard"] = "checkerboard"
    cells: Annotated[Int, Field(ge=2, le=16, description="squares along each side")] = 4

    def _points(self, rng: Rng, classes: Array) -> tuple[Array, Array]:
        points = 2 * rng.random((self.count, 2)) - 1
        cell = np.minimum((points + 1) * self.cells // 2, self.cells - 1).astype(np.int64)
        return points, cell.sum(axis=1) % 2


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
