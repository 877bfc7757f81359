"""The networks: perceptrons, the convolutional network of the tutorial, recurrent ones, and the user's own."""

from .base import MOST_PARAMETERS, Network
from .cnn import Cnn
from .mlp import LayerBlock, Mlp
from .own import NotConfirmedError, OwnFile
from .recurrent import Recurrent

__all__ = ["MOST_PARAMETERS", "Cnn", "LayerBlock", "Mlp", "Network", "NotConfirmedError", "OwnFile", "Recurrent"]
