"""The command line: the words are taken apart, then the command runs and its result is the exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from gradlab.engine.errors import ErrorReport, UserError

from . import output
from .codes import Code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; what goes wrong is one line on stderr."""
    output.tolerate_any_encoding()
    try:
        code = _parse(sys.argv[1:] if arguments is None else list(arguments))()
        output.flush()
    except UserError as error:
        return output.complain(str(error), Code.BAD_INPUT)
    except BrokenPipeError:
        output.drop_stdout()
        return Code.BROKEN_PIPE
    except KeyboardInterrupt:
        return output.complain("interrupted", Code.INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # of stdout: its own files a command tells
            output.drop_stdout()
            return output.complain(f"standard output cannot be written: {error.strerror}", Code.BAD_INPUT)
        if os.environ.get("GRADLAB_DEBUG"):
            raise
        hint = "GRADLAB_DEBUG=1 shows where"
        return output.complain(f"unexpected error: {ErrorReport.of(error).summary} ({hint})", Code.UNEXPECTED)
    return code


def _parse(arguments: list[str]) -> Callable[[], int]:
    """Return what the words ask for: without any, the window, which waits for no parser."""
    if not arguments:
        from .window import open_window

        return partial(open_window, None, None)
    from .commands import parse

    return parse(arguments)
