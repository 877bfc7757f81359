"""Optimizers of the package pytorch_optimizer, as members of the family, when it is installed."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import Field, create_model

from gradlab.engine.errors import UserError
from gradlab.engine.model import Advanced, Int, Real

from .base import Optimizer
from .fields import Flag, Forloop, LearningRate

if TYPE_CHECKING:
    import torch

PACKAGE = "pytorch_optimizer"
LEFT_OUT = frozenset({"params", "foreach", "fused", "capturable", "differentiable", "kwargs"})
RANGES: dict[str, dict[str, Any]] = {
    "betas": {"ge": 0, "le": 1},
    "momentum": {"ge": 0, "lt": 1},
    "eps": {"ge": 0, "le": 1},
    "weight_decay": {"ge": 0, "le": 1e3},
}


class Extra(Optimizer):
    """An optimizer of another package: its own names and defaults, its own checks when it is built."""

    momentum_name: ClassVar[str] = "exp_avg"
    maker: ClassVar[Callable[..., Any]]
    """Makes the optimizer's class, by the name in its kind."""

    implementation: Forloop = None

    def torch_class(self) -> type[torch.optim.Optimizer]:
        """Return the package's class."""
        made: type[torch.optim.Optimizer] = type(self).maker(self.kind.split(":")[1])
        return made


def load_extras() -> tuple[str, ...]:
    """Register the package's optimizers, once, and return their kinds; none when it is not installed.

    It imports torch and the package, so it is not for the thread that paints. What asks for more than parameters and
    hyperparameters (a model, another optimizer) is left out. Either all are registered, or none and ``UserError``.
    """
    known = _registered()
    if known:
        return known
    try:
        package = importlib.import_module(PACKAGE)
        for name in package.get_supported_optimizers():
            _register(name, package.load_optimizer(name), package.load_optimizer)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name == PACKAGE:
            return ()
        for kind in _registered():
            del Optimizer.family[kind]
        raise UserError(f"{PACKAGE}: cannot be used: {type(error).__name__}: {error}") from error
    return _registered()


def _registered() -> tuple[str, ...]:
    return tuple(kind for kind in Optimizer.family if kind.startswith(f"{PACKAGE}:"))


def _register(name: str, made: type[Any], maker: Callable[..., Any]) -> None:
    parameters = _signature(made).parameters.values()
    plain = [p for p in parameters if p.kind not in {p.VAR_KEYWORD, p.VAR_POSITIONAL}]
    if plain[0].name != "params" or any(p.default is p.empty for p in plain[1:]):
        return
    kind = f"{PACKAGE}:{name}"
    found = {p.name: _field(p) for p in plain if p.name not in LEFT_OUT}
    fields: dict[str, Any] = {name: field for name, field in found.items() if field is not None}
    fields["kind"] = Literal[kind], kind
    member = create_model(made.__name__, __base__=Extra, __doc__=_help(made), **fields)
    member.title = f"{made.__name__} ({PACKAGE})"
    member.maker = staticmethod(maker)


def _signature(made: type[Any]) -> inspect.Signature:
    """Return the signature of a class, with its annotations as types where they can be read."""
    try:
        return inspect.signature(made, eval_str=True)
    except NameError:
        return inspect.signature(made)


def _help(made: type[Any]) -> str:
    """Return the first line of the package's docstring as a sentence."""
    line = (inspect.getdoc(made) or "").strip().split("\n\n")[0].split("\n")[0].strip().rstrip(".")
    return f"{line or made.__name__}."


def _field(parameter: inspect.Parameter) -> tuple[Any, Any] | None:
    """Return the annotation and default of a hyperparameter; None for what is not a number, a flag or a choice."""
    name, default = parameter.name, parameter.default
    if name == "lr":
        return LearningRate, float(default) if isinstance(default, int | float) and default > 0 else 1e-3
    annotation = _annotation(name, default, parameter.annotation)
    if annotation is None:
        return None
    note = Field(description=f"{name.replace('_', ' ')}, as {PACKAGE} has it")
    return Annotated[annotation, Advanced(), note], default


def _annotation(name: str, default: Any, declared: Any) -> Any:
    if get_origin(declared) is Literal and default in get_args(declared):
        return declared
    match default:
        case bool():
            return Flag
        case int() if declared is not float:
            return Int if type(default) is int else None
        case float() | int():
            return _ranged(name) if math.isfinite(default) else None
        case tuple() if default and all(type(one) in {float, int} for one in default):
            return tuple[(_ranged(name),) * len(default)]  # type: ignore[misc]
        case None if float in get_args(declared):
            return _ranged(name) | None
        case _:
            return None


def _ranged(name: str) -> Any:
    return Annotated[Real, Field(**RANGES[name])] if name in RANGES else Real
