"""What others charge for looking into the same training: cockpit, TensorBoard and wandb, each where it is installed.

Each makes the bare loop's steps on the same network and data and notes something of every step. They are no
dependencies: ``pip install 'gradlab[bench]'`` brings them, where their versions can live with torch's.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from gradlab.labs.training.arm import Arm
from gradlab.labs.training.spec import TrainingSpec

Work = Callable[[], None]
Step = Callable[[int, Tensor], None]
"""What is noted after the backward pass of a step, from the loss."""


class Loop:
    """A network as a plain chain of torch's modules, its data, and an optimizer over separate tensors."""

    def __init__(self, spec: TrainingSpec) -> None:
        arm = Arm(spec, "cpu")
        leaves = [module for module in arm.network.modules() if not any(True for _ in module.children())]
        self.network, self.x, self.y = nn.Sequential(*leaves), arm.feed.x, arm.feed.y
        self.criterion = nn.CrossEntropyLoss() if spec.loss.kind == "cross_entropy" else nn.MSELoss()
        for parameter in self.network.parameters():
            parameter.data, parameter.grad = parameter.data.clone(), None
        self.optimizer = spec.optimizer.build(self.network.parameters())
        self.made = 0

    def run(self, steps: int, note: Step) -> None:
        """Make ``steps`` steps."""
        for _ in range(steps):
            self.optimizer.zero_grad()
            loss = self.criterion(self.network(self.x), self.y)
            loss.backward()
            note(self.made, loss)
            self.optimizer.step()
            self.made += 1


def tensorboard(spec: TrainingSpec, steps: int, folder: str, *, histograms: bool) -> Work:
    """Scalars of the loss and of every tensor's gradient norm; histograms of the gradients too."""
    from torch.utils.tensorboard import SummaryWriter

    loop, writer = Loop(spec), SummaryWriter(tempfile.mkdtemp(dir=folder))
    named = list(loop.network.named_parameters())

    def note(step: int, loss: Tensor) -> None:
        add: Any = writer
        add.add_scalar("loss", loss.item(), step)
        for name, parameter in named:
            assert parameter.grad is not None
            add.add_scalar(f"norm/{name}", parameter.grad.norm().item(), step)
            if histograms:
                add.add_histogram(f"gradient/{name}", parameter.grad, step)

    return lambda: loop.run(steps, note)


def wandb(spec: TrainingSpec, steps: int, folder: str, *, histograms: bool) -> Work:
    """A log of the loss and every tensor's gradient norm; ``watch`` at every step for histograms; nothing is sent."""
    import wandb as peer

    settings = peer.Settings(silent=True, console="off", x_disable_stats=True)
    run = peer.run or peer.init(project="bench", dir=folder, mode="offline", settings=settings)
    loop = Loop(spec)
    named = list(loop.network.named_parameters())
    if histograms:
        run.watch(loop.network, log="gradients", log_freq=1)

    def note(_: int, loss: Tensor) -> None:
        norms = {f"norm/{name}": p.grad.norm().item() for name, p in named if p.grad is not None}
        run.log({"loss": loss.item(), **norms})

    return lambda: loop.run(steps, note)


def cockpit(spec: TrainingSpec, steps: int, folder: str, *, histograms: bool) -> Work:
    """Loss and gradient norm; the configuration "economy", which has histograms of the gradient, too."""
    from backpack import extend
    from cockpit import Cockpit, quantities
    from cockpit.utils.configuration import configuration

    del folder
    loop = Loop(spec)
    network, criterion = extend(loop.network), extend(loop.criterion)
    single = type(loop.criterion)(reduction="none")
    always: dict[str, Any] = {"track_schedule": lambda _: True}
    few = [quantities.Loss(**always), quantities.GradNorm(**always)]

    def work() -> None:
        measured = configuration("economy") if histograms else few
        pit = Cockpit(network.parameters(), quantities=measured)
        for step in range(steps):
            loop.optimizer.zero_grad()
            answers = network(loop.x)
            loss, losses = criterion(answers, loop.y), single(answers, loop.y).flatten(1).mean(1)
            info = {"batch_size": len(loop.x), "individual_losses": losses, "loss": loss, "optimizer": loop.optimizer}
            with pit(step, info=info):
                loss.backward(create_graph=pit.create_graph(step))
            loop.optimizer.step()
        for quantity in measured:
            quantity.output.clear()

    return work


PEERS: dict[str, tuple[Callable[..., Work], str, str]] = {
    "cockpit": (cockpit, "cockpit", "cockpit-for-pytorch 'setuptools<81'"),
    "TensorBoard": (tensorboard, "tensorboard", "tensorboard"),
    "wandb, offline": (wandb, "wandb", "wandb"),
}
"""How each is run, the module it needs, and what pip calls it."""


def peers(spec: TrainingSpec, steps: int) -> tuple[dict[str, Work], list[str]]:
    """Return what can be compared, and a line for each that cannot."""
    found: dict[str, Work] = {}
    missing: list[str] = []
    folder = tempfile.mkdtemp(prefix="gradlab-peers-")
    for name, (make, module, package) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            missing.append(f"{name}: not installed; pip install {package}")
            continue
        for histograms in (False, True):
            title = f"{name}: {'histograms too' if histograms else 'loss, norms'}, every step"
            try:
                work = make(spec, steps, folder, histograms=histograms)
                work()
            except Exception as error:  # noqa: BLE001 - others raise anything; the line says what
                missing.append(f"{title}: does not run here; {type(error).__name__}: {str(error).splitlines()[0][:80]}")
            else:
                found[title] = work
    return found, missing
