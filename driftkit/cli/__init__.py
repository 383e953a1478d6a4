"""The command line: `driftkit MONITOR VERB`, with exit codes that schedulers can read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

import driftkit
from driftkit.cli import attribution, bias, container, data_quality, merge, model_quality
from driftkit.cli.running import command
from driftkit.report.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130

app = typer.Typer(
    name="driftkit",
    help="The open Model Monitor: drift monitors in SageMaker Model Monitor's file formats.",
    epilog="Exit codes: 0 done; 1 error of input or configuration; 2 wrong usage; "
    "3 violations and --fail-on-violations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(data_quality.app, name="data-quality")
app.add_typer(model_quality.app, name="model-quality")
app.add_typer(bias.app, name="bias")
app.add_typer(attribution.app, name="attribution")
app.command("merge")(merge.merge)
app.command("container")(container.container)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"driftkit {driftkit.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; every error ends in one clear message and a non-zero exit code.

    Args:
        arguments: in place of the process's own.
    """
    try:
        with command():
            app(arguments)
    except driftkit.DriftkitError as error:
        complain(str(error))
        sys.exit(1)
    except SystemExit as ended:
        # typer turns Ctrl-C into this code without a word.
        if ended.code == INTERRUPTED:
            complain("interrupted; nothing was half written.")
        raise
