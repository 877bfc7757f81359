"""One registry per family of choices: objectives, optimizers, schedules, activations, losses."""

from __future__ import annotations

import difflib
import functools
import inspect
import logging
import re
from importlib import metadata
from typing import Any, ClassVar, Self, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from .errors import quote
from .model import Frozen

log = logging.getLogger(__name__)

PLUGINS = "gradlab.plugins"
FAMILIES: dict[str, type[Item]] = {}
"""Every family by its name, which is the lower-case name of its base class."""


class Item(Frozen):
    """A choosable thing: its parameters are its fields, its behaviour its methods, its docstring its help.

    A class with its own ``family`` dict is a family; its subclasses with a ``kind`` of their own are members,
    registered by being defined.
    """

    family: ClassVar[dict[str, type[Item]]]
    title: ClassVar[str] = ""
    renamed: ClassVar[tuple[str, ...]] = ()
    kind: str = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "family" in cls.__dict__:
            FAMILIES[cls.__name__.lower()] = cls
            return
        kind = cls.model_fields["kind"].default
        if not kind or "kind" not in cls.__annotations__:
            return  # an abstract base between the family and its members
        taken = cls.family.get(kind)
        if taken is not None:
            raise ValueError(f"{cls.__name__}: kind {kind!r} is already taken by {taken.__name__}")
        cls.family[kind] = cls

    @classmethod
    def items(cls) -> tuple[type[Self], ...]:
        """Every registered member of this family, in order of definition."""
        return cast("tuple[type[Self], ...]", tuple(cls.family.values()))

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Return the member that ``value`` stands for: a member, its dump, or a bare kind; else ``ValueError``."""
        if isinstance(value, cls):
            return value
        data = {"kind": value} if isinstance(value, str) else value
        if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
            raise ValueError(f"must name the kind of {cls.__name__.lower()}, not {quote(value)}")
        member = cls.member(data["kind"])
        return cast("Self", member.model_validate({**data, "kind": member.model_fields["kind"].default}))

    @classmethod
    def member(cls, kind: str) -> type[Item]:
        """Return the member of this kind, today's or an old name; kinds ``dist:name`` have plug-ins loaded first."""
        if ":" in kind and kind not in cls.family:
            load_plugins()
        for member in cls.family.values():
            if kind == member.model_fields["kind"].default or kind in member.renamed:
                return member
        raise ValueError(f"unknown {cls.__name__.lower()} {quote(kind)}{cls._advice(kind)}")

    @classmethod
    def _advice(cls, kind: str) -> str:
        if ":" in kind:
            return f"; it needs the package {quote(kind.split(':', maxsplit=1)[0])}"
        near = difflib.get_close_matches(kind.lower(), cls.family, n=1)
        return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(cls.family)}"

    @classmethod
    def name(cls) -> str:
        """The name on screen."""
        return cls.title or cls.__name__

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the docstring, plain text."""
        text = re.sub(r":math:`([^`]*)`", r"\1", inspect.getdoc(cls) or "")
        return re.split(r"(?<=[.!?])\s", " ".join(text.split()), maxsplit=1)[0]

    @classmethod
    def formula_tex(cls) -> str:
        """The first formula of the docstring, in LaTeX; empty when there is none."""
        found = re.search(r":math:`([^`]*)`", inspect.getdoc(cls) or "")
        return " ".join(found[1].split()) if found else ""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if "family" not in cls.__dict__:
            return handler(source)
        dump = core_schema.plain_serializer_function_ser_schema(lambda item: item.model_dump(mode="json"))
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=dump)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> Any:
        if "family" not in cls.__dict__:
            return handler(schema)
        return {"x-family": cls.__name__.lower()}  # presets.schema puts the members in its place


@functools.cache
def load_plugins() -> dict[str, str]:
    """Load the members that other packages add; return what went wrong, by plug-in.

    An entry point of the group ``gradlab.plugins`` names a module whose import defines members, or a function that
    defines them, under kinds ``dist:name``. A plug-in that raises leaves nothing behind.
    """
    troubles = {}
    for plugin in metadata.entry_points(group=PLUGINS):
        before = {name: dict(family.family) for name, family in FAMILIES.items()}
        try:
            found = plugin.load()
            if callable(found):
                found()
        except Exception as error:  # noqa: BLE001 - whatever a stranger's code raises
            log.warning("plug-in %s: %s", plugin.name, error)
            troubles[plugin.name] = f"{type(error).__name__}: {error}"
            for name, members in before.items():
                FAMILIES[name].family.clear()
                FAMILIES[name].family.update(members)
    return troubles
