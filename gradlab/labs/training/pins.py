"""Weights that are set by hand before the first step: single entries of the tensors of a network, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gradlab.engine.errors import UserError, quote
from gradlab.engine.model import Advanced, Frozen, Int, Real, Scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import Tensor, nn

MOST_NAMES = 6
"""Tensors that a message names."""


class Pin(Frozen):
    """One entry of one tensor, and the number that it starts from."""

    tensor: str = Field(default="output.bias", max_length=200, description="layer and tensor, as hidden_1.weight")
    index: tuple[Annotated[Int, Field(ge=0)], ...] = Field(
        default=(0,), max_length=8, description="place in the tensor, counted from 0: row, column"
    )
    value: Annotated[Real, Scale(step=0.1)] = Field(default=0.0, ge=-1e9, le=1e9, description="what it starts from")
    times: Annotated[Int, Advanced()] = Field(
        default=1, ge=1, le=10**6, description="how often it has been set; once more sets it again in a run"
    )


def with_pin(pins: tuple[Pin, ...], pin: Pin) -> tuple[Pin, ...]:
    """Return ``pins`` with one more, which takes the place of an earlier one of the same entry.

    The number that an entry is set to already is set again: the training has moved on from it.
    """
    place = next((i for i, old in enumerate(pins) if (old.tensor, old.index) == (pin.tensor, pin.index)), len(pins))
    again = [old.times + 1 for old in pins[place : place + 1] if old.value == pin.value]
    return (*pins[:place], pin.replace(times=again[0]) if again else pin, *pins[place + 1 :])


def put_pins(network: nn.Module, pins: Iterable[Pin]) -> None:
    """Set the entries in place; raise ``UserError`` for a tensor or a place that is not there."""
    import torch

    from gradlab.engine.probes import Anatomy

    pins = tuple(pins)
    if not pins:
        return
    tensors = dict(zip(Anatomy.of(network).tensors, network.parameters(), strict=True))
    places = [_place(tensors, pin) for pin in pins]
    with torch.no_grad():
        for pin, found in zip(pins, places, strict=True):
            found[pin.index] = pin.value


def _place(tensors: Mapping[str, Tensor], pin: Pin) -> Tensor:
    if pin.tensor not in tensors:
        names = ", ".join([*list(tensors)[:MOST_NAMES], *(["…"] if len(tensors) > MOST_NAMES else [])])
        raise UserError(f"pins: there is no tensor {quote(pin.tensor)}; there are {names}")
    found = tensors[pin.tensor]
    inside = all(place < size for place, size in zip(pin.index, found.shape, strict=False))
    if len(pin.index) != found.dim() or not inside:
        place, shape = list(pin.index), "×".join(map(str, found.shape))
        raise UserError(f"pins: {pin.tensor}{place} is outside of its shape {shape}; places count from 0")
    return found
