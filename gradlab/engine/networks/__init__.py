"""The networks: perceptrons, the convolutional network of the tutorial, recurrent ones, and the user's own."""

from .base import MOST_PARAMETERS, Network
from .mlp import LayerBlock, Mlp

__all__ = ["MOST_PARAMETERS", "LayerBlock", "Mlp", "Network"]
