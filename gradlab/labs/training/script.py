"""A run of a training as a PyTorch script: the bare loop that gives the same losses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gradlab.engine import own_files
from gradlab.engine.model import Frozen
from gradlab.engine.networks.own import OwnFile
from gradlab.engine.record import Record

from .spec import TrainingSpec

HEAD = '''"""{title}, as run by gradlab with {versions} on {device}."""

import torch

from gradlab.engine import own_files
from gradlab.engine.datasets import Dataset
from gradlab.engine.losses import Loss
from gradlab.engine.networks import Network
from gradlab.engine.optimizers import Optimizer
from gradlab.engine.schedules import Schedule, retune
from gradlab.labs.training.bridge import criterion as compared
from gradlab.labs.training.feed import Feed
from gradlab.labs.training.pins import Pin, put_pins
from gradlab.labs.training.spec import Clip, TrainingSpec
from gradlab.labs.training.start import begin
from gradlab.labs.training.tasks import outputs

torch.set_num_threads({threads})
{files}'''

ARM = """
# {name}
spec = TrainingSpec.model_validate({spec})
torch.manual_seed({seed})
{data}
network.to({device!r}, torch.{dtype}{layout})
begin(network, spec.start, spec.pins)
feed = Feed(data, spec, {device!r})  # the split, and the order of the batches
criterion = compared(Loss.parse({loss}), torch.{dtype}, data.answers).to({device!r})
optimizer = Optimizer.parse({optimizer}).build(network.parameters())
scheduler = Schedule.parse({schedule}).build(optimizer)
clip, l1 = Clip.parse({clip}), {l1}


def forward(x, y):
    with torch.autocast({kind!r}, dtype=torch.bfloat16, enabled={autocast}):
        loss = criterion(network(x), y)
    return loss + l1 * sum(p.abs().sum() for p in network.parameters()) if l1 else loss


class Closure:
    def loss(self):
        return sum(forward(x, y) for x, y in batches) / len(batches)

    def __call__(self):
        optimizer.zero_grad()
        value = 0.0
        for x, y in batches:
            loss = forward(x, y){share}
            loss.backward()
            value += loss.detach()
        clip.clip(network.parameters())
        return value


closure = Closure()
for step in range({steps}):
{changes}    batches = [feed.next() for _ in range({accumulate})]
    value = optimizer.step(closure)
    if step % {every} == 0:
        print({name!r}, step, float(value))
{scheduled}"""

BEFORE = """data = Dataset.parse({data}).sample({seed})
network = Network.parse({network}).build(data.shape, outputs(data, spec.loss), data.answers)"""
AFTER = """blank = Dataset.parse({data}).sample({seed}, torch.Generator())  # for its shape
network = Network.parse({network}).build(blank.shape, outputs(blank, spec.loss), blank.answers)
data = Dataset.parse({data}).sample({seed}, torch.default_generator)"""


def script(record: Record[TrainingSpec]) -> str:
    """Return Python source that makes the steps of every arm of ``record``, live changes included."""
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    title = f"{record.spec.network.name()} on {record.spec.data.name()}"
    facts = {"device": record.device, "threads": record.threads, "files": _files(record.spec)}
    head = HEAD.format(title=title, versions=versions, **facts)
    return head + "\n".join(_arm(record, name) for name in record.spec.arms())


def _arm(record: Record[TrainingSpec], name: str) -> str:
    spec = record.spec.arms()[name]
    facts: dict[str, Any] = {key: _values(getattr(spec, key)) for key in ("loss", "optimizer", "schedule", "clip")}
    data = (AFTER if spec.data.after_build else BEFORE).format(
        data=_values(spec.data), network=_values(spec.network), seed=spec.seed
    )
    steps = record.last_spec().steps
    return ARM.format(
        **facts,
        name=name,
        spec=_values(spec.replace(steps=steps)),
        seed=spec.seed,
        data=data,
        device=record.device,
        kind=record.device.split(":")[0],
        dtype=spec.dtype,
        layout=", memory_format=torch.channels_last" if spec.memory_format == "channels_last" else "",
        l1=spec.l1,
        autocast=spec.autocast == "bfloat16",
        share=f" / {spec.accumulate}" if spec.accumulate > 1 else "",
        steps=steps,
        every=max(1, steps // 20),
        accumulate=spec.accumulate,
        changes=_changes(record, name),
        scheduled=_scheduled(spec),
    )


def _files(spec: TrainingSpec) -> str:
    """Return lines that let the script open the user's own files, as the user did for the run."""
    lines: dict[str, None] = {}
    for arm in spec.arms().values():
        for item in (arm.data, arm.network, arm.start):
            for name in type(item).model_fields:
                if own_files.is_path(item, name) and getattr(item, name):
                    lines |= dict.fromkeys(_consent(item, getattr(item, name)))
    return "".join(f"{line}\n" for line in lines)


def _consent(item: Frozen, name: str) -> Iterator[str]:
    if Path(name).is_absolute():
        yield f"own_files.choose({name!r})"
    else:
        yield f"own_files.beside({str(own_files.find(name).parents[len(Path(name).parts) - 1])!r})"
    if isinstance(item, OwnFile):
        yield f"own_files.allow_code({item.source()[2]!r})"


def _scheduled(spec: TrainingSpec) -> str:
    if spec.schedule.kind == "constant":
        return ""
    metric = "value" if spec.schedule.needs_metric else ""
    due = "True"
    if spec.schedule.unit == "epoch":
        due = f"(step + 1) % max(1, feed.batches // {spec.accumulate}) == 0"
    return f"    if scheduler is not None and {due}:\n        scheduler.step({metric})\n"


def _changes(record: Record[TrainingSpec], name: str) -> str:
    lines, before = [], record.spec.arms()[name]
    for change in record.tape:
        spec = record.spec_at(change.step).arms()[name]
        set_now = [_values(pin) for pin in spec.pins if pin not in before.pins]
        before = spec
        lines += [
            f"    if step == {change.step}:",
            f"        changed = Optimizer.parse({_values(spec.optimizer)})",
            "        changed.apply(optimizer)",
            "        for group in range(len(optimizer.param_groups)):",
            "            retune(optimizer, scheduler, group, changed.lr)",
            f"        clip, l1 = Clip.parse({_values(spec.clip)}), {spec.l1}",
        ]
        if set_now:
            lines.append(f"        put_pins(network, [Pin.model_validate(pin) for pin in {set_now}])")
    return "".join(f"{line}\n" for line in lines)


def _values(item: Frozen) -> dict[str, Any]:
    return item.model_dump(mode="json")
