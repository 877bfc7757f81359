"""Every learning rate schedule of torch, chains and products of them, and live changes of the rate."""

from .base import Schedule
from .combined import Chain, ChainPart, Warmup
from .decay import Constant, ConstantLR, ExponentialLR, LinearLR, MultiStepLR, PolynomialLR, StepLR
from .formula import LambdaLR, MultiplicativeLR
from .live import retune
from .paths import CosineAnnealingLR, CosineAnnealingWarmRestarts, ReduceLROnPlateau
from .preview import lrs
from .product import FactorPart, Product
from .swings import CyclicLR, OneCycleLR

__all__ = [
    "Chain",
    "ChainPart",
    "Constant",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "FactorPart",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "Product",
    "ReduceLROnPlateau",
    "Schedule",
    "StepLR",
    "Warmup",
    "lrs",
    "retune",
]
