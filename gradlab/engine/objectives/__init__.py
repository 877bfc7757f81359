"""The objectives: published test functions, and any formula that the user types."""

from . import bowls, curves, ripples, saddles, traps, valleys
from .base import Box, Objective, Point

__all__ = ["Box", "Objective", "Point", "bowls", "curves", "ripples", "saddles", "traps", "valleys"]
