"""`driftkit config` and `driftkit init`: the configuration file, its values and its schema."""

from __future__ import annotations

from typing import Annotated

import typer

from driftkit.errors import SettingsError
from driftkit.report import terminal

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="The configuration: driftkit.yml or driftkit.toml."),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A value that goes before the file's and the environment's, such as "
        "report.path=reports; may be given several times.",
        show_default=False,
    ),
]
Origin = Annotated[
    bool, typer.Option("--origin", help="Where each value is from: line, variable, default.")
]
NAME = "driftkit.yml"

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DATA",
        help="What is to be monitored: captures or files, which are looked at.",
        show_default=False,
    ),
]
Training = Annotated[
    str | None,
    typer.Option(
        "--training",
        metavar="DATA",
        help="What the model was trained with, from which baselines are learnt.",
        show_default=False,
    ),
]
Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="A name in .yml.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]

config = typer.Typer(no_args_is_help=True, help="Look at a configuration file, or at its schema.")


@config.command()
def show(file: File = NAME, set: Set = None, origin: Origin = False) -> None:
    """Print every value that holds: of the command line, the environment, the file, the defaults."""
    from driftkit.configuration.opening import opened
    from driftkit.configuration.values import values_of

    found = opened(file, set or ())
    for each in values_of(found.configuration, found.document):
        line = f"{each.path} = {each.text}"
        terminal.tell(f"{line}  # {each.origin}" if origin else line)


@config.command()
def schema() -> None:
    """Print the JSON schema, by which editors complete and check the file."""
    from driftkit.configuration.schema import schema_text

    for line in schema_text().splitlines():
        terminal.tell(line)


def init(
    data: From = None, training: Training = None, output: Output = NAME, force: Force = False
) -> None:
    """Look at data and write a first configuration for them, with comments."""
    from driftkit.configuration.drafting import draft
    from driftkit.io.locations import locate
    from driftkit.io.writing import write_outputs

    if data is None:
        raise SettingsError(
            "nothing says what is to be monitored",
            where="--from",
            expected="captures or files",
            todo="Write for example driftkit init --from captures/",
        )
    target = locate(output)
    if not target.name.endswith((".yml", ".yaml")):
        raise SettingsError(
            "the name has another ending",
            where="--output",
            expected=".yml or .yaml",
            found=repr(target.name),
        )
    if target.exists() and not force:
        raise SettingsError(
            "there is a file already",
            where=output,
            expected="a new name",
            todo="Name another with --output, or write over it with --force",
        )
    written = write_outputs(target.parent, {target.name: draft(data, training)})
    terminal.show_files(written)
    terminal.tell(f"Next: driftkit check {output}, then driftkit run {output}")
