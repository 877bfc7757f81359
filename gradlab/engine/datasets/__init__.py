"""The data sets: points, curves, images, sequences, and files of the user's."""

from .base import Data, Dataset
from .curves import Formula, Polynomial, Sine, Step
from .digits import Digits
from .draws import RandomNormal, SyntheticImages
from .planes import Checkerboard, Circles, Gaussians, Moons, Spirals, Xor
from .sequences import Adding, Copy, EchoSine
from .table import Csv

__all__ = [
    "Adding",
    "Checkerboard",
    "Circles",
    "Copy",
    "Csv",
    "Data",
    "Dataset",
    "Digits",
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
