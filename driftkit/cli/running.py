"""`driftkit run` and `driftkit check`: all monitors of a configuration file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.configured import NAME, File, Set
from driftkit.cli.faults import UNKNOWN_ERROR, complain_of_unknown
from driftkit.cli.monitors import VIOLATIONS_FOUND, publish
from driftkit.errors import DriftkitError
from driftkit.report import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.configuration.opening import Opened
    from driftkit.configuration.planning import Work
    from driftkit.results.contract import Report

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
# How bad an end is, the worst first; all monitors run, and the worst is the command's.
_WORST = (UNKNOWN_ERROR, 1, VIOLATIONS_FOUND, 0)


def check(
    file: File = NAME, monitor: Monitors = None, window: Asked = "LAST", set: Set = None
) -> None:
    """Say what `run` would read, compare with and write, and what would stop it."""
    from driftkit.configuration.trying import tried

    trials = [tried(work) for work in _works(_opened(file, set), monitor, window)]
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
    wait: o.Wait = 0.0,
) -> None:
    """Run all monitors of a configuration file, each on its window; all run even when one fails."""
    if dry_run:
        check(file, monitor, window, set)
        return
    found = _opened(file, set)
    ends = {_ended(work, found, wait) for work in _works(found, monitor, window)}
    worst = next(end for end in _WORST if end in ends)
    if worst != VIOLATIONS_FOUND or fail_on_violations:
        raise typer.Exit(worst)


def _opened(file: str, given: Sequence[str] | None) -> Opened:
    # Only where it is asked for: the help needs no file.
    from driftkit.configuration.opening import opened

    return opened(file, given or ())


def _works(found: Opened, monitors: Sequence[str] | None, window: str) -> tuple[Work, ...]:
    from driftkit.configuration.planning import planned

    return planned(found.configuration, window, datetime.now(UTC), monitors or ())


def _ended(work: Work, found: Opened, wait: float) -> int:
    """Runs a monitor, shows what came of it, and gives the exit code that it would have alone."""
    terminal.tell(work.title)
    try:
        report = _published(work, found, wait)
    except DriftkitError as error:
        terminal.complain(f"{work.title}: {error}")
        return 1
    except Exception as error:  # noqa: BLE001  (the other monitors run all the same)
        complain_of_unknown(error)
        return UNKNOWN_ERROR
    return VIOLATIONS_FOUND if _is_bad(report) else 0


def _is_bad(report: Any) -> bool:
    verdict = getattr(report, "verdict", None)
    return verdict.verdict == "roll_back" if verdict is not None else bool(report.findings)


def _published(work: Work, found: Opened, wait: float) -> Report:
    from driftkit.configuration.running import compared, learn, past_of
    from driftkit.io.writing import holding

    configuration = found.configuration
    with terminal.progress_bar("Learning what is normal") as progress:
        learnt = learn(work, wait=wait, progress=progress)
    if learnt is not None:
        terminal.say(f"Learnt the baseline {work.baseline} from {', '.join(work.training)}")
    with holding(work.output, wait=wait):
        with terminal.progress_bar("Looking at the window") as progress:
            report = compared(work, wait=wait, progress=progress)
        about = configuration.report
        past = past_of(work, about.history) if about.page else ()
        kept = {"keep_states": work.keeps_states} if work.monitor == "data_quality" else {}
        files = publish(
            report, work.output, page=about.page, past=past, title=configuration.model.name, **kept
        )
    terminal.show_report(report, files)
    return report
