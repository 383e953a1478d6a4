"""`driftkit alerts`: what fires, what is not to fire, and which alerts were right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from driftkit.cli import options as o
from driftkit.cli.telling import NOT_TOLD
from driftkit.errors import SettingsError
from driftkit.report import terminal

if TYPE_CHECKING:
    from driftkit.cli.following import Following
    from driftkit.sinks.alerts import Event, Silence

ABOUT = "What fires, what is not to fire, and which alerts were right."
app = typer.Typer()
_CONFIGURATIONS = (".yml", ".yaml", ".toml")


class Judged(StrEnum):
    """What people found."""

    true = "true"
    false = "false"


Address = Annotated[
    str,
    typer.Argument(
        metavar="FILE|STORE",
        help="alerts.jsonl, which `monitor --notify` writes beside its output folder; or the "
        "metrics store that --store named.",
        show_default=False,
    ),
]
Checked = Annotated[
    str,
    typer.Argument(
        metavar="FILE|STORE",
        help="alerts.jsonl or the metrics store; or driftkit.yml, whose schedule says when windows "
        "are run, and which has the alerts and who is told.",
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
Notify = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        metavar="SPEC",
        help="Send alerts there, as `monitor --notify` does; may be given several times.",
        show_default=False,
    ),
]
Required = Annotated[
    bool,
    typer.Option(
        "--notify-required",
        help="Exit with code 5 when one could not be sent.",
        envvar="DRIFTKIT_NOTIFY_REQUIRED",
    ),
]
Delay = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="How long after its end, or its time in the schedule, a window is run: "
        "15m, 2h, 1d (at once, if it is not said).",
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
def list_alerts(address: Address, model: o.Model = None) -> None:
    """Say which alerts fire, the worst first, what is silenced, and how many alerts were right."""
    # Only where it is asked for: the help reads no alerts.
    from driftkit.cli.kept_alerts import kept_at
    from driftkit.results.findings import several
    from driftkit.sinks.judgements import precisions
    from driftkit.sinks.messages import line, messages, shown
    from driftkit.sinks.reacting import active

    with kept_at(address, model).opened() as kept:
        found = [each for message in messages(active(kept.events)) for each in message.events]
    for each in found:
        since = f"{each.first_seen:%Y-%m-%d %H:%M} UTC"
        terminal.tell(f"{each.event_id[:8]} {each.severity} {each.model} {each.monitor}")
        terminal.tell(f"  {line(each)} Since {since}, in {each.windows} windows.")
        if each.together:
            terminal.tell(
                f"  Changed together: {several([shown(name) for name in each.together])}."
            )
    for silence in kept.silences:
        if silence.lasts(datetime.now(UTC)):
            terminal.tell(f"silenced: {_in_words(silence)}")
    if not found:
        terminal.tell("No alert fires.")
    for of in precisions(kept.events):
        terminal.tell(str(of))


@app.command()
def silence(
    address: Address,
    model: o.Model = None,
    feature: Feature = "*",
    check: Check = "*",
    fingerprint: Fingerprint = "*",
    until: Until = None,
) -> None:
    """Keep alerts from firing; those that fire go on, and say when they are over."""
    from driftkit.cli.kept_alerts import kept_at
    from driftkit.settings.checks import moment
    from driftkit.sinks.alerts import Silence

    end, now = None if until is None else moment("until", until), datetime.now(UTC)
    if end is not None and end <= now:
        raise SettingsError(
            "the silence would be over already",
            where="--until",
            expected="a time to come",
            found=end.isoformat(),
        )
    made = Silence(feature=feature, check=check, fingerprint=fingerprint, until=end)
    kept_at(address, model).silence(made, now)
    terminal.tell(f"silenced: {_in_words(made)}")


@app.command()
def unsilence(
    address: Address,
    model: o.Model = None,
    feature: Feature = "*",
    check: Check = "*",
    fingerprint: Fingerprint = "*",
) -> None:
    """End the silences that were made with these very patterns, whenever they would have ended."""
    from driftkit.cli.kept_alerts import kept_at
    from driftkit.sinks.alerts import Silence

    now = datetime.now(UTC)
    ended = Silence(feature=feature, check=check, fingerprint=fingerprint, until=now)
    if not kept_at(address, model).unsilence(ended, now):
        raise SettingsError(
            "there is no such silence",
            expected="the patterns of one, as `driftkit alerts list` says them",
            found=_patterns(ended),
        )
    terminal.tell(f"no longer silenced: {_patterns(ended)}")


@app.command()
def check(
    address: Checked,
    model: o.Model = None,
    notify: Notify = None,
    delay: Delay = None,
    notify_required: Required = False,
) -> None:
    """Tell of windows that should have been run by now and never were."""
    from driftkit.cli.following import Following
    from driftkit.cli.kept_alerts import kept_at
    from driftkit.sinks.specs import sink_of_spec

    now = datetime.now(UTC)
    before = now - (o.duration("--delay", delay, "2h") or timedelta())
    sinks = [sink_of_spec(each) for each in notify or ()]
    if address.endswith(_CONFIGURATIONS):
        following = _of_file(address, before)
        sinks = [*following.sinks, *sinks]
    else:
        following = Following(alerts=kept_at(address, model))
    following = replace(following, sinks=sinks, required=notify_required)
    if not following.of_none(now, before):
        raise typer.Exit(NOT_TOLD)


def _of_file(name: str, before: datetime) -> Following:
    """The alerts of a configuration, whose schedule says what is expected."""
    from driftkit.cli.running import Running
    from driftkit.cli.told import following_of
    from driftkit.configuration.opening import opened

    of = opened(name, ()).configuration
    return following_of(Running.of(of).telling(of.report.path, before))


@app.command()
def judge(
    address: Address, event: Number, verdict: Verdict, by: By = None, note: Note = None
) -> None:
    """Mark an alert as right or wrong, so that the precision of checks can be told."""
    from driftkit.cli.kept_alerts import kept_at
    from driftkit.sinks.judgements import begun

    alerts = kept_at(address, None)
    with alerts.opened() as kept:
        named = _found(kept.events, event)
        found = begun(kept.events, named)
        if found is None:
            raise SettingsError(
                "this alert has not fired, so that it is neither right nor wrong",
                expected="an alert that fires or did",
                found=named.state,
            )
        said = replace(found, judged=verdict.value, judged_by=by, note=note or found.note)
        events = tuple(said if each is found else each for each in kept.events)
        alerts.write(replace(kept, events=events), {found.run_id})
    terminal.tell(f"{found.event_id[:8]}: {verdict.value}")


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
    return f"{_patterns(of)} {end}"


def _patterns(of: Silence) -> str:
    named = (("column", of.feature), ("check", of.check), ("fingerprint", of.fingerprint))
    return ", ".join(f"{name} {said}" for name, said in named if said != "*") or "everything"
