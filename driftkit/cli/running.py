"""`driftkit run` and `driftkit check`: all monitors of a configuration file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.configured import NAME, File, Set
from driftkit.cli.faults import UNKNOWN_ERROR, complain_of_unknown
from driftkit.cli.keeping import Keeper
from driftkit.cli.measured import Measured
from driftkit.cli.monitors import VIOLATIONS_FOUND, publish, tell
from driftkit.cli.telling import NOT_TOLD, Telling
from driftkit.errors import DriftkitError
from driftkit.report import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftkit.configuration.model import Configuration
    from driftkit.configuration.opening import Opened
    from driftkit.configuration.planning import Work
    from driftkit.io.locations import Location
    from driftkit.results.contract import Report
    from driftkit.store.store import Store

Monitors = Annotated[
    list[str] | None,
    typer.Option(
        "--monitor",
        metavar="NAME",
        help="Run only this one of the file's monitors; may be given several times.",
        show_default=False,
    ),
]
Asked = Annotated[
    str,
    typer.Option(
        "--window",
        metavar="LAST|START/END",
        help="Which windows of captures: the last one that is complete, or those of a range.",
        envvar="DRIFTKIT_WINDOW",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, as `driftkit check` does.")
]
Notify = Annotated[
    bool | None,
    typer.Option(
        "--notify/--no-notify",
        help="Whether the file's sinks are told (if it is not said: of the last window, not of a "
        "range).",
        show_default=False,
    ),
]
LAST = "LAST"
# How bad an end is, the worst first; all monitors run, and the worst is the command's.
_WORST = (UNKNOWN_ERROR, 1, VIOLATIONS_FOUND, NOT_TOLD, 0)


def check(
    file: File = NAME, monitor: Monitors = None, window: Asked = "LAST", set: Set = None
) -> None:
    """Say what `run` would read, compare with and write, and what would stop it."""
    from driftkit.configuration.trying import tried

    found = _opened(file, set)
    store = found.configuration.store
    trials = [tried(work, store) for work in _works(found, monitor, window)]
    for trial in trials:
        terminal.tell(trial.title)
        for line in trial.lines:
            terminal.tell(f"  {line}")
        for problem in trial.problems:
            terminal.complain(f"{trial.title}: {problem}")
    if any(trial.problems for trial in trials):
        raise typer.Exit(1)


def run(
    file: File = NAME,
    monitor: Monitors = None,
    window: Asked = "LAST",
    set: Set = None,
    dry_run: DryRun = False,
    fail_on_violations: o.FailOnViolations = False,
    notify: Notify = None,
    wait: o.Wait = 0.0,
) -> None:
    """Run all monitors of a configuration file, each on its window; all run even when one fails."""
    if dry_run:
        check(file, monitor, window, set)
        return
    found = _opened(file, set)
    works = _works(found, monitor, window)
    tells = window.upper() == LAST if notify is None else notify
    running = Running.of(found.configuration, wait=wait, tells=tells)
    ends = {end for work in works for end in running.ended(work)}
    worst = next(
        end for end in _WORST if end in ends and (end != VIOLATIONS_FOUND or fail_on_violations)
    )
    raise typer.Exit(worst)


def _opened(file: str, given: Sequence[str] | None) -> Opened:
    # Only where it is asked for: the help needs no file.
    from driftkit.configuration.opening import opened

    return opened(file, given or ())


def _works(found: Opened, monitors: Sequence[str] | None, window: str) -> tuple[Work, ...]:
    from driftkit.configuration.planning import planned

    now = datetime.now(UTC)
    return planned(found.configuration, window, now, monitors or (), found.document.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Runs monitors one after the other, and shows what came of each.

    Attributes:
        configuration: that asks for them.
        wait: seconds to wait for other runs that write into the same folders.
        tells: whether its sinks are told.
        store: opens its metrics store, by an address that is looked up once.
    """

    configuration: Configuration
    wait: float
    tells: bool
    store: Callable[[], Store | None]

    @classmethod
    def of(cls, configuration: Configuration, *, wait: float = 0.0, tells: bool = True) -> Running:
        """Of a configuration."""
        from driftkit.configuration.running import store_of

        store = cache(partial(store_of, configuration))
        return cls(configuration=configuration, wait=wait, tells=tells, store=store)

    def ended(self, work: Work) -> set[int]:
        """Runs a monitor, and gives the exit codes that it would have alone."""
        terminal.tell(work.title)
        try:
            report, files = self._published(work)
            terminal.show_report(report, files)
            ends = {0, VIOLATIONS_FOUND} if _is_bad(report) else {0}
            return ends | self._passed_on(
                work, Measured(report=report, files=files, settings=_settings(work))
            )
        except DriftkitError as error:
            terminal.complain(f"{work.title}: {error}")
            self._tell_failure(work, error)
            return {1}
        except Exception as error:  # noqa: BLE001  (the other monitors run all the same)
            complain_of_unknown(error)
            self._tell_failure(work, error)
            return {UNKNOWN_ERROR}

    def _tell_failure(self, work: Work, error: Exception) -> None:
        if not self.tells or not self.configuration.sinks:
            return
        from driftkit.cli.told import told_of_failure, told_of_gaps
        from driftkit.configuration.receivers import facts_sinks_of
        from driftkit.configuration.running import subject_of

        sinks = facts_sinks_of(self.configuration.sinks)
        subject = subject_of(work, self.configuration)
        told_of_failure(sinks, subject, work.monitor, error, work.data)
        if work.span.start is not None:
            # The window itself may be run again.
            told_of_gaps(lambda: self.telling(work.output), work.span.start)

    def _published(self, work: Work) -> tuple[Report, Sequence[Location]]:
        from driftkit.configuration.running import compared, learn, past_of
        from driftkit.io.writing import holding

        with terminal.progress_bar("Learning what is normal") as progress:
            learnt = learn(work, wait=self.wait, progress=progress)
        if learnt is not None:
            terminal.say(f"Learnt the baseline {work.baseline} from {', '.join(work.training)}")
        about, title = self.configuration.report, self.configuration.model.name
        with holding(work.output, wait=self.wait):
            with terminal.progress_bar("Looking at the window") as progress:
                report = compared(work, wait=self.wait, progress=progress)
            past = past_of(work, self.configuration, self.store) if about.page else ()
            kept = {"keep_states": work.keeps_states} if work.monitor == "data_quality" else {}
            files = publish(
                report,
                work.output,
                page=about.page,
                past=past,
                title=title,
                ownership=self.configuration.model.ownership,
                hide_values=about.values == "hidden",
                **kept,
            )
        return report, files

    def _passed_on(self, work: Work, measured: Measured) -> set[int]:
        """Keeps a run in the store, and tells the sinks."""
        return set() if tell(self.telling(work.output), [measured]) else {NOT_TOLD}

    def telling(self, output: str, expected: datetime | None = None) -> Telling:
        """Those who are told of what is written into a folder.

        Args:
            output: the folder.
            expected: when a run must have been asked for to be expected by now; None for now.

        Raises:
            DriftkitError: the metrics store cannot be opened.
        """
        from driftkit.configuration.receivers import facts_sinks_of, rules_of, sinks_of
        from driftkit.configuration.running import lacking_in
        from driftkit.io.locations import locate

        of = self.configuration
        name, ownership = of.model.name, of.model.ownership
        store, long = self.store(), of.store.keep if of.store else None
        named = of.alerts.file if of.alerts else None
        beside = None if store else str(locate(of.report.path) / "alerts.jsonl")
        return Telling(
            output=output,
            sinks=sinks_of(of.sinks),
            facts_sinks=facts_sinks_of(of.sinks),
            rules=rules_of(of.alerts) if self.tells and of.sinks else None,
            alerts=named or beside,
            store=store,
            model=name,
            ownership=ownership,
            keeper=Keeper(model=name, store=store, ownership=ownership, long=long),
            lacking=lacking_in(of, expected or datetime.now(UTC)),
        )


def _settings(work: Work) -> dict[str, Any]:
    from driftkit.configuration.running import settings_of

    return settings_of(work)


def _is_bad(report: Any) -> bool:
    verdict = getattr(report, "verdict", None)
    return verdict.verdict == "roll_back" if verdict is not None else bool(report.findings)
