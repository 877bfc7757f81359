"""The data sets: points, curves, images, sequences, and files of the user's."""

from .base import Data, Dataset
from .curves import Formula, Polynomial, Sine, Step
from .digits import Digits
from .draws import RandomNormal, SyntheticImages
from .pictures import Cifar10, Mnist
from .planes import Checkerboard, Circles, Gaussians, Moons, Spirals, Xor
from .remotes import CancelledError, MissingDataError, Remote
from .sequences import Adding, Copy, EchoSine
from .table import Csv

__all__ = [
    "Adding",
    "CancelledError",
    "Checkerboard",
    "Cifar10",
    "Circles",
    "Copy",
    "Csv",
    "Data",
    "Dataset",
    "Digits",
    "EchoSine",
    "Formula",
    "Gaussians",
    "MissingDataError",
    "Mnist",
    "Moons",
    "Polynomial",
    "RandomNormal",
    "Remote",
    "Sine",
    "Spirals",
    "Step",
    "SyntheticImages",
    "Xor",
]
