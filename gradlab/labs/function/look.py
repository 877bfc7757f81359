"""How a function is looked at."""

from __future__ import annotations

from gradlab.engine.model import Frozen


class FunctionLook(Frozen):
    """Which curves are drawn beside f."""

    slope: bool = True
    bend: bool = False
    log: bool = False
