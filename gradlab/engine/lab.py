"""What a lab is: what it asks, how it is computed, and how it is shown, each named by path and loaded when needed."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .errors import UserError

OnChange = Literal["restart", "stale", "instant"]


@dataclass(frozen=True, slots=True)
class Rest:
    """What an inspection yields between pictures, to be left there when something else is asked.

    What comes after it is made when nothing has been asked for ``seconds``: fine pictures are for a hand at rest.
    ``symbols``: up to the next picture there is work of sympy's, which is given up in the middle.
    """

    seconds: float = 0.0
    symbols: bool = False


@dataclass(frozen=True, slots=True)
class Lab:
    """One kind of experiment. Its front door opens at once: every part is a path, ``module:name``.

    ``outcomes(spec, history)`` names what came out, for tables, scripts and lessons; a lab that does not step has no
    history (None) and answers from its spec alone. ``checkpoint(spec, history, row)`` gives the row and the file
    (safetensors) of the weights that were kept last up to ``row``, ``start_from(spec, path)`` a spec that starts there.
    ``cards(spec, look)`` is what the view says of the cards of the form, for as long as the view is not loaded.
    """

    id: str
    title: str
    summary: str
    spec_path: str
    look_path: str
    view: str
    inspect: str
    run: str = ""
    columns: str = ""
    outcomes: str = ""
    script: str = ""
    checkpoint: str = ""
    cards: str = ""
    start_from: str = ""
    on_change: OnChange = "restart"
    prefers: Literal["cpu", "cuda"] = "cpu"
    icon: str = ""
    order: int = 100

    @property
    def spec(self) -> type[Any]:
        """The class of what it asks."""
        return self.load("spec_path")  # type: ignore[no-any-return]

    @property
    def look(self) -> type[Any]:
        """The class of how it is looked at."""
        return self.load("look_path")  # type: ignore[no-any-return]

    def load(self, part: str) -> Any:
        """Return the function or class that ``part`` (run, inspect, view …) names."""
        module, name = getattr(self, part).split(":")
        return getattr(importlib.import_module(module), name)


@functools.cache
def discover(package: str = "gradlab.labs") -> tuple[Lab, ...]:
    """Return the lab of every folder in ``package``, in the order of the rail. Labs are found, never listed."""
    folders = pkgutil.iter_modules(importlib.import_module(package).__path__, package + ".")
    labs = [importlib.import_module(folder.name).LAB for folder in folders if folder.ispkg]
    return tuple(sorted(labs, key=lambda lab: (lab.order, lab.id)))


def lab_of(name: str) -> Lab:
    """Return the lab with this id; raise ``UserError`` when there is none."""
    known: Sequence[Lab] = discover()
    for lab in known:
        if lab.id == name:
            return lab
    raise UserError(f"lab: unknown lab {name!r}", f"known: {', '.join(lab.id for lab in known)}")
