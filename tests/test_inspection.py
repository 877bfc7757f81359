"""What a page asks of its inspector, and when: each state once, and no edit behind pictures of the one before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gradlab.engine.lab import lab_of
from gradlab.shell.inspection import PAUSE_S, Inspection
from gradlab.shell.session import Session

LOOK = object()
SESSION: Any = SimpleNamespace(history=None)


class Fake:
    """A bench and its inspector: takes requests down, and answers when it is told to."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.pictures: list[Any] = []
        self.busy = False
        self.told: Any = None

    def inspector(self, _lab: Any) -> Fake:
        return self

    def ask(self, spec: Any, *_others: Any) -> None:
        self.requests.append(spec)
        self.busy = True

    def drain(self) -> list[Any]:
        taken, self.pictures = self.pictures, []
        return taken


def made(lab: str) -> tuple[Fake, Inspection]:
    bench: Any = Fake()
    return bench, Inspection(lab_of(lab), bench)


def ask(one: Inspection, spec: Any) -> None:
    one.ask(spec, LOOK, SESSION, row=None, running=False)


def test_a_state_is_asked_for_once() -> None:
    bench, one = made("function")
    for spec in ("a", "a", "a"):
        ask(one, spec)
    assert bench.requests == ["a"]
    bench.busy = False
    ask(one, "a")
    one.again()
    ask(one, "a")
    assert bench.requests == ["a", "a"]


def test_an_edit_waits_only_for_the_first_picture_of_the_one_before() -> None:
    bench, one = made("function")
    ask(one, "a")
    ask(one, "b")
    assert bench.requests == ["a"], "else a drag would show nothing until it rests"
    bench.pictures = ["numbers of a"]
    assert list(one.drain()) == ["numbers of a"]
    ask(one, "b")
    assert bench.requests == ["a", "b"], "the fine pictures of a are not waited for"


def test_beside_runs_what_was_begun_is_finished() -> None:
    bench, one = made("descent")
    ask(one, "a")
    bench.pictures = ["numbers of a"]
    list(one.drain())
    ask(one, "b")
    assert bench.requests == ["a"]
    bench.busy = False
    ask(one, "b")
    assert bench.requests == ["a", "b"]


def test_while_a_run_goes_on_rows_wait_and_edits_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("gradlab.shell.inspection.time", SimpleNamespace(monotonic=lambda: now))
    bench, one = made("descent")
    asked: list[Any] = []
    monkeypatch.setattr(bench, "ask", lambda spec, _state, _look, row: asked.append((spec, row)))
    history = SimpleNamespace(state=lambda row: row)

    def frame(spec: str, row: int) -> None:
        one.ask(spec, LOOK, cast("Session", SimpleNamespace(history=history)), row=row, running=True)

    frame("a", 1)
    now += PAUSE_S / 2
    frame("a", 2)
    frame("b", 3)
    now += PAUSE_S / 2
    frame("b", 4)
    now += PAUSE_S / 2
    frame("b", 5)
    assert asked == [("a", 1), ("b", 3), ("b", 5)]


def test_who_has_gone_hears_no_more() -> None:
    bench, one = made("function")
    heard: list[str] = []
    one.inspector.told = lambda: heard.append("a picture")
    bench.remove = heard.append  # type: ignore[attr-defined]
    one.end()
    one.inspector.told()
    assert heard == [one.inspector]
