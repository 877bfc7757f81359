"""A recorded race against the bare torch loop of the same optimizers: what it costs to write every step down."""

from __future__ import annotations

from collections.abc import Callable

import torch
from bench import compare, show

from gradlab.engine.history import History
from gradlab.engine.lab import lab_of
from gradlab.engine.run import iterate
from gradlab.labs.descent.spec import DescentSpec

STEPS = 500
BASE = "bare loop"


def bare(spec: DescentSpec) -> Callable[[], None]:
    """Return the loop a script would have: one optimizer after the other, nothing recorded."""

    def work() -> None:
        for racer in spec.racers:
            x = torch.tensor(spec.start_of(racer), dtype=torch.float64, requires_grad=True)
            optimizer = racer.optimizer.build([x])
            for _ in range(STEPS):
                optimizer.zero_grad()
                torch.autograd.backward(spec.objective(*x))
                optimizer.step()

    return work


def recorded(spec: DescentSpec) -> Callable[[], None]:
    """Return the run of the lab into a history, as the command line does it."""
    lab = lab_of("descent")

    def work() -> None:
        history = History(lab.load("columns")(spec))
        for block in iterate(lab, spec):
            history.extend(block)
        history.close()

    return work


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    spec = DescentSpec(steps=STEPS)
    contenders = {BASE: bare(spec), "gradlab, every step on record": recorded(spec)}
    results = compare(contenders, BASE, units=STEPS * len(spec.racers))
    show(f"A race of {len(spec.racers)}: time per racer and step", results, BASE)


if __name__ == "__main__":
    main()
