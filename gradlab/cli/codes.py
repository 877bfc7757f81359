"""What the program answers when it ends; ended by signal n it answers 128 + n."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The exit codes."""

    OK = 0
    UNEXPECTED = 1
    BAD_INPUT = 2
    DIVERGED = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141
