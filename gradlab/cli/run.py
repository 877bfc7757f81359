"""``gradlab run``: an experiment without a window, from a preset to a table, JSON or CSV."""

from __future__ import annotations

import contextlib
import csv
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from gradlab.engine import own_files, presets
from gradlab.engine.edits import assign
from gradlab.engine.errors import UserError
from gradlab.engine.files import check_writable, shown, write_atomic
from gradlab.engine.lab import Lab, lab_of
from gradlab.engine.record import Record

from . import formats, output
from .codes import Code
from .meanwhile import progress_bar, terminated


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lab that does not step has to say of its spec."""

    preset: presets.Preset
    outcomes: dict[str, Any]
    diverged: ClassVar[bool] = False

    def as_json(self) -> dict[str, Any]:
        """Return the spec and the outcomes as JSON has them."""
        spec = self.preset.spec.model_dump(mode="json")
        return {"title": self.preset.title, "lab": self.preset.lab, "spec": spec, "outcomes": self.outcomes}

    def facts(self) -> list[str]:
        """Return what the headline says after the title."""
        return [self.preset.lab]

    def write_csv(self, file: BinaryIO) -> None:
        """Write a row for each outcome."""
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        csv.writer(text, lineterminator="\n").writerows([("name", "value"), *self.outcomes.items()])
        text.detach()


@dataclass(frozen=True, slots=True)
class Result:
    """A run that is over."""

    preset: presets.Preset
    record: Record[Any]
    history: Any
    outcomes: dict[str, Any]

    @property
    def diverged(self) -> bool:
        """No racer is left: each has a status and each says so."""
        statuses = [text for name, text in self.outcomes.items() if name.endswith(".status")]
        return bool(statuses) and all(text.startswith("diverged") for text in statuses)

    def as_json(self) -> dict[str, Any]:
        """Return the record and the outcomes as JSON has them."""
        record = self.record
        return {
            "title": self.preset.title,
            "lab": self.preset.lab,
            "phase": "diverged" if self.diverged else "finished",
            "steps": self.history.rows - 1,
            "device": record.device,
            "dtype": record.spec.dtype,
            "threads": record.threads,
            "versions": dict(record.versions),
            "spec": record.spec.model_dump(mode="json"),
            "changes": [change.as_json() for change in record.tape],
            "outcomes": self.outcomes,
        }

    def facts(self) -> list[str]:
        """Return what the headline says after the title."""
        return [f"{self.history.rows - 1} steps", self.record.device, self.record.spec.dtype]

    def write_csv(self, file: BinaryIO) -> None:
        """Write every row, under a preamble that says what they depend on."""
        from gradlab import __version__

        record = self.record
        versions = ", ".join(
            f"{name} {version}" for name, version in {"gradlab": __version__, **record.versions}.items()
        )
        preamble = {"preset": self.preset.title, "lab": self.preset.lab, "device": record.device}
        preamble |= {"dtype": record.spec.dtype, "threads": str(record.threads), "versions": versions}
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self.history.write_csv(text, preamble={name: " ".join(value.split()) for name, value in preamble.items()})
        text.detach()


def run(
    name: str, settings: Sequence[str], *, out: Path | None, json: bool, quiet: bool, confirmed: Sequence[str] = ()
) -> int:
    """Run the preset called ``name`` with ``settings`` (path=value); return 0, or 3 when it diverged.

    ``confirmed``: the SHA-256 of each file of code that may run.
    """
    with terminated():
        path = presets.find(name)
        preset = presets.load(path)
        preset = replace(preset, spec=own_files.named(assign(preset.spec, settings), settings))
        for sha256 in confirmed:
            own_files.allow_code(sha256)
        lab = lab_of(preset.lab)
        write = _writer(out, path, lab)
        result = compute(lab, preset, progress=not quiet)
        if write is not None and out is not None:
            write_atomic(out, lambda file: write(result, file))
    if json:
        output.say_json(result.as_json())
    elif not quiet:
        print_result(result, out)
    return Code.DIVERGED if result.diverged else Code.OK


def compute(lab: Lab, preset: presets.Preset, *, progress: bool) -> Result | Answer:
    """Run the preset to its end here and now; a lab that does not step answers at once."""
    if not lab.run:
        return Answer(preset, lab.load("outcomes")(preset.spec, None))
    from gradlab.engine.history import History
    from gradlab.engine.run import iterate, resolve

    record = replace(resolve(lab, preset.spec), tape=preset.changes)
    spec = preset.spec
    history = History(lab.load("columns")(spec))
    total = record.spec_at(sys.maxsize).steps
    with progress_bar(total, shown=progress) as advance:
        for block in iterate(lab, spec, record=record):
            history.extend(block)
            advance(block.tip)
    if history.trouble:
        output.complain(history.trouble, Code.OK)
    last = record.spec_at(history.rows - 1)
    return Result(preset, record, history, lab.load("outcomes")(last, history))


def print_result(result: Result | Answer, out: Path | None) -> None:
    """Print how the run ended: a row for each of its parts."""
    groups: dict[str, dict[str, Any]] = {}
    for name, value in result.outcomes.items():
        group, _, quantity = name.rpartition(".")
        groups.setdefault(group, {})[quantity] = value
    lone = groups.pop("", {})
    facts = result.facts()
    facts += [f"{name} {output.number(value)}" for name, value in lone.items() if name != "step"]
    output.say(" · ".join([result.preset.title or result.preset.lab, *facts]))
    names = _names(list(groups))
    for parts in _tables(groups):
        headings = list(dict.fromkeys(name for values in parts.values() for name in values))
        rows = [[names[group], *(output.number(v.get(h, "")) for h in headings)] for group, v in parts.items()]
        output.print_table(["", *headings], rows)
    output.say(f"Numbers are rounded to {output.DIGITS} digits; --json and --out keep all of them.")
    if out is not None:
        output.say(f"Written: {out}")


def _names(groups: Sequence[str]) -> dict[str, str]:
    """Return what each group is called in its row: its last word, or all of it where another is called the same."""
    last = [group.rpartition(".")[2] for group in groups]
    return {group: name if last.count(name) == 1 else group for group, name in zip(groups, last, strict=True)}


def _tables(groups: dict[str, dict[str, Any]]) -> list[dict[str, dict[str, Any]]]:
    """Return the groups that belong in one table: parts of one thing, or things that have the same to say."""
    tables: dict[object, dict[str, dict[str, Any]]] = {}
    for group, values in groups.items():
        parent = group.rpartition(".")[0]
        tables.setdefault(parent or tuple(values), {})[group] = values
    return list(tables.values())


def _writer(out: Path | None, preset: Path, lab: Lab) -> Callable[[Result | Answer, BinaryIO], None] | None:
    """Return what writes the result in the format that the file's name asks for; refuse early what would fail late."""
    if out is None:
        return None
    writer = WRITERS.get(out.suffix.lower())
    if writer is None:
        *most, last = WRITERS
        raise UserError(f"--out: must end in {', '.join(most)} or {last}, not {shown(out)}")
    if out.suffix.lower() == ".parquet":
        formats.need_pyarrow()
    if out.suffix.lower() == ".safetensors":
        formats.need_network(lab)
    check_writable(out)
    with contextlib.suppress(OSError):
        if out.samefile(preset):
            raise UserError(f"--out: {shown(out)} is the preset itself")
    return writer


def _write_json(result: Result | Answer, file: BinaryIO) -> None:
    file.write((output.to_json(result.as_json()) + "\n").encode())


def _write_table(write: Callable[[Any, BinaryIO], None]) -> Callable[[Result | Answer, BinaryIO], None]:
    """Return what writes the rows of a run with ``write(history, file)``."""

    def writer(result: Result | Answer, file: BinaryIO) -> None:
        write(_stepped(result).history, file)

    return writer


def _write_checkpoint(result: Result | Answer, file: BinaryIO) -> None:
    run = _stepped(result)
    formats.write_checkpoint(run.preset.lab, run.record.spec, run.history, file)


def _stepped(result: Result | Answer) -> Result:
    if not isinstance(result, Result):
        raise UserError("--out: a lab that does not step has no rows", "write .csv or .json")
    return result


WRITERS: dict[str, Callable[[Result | Answer, BinaryIO], None]] = {
    ".csv": lambda result, file: result.write_csv(file),
    ".json": _write_json,
    ".parquet": _write_table(formats.write_parquet),
    ".tfevents": _write_table(formats.write_events),
    ".safetensors": _write_checkpoint,
}
"""What writes a result, by the ending of the file."""
