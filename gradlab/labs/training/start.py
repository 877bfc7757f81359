"""Where the weights of a training start from: random ones, a checkpoint of the user's, or single ones by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field

from gradlab.engine import own_files
from gradlab.engine.errors import UserError, quote
from gradlab.engine.files import shown
from gradlab.engine.model import Advanced

from .pins import Pin, put_pins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor, nn


class Start(own_files.Travels):
    """A checkpoint (safetensors) that the weights start from; without a file they start as the network says."""

    LARGEST: ClassVar[int] = 1 << 28
    """One of the largest network that is built, and its names."""

    file: Annotated[
        str,
        Field(
            max_length=4096,
            description="a checkpoint, or its name when it lies beside the preset; empty for random weights",
            json_schema_extra={"pick": "weights"},
        ),
    ] = ""
    arm: Annotated[
        Literal["a", "b"],
        Advanced(),
        Field(title="Network", description="which of them, where the checkpoint is of two arms"),
    ] = "a"
    sha256: own_files.Sha256 = ""

    def checked(self) -> Self:
        """Return this start; raise ``UserError`` where its file is no checkpoint."""
        from safetensors import SafetensorError, safe_open

        path = own_files.find(self.file)
        try:
            with safe_open(path, framework="numpy"):
                return self
        except (SafetensorError, OSError, ValueError) as error:
            raise _no_checkpoint(path, error) from None


def begin(network: nn.Module, start: Start, pins: Iterable[Pin]) -> None:
    """Give a network just built the weights that it starts from; raise ``UserError`` where they do not fit."""
    if start.file:
        _put(network, start)
    put_pins(network, pins)


def _put(network: nn.Module, start: Start) -> None:
    import torch

    with torch.no_grad():
        for tensor, value in _fitting(network, start):
            tensor.copy_(value)


def _fitting(network: nn.Module, start: Start) -> list[tuple[Tensor, Tensor]]:
    """Return each tensor of the network with the one of the checkpoint that it starts from."""
    path, found = _read(start)
    ours: dict[str, Tensor] = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    wanted = {name: tensor for name, tensor in ours.items() if tensor.is_floating_point()}
    counts = ours.keys() - wanted.keys()
    own = {name: tensor for name, tensor in _of_arm(found, wanted, start.arm).items() if name not in counts}
    _check(path, own, wanted)
    return [(tensor, own[name]) for name, tensor in wanted.items()]


def _read(start: Start) -> tuple[Path, Mapping[str, Tensor]]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        path, data, _ = own_files.read(start.file, start.sha256, start.LARGEST)
    except UserError as error:
        raise UserError(f"start: {error.message}", error.hint) from None
    try:
        return path, load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _no_checkpoint(path, error) from None


def _no_checkpoint(path: Path, error: Exception) -> UserError:
    return UserError(f"start: {shown(path)}: is no checkpoint in the safetensors format: {quote(str(error))}")


def _of_arm(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], arm: str) -> Mapping[str, Tensor]:
    """Return the tensors of one arm of a checkpoint of two; all of them where it is of one."""
    own = {name[2:]: tensor for name, tensor in found.items() if name.startswith(f"{arm}.")}
    two = bool(own) and all(name.startswith(("a.", "b.")) for name in found) and not wanted.keys() <= found.keys()
    return own if two else found


def _check(path: Path, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    for name, tensor in wanted.items():
        if name not in found:
            raise UserError(f"start: {shown(path)}: has no {name}; the network's is {_shape(tensor)}")
        if found[name].shape != tensor.shape:
            raise UserError(
                f"start: {shown(path)}: {name} is {_shape(found[name])}, and the network's {_shape(tensor)}"
            )
    strange = next((name for name in found if name not in wanted), None)
    if strange is not None:
        raise UserError(
            f"start: {shown(path)}: holds {quote(strange)} of {_shape(found[strange])}; the network has none"
        )


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a single number"
