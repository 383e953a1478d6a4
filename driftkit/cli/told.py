"""Tells those who are to know what a monitor found: files for CI servers, and alerts."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from driftkit.cli.following import Following
from driftkit.cli.kept_alerts import InFile, InStore
from driftkit.errors import DriftkitError, SettingsError
from driftkit.io.locations import locate
from driftkit.io.writing import write_outputs
from driftkit.report import terminal
from driftkit.results.facts import NOBODY, Subject, about, subject_of
from driftkit.settings import Window
from driftkit.settings.declaring import declared
from driftkit.sinks import github
from driftkit.sinks.facts_sinks import send_failure
from driftkit.sinks.gaps import missing
from driftkit.sinks.junit import junit
from driftkit.sinks.openlineage import Failure
from driftkit.sinks.posting import Attempts
from driftkit.sinks.sarif import sarif
from driftkit.sinks.unsent import NAME as UNSENT
from driftkit.sinks.unsent import send_with_unsent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from driftkit.cli.kept_alerts import KeptAlerts
    from driftkit.cli.measured import Measured
    from driftkit.cli.telling import Telling
    from driftkit.io.locations import Location
    from driftkit.results.facts import Facts
    from driftkit.sinks.facts_sinks import FactsSink

ALERTS = "alerts.jsonl"
_JUDGED = ("constraint_violations.json", "verdict.json")


def told(telling: Telling, measured: Sequence[Measured]) -> bool:
    """Tells everyone; what fails is said in a line.

    Args:
        telling: what the user asked for.
        measured: the reports of the run.

    Returns:
        Whether all was told that is required.
    """
    done: list[bool] = []
    with _saying("Nobody was told"):
        now = Attempts().now()
        facts = [_facts(each, telling, now) for each in measured]
        if telling.junit:
            _write(telling.junit, lambda: junit(facts))
        if telling.sarif:
            _write(telling.sarif, lambda: sarif(facts, _judged(measured)))
        if telling.github:
            _tell_github(facts)
        for name in _shared(telling, facts):
            terminal.warn(f"{name}: variants write over each other; put {{variant}} in its name")
        failed = send_with_unsent(facts, telling.facts_sinks, _beside(telling, UNSENT), Attempts)
        for line in failed:
            terminal.warn(f"Numbers were {line}")
        done.append(not (failed and telling.required))
        with _saying("Alerts were not sent"):
            done.append(not telling.sinks or following_of(telling).of_runs(facts, now))
    required = telling.required or any(each.wanted.required for each in telling.sinks)
    return done == [True, True] or not required


def told_if_it_fails(
    telling: Telling, monitor: str, settings: Mapping[str, Any]
) -> Callable[[object, BaseException | None, object], None]:
    """What an ExitStack calls at the end of a command.

    Args:
        telling: whom the user wants to be told.
        monitor: whose run it is.
        settings: of the run, as the user gave them.
    """

    def ended(_: object, error: BaseException | None, __: object) -> None:
        # Others end a command as it should: an exit code, or Ctrl-C.
        if isinstance(error, Exception):
            subject = _asked_for(telling, settings)
            told_of_failure(telling.facts_sinks, subject, monitor, error)

    return ended


def _asked_for(telling: Telling, settings: Mapping[str, Any]) -> Subject:
    """What a run was to be about, as far as its settings can be read."""
    known = declared(Window)
    times: dict[str, Any] = {}
    for name in ("start", "end"):
        # They may be what the run fails of.
        with suppress(SettingsError):
            times[name] = known[name].check(name, settings.get(name))
    return Subject(model=_model(telling), variant=str(settings.get("variant") or ""), **times)


def told_of_failure(
    sinks: Sequence[FactsSink],
    subject: Subject,
    monitor: str,
    error: Exception,
    inputs: Sequence[str] = (),
) -> None:
    """Tells records of runs that a run failed; not what of, which may hold data.

    Args:
        sinks: that may want to know.
        subject: what it was about.
        monitor: whose run it was.
        error: why.
        inputs: names of what was to be read, where they are known.
    """
    with _saying("Nobody was told that the run failed"):
        tried = Attempts()
        reason = type(error).__name__
        if isinstance(error, DriftkitError):
            reason = f"{reason}: {(type(error).__doc__ or '').partition(chr(10))[0]}"
        failure = Failure(
            subject=subject, monitor=monitor, at=tried.now(), reason=reason, inputs=tuple(inputs)
        )
        for line in send_failure(failure, sinks, tried):
            terminal.warn(f"That the run failed was {line}")


def told_of_gaps(asked: Callable[[], Telling], until: datetime) -> None:
    """Tells those who are sent alerts of windows that never ran.

    Args:
        asked: gives whom the user wants to be told, if that can be found out.
        until: when windows must have ended to be expected.
    """
    with _saying("Alerts were not sent"):
        telling = asked()
        if telling.sinks:
            following_of(telling).of_none(Attempts().now(), until)


def _shared(telling: Telling, facts: Sequence[Facts]) -> list[str]:
    """The sinks of which one file would be written for several variants."""
    files = [(each.name, getattr(each, "file", "")) for each in telling.facts_sinks]
    several = len({each.subject.variant for each in facts}) > 1
    return [name for name, file in files if several and file and "{variant}" not in file]


@contextmanager
def _saying(what: str) -> Iterator[None]:
    """Says in a line why the block failed, and goes on."""
    try:
        yield
    except DriftkitError as error:
        terminal.warn(f"{what}: {error}")
    except Exception as error:  # noqa: BLE001  (telling ends no run; its words may hold secrets)
        terminal.warn(f"{what}: {type(error).__name__}")


def _facts(measured: Measured, telling: Telling, now: datetime) -> Facts:
    variant = str(measured.settings.get("variant") or "")
    subject = replace(
        subject_of(measured.report, _model(telling), variant),
        ownership=telling.ownership or NOBODY,
    )
    return about(measured.facts, subject, evaluated_at=now, uris=_where(measured))


def _where(measured: Measured) -> tuple[str | None, str | None]:
    """The folder of a run's files and its page."""
    files, page = measured.files, measured.page
    return (str(files[0].parent) if files else None), (str(page) if page else None)


def _model(telling: Telling) -> str:
    """The model's name, or that of the folder that the output folder is in."""
    if telling.model:
        return telling.model
    folder = locate(telling.output)
    folder = folder.resolve() if isinstance(folder, Path) else folder
    return folder.parent.name or "model"


def _write(name: str, made: Callable[[], str]) -> None:
    with _saying(f"{name} was not written"):
        location = locate(name)
        terminal.show_files(write_outputs(location.parent, {location.name: made()}))


def _judged(measured: Sequence[Measured]) -> tuple[str, str] | None:
    """Name and content of the file with the violations."""
    for each in measured:
        for file in each.files:
            if file.name in _JUDGED:
                return quote(str(file)), file.read_text(encoding="utf-8")
    return None


def _tell_github(facts: Sequence[Facts]) -> None:
    for line in github.annotated(facts):
        terminal.tell(line)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    with _saying("The step's summary was not written"), Path(summary).open("a") as file:
        file.write(github.summary(facts))


def following_of(telling: Telling) -> Following:
    """The alerts that a user asked for."""
    return Following(
        alerts=_kept_alerts(telling),
        sinks=telling.sinks,
        rules=telling.rules,
        required=telling.required,
        ownership=telling.ownership or NOBODY,
        attempts=Attempts,
        lacking=telling.lacking or missing,
    )


def _kept_alerts(telling: Telling) -> KeptAlerts:
    if telling.alerts:
        return InFile(file=locate(telling.alerts))
    if telling.store is not None:
        return InStore(store=telling.store, model=_model(telling))
    return InFile(file=_beside(telling, ALERTS))


def _beside(telling: Telling, name: str) -> Location:
    """A file where the user keeps alerts, or beside the output folder."""
    kept = locate(telling.alerts or telling.output).parent
    return kept / name
