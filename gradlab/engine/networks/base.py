"""What a network is: a description that becomes a torch module for data of one shape."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from gradlab.engine.catalog import Item
from gradlab.engine.datasets.base import Form
from gradlab.engine.errors import UserError

if TYPE_CHECKING:
    from torch import nn

    Module = nn.Module
    Chain = nn.Sequential
else:
    Module = Chain = object

MOST_PARAMETERS = 50_000_000
"""Parameters of the largest network that is built: 200 MB, and four times that with gradients and Adam's state."""


@functools.cache
def module_class(plain: type[Any], base: str = "Module") -> type[Any]:
    """Return ``plain`` with a class of torch.nn as its base, so that it can be defined without importing torch."""
    from torch import nn

    return type(plain.__name__, (plain, getattr(nn, base)), {"__doc__": plain.__doc__})


class Network(Item):
    """A network to train."""

    family: ClassVar[dict[str, type[Item]]] = {}
    FORMS: ClassVar[tuple[Form, ...]] = ()
    """What one sample may be; anything, where this is empty."""

    @classmethod
    def refuses(cls, form: Form) -> str:
        """Return why no network of this kind can take samples of ``form``; empty when one can."""
        if not cls.FORMS or form in cls.FORMS:
            return ""
        return f"{cls.name()} is for {' and '.join(cls.FORMS)}, and the data are {form}"

    def build(self, data_shape: tuple[int, ...], outputs: int, answers: int = 1) -> nn.Module:
        """Return the network for samples of ``data_shape`` (the batch apart), with ``outputs`` numbers per sample.

        They are those of the last ``answers`` steps, one after the other, in a network that goes step by step; any
        other gives all of them at once. Float32 on the CPU. Random numbers come from torch's global generator, which
        the caller seeds just before. Raises ``UserError`` where the network does not fit the data or is too large.
        """
        why = self.unavailable(data_shape)
        if why:
            raise UserError(f"network: {why}")
        count = self.parameters(data_shape, outputs)
        if count > MOST_PARAMETERS:
            raise UserError(f"network: has {count:,} parameters, more than the {MOST_PARAMETERS:,} that are built")
        return self._build(data_shape, outputs)

    def _build(self, data_shape: tuple[int, ...], outputs: int) -> nn.Module:
        raise NotImplementedError

    def unavailable(self, data_shape: tuple[int, ...]) -> str:
        """Return why it cannot take samples of ``data_shape``; empty when it can."""
        return ""

    def parameters(self, data_shape: tuple[int, ...], outputs: int) -> int:
        """Return how many numbers the network learns, without building it; 0 when only building tells."""
        return 0

    def weights(self, field: str) -> tuple[int, ...]:
        """Return the dimensions of the weights that the initializer in ``field`` fills."""
        return (2,)

    def without_effect(self, data_shape: tuple[int, ...]) -> Mapping[str, str]:
        """Return the fields that are set and change nothing, by their paths, and why."""
        return {}

    def bypassed(self, data_shape: tuple[int, ...]) -> frozenset[str]:
        """Return the names of the layers that have a way around them, as far as the description tells."""
        return frozenset()


def flat(data_shape: tuple[int, ...]) -> int:
    """Return the numbers in one sample."""
    return math.prod(data_shape)
