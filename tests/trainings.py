"""Small trainings for tests: runs without a window, and the bare torch loops that they must equal."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gradlab.engine.history import History
from gradlab.engine.lab import Lab
from gradlab.engine.record import Record
from gradlab.engine.run import iterate
from gradlab.labs.training.spec import NormClip, TrainingSpec, ValueClip
from gradlab.labs.training.tasks import outputs, targets

HERE = "gradlab.labs.training"
LAB = Lab(
    id="training",
    title="Training",
    summary="Networks train.",
    spec_path=f"{HERE}.spec:TrainingSpec",
    look_path=f"{HERE}.look:TrainingLook",
    run=f"{HERE}.runner:run",
    inspect=f"{HERE}.inspect:inspect",
    columns=f"{HERE}.measurement:columns",
    outcomes=f"{HERE}.outcomes:outcomes",
    script=f"{HERE}.script:script",
    view=f"{HERE}.view:TrainingView",
    on_change="stale",
)


@dataclass(frozen=True)
class Depth:
    """A row of the table of gradient norms by depth, its numbers as they are printed."""

    first: str
    last: str
    lowest: str
    highest: str
    verdict: str


GUIDE = Path(__file__).parents[1] / "docs" / "verdicts.md"


def depths() -> dict[str, Depth]:
    """Return the table of gradient norms by depth that the guide prints, by network."""
    row = r"^\| (\d.*) \| (\S+) \| (\S+) \| (\S+) … (\S+) \| (\w+) \|$"
    rows = re.findall(row, GUIDE.read_text("utf-8"), re.MULTILINE)
    return {name: Depth(*cells) for name, *cells in rows}


def printed(value: float, like: str) -> str:
    """Return a number with as many digits as the printed one has: it is the same one when the texts are equal."""
    mantissa, _, exponent = like.partition("e")
    if exponent:
        return f"{value:.{len(mantissa.partition('.')[2])}e}".replace("e-0", "e-")
    return f"{value:.{len(mantissa.partition('.')[2])}f}"


def trained(spec: TrainingSpec, record: Record[Any] | None = None) -> History:
    """Return the history of a whole run."""
    history = History(LAB.load("columns")(spec))
    for block in iterate(LAB, spec, record=record):
        history.extend(block)
    return history


def column(history: History, name: str) -> np.ndarray:
    """Return every row of a column."""
    return history.read(0, history.rows)[name]


def bare(spec: TrainingSpec) -> tuple[list[float], torch.nn.Module, list[list[float]]]:
    """Return losses, network and gradient norms by tensor of the plain loop: nothing of the runner is in it."""
    torch.set_num_threads(1)
    torch.manual_seed(spec.seed)
    data = spec.data.sample(spec.seed)
    network = spec.network.build(data.shape, outputs(data, spec.loss)).to(getattr(torch, spec.dtype))
    x, y = torch.from_numpy(data.x).to(getattr(torch, spec.dtype)), torch.from_numpy(targets(data, spec.loss))
    y = y.to(x.dtype) if y.is_floating_point() else y
    if spec.memory_format == "channels_last":
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        x = x.to(memory_format=torch.channels_last)
    criterion = spec.loss.build(dtype=x.dtype)
    optimizer = spec.optimizer.build(network.parameters())
    scheduler = spec.schedule.build(optimizer)
    order = torch.Generator().manual_seed(zlib.crc32(f"{spec.seed}/order".encode()))
    assert spec.held_out == 0
    losses, norms = [], []
    size = spec.batch or len(x)
    pending: list[torch.Tensor] = []
    for _ in range(spec.steps):
        optimizer.zero_grad()
        total: Any = 0.0
        for _ in range(spec.accumulate):
            if size == len(x):
                chosen = torch.arange(len(x))
            else:
                if not pending:
                    pending = [
                        part
                        for part in torch.split(torch.randperm(len(x), generator=order), size)
                        if len(part) > 1 or size == 1
                    ]
                chosen = pending.pop(0)
            loss = criterion(network(x[chosen]), y[chosen])
            if spec.l1:
                loss = loss + spec.l1 * sum(p.abs().sum() for p in network.parameters())
            share = loss / spec.accumulate if spec.accumulate > 1 else loss
            share.backward()
            total = total + share.detach()
        losses.append(float(total))
        norms.append([p.grad.double().norm().item() for p in network.parameters() if p.grad is not None])
        if isinstance(spec.clip, NormClip):
            torch.nn.utils.clip_grad_norm_(network.parameters(), spec.clip.limit)
        if isinstance(spec.clip, ValueClip):
            torch.nn.utils.clip_grad_value_(network.parameters(), spec.clip.limit)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    return losses, network, norms
