"""A lab that counts, for tests of runs; a module of its own, so that another process can import it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np

from gradlab.engine.lab import Lab
from gradlab.engine.model import Frozen, Real, Tunable
from gradlab.engine.record import Block, Column, Live, RunSpec
from gradlab.engine.text import Text


class CountSpec(RunSpec):
    """Adds ``rate`` at every update, and a random number."""

    rate: Annotated[Real, Tunable()] = 1.0
    seed: int = 0
    explode_at: int = 10**9
    raise_at: int = 10**9
    die_at: int = 10**9
    loop_at: int = 10**9


class NoLook(Frozen):
    """Nothing to look at."""


def columns(spec: CountSpec) -> tuple[Column, ...]:
    return (Column("x", "x", curve=True), Column("rate", "rate"))


def run(spec: CountSpec, live: Live[CountSpec]) -> Iterator[Block]:
    import torch

    x, generator = 0.0, torch.Generator().manual_seed(spec.seed)
    if live.resume is not None:
        x, state = live.resume.state
        generator.set_state(state)
    rows: list[tuple[float, float]] = [(x, spec.rate)]
    yield Block(live.step, {"x": np.array([x]), "rate": np.array([spec.rate])})
    for span in live.spans():
        here = x
        live.keyframe(span.first, lambda here=here: (here, generator.get_state()))
        rows = []
        for step in range(span.first, span.first + span.count):
            if step == span.spec.raise_at:
                raise ZeroDivisionError("asked for")
            if step == span.spec.die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            while step == span.spec.loop_at:
                pass
            rows.append((x, span.spec.rate))
            x += span.spec.rate + torch.rand((), generator=generator).item()
            if step == span.spec.explode_at:
                live.diverged = Text("diverged at step {step}", {"step": step})
                break
        rows.append((x, span.spec.rate))
        table = np.array(rows)
        yield Block(span.first, {"x": table[:, 0], "rate": table[:, 1]})
        if live.diverged:
            return


def inspect(spec: CountSpec, row: Any, look: Any, step: int | None) -> Iterator[str]:
    yield f"coarse {step}"
    if spec.rate == -1:
        raise RuntimeError("cannot be pictured")
    yield f"fine {step}"


LAB = Lab(
    "count",
    "Count",
    "",
    "toys:CountSpec",
    "toys:NoLook",
    "",
    "toys:inspect",
    run="toys:run",
    columns="toys:columns",
)
