"""Ten thousand starts: one tensor under one optimizer against a loop of optimizers, per point and step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from bench import compare, show

from gradlab.engine.batching import how_to_batch
from gradlab.engine.optimizers import Optimizer
from gradlab.labs.descent.spec import DescentSpec, Racer, Swarm
from gradlab.labs.descent.swarm import Shoal, starts

STEPS = 100
MANY = 10_000
FEW = 10
"""Points of the slow contender: its time per point does not depend on their number."""
GOAL = 1 / 4000
OPTIMIZERS = ({"kind": "sgd", "lr": 1e-3}, {"kind": "adam", "lr": 3e-2})


def swarm(spec: DescentSpec, racer: Racer) -> Callable[[], torch.Tensor]:
    """Return the work of gradlab's swarm; it gives the points after the last step."""

    def work() -> torch.Tensor:
        shoal = Shoal(spec, racer, "cpu")
        shoal.advance(STEPS)
        return torch.from_numpy(shoal.positions())

    return work


def loop(spec: DescentSpec, racer: Racer) -> Callable[[], torch.Tensor]:
    """Return the work of a torch optimizer per point, as a script would write it."""
    points = torch.from_numpy(starts(spec.swarm, spec.objective.domain))

    def work() -> torch.Tensor:
        ends = []
        for start in points[:: MANY // FEW]:
            x = start.clone().requires_grad_()
            optimizer = racer.optimizer.build([x])
            for _ in range(STEPS):
                optimizer.zero_grad()
                torch.autograd.backward(spec.objective(*x))
                optimizer.step()
            ends.append(x.detach())
        return torch.stack(ends)

    return work


def main() -> None:
    """Print the table, after making sure that both arrive at the same points."""
    torch.set_num_threads(1)
    for wanted in OPTIMIZERS:
        racer = Racer(id="one", optimizer=Optimizer.parse(wanted))
        spec = DescentSpec(racers=(racer,), swarm=Swarm(count=MANY, layout="random"))
        one, many = swarm(spec, racer), loop(spec, racer)
        same = torch.equal(one()[:: MANY // FEW], many())
        results = compare(
            {"loop": many, "one tensor": one}, "loop", units={"loop": FEW * STEPS, "one tensor": MANY * STEPS}
        )
        title = f"{MANY} starts, {racer.optimizer.name()}: time per point and step ({how_to_batch(racer.optimizer)})"
        show(title, results, "loop", {"one tensor": GOAL})
        print(f"{1 / results['one tensor'].ratio:,.0f} times as fast; iterates {'identical' if same else 'DIFFER'}\n")


if __name__ == "__main__":
    main()
