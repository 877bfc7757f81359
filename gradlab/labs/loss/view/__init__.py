"""A loss on screen: its tables, its curves and its parts."""

from .loss_view import LossView

__all__ = ["LossView"]
