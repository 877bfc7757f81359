"""A function on screen: the curve with its tangent, and the gradient in numbers."""

from .function_view import FunctionView

__all__ = ["FunctionView"]
