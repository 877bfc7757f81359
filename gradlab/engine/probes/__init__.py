"""What is measured of a network while it trains: what it is made of, norms, ratios, exponents, activations."""

from .activations import ActivationProbe
from .anatomy import Anatomy
from .gather import Gather
from .meters import BINS, Meter, meter

__all__ = ["BINS", "ActivationProbe", "Anatomy", "Gather", "Meter", "meter"]
