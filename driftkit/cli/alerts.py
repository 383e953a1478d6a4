"""`driftkit alerts`: what fires, what is not to fire, and which alerts were right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from driftkit.errors import SettingsError
from driftkit.report import terminal

if TYPE_CHECKING:
    from driftkit.io.locations import Location
    from driftkit.sinks.alerts import Event, Silence

ABOUT = "What fires, what is not to fire, and which alerts were right."
app = typer.Typer()


class Judged(StrEnum):
    """What people found."""

    true = "true"
    false = "false"


File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="alerts.jsonl, which `monitor --notify` writes beside its output folder.",
        show_default=False,
    ),
]
Number = Annotated[
    str,
    typer.Argument(
        metavar="EVENT",
        help="The event's id, as `driftkit alerts list` says it, or its beginning.",
        show_default=False,
    ),
]
Verdict = Annotated[Judged, typer.Argument(help="Whether the alert was right.")]
Feature = Annotated[str, typer.Option(metavar="PATTERN", help="Of these columns: amount_*.")]
Check = Annotated[str, typer.Option(metavar="PATTERN", help="Of these checks: *_type_check.")]
Fingerprint = Annotated[
    str, typer.Option(metavar="PATTERN", help="Of this alert, by its fingerprint.")
]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Until then (ISO 8601; UTC without a zone); for ever, if it is not said.",
        show_default=False,
    ),
]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who says so.", show_default=False)
]
Note = Annotated[
    str | None, typer.Option("--note", metavar="TEXT", help="Why.", show_default=False)
]


@app.command("list")
def list_alerts(file: File) -> None:
    """Say which alerts fire, the worst first, and what is silenced."""
    # Only where it is asked for: the help reads no alerts.
    from driftkit.sinks.kept import read_kept
    from driftkit.sinks.messages import line, messages
    from driftkit.sinks.reacting import active

    kept = read_kept(_there(file))
    found = [each for message in messages(active(kept.events)) for each in message.events]
    for each in found:
        since = f"{each.first_seen:%Y-%m-%d %H:%M} UTC"
        terminal.tell(f"{each.event_id[:8]} {each.severity} {each.model} {each.monitor}")
        terminal.tell(f"  {line(each)} Since {since}, in {each.windows} windows.")
    for silence in kept.silences:
        terminal.tell(f"silenced: {_in_words(silence)}")
    if not found:
        terminal.tell("No alert fires.")


@app.command()
def silence(
    file: File,
    feature: Feature = "*",
    check: Check = "*",
    fingerprint: Fingerprint = "*",
    until: Until = None,
) -> None:
    """Keep alerts from firing; those that fire go on, and say when they are over."""
    from driftkit.settings.checks import moment
    from driftkit.sinks.alerts import Silence
    from driftkit.sinks.kept import keeping, write_kept

    end = None if until is None else moment("until", until)
    if end is not None and end <= datetime.now(UTC):
        raise SettingsError(
            "the silence would be over already",
            where="--until",
            expected="a time to come",
            found=end.isoformat(),
        )
    made = Silence(feature=feature, check=check, fingerprint=fingerprint, until=end)
    with keeping(_there(file)) as kept:
        write_kept(_there(file), replace(kept, silences=(*kept.silences, made)))
    terminal.tell(f"silenced: {_in_words(made)}")


@app.command()
def judge(file: File, event: Number, verdict: Verdict, by: By = None, note: Note = None) -> None:
    """Mark an alert as right or wrong, so that the precision of checks can be told."""
    from driftkit.sinks.kept import keeping, write_kept

    with keeping(_there(file)) as kept:
        found = _found(kept.events, event)
        said = replace(found, judged=verdict.value, judged_by=by, note=note or found.note)
        events = tuple(said if each is found else each for each in kept.events)
        write_kept(_there(file), replace(kept, events=events))
    terminal.tell(f"{found.event_id[:8]}: {verdict.value}")


def _there(file: str) -> Location:
    from driftkit.io.locations import locate

    location = locate(file)
    if not location.is_file():
        raise SettingsError(
            "there is no such file of alerts",
            where=file,
            expected="alerts.jsonl, which `monitor --notify` writes beside its output folder",
        )
    return location


def _found(events: tuple[Event, ...], beginning: str) -> Event:
    found = [each for each in events if beginning and each.event_id.startswith(beginning)]
    if len(found) != 1:
        raise SettingsError(
            "this is the id of several events" if found else "there is no such event",
            expected="an id, or as much of it as tells it from others",
            found=repr(beginning),
        )
    return found[0]


def _in_words(of: Silence) -> str:
    end = "for ever" if of.until is None else f"until {of.until:%Y-%m-%d %H:%M} UTC"
    named = (("column", of.feature), ("check", of.check), ("fingerprint", of.fingerprint))
    said = ", ".join(f"{name} {pattern}" for name, pattern in named if pattern != "*")
    return f"{said or 'everything'} {end}"
