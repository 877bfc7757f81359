"""Members that other packages add: found by their kind, gone without a trace when the plug-in raises."""

from __future__ import annotations

import sys
from importlib import metadata
from types import ModuleType
from typing import Any, Literal

import pytest

from gradlab.engine import catalog
from gradlab.engine.objectives import Objective


def plugin(name: str, define: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("a_plugin")
    module.define = define  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "a_plugin", module)
    point = metadata.EntryPoint(name, "a_plugin:define", catalog.PLUGINS)
    monkeypatch.setattr(catalog.metadata, "entry_points", lambda group: (point,))
    catalog.load_plugins.cache_clear()


@pytest.fixture(autouse=True)
def clean() -> Any:
    before = dict(Objective.family)
    yield
    Objective.family.clear()
    Objective.family.update(before)
    catalog.load_plugins.cache_clear()


def define_cone() -> None:
    class Cone(Objective):
        r"""A cone. :math:`f=\sqrt{x^2+y^2}` (Euclid)."""

        kind: Literal["solids:cone"] = "solids:cone"
        DOMAIN = ((-1.0, 1.0), (-1.0, 1.0))
        START = (0.5, 0.5)

        def __call__(self, *xy: Any) -> Any:
            return (xy[0] ** 2 + xy[1] ** 2).sqrt()


def test_a_kind_of_another_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin("solids", define_cone, monkeypatch)
    assert Objective.parse("solids:cone").name() == "Cone"
    assert "solids:cone" in Objective.family


def test_a_plugin_that_raises_leaves_nothing_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        define_cone()
        raise RuntimeError("half way")

    plugin("solids", broken, monkeypatch)
    with pytest.raises(ValueError, match="unknown objective 'solids:cone'; it needs the package 'solids'"):
        Objective.parse("solids:cone")
    assert "solids:cone" not in Objective.family
    assert catalog.load_plugins() == {"solids": "RuntimeError: half way"}
