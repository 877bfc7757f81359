"""What an arm is measured with, each thing at the steps at which it is due; nothing here changes a training."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.probes import ActivationProbe, Anatomy, Gather, Meter, meter

from .curvature import Curvature, noise_scale
from .dues import due, quiet_steps
from .metrics import evaluated, shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor, nn

    from gradlab.engine.flat import Flat

    from .feed import Feed
    from .keep import Running
    from .spec import Probes, TrainingSpec

    Batch = tuple[Tensor, Tensor]


class Instruments:
    """The probes of one arm. What they find waits in a ``Gather`` until a span is over.

    ``later``: whether nothing may wait for the device just now, so that what is found is told at the end of the span.
    ``quiet`` are the steps of the span under way of which nothing but gradients is measured.
    """

    meter: Meter

    def __init__(
        self,
        spec: TrainingSpec,
        network: nn.Module,
        criterion: nn.Module,
        feed: Feed,
        running: Running,
        probes: Probes,
        *,
        deferred: bool,
    ) -> None:
        self.anatomy = Anatomy.of(network)
        self.later = False
        self.quiet: frozenset[int] = frozenset()
        self._spec, self._probes, self._metrics = spec, probes, probes.metrics or 0
        self._network, self._criterion, self._feed, self._running = network, criterion, feed, running
        self._parameters: list[nn.Parameter] = list(network.parameters())
        self._remembers = any(True for _ in network.buffers())
        self._deferred = deferred
        self._gather = Gather()
        self._watch = ActivationProbe(network, deferred=deferred)
        self._curvature = Curvature(self._parameters)
        self._shares = shares(spec)
        self._asked = False
        self._known: Tensor | None = None
        self._clipped: Any = None

    def settle(self, flat: Flat | None) -> None:
        """Read the parameters where they will stay from now on: in ``flat``, or each on its own."""
        self.meter = meter(self.anatomy, self._parameters, flat, deferred=self._deferred)

    def plan(self, spec: TrainingSpec, first: int, count: int) -> None:
        """Know what the states after updates first … first + count − 1 need."""
        if not self._remembers:
            self.quiet = quiet_steps(spec, self._probes, first + 1, first + count + 1)

    def add(self, name: str, place: int, value: Any) -> None:
        """Keep a value for row ``place``."""
        self._gather.add(name, place, value)

    def land(self, tables: Mapping[str, np.ndarray]) -> None:
        """Write what was found into the rows of a span."""
        self._gather.land(tables)

    # Around the forward and backward pass of a step

    @contextlib.contextmanager
    def during(self, step: int, place: int) -> Iterator[None]:
        """Look at the activations, and keep the answers, of the pass that is made meanwhile."""
        self._asked = due(self._metrics, step) and self._shares
        if not due(self._probes.activations, step):
            yield
            return
        with self._watch:
            yield
        self.add("activations", place, self._watch.rows)

    def hear(self, answers: Tensor) -> None:
        """Take note of what the network has said to the batch of a step."""
        if self._asked:
            self._known = answers.detach()

    def bends(self, step: int) -> bool:
        """Tell whether the sharpness is due, which takes the gradient as it goes."""
        return due(self._probes.sharpness, step)

    def backward(self, loss: Tensor, place: int) -> Tensor:
        """Take the gradient of ``loss`` and the sharpness; return the loss without its graph."""
        loss, sharpness = self._curvature.backward(loss)
        self.add("sharpness", place, sharpness)
        return loss

    # A state whose gradient has been taken

    def measure(
        self, step: int, place: int, loss: Any, forward: Callable[[Tensor, Tensor], Tensor], batch: Batch
    ) -> bool:
        """Measure the state before update ``step``; tell whether it is finite, or True where that is told later."""
        finite = self.later or math.isfinite(loss)
        if due(self._probes.norms, step):
            norms: Any = self.meter.norms()
            if not self.later:
                norms = norms if isinstance(norms, list) else norms.tolist()
                finite = finite and math.isfinite(sum(norms))
            self.add("norms", place, norms)
        elif due(self._probes.ratios, step):
            self.add("weights", place, self.meter.norms()[len(self.anatomy.tensors) :])
        if not finite:
            return False
        if due(self._probes.histograms, step):
            self.meter.count()
        if step not in self.quiet:
            self._measure_more(step, place, forward, batch)
        return True

    def missing(self, step: int) -> frozenset[str]:
        """Return which of the probes that are on, and look at a state as it is, are not due at ``step``."""
        every = {"activations": self._probes.activations, "metrics": self._metrics}
        return frozenset(name for name, steps in every.items() if steps and not due(steps, step))

    def look(
        self, probes: Collection[str], forward: Callable[[Tensor, Tensor], Tensor], batches: Sequence[Batch]
    ) -> None:
        """Let these probes look at a state once more, from where its gradient was taken; found in row 0."""
        import torch

        self._asked = self._shares
        with torch.no_grad(), self._watch:
            for x, y in batches:
                forward(x, y)
        if "activations" in probes:
            self.add("activations", 0, self._watch.rows)
        if "metrics" in probes:
            self._measure_metrics(0)

    def _measure_more(self, step: int, place: int, forward: Callable[[Tensor, Tensor], Tensor], batch: Batch) -> None:
        if due(self._metrics, step):
            self._measure_metrics(place)
        if due(self._probes.noise, step):
            self.add("noise_scale", place, noise_scale(self._network, forward, *batch))

    def _measure_metrics(self, place: int) -> None:
        with self._running.before():
            found = evaluated(self._network, self._criterion, self._feed, self._spec.loss, self._known)
        for name, value in found.items():
            self.add(name, place, value)

    # An update

    def before(self, step: int) -> None:
        """Remember what update ``step`` starts from."""
        if due(self._probes.ratios, step):
            self.meter.remember()

    def clipped(self) -> None:
        """Take the norm of the gradient that is there, clipped."""
        self._clipped = self.meter.total()

    def after(self, step: int, place: int) -> None:
        """Measure what update ``step`` has done."""
        if self._clipped is not None and due(self._probes.norms, step):
            self.add("clipped_total", place, self._clipped)
        if due(self._probes.ratios, step):
            self.add("moves", place, self.meter.updates())

    # A way back

    def counted(self) -> np.ndarray:
        """Return what the histograms have counted, as a copy."""
        return self.meter.counted()

    def drop(self, counted: np.ndarray) -> None:
        """Forget what was found since the histograms had ``counted`` this."""
        self._gather = Gather()
        self.meter.recount(counted)

    def state(self) -> Any:
        """Return what a later measurement depends on, as a copy: the direction of the sharpness."""
        return self._curvature.state()

    def restore(self, state: Any) -> None:
        """Go back to a state."""
        self._curvature.restore(state)
