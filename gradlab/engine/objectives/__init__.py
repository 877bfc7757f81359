"""The objectives: published test functions, and any formula that the user types."""

from .base import Box, Objective, Point
from .basins import Branin, Himmelblau, Peaks, SixHumpCamel, StyblinskiTang, ThreeHumpCamel
from .bowls import Booth, Matyas, Quadratic, RotatedQuadratic, Sphere, SumSquares, Trid, Zakharov
from .curves import Forrester, GramacyLee, Parabola, Quartic
from .expression import Expression
from .plates import CrossInTray, Easom, Eggholder, HolderTable
from .rings import Bohachevsky1, Bohachevsky2, Bohachevsky3, DropWave, Schaffer2, Schaffer4
from .ripples import Ackley, Griewank, Levy, Levy13, Rastrigin
from .saddles import MonkeySaddle, Saddle
from .traps import Michalewicz, Schwefel, Shubert
from .valleys import Beale, Bukin6, DixonPrice, GoldsteinPrice, McCormick, Rosenbrock

__all__ = [
    "Ackley",
    "Beale",
    "Bohachevsky1",
    "Bohachevsky2",
    "Bohachevsky3",
    "Booth",
    "Box",
    "Branin",
    "Bukin6",
    "CrossInTray",
    "DixonPrice",
    "DropWave",
    "Easom",
    "Eggholder",
    "Expression",
    "Forrester",
    "GoldsteinPrice",
    "GramacyLee",
    "Griewank",
    "Himmelblau",
    "HolderTable",
    "Levy",
    "Levy13",
    "Matyas",
    "McCormick",
    "Michalewicz",
    "MonkeySaddle",
    "Objective",
    "Parabola",
    "Peaks",
    "Point",
    "Quadratic",
    "Quartic",
    "Rastrigin",
    "Rosenbrock",
    "RotatedQuadratic",
    "Saddle",
    "Schaffer2",
    "Schaffer4",
    "Schwefel",
    "Shubert",
    "SixHumpCamel",
    "Sphere",
    "StyblinskiTang",
    "SumSquares",
    "ThreeHumpCamel",
    "Trid",
    "Zakharov",
]
