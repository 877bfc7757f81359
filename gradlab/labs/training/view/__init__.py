"""A training on screen: the gradient of every layer, what the network makes of its data, and what the numbers say."""

from .training_view import TrainingView

__all__ = ["TrainingView"]
