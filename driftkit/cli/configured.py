"""`driftkit config`: the configuration file, its values and its schema."""

from __future__ import annotations

from typing import Annotated

import typer

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

    typer.echo(schema_text(), nl=False)
