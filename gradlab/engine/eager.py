"""Keeps out of a process what it does not use of torch: importing its compiler takes longer than all the rest."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

META, COMPILER = "torch._meta_registrations", "torch._dynamo"


@functools.cache
def keep_eager() -> None:
    """Let the optimizers of torch step without importing ``torch._dynamo``; what they compute is the same.

    WORKAROUND torch 2.6 - 2.13: ``Optimizer.step`` imports the compiler to tell it where a graph breaks, and other
    methods to be left alone by it. Where torch looks different, nothing is changed, and the import happens.
    """
    import torch

    _finish_generators()
    for found in vars(torch.optim).values():
        if isinstance(found, type) and issubclass(found, torch.optim.Optimizer):
            step: Any = found.__dict__.get("step")
            if getattr(getattr(step, "__code__", None), "co_name", "") == "_use_grad" and hasattr(step, "__wrapped__"):
                found.step = _with_grad(step.__wrapped__)  # type: ignore[method-assign]
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        inner = getattr(getattr(torch.optim.Optimizer, name), "__wrapped__", None)
        if inner is not None:
            inner.__dynamo_disable = inner  # where torch keeps what its compiler answered


def _with_grad(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``step`` as torch wraps it: gradients are recorded only where the optimizer is differentiable."""
    import torch

    @functools.wraps(step)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(self.defaults["differentiable"])
        try:
            return step(self, *args, **kwargs)
        finally:
            torch.set_grad_enabled(before)

    return wrapped


class _Later(MetaPathFinder, Loader):
    """Finds the module of operators on tensors without numbers, and lets it be there without running it."""

    def __init__(self) -> None:
        self._spec: ModuleSpec | None = None
        self._module: ModuleType | None = None

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Find it; the compiler, which needs it, is found by others."""
        if name == COMPILER:
            self.run()
        if name != META or self._spec is not None or (spec := PathFinder.find_spec(name, path)) is None:
            return None
        self._spec = spec
        return ModuleSpec(name, self, origin=spec.origin)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing yet, but when something is asked for."""
        self._module = module
        module.__getattr__ = self._ask  # type: ignore[method-assign]

    def _ask(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.run()
        return getattr(self._module, name)

    def run(self) -> None:
        """Run the module, once."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        if self._module is not None and "__getattr__" in vars(self._module):
            del self._module.__getattr__
            assert self._spec is not None and self._spec.loader is not None
            self._spec.loader.exec_module(self._module)


_later = _Later()


def put_meta_off() -> None:
    """Have torch imported without its operators on tensors that have shapes and no numbers, which take a third of it.

    WORKAROUND torch 2.13: they are thousands of registrations in Python. ``import_meta`` makes up for them.
    """
    if "torch" not in sys.modules:
        sys.meta_path.insert(0, _later)


def import_meta() -> None:
    """Have torch whole: before code of others, and before anything is built on its meta device."""
    _later.run()


def _finish_generators() -> None:
    """Do for ``torch.Generator`` what the import that was put off would have done; all of it where that is no help."""
    import torch

    try:
        from torch._opaque_base import OpaqueBaseMeta

        with contextlib.suppress(RuntimeError):  # it has been done
            torch._C._set_generator_metaclass(OpaqueBaseMeta)
    except (ImportError, AttributeError):
        pass  # a torch that needs it not, or needs something else
    try:
        torch.Generator()
    except RuntimeError:
        import_meta()
