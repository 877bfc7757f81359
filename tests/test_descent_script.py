"""The script of a run, run by itself: it ends where the run ended, to the last bit."""

from __future__ import annotations

import ast

import pytest
from processes import python

from gradlab.engine.lab import lab_of
from gradlab.engine.optimizers import Optimizer
from gradlab.engine.record import Change, Record
from gradlab.engine.run import iterate
from gradlab.engine.schedules import Schedule
from gradlab.labs.descent.script import script
from gradlab.labs.descent.spec import DescentSpec, Gaussian, Racer

PLATEAU = Schedule.parse({"kind": "reducelronplateau", "patience": 0, "threshold": 0.5})
KINDS = ("sgd", "adam", "lbfgs", "backtracking", "newton")


def test_it_ends_where_the_run_ended() -> None:
    racers = [Racer(id=kind, optimizer=Optimizer.parse(kind)) for kind in KINDS]
    racers.append(Racer(id="decays", optimizer=Optimizer.parse("sgd"), schedule=Schedule.parse("exponentiallr")))
    racers.append(Racer(id="waits", optimizer=Optimizer.parse("lbfgs"), schedule=PLATEAU))
    spec = DescentSpec(racers=tuple(racers), steps=25, start=(-0.5, -1.2), noise=Gaussian(sigma=0.3, seed=2))
    live = ((5, "racers.sgd.optimizer.lr", 0.002), (9, "noise.sigma", 0.1), (20, "steps", 30), (28, "steps", 35))
    tape = tuple(Change(step, {path: value}) for step, path, value in live)
    record = Record(spec, tape, versions={"torch": "any"})
    last = list(iterate(lab_of("descent"), spec, record=record))[-1].columns["x"][-1]
    done = python("-c", script(record))
    assert done.returncode == 0, done.stderr
    ends = {line.split(" ", 1)[0]: line.split("[", 1)[1].split("]")[0] for line in done.stdout.splitlines()}
    for index, racer in enumerate(racers):
        assert list(ast.literal_eval(f"[{ends[racer.id]}]")) == last[index].tolist(), racer.id


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_python(kind: str) -> None:
    spec = DescentSpec(racers=(Racer(id="one", optimizer=Optimizer.parse(kind)),), steps=3)
    ast.parse(script(Record(spec)))
