"""Formulas that people type: read safely, evaluated by torch, differentiated by sympy, written in LaTeX."""

from .functions import is_reserved
from .parser import parse
from .source import ExpressionError
from .symbolic import Derivative, symbolic_gradient, symbolic_hessian
from .tree import Tree

__all__ = ["Derivative", "ExpressionError", "Tree", "is_reserved", "parse", "symbolic_gradient", "symbolic_hessian"]
