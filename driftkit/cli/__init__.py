"""The command line: `driftkit MONITOR VERB`, with exit codes that schedulers can read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

import driftkit
from driftkit.cli import (
    alerts,
    attribution,
    bias,
    configured,
    container,
    dashboards,
    data_quality,
    history,
    merge,
    model_quality,
    pages,
    running,
    schedules,
    stores,
)
from driftkit.cli.faults import UNKNOWN_ERROR, complain_of_unknown
from driftkit.cli.monitors import ABOUT_DEPLOYMENT, Monitor, command, loaded_later
from driftkit.cli.speaking import with_speech
from driftkit.report.speech import speaking
from driftkit.report.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

INTERRUPTED = 130


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"driftkit {driftkit.__version__}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


def commands_of(monitors: Iterable[Monitor]) -> typer.Typer:
    """A command line with the commands of some monitors."""
    made = typer.Typer(
        name="driftkit",
        help="The open Model Monitor: drift monitors in SageMaker Model Monitor's file formats.",
        epilog="Exit codes: 0 done; 1 error of input or configuration; 2 wrong usage; "
        "3 violations and --fail-on-violations, or roll_back of a deployment; 4 hold and "
        "--exit-code verdict; 5 an alert was not sent and --notify-required; 70 an error that "
        "driftkit does not know.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        callback=_root,
    )
    for each in monitors:
        name = each.name.replace("_", "-")
        made.add_typer(each.app, name=name, help=each.about, no_args_is_help=True)
    with_speech(made)
    return made


app = commands_of(
    (
        data_quality.MONITOR,
        model_quality.MONITOR,
        bias.MONITOR,
        attribution.MONITOR,
    )
)
app.add_typer(
    typer.Typer(cls=loaded_later("driftkit.cli.deployment")),
    name="deployment",
    help=ABOUT_DEPLOYMENT,
    no_args_is_help=True,
)
app.add_typer(alerts.app, name="alerts", help=alerts.ABOUT, no_args_is_help=True)
app.command("merge")(merge.merge)
app.command("report")(pages.report)
app.command("init")(configured.init)
app.command("grafana")(dashboards.grafana)
app.command("run")(running.run)
app.command("check")(running.check)
app.add_typer(configured.config, name="config")
app.add_typer(schedules.schedule, name="schedule")
app.command("history")(history.history)
app.add_typer(stores.app, name="store", help=stores.ABOUT, no_args_is_help=True)
app.command("container")(container.container)
# SageMaker says how its jobs speak.
with_speech(app, without={"container"})


def main(arguments: Sequence[str] | None = None, commands: typer.Typer = app) -> None:
    """Runs the command line; every error ends in one clear message and a non-zero exit code.

    Args:
        arguments: in place of the process's own.
        commands: in place of driftkit's own.
    """
    with speaking() as own:
        try:
            _run(arguments, commands)
        finally:
            if own.as_json:
                sys.stdout.write(f"{own.document()}\n")


def _run(arguments: Sequence[str] | None, commands: typer.Typer) -> None:
    try:
        with command():
            commands(arguments)
    except driftkit.DriftkitError as error:
        complain(str(error))
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  (whatever it is, it ends in a message)
        complain_of_unknown(error)
        sys.exit(UNKNOWN_ERROR)
    except SystemExit as ended:
        # typer turns Ctrl-C into this code without a word.
        if ended.code == INTERRUPTED:
            complain("interrupted; nothing was half written.")
        raise
