"""A recorded training against the bare torch loop of the same network: what seeing every gradient costs.

The base is the bare loop with the same optimizer implementation: torch's default, and the fused one. The losses are
the same bit for bit on the CPU (tests/test_training_runner.py). torch runs on one thread. Beside torch's default stand
other programs that look into a training, where they are installed (``peers.py``).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from bench import compare, show
from peers import peers

from gradlab.engine.datasets import RandomNormal, SyntheticImages
from gradlab.engine.history import History
from gradlab.engine.losses import CrossEntropyLoss, MSELoss
from gradlab.engine.networks import Cnn, LayerBlock, Mlp
from gradlab.engine.optimizers import Adam
from gradlab.engine.record import Span
from gradlab.labs.training.arm import Arm
from gradlab.labs.training.dues import settled
from gradlab.labs.training.measurement import columns
from gradlab.labs.training.runner import Bench
from gradlab.labs.training.spec import Probes, TrainingSpec

DEFAULT = "gradlab: what is on by default"
NONE = Probes(norms=0, ratios=0, histograms=0, activations=0, metrics=0)
PROBES = {
    "gradlab: loss, norms of every layer, every step": NONE.replace(norms=1),
    "gradlab: ratios and histograms too, every step": NONE.replace(norms=1, ratios=1, histograms=1),
    DEFAULT: Probes(),
    "gradlab: norms, and sharpness every 10 steps": NONE.replace(norms=1, sharpness=10),
}


GOALS = {"MLP": (1.0, 1.2, 1.3, 1.35), "CNN": (1.03, 1.05, 1.1, 1.35)}
"""What the probes may cost, in their order, by the first word of the title."""


def mlp(depth: int, width: int) -> Mlp:
    """Return a perceptron with tanh."""
    return Mlp(blocks=(LayerBlock(id="hidden", count=depth, width=width, activation="tanh"),))


def specs() -> dict[str, tuple[TrainingSpec, int, tuple[str, ...]]]:
    """Return what is trained, the steps of one round, and what is measured meanwhile.

    The last one measures accuracy and loss on data that are held out, once in a round.
    """
    plane = RandomNormal(count=256, inputs=2)
    toy = TrainingSpec(data=plane, loss=MSELoss(), held_out=0.0)
    pictures = TrainingSpec(data=SyntheticImages(count=32), network=Cnn(), loss=CrossEntropyLoss(), held_out=0.0)
    held_out = pictures.replace(data=SyntheticImages(count=400), batch=32, held_out=0.2)
    once = settled(held_out).metrics or 0
    return {
        "MLP 2-32-32-1, 256 samples": (toy.replace(network=mlp(2, 32)), 200, tuple(PROBES)),
        "MLP 10 × 64, 256 samples": (toy.replace(network=mlp(9, 64)), 60, tuple(PROBES)),
        "CNN of 145,578 parameters, 32 pictures": (pictures, 6, tuple(PROBES)),
        "CNN, batches of 32 of 320 pictures, 80 held out": (held_out, once, (DEFAULT,)),
    }


def bare(spec: TrainingSpec, steps: int) -> Callable[[], None]:
    """Return the loop a script would have; nothing is looked at, not even the loss."""
    arm = Arm(spec, "cpu")
    network, criterion, feed = arm.network, arm.criterion, arm.feed
    for parameter in network.parameters():
        parameter.data, parameter.grad = parameter.data.clone(), None
    optimizer = spec.optimizer.build(network.parameters())

    def work() -> None:
        for _ in range(steps):
            x, y = feed.next()
            optimizer.zero_grad()
            loss = criterion(network(x), y)
            loss.backward()
            optimizer.step()

    return work


def recorded(spec: TrainingSpec, steps: int) -> Callable[[], None]:
    """Return the same training with every step on record, as a run makes it."""
    bench, history, at = Bench(spec, "cpu"), History(columns(spec)), [0]
    history.extend(bench.block(Span(0, 0, spec)))

    def work() -> None:
        history.extend(bench.block(Span(at[0], steps, spec)))
        at[0] += steps

    return work


def main() -> None:
    """Print a table for each network and each implementation."""
    torch.set_num_threads(1)
    for title, (spec, steps, chosen) in specs().items():
        for implementation in (None, "fused"):
            made = spec.replace(optimizer=Adam(lr=1e-4, implementation=implementation))
            base = f"bare loop, Adam {implementation or 'as torch chooses'}"
            contenders = {base: bare(made, steps)}
            contenders |= {name: recorded(made.replace(probes=PROBES[name]), steps) for name in chosen}
            others, missing = peers(made, steps) if implementation is None and len(chosen) > 1 else ({}, [])
            contenders |= others
            goals = dict(zip(PROBES, GOALS[title.split()[0].rstrip(",")], strict=True))
            show(f"{title}: time per step", compare(contenders, base, units=steps), base, goals)
            print("\n".join(missing))


if __name__ == "__main__":
    main()
