"""One arm of a training: a network that makes the steps of the bare torch loop, each state on the way written down."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.engine.datasets import Data
from gradlab.engine.errors import UserError
from gradlab.engine.flat import Flat, why_not
from gradlab.engine.optimizers.keep import keep_optimizer, restore_optimizer
from gradlab.engine.schedules import retune

from .bridge import criterion
from .closure import Closure, takes_closure
from .culprit import find
from .dues import settled
from .feed import Feed
from .instruments import Instruments
from .keep import Running, keep_network, restore_network, vector
from .pins import put_pins
from .rows import Rows
from .start import begin
from .stream import Stream
from .tasks import cannot_step, outputs

if TYPE_CHECKING:
    from torch import Tensor, nn

    from .pins import Pin
    from .spec import Probes, TrainingSpec


class Arm:
    """A network, its data, optimizer and random stream. Between spans its gradient has been taken already.

    ``deferred``: what is measured stays on the device until the span is over, and nothing waits for it; so it is off
    the CPU.
    """

    def __init__(
        self, spec: TrainingSpec, device: str, *, probes: Probes | None = None, deferred: bool | None = None
    ) -> None:
        """``probes``: how often each thing is measured; as is settled for the arm alone, where that is None."""
        import torch

        self.spec, self.device = spec, device
        self.deferred = device != "cpu" if deferred is None else deferred
        self.ended: int | None = None
        self.stream = Stream(spec.seed, device)
        dtype = getattr(torch, spec.dtype)
        with self.stream, np.errstate(all="ignore"):
            self.network, data = build(spec)
            self.network.to(device, dtype)
            if spec.memory_format == "channels_last":
                self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            begin(self.network, spec.start, spec.pins)
            self.feed = Feed(data, spec, device)
            self.criterion = criterion(spec.loss, dtype, data.answers).to(device)
            self.parameters: list[nn.Parameter] = list(self.network.parameters())
            self._running = Running(self.network)
            self._instruments = Instruments(
                spec,
                self.network,
                self.criterion,
                self.feed,
                self._running,
                probes or settled(spec),
                deferred=self.deferred,
            )
            self.anatomy = self._instruments.anatomy
            if why := cannot_step(spec.optimizer, self.anatomy.shapes):
                raise UserError(f"optimizer: {why}")
            self._flat: Flat | None = None
            self._begun = self.stream.now()
            self._compute(0, 0)
            self.apart = "an own model may leave gradients out" if spec.network.kind == "file" else ""
            self.apart = self.apart or why_not(self.network, spec.optimizer)
            self._flat = None if self.apart else Flat(self.parameters)
            self._instruments.settle(self._flat)
            self._optimizer = spec.optimizer.build([self._flat.parameter] if self._flat else self.parameters)
            self._scheduler = spec.schedule.build(self._optimizer)
            self._closure = Closure(self) if takes_closure(spec, self._optimizer) else None
            self.tip = self._written(0)

    # One update

    def zero(self) -> None:
        """Set the gradient to zero."""
        if self._flat is not None:
            self._flat.zero()
        else:
            for parameter in self.parameters:
                parameter.grad = None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of a batch with its graph, L1 included."""
        if self.spec.autocast == "none":
            answers = self.network(x)
            loss: Tensor = self.criterion(answers, y)
        else:
            with self._precision():
                answers = self.network(x)
                loss = self.criterion(answers, y)
        self._instruments.hear(answers)
        if self.spec.l1:
            loss = loss + self.spec.l1 * sum(p.abs().sum() for p in self.parameters)
        return loss

    def _precision(self) -> AbstractContextManager[Any]:
        import torch

        return torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16)

    def _compute(self, step: int, place: int) -> None:
        """Take the loss and the gradient for update ``step``, on its batches."""
        if step in self._instruments.quiet:  # a toy's step is mostly calls: here are as few as the bare loop has
            x, y = self.feed.next()
            self.batch = [(x, y)]
            self.zero()
            loss = self.criterion(self.network(x), y)
            loss.backward()
            self._note(loss.detach(), place)
            return
        self.batch = [self.feed.next() for _ in range(self.spec.accumulate)]
        self._running.keep()
        self._evaluate(step, place)

    def _evaluate(self, step: int, place: int) -> None:
        self.zero()
        with self._instruments.during(step, place):
            if self._instruments.bends(step) and len(self.batch) == 1:
                loss = self._instruments.backward(self.forward(*self.batch[0]), place)
            else:
                loss = self.backward()
        self._note(loss, place)

    def _note(self, loss: Tensor, place: int) -> None:
        self.loss = loss if self._instruments.later else loss.item()
        self._instruments.add("loss", place, self.loss)

    def backward(self) -> Tensor:
        """Add the gradient of the batches to ``.grad`` and return their mean loss."""
        if len(self.batch) == 1:
            loss = self.forward(*self.batch[0])
            loss.backward()  # type: ignore[no-untyped-call]
            return loss.detach()
        total: Any = 0
        for x, y in self.batch:
            loss = self.forward(x, y) / len(self.batch)
            loss.backward()  # type: ignore[no-untyped-call]
            total = total + loss.detach()
        return total  # type: ignore[no-any-return]

    def _measure(self, step: int, place: int) -> bool:
        return self._instruments.measure(step, place, self.loss, self.forward, self.batch[0])

    def _stop(self, step: int, rows: Rows, place: int) -> None:
        self.ended = step
        what, where = find(self.network, self.batch[0][0], self.anatomy)
        rows.plain["ended"][place] = step
        rows.plain["ended_in"][place], rows.plain["ended_at"][place] = what, where

    def _update(self, step: int, rows: Rows, place: int) -> None:
        """Make update ``step`` with the gradient that is there."""
        rows.plain["lr"][place] = self._optimizer.param_groups[0]["lr"]
        self._instruments.before(step)
        if self._closure is None:
            if self.spec.clip.kind != "none":
                self.clip()
            self._optimizer.step()
        else:
            self._closure.fresh = True
            self._optimizer.step(self._closure)  # type: ignore[arg-type]
        self._instruments.after(step, place)
        if self._scheduler is not None:
            self._advance_schedule(self._scheduler, step)

    def clip(self) -> None:
        """Clip the gradient as the spec asks, and note its norm after that."""
        if self.spec.clip.kind != "none":
            self.spec.clip.clip(self.parameters)
            self._instruments.clipped()

    def _advance_schedule(self, scheduler: Any, step: int) -> None:
        epoch = max(1, self.feed.batches // self.spec.accumulate)
        if self.spec.schedule.unit == "epoch" and (step + 1) % epoch:
            return
        if self.spec.schedule.needs_metric:
            scheduler.step(self.loss)
        else:
            scheduler.step()

    # A span

    def advance(self, first: int, count: int) -> dict[str, np.ndarray]:
        """Make ``count`` updates from row ``first`` on; return count + 1 rows. An arm that has ended stays as it is."""
        rows = Rows(self.anatomy, count + 1)
        over = self.ended is not None and first > self.ended
        if not over:  # else the row at which it ended would stand at the head of every later span
            rows.put(0, self.tip)
        if self._flat is not None and count:
            self._flat.check()
        last = 0
        if self.ended is None and count:
            last = self._deferred(first, count, rows) or self._steps(first, count, rows)
        if not over:
            self.tip = rows.row(last)
        if self.ended is not None:
            for name in ("ended", "ended_in", "ended_at"):
                rows.plain[name][last:] = self.tip.plain[name][0]
        return rows.columns()

    def _deferred(self, first: int, count: int, rows: Rows) -> int:
        """Make a span without waiting for the device; 0, and all as it was, where it is to be made step by step.

        That is so when something turns out not to be finite: step by step the arm stops where it happens.
        """
        if not self.deferred or count == 1 or self._closure is not None:
            return 0
        before, counted = self.state(), self._instruments.counted()
        self._instruments.later = True
        try:
            self._steps(first, count, rows)
            self.loss = float(rows.plain["loss"][count])
            sound = not rows.unsound(count)
        except (RuntimeError, ArithmeticError):
            sound = False
        finally:
            self._instruments.later = False
        if sound:
            return count
        self._instruments.drop(counted)
        self.restore(before)
        rows.clear()
        rows.put(0, self.tip)
        return 0

    def _steps(self, first: int, count: int, rows: Rows) -> int:
        """Make updates until something is not finite; return the row of the state that they lead to."""
        self._instruments.plan(self.spec, first, count)
        last = 0
        with self.stream, np.errstate(all="ignore"):
            while last < count:
                finite = self._step(first + last, rows, last, begins=last + 1 == count)
                last += 1
                if not finite:
                    break
            rows.plain["lr"][last] = self._optimizer.param_groups[0]["lr"]
            self._instruments.land(rows.tables)
            if not finite:
                self._stop(first + last, rows, last)
        self._instruments.quiet = frozenset()
        return last

    def _step(self, step: int, rows: Rows, place: int, *, begins: bool) -> bool:
        try:
            self._update(step, rows, place)
        except (RuntimeError, ArithmeticError):
            if self._instruments.later or self._finite():
                raise
        if begins:
            self._begun = self.stream.now()
        self._compute(step + 1, place + 1)
        return self._measure(step + 1, place + 1)

    def _written(self, step: int) -> Rows:
        """Measure the state whose gradient has been taken; return its row."""
        rows = Rows(self.anatomy, 1)
        finite = self._measure(step, 0)
        rows.plain["lr"][0] = self._optimizer.param_groups[0]["lr"]
        self._instruments.land(rows.tables)
        if not finite:
            self._stop(step, rows, 0)
        return rows

    def _finite(self) -> bool:
        return all(bool(p.isfinite().all()) for p in self.parameters) and math.isfinite(self.loss)

    def rest(self, step: int) -> dict[str, np.ndarray]:
        """Return the tip, row ``step``, with all that some steps are measured by; the arm stays as it is."""
        if self.ended is not None or not (missing := self._instruments.missing(step)):
            return self.advance(step, 0)
        rows, stream, buffers = self.tip.row(0), self.stream.state(), [b.clone() for b in self.network.buffers()]
        with self.stream, np.errstate(all="ignore"):
            self.stream.go(self._begun)
            self._running.back()
            self._instruments.look(missing, self.forward, self.batch)
            self._instruments.land(rows.tables)
        self.stream.restore(stream)
        for buffer, kept in zip(self.network.buffers(), buffers, strict=True):
            buffer.copy_(kept)
        return rows.columns()

    def heavy(self) -> dict[str, np.ndarray]:
        """Return the parameters and buffers at the tip, and the exponents counted since the last call."""
        with self._running.before():
            parameters = vector(self.network, self._flat)
        return {"parameters": parameters, "histogram": self._instruments.meter.take_histogram()}

    # Live changes and keyframes

    def tune(self, spec: TrainingSpec, step: int) -> None:
        """Take live values over from update ``step`` on.

        Hyperparameters keep the optimizer's state, lr keeps the schedule's course. Weights set by hand are set now.
        """
        if spec == self.spec:
            return
        before, self.spec = self.spec, spec
        if spec.optimizer != before.optimizer:
            spec.optimizer.apply(self._optimizer)
            if spec.optimizer.lr != before.optimizer.lr:
                for group in range(len(self._optimizer.param_groups)):
                    retune(self._optimizer, self._scheduler, group, spec.optimizer.lr)
        if (spec.pins, spec.l1) != (before.pins, before.l1) and self.ended is None:
            self._begin_again(step, [pin for pin in spec.pins if pin not in before.pins])

    def _begin_again(self, step: int, pins: list[Pin]) -> None:
        """Set weights of the state before update ``step``, and take its gradient anew, on the same batches."""
        with self.stream, np.errstate(all="ignore"):
            with contextlib.suppress(UserError):  # a look at the network says that there is no such weight
                put_pins(self.network, pins)
            self.stream.go(self._begun)
            self._running.back()
            self._evaluate(step, 0)
            self.tip = self._written(step)

    def state(self) -> Mapping[str, Any]:
        """Return all that this arm depends on, as a copy."""
        return {
            "network": keep_network(self.network),
            "running": self._running.state(),
            "optimizer": keep_optimizer(self._optimizer),
            "scheduler": copy.deepcopy(self._scheduler.state_dict()) if self._scheduler else None,
            "stream": self.stream.state(),
            "feed": self.feed.state(),
            "begun": self._begun,
            "batch": self.batch,
            "tip": self.tip.row(0),
            "loss": self.loss,
            "instruments": self._instruments.state(),
            "ended": self.ended,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take this arm back to a state."""
        restore_network(self.network, state["network"])
        self._running.restore(state["running"])
        restore_optimizer(self._optimizer, state["optimizer"])
        if self._scheduler is not None:
            self._scheduler.load_state_dict(copy.deepcopy(state["scheduler"]))
        self.stream.restore(state["stream"])
        self.feed.restore(state["feed"])
        self._begun = state["begun"]
        self._instruments.restore(state["instruments"])
        self.batch, self.loss, self.ended = state["batch"], state["loss"], state["ended"]
        self.tip = state["tip"].row(0)


def build(spec: TrainingSpec) -> tuple[nn.Module, Data]:
    """Return the network and the data of an arm; torch's global generator has been seeded just before."""
    import torch

    if spec.data.after_build:
        data = spec.data.sample(spec.seed, torch.Generator().manual_seed(spec.seed))
        network = spec.network.build(data.shape, outputs(data, spec.loss), data.answers)
        return network, spec.data.sample(spec.seed, torch.default_generator)
    data = spec.data.sample(spec.seed)
    return spec.network.build(data.shape, outputs(data, spec.loss), data.answers), data
