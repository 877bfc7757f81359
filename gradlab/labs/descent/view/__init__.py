"""A descent on screen: surface, contour, curves, and what the numbers say."""

from .descent_view import DescentView

__all__ = ["DescentView"]
