"""The data sets: points, curves, images, sequences, and files of the user's."""

from .base import Data, Dataset
from .curves import Formula, Polynomial, Sine, Step
from .draws import RandomNormal, SyntheticImages
from .planes import Checkerboard, Circles, Gaussians, Moons, Spirals, Xor
from .sequences import Adding, Copy, EchoSine

__all__ = [
    "Adding",
    "Checkerboard",
    "Circles",
    "Copy",
    "Data",
    "Dataset",
    "EchoSine",
    "Formula",
    "Gaussians",
    "Moons",
    "Polynomial",
    "RandomNormal",
    "Sine",
    "Spirals",
    "Step",
    "SyntheticImages",
    "Xor",
]
