"""A run of a descent as a PyTorch script: the bare loop that gives the same rows."""

from __future__ import annotations

from typing import Any

from gradlab.engine.model import Frozen, at
from gradlab.engine.record import Change, Record

from .spec import DescentSpec, Racer
from .steps import stream

CLOSURE = """
class Closure:
    def __init__(self, x, noise, seed):
        self.x, self.noise, self.generator = x, noise, torch.Generator().manual_seed(seed)

    def loss(self):
        return objective(*self.x)

    def __call__(self):
        self.x.grad = None
        loss = self.loss()
        loss.backward()
        self.x.grad = self.noise.disturb(self.x.grad, self.generator)
        return loss.detach()

"""


def script(record: Record[DescentSpec]) -> str:
    """Return Python source that makes the steps of every racer of ``record``, live changes included."""
    spec = record.spec
    parts = [_head(record)]
    parts += [_racer(record, racer) for racer in spec.racers]
    return "\n".join(parts)


def _head(record: Record[DescentSpec]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    kind = type(record.spec.objective)
    lines = [
        f'"""{record.spec.objective.name()}, as run by gradlab with {versions} on {record.device}."""',
        "",
        "import torch",
        f"from {kind.__module__} import {kind.__name__}",
        "from gradlab.engine.optimizers import Optimizer",
        "from gradlab.engine.schedules import Schedule, retune",
        "from gradlab.labs.descent.spec import Noise",
        "",
        f"torch.set_num_threads({record.threads})",
        f"objective = {kind.__name__}.model_validate({_values(record.spec.objective)})",
        CLOSURE,
    ]
    return "\n".join(lines)


def _racer(record: Record[DescentSpec], racer: Racer) -> str:
    spec, start = record.spec, list(record.spec.start_of(racer))
    live = {change.step: change for change in record.tape if _touches(change, racer)}
    metric = "value" if racer.schedule.needs_metric else ""
    lines = [
        f"# {racer.id}",
        f"x = torch.tensor({start!r}, dtype=torch.{spec.dtype}, device={record.device!r}, requires_grad=True)",
        f"optimizer = Optimizer.parse({_values(racer.optimizer)}).build([x])",
        f"scheduler = Schedule.parse({_values(racer.schedule)}).build(optimizer)",
        f"closure = Closure(x, Noise.parse({_values(spec.noise)}), seed={stream(spec.noise, racer)})",
        f"for step in range({record.last_spec().steps}):",
        *_changes(record, racer, live),
        "    value = optimizer.step(closure)",
        "    if scheduler is not None:",
        f"        scheduler.step({metric})",
        f"print({racer.id!r}, x.tolist(), objective(*x).item())",
        "",
    ]
    return "\n".join(lines)


def _touches(change: Change, racer: Racer) -> bool:
    return any(path.startswith((f"racers.{racer.id}.", "noise.")) for path in change.values)


def _changes(record: Record[DescentSpec], racer: Racer, live: dict[int, Change]) -> list[str]:
    lines = []
    for step in live:
        spec = record.spec_at(step)
        lines += [
            f"    if step == {step}:",
            f"        changed = Optimizer.parse({_values(at(spec, f'racers.{racer.id}.optimizer'))})",
            "        changed.apply(optimizer)",
            "        retune(optimizer, scheduler, 0, changed.lr)",
            f"        closure.noise = Noise.parse({_values(spec.noise)})",
        ]
    return lines


def _values(item: Frozen) -> dict[str, Any]:
    return item.model_dump(mode="python")
