"""Resident memory of a long training as the window runs it: short spans into one history, everything on by default.

The goal is for a million steps, asked for by their number on the command line: minutes. Without it the run is short
and shows the buffers filling up.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import torch

from gradlab.engine.datasets import RandomNormal
from gradlab.engine.history import History
from gradlab.engine.lab import lab_of
from gradlab.engine.losses import MSELoss
from gradlab.engine.networks import LayerBlock, Mlp
from gradlab.engine.optimizers import Adam
from gradlab.engine.record import Live
from gradlab.engine.run import resolve
from gradlab.labs.training.spec import TrainingSpec

STEPS, LONG = 20_000, 1_000_000
READINGS = 10
SPAN = 16
"""Steps of one span, as many as fit in a frame or so."""
GROWTH = 1.05
"""Resident memory at the last step over that at a tenth of the steps, at most."""


def spec(steps: int) -> TrainingSpec:
    """Return the training: 2-32-32-1 on batches of 16 from 256 samples."""
    network = Mlp(blocks=(LayerBlock(id="hidden", count=2, width=32, activation="tanh"),))
    data = RandomNormal(count=256, inputs=2)
    return TrainingSpec(data=data, network=network, loss=MSELoss(), optimizer=Adam(lr=1e-4), batch=16, steps=steps)


def readings(steps: int) -> Iterator[tuple[int, float]]:
    """Yield steps and the resident memory in MiB, as the run goes on."""
    lab, made, process = lab_of("training"), spec(steps), importlib.import_module("psutil").Process()
    history, live = History(lab.load("columns")(made)), Live(resolve(lab, made))
    live.allowance = SPAN
    due = steps // READINGS
    for block in lab.load("run")(made, live):
        history.extend(block)
        if block.tip >= due:
            yield block.tip, process.memory_info().rss / 2**20
            due += steps // READINGS
    history.close()


def main() -> None:
    """Print a line as each reading comes."""
    torch.set_num_threads(1)
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    print(f"Resident memory of a training of {steps:,} steps, and its ratio to that at a tenth of them")
    first = 0.0
    for step, size in readings(steps):
        first = first or size
        mark = f"goal ≤ {GROWTH:g} {'✓' if size / first <= GROWTH else '✗'}" if step >= LONG else ""
        print(f"{step:>12,} {size:8.1f} MiB {size / first:7.3f}  {mark}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
