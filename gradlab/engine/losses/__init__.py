"""The losses of torch.nn, as frozen values that know their shapes and their formulas."""

from .base import Loss, Table, Takes, Task
from .binary import BCELoss, BCEWithLogitsLoss, HingeEmbeddingLoss, KLDivLoss, SoftMarginLoss
from .classes import CrossEntropyLoss, MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, NLLLoss
from .elementwise import GaussianNLLLoss, HuberLoss, L1Loss, MSELoss, PoissonNLLLoss, SmoothL1Loss
from .pairs import CosineEmbeddingLoss, MarginRankingLoss, TripletMarginLoss

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Table",
    "Takes",
    "Task",
    "TripletMarginLoss",
]
