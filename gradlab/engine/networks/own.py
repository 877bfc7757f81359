"""A network of the user's own: a Python file that is run only after the user has confirmed its very content."""

from __future__ import annotations

import contextlib
import inspect
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradlab.engine import own_files
from gradlab.engine.eager import import_meta
from gradlab.engine.errors import UserError, quote
from gradlab.engine.files import shown

from .base import Network

if TYPE_CHECKING:
    from torch import nn


class NotConfirmedError(UserError):
    """The file holds code that the user has not confirmed: ``file`` and ``sha256`` say which."""

    def __init__(self, message: str, hint: str, file: Path, sha256: str) -> None:
        super().__init__(message, hint)
        self.file = file
        self.sha256 = sha256

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.hint, self.file, self.sha256)


class OwnFile(own_files.Travels, Network):
    """A network of your own: a Python file whose function build returns a torch.nn.Module.

    ``build`` takes nothing, or the shape of a sample and the number of outputs. The file is code and can do whatever
    you can: it runs only after you have confirmed it, and has to be confirmed again when it has changed.
    """

    kind: Literal["file"] = "file"
    title: ClassVar[str] = "Your own network (Python)"
    LARGEST: ClassVar[int] = 1 << 20

    file: Annotated[
        str,
        Field(
            max_length=4096,
            description="the file, or its name when it lies beside the preset",
            json_schema_extra={"pick": "code"},
        ),
    ] = ""
    sha256: own_files.Sha256 = ""

    def source(self) -> tuple[Path, str, str]:
        """Return where the file is, its text and its SHA-256, without running anything: what the user is to confirm.

        Raises ``UserError`` when it cannot be read, or is not the one that the spec means.
        """
        if not self.file:
            raise UserError("network: no file is chosen", "choose a Python file")
        path, data, found = own_files.read(self.file, self.sha256, self.LARGEST)
        try:
            return path, data.decode("utf-8-sig"), found
        except UnicodeDecodeError:
            raise UserError(f"{shown(path)}: is no UTF-8 text") from None

    def _build(self, data_shape: tuple[int, ...], outputs: int) -> nn.Module:
        from torch import nn

        path, text, sha256 = self.source()
        if not own_files.is_code_allowed(sha256):
            message = f"{shown(path)}: holds code that has not been confirmed"
            hint = f"read it and confirm that it may run; its SHA-256 is {sha256}"
            raise NotConfirmedError(message, hint, path, sha256)
        made = _guarded(path, lambda: _run(path, text, data_shape, outputs))
        if not isinstance(made, nn.Module):
            raise UserError(f"{shown(path)}: build() must return a torch.nn.Module, not {quote(made)}")
        if not any(parameter.requires_grad for parameter in made.parameters()):
            raise UserError(f"{shown(path)}: build() returns a network without parameters to learn")
        return made


def _run(path: Path, text: str, data_shape: tuple[int, ...], outputs: int) -> Any:
    """Return what ``build`` of the confirmed code returns."""
    import_meta()
    module = types.ModuleType("gradlab_own_network")
    module.__file__ = str(path)
    exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - confirmed by the user
    build = getattr(module, "build", None)
    if not callable(build):
        raise UserError(f"{shown(path)}: has no function build()")
    return build(data_shape, outputs) if _takes_two(build) else build()


def _takes_two(build: Callable[..., Any]) -> bool:
    try:
        inspect.signature(build).bind((), 0)
    except TypeError:
        return False
    return True


def _guarded(path: Path, run: Callable[[], Any]) -> Any:
    try:
        return run()
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        raise blame(path, error) from error


@contextlib.contextmanager
def blaming(networks: Iterable[Network]) -> Iterator[None]:
    """Let what the code of an own network raises while it computes be one line that names its file.

    An error is its own when it comes from a line of the file, or out of a module that is being called.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        for network in networks:
            if isinstance(network, OwnFile):
                path = own_files.find(network.file)
                if _line(path, error) or any(frame.name == "_call_impl" for frame in frames):
                    raise blame(path, error) from error
        raise


def blame(path: Path, error: BaseException) -> UserError:
    """Return what the user's code at ``path`` raised as one line that names the file and the line in it."""
    line = _line(path, error)
    where = f": line {line}" if line else ""
    what = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    return UserError(f"{shown(path)}{where}: {type(error).__name__}: {quote(what)}")


def _line(path: Path, error: BaseException) -> int | None:
    """Return the deepest line of the file that led to ``error``."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)
