"""What an objective is: a scalar function of a few coordinates, with its domain, start and known minima."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict, Field

from gradlab.engine.catalog import Item
from gradlab.engine.model import Int

if TYPE_CHECKING:
    from torch import Tensor

Box = tuple[tuple[float, float], ...]
"""One (low, high) pair per coordinate."""
Point = tuple[float, ...]
T = TypeVar("T")

MAX_DIMENSION = 100
Dimension = Annotated[Int, Field(ge=1, le=MAX_DIMENSION, description="number of coordinates")]
"""The field of a member that is defined in any number of dimensions."""
ManyDimensions = Annotated[Int, Field(ge=2, le=MAX_DIMENSION, description="number of coordinates")]
"""The same for a member that needs at least two coordinates."""


class Fact(Generic[T]):
    """A property that a field or a property of the same name in a member replaces.

    A plain property would win over a member's field, and pydantic would warn of the shadow.
    """

    def __init__(self, derive: Callable[[Any], T]) -> None:
        self.derive = derive
        self.__doc__ = derive.__doc__

    def __get__(self, item: Any, owner: type) -> T:
        if item is None:
            raise AttributeError("a fact belongs to a value, not to its class")
        return self.derive(item)


if TYPE_CHECKING:
    fact = property
else:
    fact = Fact


class Objective(Item):
    """A scalar function to descend.

    A member states its facts as constants. One that takes a ``dimension`` field states ``DOMAIN`` and ``MINIMA`` for
    one coordinate, and they hold for each, as ``START`` is repeated; one whose facts depend on its parameters
    overrides the property instead.
    """

    model_config = ConfigDict(ignored_types=(Fact,))
    family: ClassVar[dict[str, type[Item]]] = {}

    DOMAIN: ClassVar[Box] = ()
    START: ClassVar[Point] = ()
    MINIMA: ClassVar[tuple[Point, ...]] = ()
    SOURCE: ClassVar[str] = ""

    @fact
    def dimension(self) -> int:
        """The number of coordinates."""
        return len(self.DOMAIN)

    @fact
    def domain(self) -> Box:
        """The box it is usually looked at in, a (low, high) pair per coordinate."""
        return _each(self.DOMAIN, self.dimension)

    @fact
    def start(self) -> Point:
        """A point worth descending from."""
        return tuple(self.START[i % len(self.START)] for i in range(self.dimension))

    @fact
    def minima(self) -> tuple[Point, ...]:
        """Every known global minimum on the domain; empty where it has none or none is known."""
        return tuple(_each(point, self.dimension) for point in self.MINIMA)

    @fact
    def variables(self) -> tuple[str, ...]:
        """The names of the coordinates: x and y, or x1 … xn."""
        n = self.dimension
        return ("x", "y")[:n] if n <= 2 else tuple(f"x{i}" for i in range(1, n + 1))

    def __call__(self, *coordinates: Any) -> Tensor:
        """Return f at the ``coordinates``, which share one shape, element by element: the same shape and dtype.

        Where f has a kink or a cusp its gradient is the subgradient 0, so a minimum that lies on one is stationary.
        """
        raise NotImplementedError


def _each(values: tuple[T, ...], dimension: int) -> tuple[T, ...]:
    return values * dimension if len(values) == 1 else values
