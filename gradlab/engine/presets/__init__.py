"""Preset files: an experiment as readable JSON, loaded all or nothing, saved atomically."""

from .describe import schema
from .document import MIGRATIONS, SCHEMA, SUFFIX, Preset, dumps, load, loads, migrate, save
from .shelf import Entry, find, is_shipped, library, own_folder

__all__ = [
    "MIGRATIONS",
    "SCHEMA",
    "SUFFIX",
    "Entry",
    "Preset",
    "dumps",
    "find",
    "is_shipped",
    "library",
    "load",
    "loads",
    "migrate",
    "own_folder",
    "save",
    "schema",
]
