"""Activations on screen: curves, depth, softmax and derivation, each on a page of its own."""

from .activation_view import ActivationView

__all__ = ["ActivationView"]
