"""The labs, one folder each; importing this package imports none of them."""

from gradlab.engine.lab import discover

__all__ = ["discover"]
