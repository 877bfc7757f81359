"""The losses of torch.nn, as frozen values that know their shapes and their formulas."""

from .base import Loss, Table, Takes, Task
from .binary import BCELoss, BCEWithLogitsLoss, HingeEmbeddingLoss, KLDivLoss, SoftMarginLoss
from .classes import CrossEntropyLoss, MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, NLLLoss
from .elementwise import GaussianNLLLoss, HuberLoss, L1Loss, MSELoss, PoissonNLLLoss, SmoothL1Loss
from .pairs import CosineEmbeddingLoss, MarginRankingLoss, TripletMarginLoss, TripletMarginWithDistanceLoss
from .sequences import CTCLoss

LEFT_OUT = {
    "AdaptiveLogSoftmaxWithLoss": "it is a layer too: its loss depends on weights of its own, which two tables lack",
    "LinearCrossEntropyLoss": "it is a layer too: cross-entropy after a linear layer whose weights it takes along",
    "NLLLoss2d": "the old name of NLLLoss, which takes pictures as well",
}
"""Losses of torch.nn that are not here, and why."""

__all__ = [
    "LEFT_OUT",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
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
    "TripletMarginWithDistanceLoss",
]
