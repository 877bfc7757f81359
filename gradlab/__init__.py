"""gradlab: a desktop laboratory for gradients."""

__version__ = "0.1.0"
