"""`driftkit schedule`: the file's schedule in the form of those who keep time."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from driftkit.cli.configured import NAME, File, Set
from driftkit.report import terminal

Kind = Annotated[
    Literal["airflow", "cron", "eventbridge"],
    typer.Argument(metavar="airflow|cron|eventbridge", help="Who keeps time.", show_default=False),
]

schedule = typer.Typer(
    no_args_is_help=True, help="Say when the monitors of a configuration file run."
)


# A verb of users', and a builtin.
@schedule.command("print")
def printed(kind: Kind, file: File = NAME, set: Set = None) -> None:
    """Print the file's schedule as a DAG of Airflow, lines of a crontab, or EventBridge's input."""
    from driftkit.configuration import schedules
    from driftkit.configuration.opening import opened
    from driftkit.io.locations import locate

    found = opened(file, set or ())
    of, whole = found.configuration, str(locate(file).absolute())
    text = schedules.printed(kind, of.model.name, of.schedule, whole)
    for line in text.splitlines():
        terminal.tell(line)


@schedule.callback()
def _only() -> None:
    """Keeps the verb, though there is one only."""
