"""Preset files: what is saved is what is loaded, and what is wrong is named by its path and value."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import pytest

from gradlab.engine import presets
from gradlab.engine.errors import UserError
from gradlab.engine.files import ChangedError, shown, stamp
from gradlab.engine.lab import lab_of
from gradlab.engine.presets import Preset, document, dumps, load, loads, save
from gradlab.engine.record import Change
from gradlab.labs.descent.look import DescentLook, RacerLook
from gradlab.labs.descent.spec import DescentSpec, Gaussian, Racer, Swarm


def full() -> Preset:
    """Return a preset in which every part of the file is used."""
    racers = (
        Racer(id="adam", optimizer={"kind": "adam", "lr": 0.1, "betas": (0.8, 0.9)}, start=(-0.0, 1e-320)),
        Racer(id="sgd", optimizer="sgd", schedule={"kind": "warmup", "then": {"kind": "cosineannealinglr"}}),
    )
    spec = DescentSpec(racers=racers, noise=Gaussian(sigma=0.1 + 0.2), swarm=Swarm(count=9), start=(1, 2))
    look = DescentLook(focus="adam", racers=(RacerLook(id="sgd", color="#00aaFF", name="Σ <b>梯度</b>"),))
    tape = (Change(3, {"racers.adam.optimizer.lr": 0.2, "noise.sigma": 1.0}), Change(3, {"steps": 70}))
    return Preset("descent", spec, "All of it", "Two lines\nand a “quote”.", look, tape)


def data() -> dict[str, Any]:
    """Return the content of the full preset's file."""
    content: dict[str, Any] = json.loads(dumps(full()))
    return content


def refusal(content: Any) -> str:
    """Return the one line with which ``content`` is refused."""
    with pytest.raises(UserError) as caught:
        loads(content if isinstance(content, str | bytes) else json.dumps(content))
    message = str(caught.value)
    assert message.isprintable(), message
    return message


# Round trip


@pytest.mark.parametrize("preset", [full(), Preset("descent", DescentSpec())], ids=["full", "plain"])
def test_a_second_save_is_byte_identical_and_equal(preset, tmp_path):
    path = tmp_path / "a.gradlab.json"
    save(path, preset)
    first = path.read_bytes()
    again = load(path)
    assert again == preset
    save(path, again)
    assert path.read_bytes() == first


def test_numbers_are_kept_to_the_last_bit():
    spec = loads(dumps(full())).spec
    assert [repr(value) for value in spec.racers[0].start] == ["-0.0", "1e-320"]
    assert spec.noise.sigma == 0.1 + 0.2
    assert "0.30000000000000004" in dumps(full())


def test_the_file_reads_as_documented():
    content = data()
    assert list(content) == ["schema", "lab", "title", "comment", "spec", "look", "changes"]
    assert content["schema"] == 1
    assert content["lab"] == "descent"
    assert content["changes"][0] == {"step": 3, "values": {"racers.adam.optimizer.lr": 0.2, "noise.sigma": 1.0}}
    assert list(json.loads(dumps(Preset("descent", DescentSpec())))) == ["schema", "lab", "title", "comment", "spec"]


def test_a_short_file_takes_the_defaults_and_whole_numbers_become_floats():
    text = '{"schema": 1, "lab": "descent", "spec": {"objective": "beale", "start": [1, 2]}}'
    preset = loads(text)
    assert preset.spec.start == (1.0, 2.0)
    assert isinstance(preset.spec.start[0], float)
    assert preset.spec.racers == DescentSpec().racers
    assert (preset.title, preset.look, preset.changes) == ("", None, ())


def test_an_editor_may_note_where_the_schema_is():
    preset = loads(json.dumps({"$schema": "descent.schema.json"} | data()))
    assert preset == full()
    assert "$schema" not in dumps(preset)


def test_changes_come_back_typed():
    tape = loads(dumps(full())).changes
    assert tape == full().changes
    assert isinstance(tape[0].values["noise.sigma"], float)
    content = data()
    content["changes"][0]["values"]["noise.sigma"] = 2
    assert repr(loads(json.dumps(content)).changes[0].values["noise.sigma"]) == "2.0"


# What is wrong is named

WRONG = [
    (("schema",), None, "schema: is missing"),
    (("schema",), 2, "schema: version 2 is from a newer gradlab; this one reads up to 1"),
    (("schema",), 0, "schema: must be a whole number from 1 to 1, not 0"),
    (("schema",), True, "schema: must be a whole number from 1 to 1, not True"),
    (("schema",), "1", "schema: must be a whole number from 1 to 1, not '1'"),
    (("lab",), 3, "lab: must be the name of a lab, not 3"),
    (("lab",), "decent", "lab: unknown lab 'decent'"),
    (("title",), 5, "title:"),
    (("comment",), "x" * 10_001, "comment: must have at most 10000 characters, not"),
    (("spec",), [], "spec:"),
    (("spec", "steps"), 0, "spec.steps: must be ≥ 1, not 0"),
    (("spec", "steps"), 10**26, "spec.steps: must be ≤ 1000000000, not 100000000000000000000000000"),
    (("spec", "steps"), 2.5, "spec.steps: must be a whole number, not 2.5"),
    (("spec", "steps"), True, "spec.steps: must be a whole number, not True"),
    (("spec", "dtype"), "float16", "spec.dtype: must be 'float64' or 'float32', not 'float16'"),
    (("spec", "objective"), "himelblau", "spec.objective: unknown objective 'himelblau'; did you mean 'himmelblau'?"),
    (("spec", "objective"), {"kind": "acme:bump"}, "needs the package 'acme'"),
    (("spec", "objective"), 7, "spec.objective: must name the kind of objective, not 7"),
    (("spec", "racers", 0, "optimizer", "lr"), -1, "spec.racers[0].optimizer.lr: must be > 0.0, not -1"),
    (("spec", "racers", 0, "optimizer", "lr"), "0.1", "spec.racers[0].optimizer.lr: must be a number, not '0.1'"),
    (("spec", "racers", 0, "optimizer", "lr"), float("nan"), "optimizer.lr: must be a finite number, not NaN"),
    (("spec", "racers", 0, "optimizer", "momentum"), 0.9, "spec.racers[0].optimizer.momentum: is not a known field"),
    (("spec", "racers", 0, "id"), "../etc", "spec.racers[0].id: must match ^[a-z0-9][a-z0-9_-]{0,39}$, not '../etc'"),
    (("spec", "racers", 1, "id"), "adam", "two racers have the id 'adam'"),
    (("spec", "racers"), [], "spec.racers: must have at least 1 part, not []"),
    (("spec", "start"), [1.0], "takes 2 coordinates, not 1"),
    (("spec", "noise", "seed"), 1.5, "spec.noise.seed: must be a whole number, not 1.5"),
    (("spec", "swarm", "layout"), "ring", "spec.swarm.layout: must be 'grid' or 'random', not 'ring'"),
    (("look", "color_map"), "jet", "look.color_map:"),
    (("look", "racers", 0, "visible"), "red", "look.racers[0].visible: must be true or false, not 'red'"),
    (("changes",), {}, "changes:"),
    (("changes", 0, "step"), -1, "changes[0].step: must be ≥ 0, not -1"),
    (("changes", 1, "step"), 2, "changes[1].step: must be ≥ 3, the one before, not 2"),
    (("changes", 0, "values"), {}, "changes[0].values:"),
    (
        ("changes", 0, "values"),
        {"racers.adam.lr": 1},
        "changes[0].values: 'racers.adam.lr': there is no such field; did",
    ),
    (("changes", 0, "values"), {"racers.adam.optimizer.lr": "x"}, "values: racers.adam.optimizer.lr: must be a number"),
    (("changes", 0, "values"), {"start": [0, 0]}, "changes[0].values: start cannot change while a run is under way"),
    (("path",), "/etc/passwd", "path: is not a known field"),
]


def test_a_list_whose_entries_are_refused_is_not_called_too_short() -> None:
    content = data()
    del content["changes"]
    content["spec"]["racers"] = [{"id": "q", "optimizer": {"kind": "adam", "lr": -1}}]
    with pytest.raises(UserError) as refused:
        loads(json.dumps(content))
    assert str(refused.value) == "spec.racers[0].optimizer.lr: must be > 0.0, not -1"


@pytest.mark.parametrize(("place", "value", "message"), WRONG, ids=[row[2][:50] for row in WRONG])
def test_a_wrong_value_is_named_with_its_path(place, value, message):
    content: Any = data()
    *way, last = place
    owner = content
    for step in way:
        owner = owner[step]
    if value is None:
        del owner[last]
    else:
        owner[last] = value
    assert message in refusal(content)


def places(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of everything in a JSON tree."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place, *(found for name, child in children for found in places(child, (*place, name)))]


PLACES = [place for place in places(data()) if place and place[:2] != ("changes", 0)]


def owner_of(content: Any, place: tuple[Any, ...]) -> Any:
    for step in place[:-1]:
        content = content[step]
    return content


@pytest.mark.parametrize("place", PLACES, ids=[".".join(map(str, place)) for place in PLACES])
def test_a_value_of_a_wrong_type_is_refused_everywhere(place):
    from gradlab.engine.errors import dotted

    for value in ({"no such": 1}, [[[1]]], float("inf")):
        content = data()
        owner_of(content, place)[place[-1]] = value
        message = refusal(content)
        inner = dotted([part for part in place if not (part == "values" and place[0] == "changes")][:2])
        assert inner.split("[")[0].split(".")[-1] in message, (value, message)


@pytest.mark.parametrize("place", [place for place in places(data()) if place != ("changes", 0, "values")])
def test_an_unknown_key_is_refused_in_every_object(place):
    content = data()
    owner = owner_of({"": content}, ("", *place))[place[-1] if place else ""]
    if isinstance(owner, dict):
        owner["colour"] = 1
        assert "colour" in refusal(content)


@pytest.mark.parametrize("content", [[], 3, "text", None])
def test_a_file_holds_one_object(content):
    assert refusal(json.dumps(content)).startswith("must be a JSON object, not")


def test_the_messages_of_load_name_the_file(tmp_path):
    path = tmp_path / "a.gradlab.json"
    path.write_text('{"schema": 1,\n')
    with pytest.raises(UserError, match="line 2, column 1: not JSON") as caught:
        load(path)
    assert str(caught.value).startswith(shown(path))
    with pytest.raises(UserError, match="there is no such file"):
        load(tmp_path / "none.json")
    with pytest.raises(UserError, match="is a folder, not a file"):
        load(tmp_path)


# Broken files


def test_a_file_cut_off_at_any_byte_is_refused():
    whole = dumps(full()).encode()
    for length in range(len(whole) - 1):
        with pytest.raises(UserError):
            loads(whole[:length])
    assert loads(whole[:-1]) == full(), "only the last line end may be missing"


def mutated(text: bytes, chance: random.Random) -> bytes:
    """Return ``text`` with one to three small accidents."""
    pieces = (
        b"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"-",
        b"0",
        b"1e999",
        b"NaN",
        b"null",
        b"true",
        b"\x00",
        b"\xff",
    )
    for _ in range(chance.randint(1, 3)):
        at, width = chance.randrange(len(text)), chance.choice((0, 1, 1, 5, 40))
        new = chance.choice((*pieces, bytes([chance.randrange(256)]), text[at : at + 60] * 2))
        text = text[:at] + new + text[at + width :]
    return text


@pytest.mark.parametrize("seed", range(20))
def test_accidents_are_refused_in_one_line_or_harmless(seed):
    chance, whole = random.Random(seed), dumps(full()).encode()
    refused = 0
    for _ in range(25):
        text = mutated(whole, chance)
        try:
            preset = loads(text)
        except UserError as error:
            assert str(error).isprintable(), text
            assert len(str(error)) < 600, text
            refused += 1
        else:
            assert loads(dumps(preset)) == preset, text
    assert refused > 12


def test_huge_files_are_refused_quickly():
    assert "more than 100,000 values" in refusal(b'{"schema": 1, "x": [' + b"1," * 1_000_000 + b"1]}")
    assert "at most 200" in refusal(data() | {"title": "x" * 4_000_000})
    content = data()
    content["spec"] |= {f"k{n}": n for n in range(50_000)}
    assert "is not a known field; and" in refusal(content)


# Versions


def test_an_old_file_is_brought_up_step_by_step(monkeypatch):
    """Version 1 said ``optimizers``, version 2 ``runners``; today is version 3."""

    def second(content):
        content["spec"]["runners"] = content["spec"].pop("optimizers")
        return content

    def third(content):
        spec = content.pop("spec")
        racers = [{"id": name, "optimizer": kind} for name, kind in spec.pop("runners").items()]
        return content | {"spec": spec | {"racers": racers}}

    monkeypatch.setattr(document, "SCHEMA", 3)
    monkeypatch.setattr(document, "MIGRATIONS", {1: second, 2: third})
    document.form.cache_clear()
    old = {"schema": 1, "lab": "descent", "title": "Old", "spec": {"optimizers": {"a": "sgd"}, "steps": 9}}
    kept = json.dumps(old)
    try:
        preset = loads(json.dumps(old))
        assert preset.schema == 3
        assert preset.spec == DescentSpec(steps=9, racers=(Racer(id="a", optimizer="sgd"),))
        assert json.loads(dumps(preset))["schema"] == 3
        assert loads(dumps(preset)) == preset
        assert json.dumps(old) == kept
        assert refusal({"schema": 1, "lab": "descent", "spec": {}}) == (
            "schema: version 1 cannot be brought to 2: \"'optimizers'\""
        )
        assert "version 4 is from a newer gradlab" in refusal(old | {"schema": 4})
    finally:
        document.form.cache_clear()


def test_every_version_that_ever_was_can_be_brought_up():
    assert sorted(presets.MIGRATIONS) == list(range(1, presets.SCHEMA))


def test_a_renamed_member_is_still_found(monkeypatch):
    from gradlab.engine.objectives import Himmelblau

    monkeypatch.setattr(Himmelblau, "renamed", ("four_minima",))
    content = data()
    content["spec"]["objective"] = {"kind": "four_minima"}
    assert loads(json.dumps(content)) == full()
    assert "four_minima" in json.dumps(presets.schema(lab_of("descent")))


# Saving


def test_what_would_not_load_is_not_saved(tmp_path):
    path = tmp_path / "a.gradlab.json"
    save(path, full())
    before = path.read_bytes()
    broken = [
        dataclasses.replace(full(), title="x" * 201),
        dataclasses.replace(full(), title="lone \ud800"),
        dataclasses.replace(full(), lab="none"),
        dataclasses.replace(full(), spec=DescentSpec.model_construct(**dict(full().spec) | {"steps": 0})),
        dataclasses.replace(full(), changes=(Change(1, {"noise.sigma": float("nan")}),)),
        dataclasses.replace(full(), changes=(Change(1, {"start": (0.0, 0.0)}),)),
    ]
    for preset in broken:
        with pytest.raises(UserError):
            save(path, preset)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_file_that_somebody_else_saved_is_not_lost(tmp_path):
    path = tmp_path / "a.gradlab.json"
    save(path, full(), since=None)
    seen = stamp(path)
    save(path, dataclasses.replace(full(), title="Other"), since=seen)
    with pytest.raises(ChangedError):
        save(path, full(), since=seen)
    assert load(path).title == "Other"
    save(path, full())
    assert load(path) == full()


def test_nothing_reaches_for_what_a_preset_names(tmp_path, monkeypatch):
    """A path or an address in a text is a text: no file is opened, no connection made, no module imported."""
    import sys

    content = data()
    content["title"], content["comment"] = "/etc/passwd", "http://localhost/x"
    content["spec"]["objective"] = {"kind": "../../etc/passwd"}
    loads(json.dumps(data()))
    events: list[str] = []
    watching = True
    watched = ("open", "import", "exec", "socket", "subprocess", "os.system", "urllib")
    sys.addaudithook(lambda event, _: events.append(event) if watching and event.startswith(watched) else None)
    refusal(content)
    watching = False
    assert events == []


# The shelf


def test_the_library_holds_the_shipped_presets_and_the_users_own(home):
    shipped = presets.library("descent")
    assert len(shipped) >= 14
    assert not any(entry.own or entry.problem for entry in shipped)
    folder = presets.own_folder() / "descent"
    assert home in folder.parents
    folder.mkdir(parents=True)
    save(folder / "mine.gradlab.json", dataclasses.replace(full(), title="Mine"))
    (folder / "broken.gradlab.json").write_text("{")
    (folder / "other.json").write_text("{")
    own = [entry for entry in presets.library() if entry.own]
    assert [(entry.name, entry.lab, entry.title) for entry in own] == [
        ("broken", "descent", "broken"),
        ("mine", "descent", "Mine"),
    ]
    assert "line 1" in own[0].problem
    assert presets.library("none") == ()
    assert presets.find("Mine") == presets.find("mine") == folder / "mine.gradlab.json"


def test_a_preset_is_found_by_name_title_and_path(tmp_path, monkeypatch):
    entry = next(entry for entry in presets.library() if entry.name == "himmelblau-adam")
    assert presets.find("himmelblau-adam") == presets.find("Himmelblau-Adam") == presets.find(entry.title) == entry.path
    assert presets.find("some/where.gradlab.json") == Path("some/where.gradlab.json")
    with pytest.raises(UserError, match="unknown preset 'himmelblau-adm'; did you mean 'himmelblau-adam'"):
        presets.find("himmelblau-adm")
    with pytest.raises(UserError, match="gradlab presets lists them"):
        presets.find("qqqqqqq")
    monkeypatch.chdir(tmp_path)
    Path("experiment").write_text("{}")
    Path("welcome").mkdir()
    assert presets.find("experiment") == Path("experiment")
    assert presets.find("welcome").name == "welcome.gradlab.json"
