"""Editors: each shows one value of a spec and lets it be edited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decoration:
    """How a part of a list is shown: its colour (``#rrggbb``), its name on screen, and whether plots show it."""

    color: str
    name: str
    visible: bool = True
