"""LaTeX to SVG, within a time limit; and the process that does it beside the window. It knows nothing of Qt."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from types import FrameType
from typing import Any

LIMIT_S = 2.0
"""Seconds of its thread's own time that a formula may take: a layout doubles with every level of nesting."""
LONGEST = 4000
"""Characters of LaTeX that are worth trying."""
SIZE = 24
"""Points at which formulas are laid out; they are vectors, drawn at any size."""
INK = "#010203"
"""The colour they are laid out in, for another to take its place."""


class TooSlow(Exception):  # noqa: N818 - it is not an error of the formula
    """A formula took longer than the limit."""


def main() -> None:
    """Answer each line, LaTeX in JSON, with one line, its SVG in JSON (empty: it cannot be done), until none comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which ends this by closing the pipe
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anybody prints here is no answer
    for line in sys.stdin:
        print(json.dumps(to_svg_or_nothing(json.loads(line))), file=answers, flush=True)


def to_svg_or_nothing(latex: str) -> str:
    """Return ``latex`` as SVG, empty where that cannot be done."""
    try:
        return to_svg(latex)
    except Exception:  # noqa: BLE001 - malformed LaTeX raises anything there is
        return ""


def to_svg(latex: str, limit: float = LIMIT_S) -> str:
    """Return ``latex`` as SVG in the colour ``INK``.

    Raises ``TooSlow`` past ``limit`` seconds, and whatever ziamath raises where it cannot read the LaTeX.
    """
    from ziamath.config import config
    from ziamath.zmath import Latex

    if len(latex) > LONGEST:
        raise TooSlow(f"{len(latex)} characters of LaTeX")
    config.svg2 = False  # QtSvg draws only slivers of glyphs that are <use>d from a <symbol>
    with _Deadline(limit):
        svg: str = Latex(latex, size=SIZE, color=INK).svg()
    return svg


class _Deadline:
    """Raises ``TooSlow`` at a call within ziamath made past the limit. It acts on its own thread alone.

    Only there: raised in a destructor that the collector happens to run, it would be swallowed and the limit lost.
    """

    EVERY = 64

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self._calls = 0
        self._over = False

    def __enter__(self) -> None:
        sys.setprofile(self._check)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _check(self, frame: FrameType, event: str, _arg: Any) -> None:
        self._calls += 1
        if self._calls % self.EVERY == 0 and time.thread_time() > self._end:
            self._over = True
        if self._over and event == "call" and str(frame.f_globals.get("__name__")).startswith("ziamath"):
            raise TooSlow("time is up")
