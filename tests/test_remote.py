"""The bench in a process of its own: what it survives, what it leaves, and what never comes into this process."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest
from processes import ROOT, python
from toys import LAB, CountSpec, NoLook

from gradlab.engine import own_files
from gradlab.engine.channel import KEPT, Kept
from gradlab.engine.datasets import Moons
from gradlab.engine.lab import lab_of
from gradlab.engine.networks import OwnFile
from gradlab.engine.objectives import Objective
from gradlab.engine.remote import RemoteBench
from gradlab.engine.run import Phase, Run
from gradlab.labs.descent.spec import DescentSpec
from gradlab.labs.training.spec import TrainingSpec

ENDS_S = 2.0
BUILD = "def build(shape, outputs):\n    return torch.nn.Linear(shape[0], outputs)\n"


@pytest.fixture(scope="module")
def bench() -> Iterator[RemoteBench]:
    one = RemoteBench()
    yield one
    assert one.close()


@pytest.fixture
def fresh() -> Iterator[RemoteBench]:
    one = RemoteBench()
    yield one
    assert one.close()


def until(condition: Any, seconds: float = 100.0) -> None:
    """Wait for another process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        threading.Event().wait(0.005)


class Ear:
    """Hears what was refused."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def refused(self, text: str, _report: Any) -> None:
        self.heard.append(text)

    def lost(self, _why: Any) -> None:
        """Hear that it is over."""


def test_messages_arrive_in_the_order_they_were_sent(bench: RemoteBench) -> None:
    ear, child, many = Ear(), bench.child, range(120)
    child.members[key := bench.key()] = ear  # type: ignore[assignment]
    for k in many:  # some fit into the pipe at once, some are left to a thread, some overtake neither
        child.send(key, f"nonsense_{k}_", b"x" * (300_000 if k % 7 == 3 else 10))
    until(lambda: len(ear.heard) == len(many))
    assert all(f"_nonsense_{k}_" in text for k, text in zip(many, ear.heard, strict=True))


def test_a_run_is_known_before_it_is_asked_for(fresh: RemoteBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what the process answers at once is heard by nobody."""
    known: list[bool] = []
    send = fresh.child.send

    def sent(key: int, what: str, *words: Any) -> None:
        known.append(key in fresh.child.members)
        send(key, what, *words)

    monkeypatch.setattr(fresh.child, "send", sent)
    run = fresh.start(LAB, CountSpec(steps=5))
    assert known == [True]
    until(lambda: run.status.phase is Phase.FINISHED)


def test_an_inspector_that_has_gone_is_asked_nothing(bench: RemoteBench) -> None:
    ear, child = Ear(), bench.child
    child.members[key := bench.key()] = ear  # type: ignore[assignment]
    child.send(key, "ask", CountSpec(), None, None, 0)
    child.send(key, "nonsense")
    until(lambda: bool(ear.heard))
    assert len(ear.heard) == 1
    assert "nonsense" in ear.heard[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to kill with")
def test_the_death_of_the_process_is_a_result(fresh: RemoteBench, caplog: pytest.LogCaptureFixture) -> None:
    other = fresh.start(LAB, CountSpec(steps=10**8))
    until(lambda: other.status.step > 0)
    one, first = fresh.start(LAB, CountSpec(die_at=700)), fresh.child
    until(lambda: one.status.phase.over and other.status.phase.over)
    for run in (one, other):
        assert run.status.phase is Phase.FAILED
        assert run.status.error is None
        assert str(run.status.message) == (
            "the compute process ended (killed by SIGKILL); what is asked next gets a new one"
        )
    assert "killed by SIGKILL" in caplog.text
    assert other.keyframe_before(10**6) == 0
    for act in (other.pause, other.go, other.step, other.cancel):
        act()
    assert fresh.child is not first
    again = fresh.start(LAB, CountSpec(steps=50), record=other.record, resume=(other, 0))
    until(lambda: again.status.phase is Phase.RUNNING)
    assert again.drain()[0].first == 0


def test_code_that_the_user_confirms_here_runs_there(
    fresh: RemoteBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files, "_code", set())
    monkeypatch.setattr(own_files, "_chosen", set())
    trace, file, training = tmp_path / "trace", tmp_path / "model.py", lab_of("training")
    file.write_text(f"import os, torch\nopen({str(trace)!r}, 'w').write(str(os.getpid()))\n{BUILD}")
    spec = TrainingSpec(data=Moons(count=20), network=OwnFile().edited(file=str(file)), steps=2)
    refused = fresh.start(training, spec)
    until(lambda: refused.status.phase.over)
    assert refused.status.phase is Phase.FAILED
    assert "confirm" in str(refused.status.message)
    assert not trace.exists()
    own_files.allow_code(hashlib.sha256(file.read_bytes()).hexdigest())
    run = fresh.start(training, spec)
    until(lambda: run.status.phase is Phase.FINISHED or run.status.phase.over)
    assert run.status.phase is Phase.FINISHED, run.status.message
    assert int(trace.read_text()) == fresh.child.pid


def test_a_run_that_never_comes_back_does_not_hold_up_the_next(
    fresh: RemoteBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lost, first = fresh.start(LAB, CountSpec(steps=10**6, loop_at=1000)), fresh.child
    until(lambda: lost.status.phase is Phase.RUNNING)
    lost.cancel()
    again = fresh.start(LAB, CountSpec(steps=50))
    assert fresh.child is first  # it may yet end
    again.cancel()
    monkeypatch.setattr("gradlab.engine.remote.STUCK_S", 0.0)
    run = fresh.start(LAB, CountSpec(steps=50))
    assert fresh.child is not first
    until(lambda: run.status.phase is Phase.FINISHED and lost.status.phase.over)
    assert lost.status.phase is again.status.phase is Phase.FAILED
    assert "did not end when it was told to" in str(lost.status.message)
    assert "did not end" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to kill with")
def test_an_inspector_survives_the_process(fresh: RemoteBench) -> None:
    one = fresh.inspector(LAB)
    one.ask(CountSpec(), None, NoLook(), 1)
    until(lambda: not one.busy)
    os.kill(fresh.child.pid, signal.SIGSTOP)
    one.ask(CountSpec(), None, NoLook(), 2)
    os.kill(fresh.child.pid, signal.SIGKILL)
    until(lambda: not one.busy)
    assert one.error is not None
    assert "killed by SIGKILL" in one.error.summary
    one.drain()
    one.ask(CountSpec(), None, NoLook(), 3)
    until(lambda: not one.busy)
    assert one.drain() == ["coarse 3", "fine 3"]
    fresh.remove(one)


def test_closing_during_a_run_is_quick_and_leaves_nothing() -> None:
    bench = RemoteBench()
    process = psutil.Process(bench.child.pid)
    run = bench.start(LAB, CountSpec(steps=10**8))
    until(lambda: run.status.step > 0)
    began = time.monotonic()
    assert bench.close()
    assert time.monotonic() - began < ENDS_S
    assert run.status.phase is Phase.CANCELLED
    assert not process.is_running()


def test_closing_while_it_still_loads_is_quick() -> None:
    bench, began = RemoteBench(), time.monotonic()
    assert bench.close()
    assert time.monotonic() - began < ENDS_S


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to stop with")
def test_a_process_that_does_not_listen_is_killed() -> None:
    bench = RemoteBench()
    process = psutil.Process(bench.child.pid)
    process.suspend()
    for step in range(200):
        bench.start(LAB, CountSpec(seed=step)).pause()  # more than a pipe holds: nobody waits for it
    assert bench.close()
    assert not process.is_running()
    assert bench.start(LAB, CountSpec()).status.phase is Phase.LOADING  # of a bench that is closed nothing comes


ORPHAN = """
import sys
sys.path[:0] = {path!r}
from toys import LAB, CountSpec
from gradlab.engine.remote import RemoteBench
bench = RemoteBench()
run = bench.start(LAB, CountSpec(steps=10**8))
import time
while not run.status.step:
    time.sleep(0.01)
print(bench.child.pid, flush=True)
time.sleep(60)
"""


def test_the_process_ends_with_a_parent_that_was_killed() -> None:
    code = ORPHAN.format(path=[str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    began = time.monotonic()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, ENDS_S)
    assert time.monotonic() - began < ENDS_S


def test_what_cannot_be_sent_is_computed_here(fresh: RemoteBench) -> None:
    class Tilted(Objective):
        """A valley: :math:`f = x + y^2`."""

        kind: Literal["tilted-for-a-test"] = "tilted-for-a-test"

        def __call__(self, x: Any, y: Any) -> Any:
            return x + y * y

        DOMAIN = ((-1.0, 1.0), (-1.0, 1.0))
        START = (0.5, 0.5)

    try:
        lab, spec = lab_of("descent"), DescentSpec(objective=Tilted(), steps=20)
        run, inspector = fresh.start(lab, spec), fresh.inspector(lab)
        assert isinstance(run, Run)
        until(lambda: run.status.phase is Phase.FINISHED)
        inspector.ask(spec, None, lab.look(), None)
        until(lambda: not inspector.busy)
        assert inspector.error is None
        assert {type(reading).__name__ for reading in inspector.drain()} >= {"Curvatures", "Landscape"}
        fresh.remove(inspector)
    finally:
        del Objective.family["tilted-for-a-test"]


def test_what_the_process_cannot_read_is_refused_in_one_line(
    bench: RemoteBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Here(CountSpec):
        """Importable in this process only."""

    Here.__qualname__, Here.__module__ = "Here", "nowhere"
    module = type(sys)("nowhere")
    module.Here = Here  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nowhere", module)
    run, inspector = bench.start(LAB, Here()), bench.inspector(LAB)
    until(lambda: run.status.phase.over)
    assert run.status.phase is Phase.FAILED
    assert "cannot take this: ModuleNotFoundError: No module named 'nowhere'" in str(run.status.message)
    inspector.ask(Here(), None, NoLook(), 1)
    until(lambda: not inspector.busy)
    assert inspector.error is not None
    assert "nowhere" in inspector.error.summary


def test_a_failure_there_is_in_the_log_here(bench: RemoteBench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    run = bench.start(LAB, CountSpec(raise_at=5))
    until(lambda: run.status.phase is Phase.FAILED)
    assert run.status.error is not None
    assert "toys.py" in run.status.error.details
    until(lambda: "ZeroDivisionError: asked for" in caplog.text)


def test_a_picture_that_has_not_changed_is_the_same_object(bench: RemoteBench) -> None:
    lab = lab_of("descent")
    inspector, found = bench.inspector(lab), []
    for _ in range(2):
        inspector.ask(lab.spec(), None, lab.look(), None)
        until(lambda: not inspector.busy)
        found.append([one for one in inspector.drain() if type(one).__name__ == "Landscape"])
    assert len(found[0]) == 2
    assert [id(one) for one in found[0]] == [id(one) for one in found[1]]
    bench.remove(inspector)


def test_both_ends_remember_the_same_things() -> None:
    here, there, things = Kept(), Kept(), [object() for _ in range(3 * KEPT)]
    for index in [0, 1, 2, 0, *range(3 * KEPT), 0, 3 * KEPT - 1]:
        short = here.shorten(things[index])
        assert there.restore(short) is things[index]
        assert list(here) == list(there)
        assert len(here) <= KEPT


def test_nobody_takes_what_comes_and_little_comes(bench: RemoteBench) -> None:
    run = bench.start(LAB, CountSpec(steps=10**8))
    until(lambda: len(run._blocks) >= 100)
    threading.Event().wait(0.3)
    assert len(run._blocks) == 100
    run.drain()
    until(lambda: len(run._blocks) > 0)


def test_a_run_that_is_dropped_ends(bench: RemoteBench) -> None:
    runs = [bench.start(LAB, CountSpec(steps=10**8))]
    until(lambda: runs[0].status.step > 0)
    process = psutil.Process(bench.child.pid)
    runs.clear()

    def idle() -> bool:
        before = process.cpu_times()
        threading.Event().wait(0.2)
        return process.cpu_times().user - before.user < 0.05

    until(idle)


def test_a_run_and_its_pictures_need_no_torch_here() -> None:
    code = (
        "import sys, time\n"
        "from gradlab.engine.lab import lab_of\n"
        "from gradlab.engine.remote import RemoteBench\n"
        "lab, bench = lab_of('descent'), RemoteBench()\n"
        "run, inspector = bench.start(lab, lab.spec(steps=9)), bench.inspector(lab)\n"
        "inspector.ask(lab.spec(), None, lab.look(), None)\n"
        "while inspector.busy or run.status.step < 9: time.sleep(0.01)\n"
        "assert len(run.drain()) and len(inspector.drain()) > 2 and bench.close()\n"
        "print(*sorted({'torch', 'sympy', 'PySide6'} & set(sys.modules)))"
    )
    result = python("-c", code)
    assert (result.stdout.strip(), result.stderr, result.returncode) == ("", "", 0)
