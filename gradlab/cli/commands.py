"""The commands: typer takes the words apart and hands out the work they ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from gradlab.engine.errors import UserError

from . import output

Work = Callable[[], int]

app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False, rich_markup_mode=None)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def parse(arguments: list[str]) -> Work:
    """Return what the words ask for; a first word that is no command is a preset to open."""
    if arguments[0] not in {*_commands(), "open", "--version", "--help"}:
        arguments = ["open", *arguments]
    try:
        work = app(arguments, prog_name="gradlab", standalone_mode=False)
    except _usage_error() as error:
        raise UserError(" ".join(error.format_message().split()), "gradlab --help lists the commands") from None
    return work if callable(work) else partial(int, work or 0)


def _commands() -> set[str]:
    return {command.name or "" for command in app.registered_commands if not command.hidden}


def _usage_error() -> Any:
    """WORKAROUND typer 0.15-0.29: the error of a bad command line is click's own or a copy of it, by version."""
    return next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def _print_version(wanted: bool) -> None:
    if wanted:
        from gradlab import __version__

        output.say(f"gradlab {__version__}")
        raise typer.Exit


@app.callback()
def _front(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A laboratory for gradients. `gradlab [PRESET]` opens the window; a preset is a file or a name."""


@app.command("open", hidden=True)
def _open(
    preset: Annotated[str | None, typer.Argument(help="Preset file or name.")] = None,
    demo: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> Work:
    """Open the window."""
    from .window import open_window

    return partial(open_window, preset, demo, commands=sorted(_commands()))


@app.command("run")
def _run(
    preset: Annotated[
        str, typer.Argument(metavar="PRESET", help="Preset file, or the name of one that `gradlab presets` lists.")
    ],
    *,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a field of the spec; repeatable.")
    ] = None,
    steps: Annotated[str | None, typer.Option(metavar="N", help="Step budget.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    dtype: Annotated[str | None, typer.Option(help="float64 or float32.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write every step (.csv, .parquet, .tfevents), the result (.json) or the network (.safetensors)."
        ),
    ] = None,
    json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no table.")] = False,
    confirmed: Annotated[
        list[str] | None,
        typer.Option("--confirm-code", metavar="SHA256", help="Let the network's own Python file of this hash run."),
    ] = None,
) -> Work:
    """Run an experiment without a window."""
    from .run import run

    fields = {"steps": steps, "device": device, "dtype": dtype}
    words = [*(settings or ()), *(f"{name}={value}" for name, value in fields.items() if value is not None)]
    return partial(run, preset, words, out=out, json=json, quiet=quiet, confirmed=confirmed or ())


@app.command("list")
def _list(
    family: Annotated[str | None, typer.Argument(metavar="FAMILY", help="Such as optimizer.")] = None,
    json: AsJson = False,
) -> Work:
    """List all there is to choose from, with parameters."""
    from .catalog import list_families

    return partial(list_families, family, json=json)


@app.command("grad", context_settings={"ignore_unknown_options": True})
def _grad(
    expression: Annotated[
        str,
        typer.Argument(metavar="EXPRESSION", help='Such as "(w*x+b)**2"; or the name of an activation or a loss.'),
    ],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE…", help="Such as w=2 b=1 x=3; points of an activation: -- -1 0 1."),
    ] = None,
    *,
    input_: Annotated[
        str | None, typer.Option("--input", metavar="TABLE", help="First table of a loss: 0.9,0.1; rows by ;.")
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="TABLE", help="Second table of a loss: 1,0.")] = None,
    reduction: Annotated[str | None, typer.Option(help="Of a loss: none, mean or sum.")] = None,
    json: AsJson = False,
) -> Work:
    """Print a value and its gradient, found in three ways."""
    from .grad import grad

    tables = {"input": input_, "target": target}
    return partial(grad, expression, values or [], json=json, tables=tables, reduction=reduction)


@app.command("presets")
def _presets(*, json: AsJson = False) -> Work:
    """List the presets at hand."""
    from .catalog import list_presets

    return partial(list_presets, json=json)


@app.command("schema")
def _schema(lab: Annotated[str, typer.Argument(metavar="LAB", help="Such as descent.")]) -> Work:
    """Print the JSON Schema of a lab's presets."""
    from .catalog import print_schema

    return partial(print_schema, lab)


@app.command("doctor")
def _doctor(*, json: AsJson = False) -> Work:
    """Say what gradlab finds on this machine."""
    from .doctor import doctor

    return partial(doctor, json=json)
