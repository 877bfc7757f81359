"""Every optimizer of torch.optim, Newton's method and backtracking descent, as frozen values."""

from .base import Optimizer
from .descent import ASGD, SGD
from .extras import load_extras
from .moments import Adam, Adamax, AdamW, NAdam, RAdam
from .scaled import Adadelta, Adafactor, Adagrad, RMSprop, Rprop
from .search import LBFGS, Backtracking, DampedNewton, Newton
from .special import Muon, SparseAdam

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Backtracking",
    "DampedNewton",
    "Muon",
    "NAdam",
    "Newton",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SparseAdam",
    "load_extras",
]
