"""The activations: torch's element-wise ones, a few more, and any formula that the user types."""

from .base import Activation, Step
from .exponential import CELU, ELU, SELU
from .hard import Hardshrink, Hardsigmoid, Hardswish, Hardtanh, Softshrink
from .plain import Arctan, Exp, Gaussian, Identity, Sin, Typed
from .rectified import LeakyReLU, PReLU, ReLU, ReLU6, RReLU, SquaredReLU, Threshold
from .smooth import GELU, LogSigmoid, Mish, Sigmoid, SiLU, Softplus, Softsign, Tanh, Tanhshrink

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "Arctan",
    "Exp",
    "Gaussian",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Sin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "SquaredReLU",
    "Step",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Typed",
]
