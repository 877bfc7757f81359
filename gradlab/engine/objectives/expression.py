"""The objective that a user types: a formula with its variables, parameters, domain and start."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from gradlab.engine.catalog import Item
from gradlab.engine.errors import quote
from gradlab.engine.expressions import (
    Derivative,
    ExpressionError,
    Tree,
    is_reserved,
    parse,
    symbolic_gradient,
    symbolic_hessian,
)
from gradlab.engine.model import Real

from .base import Objective

if TYPE_CHECKING:
    from torch import Tensor

MAX_VARIABLES = 4
SIDE = (-5.0, 5.0)
"""The domain of a variable of which nothing else is said."""
NARROWEST = 1e-12
"""The least width of a domain, relative to where it lies."""


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,15}", name, re.ASCII):
        raise ValueError(f"must be up to 16 Latin letters, digits and _, a letter first, not {quote(name)}")
    if is_reserved(name):
        raise ValueError(f"{name!r} means something else in a formula")
    return name


Identifier = Annotated[str, AfterValidator(_identifier)]
Side = tuple[Real, Real]


class Formula:
    """The LaTeX of an expression: of what was typed where there is a value, else of the family's docstring."""

    def __get__(self, item: Any, owner: Any) -> Callable[[], str]:
        """Return what ``formula_tex`` means for ``item``, or for its class."""
        found: Callable[[], str] = Item.__dict__["formula_tex"].__get__(None, owner) if item is None else item.typed_tex
        return found


class Expression(Objective):
    r"""Any formula of one to four variables, typed in.

    :math:`f(x, y) = \ldots` (your own). Named parameters are numbers that the formula uses and that are not descended
    in. Without ``variables`` the names in the text that are no parameters are taken, in alphabetical order.
    """

    model_config = {"ignored_types": (Formula,)}
    SOURCE = "Typed by the user"

    kind: Literal["expression"] = "expression"
    text: Annotated[str, Field(description="the formula, as in (w*x + b)^2 or sin(3x) + |y|")] = "x^2 + y^2 + sin(3x)"
    variables: Annotated[tuple[Identifier, ...], Field(description="what it is a function of")] = ()
    parameters: Annotated[dict[Identifier, Real], Field(description="named numbers")] = {}
    domain: Annotated[tuple[Side, ...], Field(description="the box to look at: low and high of each variable")] = ()
    start: Annotated[tuple[Real, ...], Field(description="where descents begin")] = ()

    if not TYPE_CHECKING:
        formula_tex = Formula()

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        """Fill in the variables, domain and start that were left out."""
        if not isinstance(data, dict):
            return data
        given = {name: value for name, value in data.items() if value is not None}
        given["variables"] = given.get("variables") or _variables(
            given.get("text", cls.model_fields["text"].default), given.get("parameters", {})
        )
        count = len(given["variables"]) if isinstance(given["variables"], tuple | list) else 0
        given["domain"] = given.get("domain") or (SIDE,) * count
        given["start"] = given.get("start") or _start(given["domain"], count)
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [_problem(*found) for found in self._problems()]
        if problems:
            raise ValidationError.from_exception_data(type(self).__name__, problems)
        return self

    def _problems(self) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
        """Yield place, reason and value of everything that does not fit together."""
        names = (*self.variables, *self.parameters)
        if not 1 <= len(self.variables) <= MAX_VARIABLES:
            reason = f"must be 1 to {MAX_VARIABLES} names, not {len(self.variables)}"
            yield ("variables",), reason, self.variables
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield ("variables",), f"{name!r} is there twice", name
        try:
            parse(self.text, names)
        except ExpressionError as error:
            yield ("text",), str(error), self.text
        for i, (low, high) in enumerate(self.domain):
            if not high - low > NARROWEST * max(abs(low), abs(high)) or high - low == float("inf"):
                yield ("domain", i), f"must go from a low to a high number, not from {low!r} to {high!r}", (low, high)
        for place, values in (("domain", self.domain), ("start", self.start)):
            if len(values) != len(self.variables):
                yield (place,), f"must have one entry for each of {', '.join(self.variables)}", values

    def __call__(self, *coordinates: Tensor) -> Tensor:
        """Return the formula's value; it hangs on every coordinate, with gradient 0 where it does not depend on one."""
        return _program(self.text, self.variables, tuple(self.parameters.items()))(coordinates)

    @property
    def tree(self) -> Tree:
        """The formula, read."""
        return parse(self.text, (*self.variables, *self.parameters))

    def typed_tex(self) -> str:
        """The formula in LaTeX as it was typed; ``formula_tex`` of a value."""
        variables = ", ".join(parse(name).latex() for name in self.variables)
        return f"f({variables}) = {self.tree.latex()}"

    def symbolic_gradient(self) -> tuple[Derivative, ...]:
        """The partial derivatives by the variables; parameters stay names. ``UserError`` where they are too large."""
        return symbolic_gradient(self.tree, self.variables)

    def symbolic_hessian(self) -> tuple[tuple[Derivative, ...], ...]:
        """The second derivatives, a row per variable; parameters stay names. ``UserError`` where they are too large."""
        return symbolic_hessian(self.tree, self.variables)

    def edited(self, **changes: Any) -> Self:
        """Return what an editor's change makes of this: every name of the formula is a variable or a parameter.

        A name that becomes a parameter is no variable any more, and the other way round; a new name is a variable.
        Domain and start follow the variables by name. Raises ``UserError`` where the formula cannot be read.
        """
        if not changes.keys() & {"text", "variables", "parameters"}:
            return self.replace(**changes)
        found = parse(changes.get("text", self.text)).names
        parameters = dict(changes.get("parameters", self.parameters))
        if "variables" in changes:
            names = changes["variables"]
            parameters = {n: v for n, v in parameters.items() if n not in names}
            parameters |= {n: 1.0 for n in found if n not in names and n not in parameters}
        else:
            free = [n for n in found if n not in parameters]
            names = (*(n for n in self.variables if n in free), *sorted(set(free) - set(self.variables)))
            names = names or self.variables
        sides = dict(zip(self.variables, zip(self.domain, self.start, strict=True), strict=True))
        domain = tuple(sides[name][0] if name in sides else SIDE for name in names)
        start = tuple(sides[name][1] if name in sides else _start((SIDE,), 1)[0] for name in names)
        derived = {"variables": names, "parameters": parameters}
        return self.replace(**{"domain": domain, "start": start, **changes, **derived})

    def cell_names(self) -> dict[str, tuple[str, ...]]:
        """Name the sides of the domain and the coordinates of the start."""
        return {"domain": self.variables, "start": self.variables}


def _variables(text: Any, parameters: Any) -> tuple[str, ...]:
    """Return the names in ``text`` that are no parameters, sorted; x where there is none or it cannot be read."""
    try:
        names = parse(text).names if isinstance(text, str) else ()
    except ExpressionError:
        names = ()
    return tuple(sorted(name for name in names if name not in parameters)) or ("x",)


def _start(domain: Any, count: int) -> Any:
    """Return three quarters up each side: off the middle, where many formulas are stationary."""
    try:
        found = tuple(0.25 * low + 0.75 * high for low, high in domain)
    except (TypeError, ValueError):
        found = ()
    return found if len(found) == count else (0.0,) * count  # such a domain is refused by itself


def _problem(place: tuple[str | int, ...], reason: str, value: Any) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("value_error", "{reason}", {"reason": reason}), loc=place, input=value
    )


@lru_cache(maxsize=256)
def _program(
    text: str, variables: tuple[str, ...], parameters: tuple[tuple[str, float], ...]
) -> Callable[[tuple[Tensor, ...]], Tensor]:
    return parse(text, (*variables, *dict(parameters))).bind(variables, dict(parameters))
