"""The command line from the inside: what each command prints, and which exit code it answers."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gradlab import __version__
from gradlab.cli import doctor, main, output
from gradlab.engine import presets
from gradlab.engine.catalog import FAMILIES
from gradlab.engine.errors import UserError

RACE = {
    "schema": 1,
    "lab": "descent",
    "title": "A race",
    "spec": {
        "start": [1, 0.5],
        "steps": 40,
        "racers": [
            {"id": "adam", "optimizer": {"kind": "adam", "lr": 0.1}},
            {"id": "sgd", "optimizer": {"kind": "sgd", "lr": 0.004, "momentum": 0.5}},
        ],
    },
}


@pytest.fixture
def race(tmp_path: Path) -> Path:
    """Return a preset file of a short race."""
    path = tmp_path / "race.gradlab.json"
    path.write_text(json.dumps(RACE))
    return path


@pytest.fixture
def call(capsys: Any) -> Any:
    """Return what runs a command line and gives back exit code, stdout and stderr."""

    def run(*arguments: Any) -> tuple[int, str, str]:
        code = main([str(word) for word in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def complaint(result: tuple[int, str, str], code: int = 2) -> str:
    """Return the one line on stderr of a command that was refused."""
    assert result[0] == code, result
    assert result[1] == ""
    assert result[2].startswith("gradlab: ")
    assert result[2].count("\n") == 1
    assert result[2].strip().isprintable()
    return result[2].strip()


# run


def bare_loop(make: Any, steps: int) -> list[list[float]]:
    """Return x, y and f before each update of the loop that a user would write."""
    point = torch.tensor([1, 0.5], dtype=torch.float64, requires_grad=True)
    optimizer, rows = make([point]), []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        x, y = point.unbind()
        f = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
        f.backward()
        rows.append([*point.tolist(), f.item()])
        optimizer.step()
    return rows


def test_the_csv_is_the_bare_loop_to_the_last_digit(call, race, tmp_path):
    code, out, err = call("run", race, "--out", tmp_path / "race.csv")
    assert (code, err) == (0, "")
    text = (tmp_path / "race.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [row["step"] for row in rows] == [str(k) for k in range(41)]
    makers = {
        "adam": lambda p: torch.optim.Adam(p, lr=0.1),
        "sgd": lambda p: torch.optim.SGD(p, lr=0.004, momentum=0.5),
    }
    for racer, make in makers.items():
        names = [f"racers.{racer}.{quantity}" for quantity in ("x", "y", "f")]
        found = [[row[name] for name in names] for row in rows]
        assert found == [[repr(value) for value in row] for row in bare_loop(make, 40)]
    assert "# preset: A race" in text
    assert f"gradlab {__version__}" in text
    assert "Written: " in out


def test_the_table_has_a_row_for_each_racer_and_says_that_it_rounds(call, race):
    code, out, err = call("run", race)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "A race · 40 steps · cpu · float64"
    assert [line.split()[0] for line in lines if line.strip().startswith(("adam", "sgd"))] == ["adam", "sgd"]
    assert "rounded to 7 digits" in lines[-1]
    point = bare_loop(lambda p: torch.optim.Adam(p, lr=0.1), 40)[-1]
    assert f"({point[0]:.7g}, {point[1]:.7g})" in out


def test_json_holds_the_record_and_the_outcomes(call, race, tmp_path):
    code, out, err = call("run", race, "--json", "--out", tmp_path / "race.json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert json.loads((tmp_path / "race.json").read_text()) == result
    assert result["phase"] == "finished"
    assert (result["steps"], result["device"], result["dtype"], result["threads"]) == (40, "cpu", "float64", 1)
    assert result["versions"]["torch"] == torch.__version__
    assert result["spec"]["racers"][0]["optimizer"]["lr"] == 0.1
    x, y, f = bare_loop(lambda p: torch.optim.Adam(p, lr=0.1), 40)[-1]
    assert result["outcomes"]["racers.adam.x"] == [x, y]
    assert result["outcomes"]["racers.adam.f"] == f


def test_quiet_prints_nothing_and_the_result_is_the_same(call, race, tmp_path):
    assert call("run", race, "--quiet", "--out", tmp_path / "a.csv") == (0, "", "")
    call("run", race, "--out", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_settings_change_the_spec_as_the_fields_take_them(call, race):
    words = ["--set", "racers.adam.optimizer.lr=1e0", "--set", "racers.sgd.optimizer=rmsprop", "--steps", "7e0"]
    words += ["--set", 'objective={"kind": "rosenbrock", "b": 10}', "--set", "start=[0.5, -1]", "--dtype", "float32"]
    code, out, err = call("run", race, *words, "--device", "cpu", "--json")
    assert (code, err) == (0, "")
    spec = json.loads(out)["spec"]
    assert repr(spec["racers"][0]["optimizer"]["lr"]) == "1.0"
    assert spec["racers"][1]["optimizer"]["kind"] == "rmsprop"
    assert (spec["steps"], spec["start"], spec["dtype"], spec["device"]) == (7, [0.5, -1.0], "float32", "cpu")
    assert spec["objective"]["b"] == 10.0


def test_a_part_that_was_set_may_be_renamed_after_that(call, race):
    words = ["--set", "racers.adam.optimizer.lr=0.5", "--set", "racers.adam.id=slow", "--steps", "3"]
    code, out, err = call("run", race, *words, "--json")
    assert (code, err) == (0, "")
    racer = json.loads(out)["spec"]["racers"][0]
    assert (racer["id"], racer["optimizer"]["lr"]) == ("slow", 0.5)


REFUSED = [
    (["--set", "racers.adam.optimizer.lr=-1"], "racers.adam.optimizer.lr: must be > 0.0, not -1"),
    (["--set", "racers.adam.optimizer.lr=fast"], "racers.adam.optimizer.lr: must be a number, not 'fast'"),
    (["--set", "racers.adam.optimizer.lr=1e999"], "racers.adam.optimizer.lr: must be a number, not '1e999'"),
    (["--set", "racers.adam.optimizer.lr=NaN"], "racers.adam.optimizer.lr: must be a number, not 'NaN'"),
    (["--set", "racers.adam.lr=1"], "did you mean 'racers.adam.optimizer.lr'?"),
    (["--set", "racers.adm.optimizer.lr=1"], "did you mean 'racers.adam.optimizer.lr'?"),
    (["--set", "qqqq=1"], "'qqqq': there is no such field (known: steps, "),
    (["--set", "=1"], "must be of the form path=value"),
    (["--set", "steps"], "'steps': must be of the form path=value"),
    (["--set", "objective=rosenbrok"], "objective: unknown objective 'rosenbrok'; did you mean 'rosenbrock'?"),
    (["--set", "start=[1]"], "start: Himmelblau takes 2 coordinates, not 1"),
    (["--set", "steps=" + "9" * 5000], "steps: must be a whole number, not '999"),
    (["--set", "steps=1.5"], "steps: must be a whole number, not 1.5"),
    (["--set", "racers.adam.optimizer.betas=0.9"], "racers.adam.optimizer.betas: must be a list, not 0.9"),
    (["--set", "swarm=3"], "swarm: must be an object, not 3"),
    (["--set", "start=[1, 2, 3]"], "gradlab: start: Himmelblau takes 2 coordinates, not 3"),
    (["--set", "racers.sgd.start=[1]"], "gradlab: racers.sgd.start: Himmelblau takes 2 coordinates, not 1"),
    (["--steps", "0"], "steps: must be ≥ 1, not 0"),
    (["--steps", "many"], "steps: must be a whole number, not 'many'"),
    (["--dtype", "float16"], "dtype: must be 'float64' or 'float32', not 'float16'"),
    (["--device", "tpu"], "device: must be 'auto', 'cpu' or 'cuda', not 'tpu'"),
    (["--out", "a.txt"], "--out: must end in .csv, .json, .parquet, .tfevents or .safetensors, not 'a.txt'"),
    (["--out", "no/where/a.csv"], "cannot be saved: the folder does not exist"),
    (["--sett", "a=1"], "--sett"),
    (["extra"], "extra"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=[row[1][:40] for row in REFUSED])
def test_bad_input_is_one_line_with_field_and_value_and_code_2(call, race, words, message):
    assert message in complaint(call("run", race, *words))


def test_what_cannot_be_kept_is_refused_before_the_run(call, race, monkeypatch):
    monkeypatch.setattr("gradlab.cli.run.compute", lambda *_, **__: pytest.fail("the run began"))
    assert "has no network to keep" in complaint(call("run", race, "--out", "a.safetensors"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_bad_input(call, race):
    assert "no CUDA device" in complaint(call("run", race, "--device", "cuda"))


def test_the_preset_is_not_overwritten_by_its_result(call, race):
    before = race.read_bytes()
    other = race.with_name("link.json")
    other.symlink_to(race)
    for out in (race, other):
        assert "is the preset itself" in complaint(call("run", race, "--out", out))
    assert race.read_bytes() == before


def test_a_broken_preset_is_bad_input(call, tmp_path):
    path = tmp_path / "a.gradlab.json"
    path.write_text('{"schema": 1,}')
    assert "line 1, column 14: not JSON" in complaint(call("run", path))
    assert "no such file" in complaint(call("run", tmp_path / "none.json"))
    assert "is a folder" in complaint(call("run", f"{tmp_path}/"))
    assert "did you mean 'welcome'" in complaint(call("run", "wellcome"))


def test_a_race_that_all_lose_is_code_3_and_still_told(call, race, tmp_path):
    words = ["--set", "racers.adam.optimizer=sgd", "--set", "racers.adam.optimizer.lr=1"]
    words += ["--set", "racers.sgd.optimizer.lr=0.5", "--out", tmp_path / "a.csv"]
    code, out, err = call("run", race, *words, "--json")
    assert (code, err) == (3, "")
    result = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert result["phase"] == "diverged"
    assert result["outcomes"]["racers.adam.status"].startswith("diverged at step ")
    assert result["outcomes"]["racers.adam.f"] in {"Infinity", "NaN"}
    assert (tmp_path / "a.csv").exists()


def test_one_that_stays_in_the_race_makes_it_finished(call, race):
    assert call("run", race, "--set", "racers.sgd.optimizer.lr=1", "--quiet")[0] == 0


def test_the_changes_of_a_preset_are_replayed(call, race):
    content = RACE | {
        "changes": [{"step": 10, "values": {"racers.adam.optimizer.lr": 0.5}}, {"step": 20, "values": {"steps": 25}}]
    }
    race.write_text(json.dumps(content))
    result = json.loads(call("run", race, "--json")[1])
    assert result["steps"] == 25
    assert result["changes"] == content["changes"]
    assert result["outcomes"]["racers.adam.lr"] == 0.5


def test_an_interrupt_leaves_no_file_and_is_code_130(call, race, tmp_path, monkeypatch):
    from gradlab.engine.history import History

    def write_csv(self, file, **_):
        file.write("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(History, "write_csv", write_csv)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert complaint(call("run", race, "--out", tmp_path / "a.csv"), 130) == "gradlab: interrupted"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_text_that_reads_as_a_number_can_be_a_formula(call):
    code, out, err = call("run", "valley-of-minima", "--set", "objective.text=5", "--steps", "3", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["spec"]["objective"]["text"] == "5"
    assert "objective.text" in complaint(call("run", "valley-of-minima", "--set", "objective.text=w+"))


def test_a_lab_that_does_not_step_answers_at_once(call, tmp_path):
    path, table = tmp_path / "a.gradlab.json", tmp_path / "a.csv"
    path.write_text('{"schema": 1, "lab": "function", "spec": {"objective": "parabola", "at": [2.0]}}')
    code, out, err = call("run", path, "--json", "--out", table)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["lab"] == "function"
    assert found["outcomes"]["variables.x.autograd"] == 4
    assert table.read_text().splitlines()[:2] == ["name,value", "f,4.0"]
    code, out, err = call("run", path)
    assert (code, err) == (0, "")
    assert "autograd" in out


# list, presets, schema


def test_list_shows_every_family_and_member(call):
    code, out, err = call("list")
    assert (code, err) == (0, "")
    for name, family in FAMILIES.items():
        assert f"{name}: {len(family.items())}\n" in out
        for member in family.items():
            assert f"  {member.model_fields['kind'].default} " in out


def test_list_of_a_family_shows_defaults_and_ranges(call):
    for name in ("optimizer", "optimizers", "Optimizer"):
        code, out, err = call("list", name)
        assert (code, err) == (0, "")
        assert "lr = 0.001  [number > 0" in out
        assert "betas = (0.9, 0.999)  [(number ≥ 0, < 1, number ≥ 0, < 1)]" in out
        assert "amsgrad = false  [true or false]" in out
    assert "schedule: " not in out


def test_list_as_json_is_complete(call):
    found = json.loads(call("list", "--json")[1])
    assert set(found) == set(FAMILIES)
    adam = next(member for member in found["optimizer"] if member["kind"] == "adam")
    assert adam["title"] == "Adam"
    assert adam["summary"]
    assert adam["formula"]
    lr = adam["parameters"][0]
    assert (lr["name"], lr["default"], lr["exclusiveMinimum"]) == ("lr", 0.001, 0)
    assert list(json.loads(call("list", "schedule", "--json")[1])) == ["schedule"]


def test_a_member_defined_now_is_listed(call):
    from typing import Literal

    from gradlab.engine.objectives import Objective

    class Slope(Objective):
        """A plain slope for a test."""

        kind: Literal["test_slope"] = "test_slope"
        DOMAIN = ((0.0, 1.0),)
        START = (0.5,)

    try:
        assert "  test_slope" in call("list", "objective")[1]
        assert "A plain slope for a test." in call("list", "objective")[1]
    finally:
        del Objective.family["test_slope"]


def test_an_unknown_family_is_bad_input(call):
    assert "unknown family 'optimiser'; did you mean 'optimizer'?" in complaint(call("list", "optimiser"))
    known = complaint(call("list", "qqq")).rpartition("known: ")[2].split(", ")
    assert known == sorted(known)
    assert {"objective", "optimizer", "schedule"} <= {name.strip() for name in known}


def test_presets_lists_the_shipped_and_the_own(call):
    folder = presets.own_folder() / "descent"
    folder.mkdir(parents=True)
    (folder / "mine.gradlab.json").write_text(json.dumps(RACE))
    code, out, err = call("presets")
    assert (code, err) == (0, "")
    assert "  welcome " in out
    assert "A race (your own)" in out
    rows = json.loads(call("presets", "--json")[1])
    assert {"welcome", "mine"} <= {row["name"] for row in rows}
    assert all(Path(row["path"]).is_file() for row in rows)
    assert call("run", "mine", "--quiet")[0] == 0


def test_schema_is_that_of_the_lab(call):
    from gradlab.engine.lab import lab_of

    assert json.loads(call("schema", "descent")[1]) == presets.schema(lab_of("descent"))
    assert "unknown lab 'decent'" in complaint(call("schema", "decent"))


# the window


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in for the window; return what it was opened with."""
    calls: list[dict[str, Any]] = []

    def open_window(preset: Any = None, demo: Any = None, *, shipped: bool = False, bench: Any = None) -> int:
        assert bench == "begun"
        calls.append({"preset": preset, "demo": demo, "shipped": shipped})
        return 7

    monkeypatch.setattr("gradlab.engine.begin.begin", lambda: "begun")
    monkeypatch.setitem(sys.modules, "gradlab.app", SimpleNamespace(main=open_window))
    return calls


def test_a_word_that_is_no_command_opens_the_window_on_that_preset(call, opened, race, tmp_path):
    shipped = presets.find("welcome")
    for words in ([], [race], ["welcome"], ["--demo", tmp_path], [race, "--demo", tmp_path]):
        assert call(*words) == (7, "", "")
    assert opened == [
        {"preset": None, "demo": None, "shipped": False},
        {"preset": race, "demo": None, "shipped": False},
        {"preset": shipped, "demo": None, "shipped": True},
        {"preset": None, "demo": tmp_path, "shipped": False},
        {"preset": race, "demo": tmp_path, "shipped": False},
    ]


def test_what_cannot_be_opened_is_refused_before_there_is_a_window(call, opened, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    assert "is a pipe" in complaint(call(tmp_path / "pipe.json"))
    assert "no such file" in complaint(call("./none.json"))
    assert "unknown preset 'lst'; did you mean 'gradlab list'?" in complaint(call("lst"))
    assert "did you mean 'welcome'" in complaint(call("welcom"))
    assert "gradlab open" not in complaint(call("nope")), "no command that help shows"
    assert "--no-such" in complaint(call("--no-such"))
    assert opened == []


# grad


def test_grad_prints_three_ways_that_agree(call):
    code, out, err = call("grad", "(w*x+b)**2", "w=2", "b=1", "x=3", "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert result["value"] == 49
    for name, wanted in {"w": 42, "b": 14, "x": 28}.items():
        found = result["partials"][name]
        assert found["autograd"] == found["symbolic"] == wanted
        assert abs(found["central_difference"] - wanted) < 1e-6 * wanted


def test_grad_prints_a_table(call):
    code, out, err = call("grad", "(w*x+b)**2", "w=2", "b=1", "x=3")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "(w*x+b)**2 = 49"
    cells = {line.split()[0]: line.split()[1:4] for line in out.splitlines() if "∂" in line}
    assert cells == {"∂/∂w": ["2", "42", "42"], "∂/∂b": ["1", "14", "14"], "∂/∂x": ["3", "28", "28"]}


def test_grad_takes_what_begins_with_a_minus(call):
    assert json.loads(call("grad", "-x^2", "x=-3", "--json")[1])["partials"]["x"]["autograd"] == 6


GRAD_REFUSED = [
    (["(w*x+b"], ""),
    (["w*x", "w=2"], "x"),
    (["w*x", "w=2", "x=two"], "x: must be a number, not 'two'"),
    (["w*x", "w=2", "x=1e999"], "x: must be a finite number, not 1e999"),
    (["w", "w=2", "w=3"], "w is given twice"),
    (["w", "2"], "'2': must be of the form name=value"),
    (["__import__('os')", "x=1"], ""),
]


@pytest.mark.parametrize(("words", "message"), GRAD_REFUSED, ids=range(len(GRAD_REFUSED)))
def test_grad_refuses_bad_input_in_one_line(call, words, message):
    assert message in complaint(call("grad", *words))


def test_a_refusal_names_the_field_that_it_is_about_once(call, tmp_path):
    """Also where another field was set, and where the part stands deep in a file."""
    assert complaint(call("grad", "rrelu", "upper=0", "--", "1")) == (
        "gradlab: lower: must not be above upper, 0.0, not 0.125"
    )
    for setting in ('units.sigmoid.activation={"kind": "rrelu", "upper": 0}', "domain=[1,0]"):
        text = complaint(call("run", "sigmoid-slope", "--set", setting))
        assert text.startswith(("gradlab: units.sigmoid.activation.lower: must not", "gradlab: domain: must go"))
    spec = {"units": [{"id": "a", "activation": {"kind": "rrelu", "upper": 0}}]}
    file = tmp_path / "bad.gradlab.json"
    file.write_text(json.dumps({"schema": 1, "lab": "activation", "title": "Bad", "spec": spec}))
    assert "spec.units[0].activation.lower: must not be above upper" in complaint(call("run", file))


# doctor


def test_doctor_tells_what_it_finds(call, monkeypatch):
    monkeypatch.setattr(doctor, "probe_qt", lambda: {"problem": "no display"})
    code, out, err = call("doctor")
    assert (code, err) == (0, "")
    for text in (__version__, torch.__version__, "no display", "xvfb-run", sys.executable):
        assert text in out
    found = json.loads(call("doctor", "--json")[1])
    assert found["torch"]["version"] == torch.__version__
    assert found["packages"]["numpy"]


GOOD_QT = {"pyside": "6.11.3", "chinese": True, "opengl": {"renderer": "A card", "software": False}}
GOOD_TORCH = {"version": "2", "build": "CPU", "devices": ["cpu"], "threads": 2}


@pytest.mark.parametrize(
    ("torch_found", "qt_found", "words"),
    [
        (GOOD_TORCH, GOOD_QT, None),
        ({"problem": "ImportError"}, GOOD_QT, "torch cannot be imported"),
        (GOOD_TORCH | {"build": "CUDA 12"}, GOOD_QT, "the driver may be missing"),
        (GOOD_TORCH, GOOD_QT | {"opengl": {}}, "no OpenGL"),
        (GOOD_TORCH, GOOD_QT | {"opengl": {"software": True}}, "drawn by the processor"),
        (GOOD_TORCH, GOOD_QT | {"chinese": False}, "no font with Chinese characters"),
    ],
)
def test_doctor_advises_on_what_is_missing_alone(torch_found, qt_found, words):
    lines = list(doctor.advice({"torch": torch_found, "qt": qt_found, "packages": {"numpy": "2"}}))
    assert lines == [] if words is None else words in lines[0]


def test_doctor_survives_a_broken_torch_and_a_probe_that_dies(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert doctor.probe_torch()["problem"].startswith("ModuleNotFoundError")
    monkeypatch.setattr(sys, "executable", "/no/python")
    assert "/no/python" in doctor.probe_qt()["problem"]


# the frame


def test_version_and_help(call):
    assert call("--version") == (0, f"gradlab {__version__}\n", "")
    code, out, _ = call("--help")
    assert code == 0
    for name in ("run", "list", "grad", "presets", "schema", "doctor"):
        assert f"\n  {name} " in out
    assert "--demo" not in out
    assert call("run", "--help")[0] == 0


def test_an_unexpected_error_is_one_line_and_a_traceback_on_request(call, monkeypatch):
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("gradlab.cli.catalog.list_presets", fail)
    line = complaint(call("presets"), 1)
    assert line == "gradlab: unexpected error: RuntimeError: first second (GRADLAB_DEBUG=1 shows where)"
    monkeypatch.setenv("GRADLAB_DEBUG", "1")
    with pytest.raises(RuntimeError):
        call("presets")


def test_json_output_is_json_for_every_reader():
    text = output.to_json({"a": [float("nan"), float("inf"), -float("inf"), 1e-320, (1, None)], "é": True})
    assert text.isascii()
    assert json.loads(text) == {"a": ["NaN", "Infinity", "-Infinity", 1e-320, [1, None]], "é": True}


def test_an_error_of_the_engine_is_bad_input(call, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise UserError("field: two\nlines", "a hint")

    monkeypatch.setattr("gradlab.cli.catalog.list_presets", refuse)
    assert complaint(call("presets")) == "gradlab: field: two lines (a hint)"
