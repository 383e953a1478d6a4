"""What a run says in the terminal: progress, metrics, violations, where the files are."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from driftkit.errors import visible
from driftkit.report import OF_COLUMNS
from driftkit.report.speech import speech
from driftkit.results.contract import Metric, about, in_words
from driftkit.results.findings import about_all, of_segments, ranked, told_as_one, with_cause
from driftkit.results.verdicts import (
    CHECKS,
    began,
    cause_of,
    counted,
    drift_of,
    matters,
    moved,
    observed_move,
    sure,
    told_by_story,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from driftkit.formats.drift import Drift, Verdict
    from driftkit.io.locations import Location
    from driftkit.results.contract import Baseline, Finding, Report

ROWS_SHOWN = 40
VERDICTS_SHOWN = 20

# Tables go to stdout, all else to stderr, so that output can be piped.
out = Console(highlight=False, soft_wrap=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def plain(value: Any) -> Text:
    """What users called something, as it is: neither markup nor control characters have effect."""
    return Text(visible(str(value)))


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int, int], None]]:
    """A bar while the block runs; gives the function to call with units done, all, and rows."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeElapsedColumn(),
    )
    own = speech()
    silent = own.quiet or own.logs_json
    with Progress(*columns, console=err, transient=True, disable=silent) as progress:
        task = progress.add_task(title, total=None, rows="")

        def show(done: int, units: int, rows: int) -> None:
            progress.update(task, completed=done, total=units, rows=f"{rows:,} rows")

        yield show


def say(text: str) -> None:
    """A line for people, on stderr."""
    if speech().logs_json:
        speech().log("info", text)
    elif not speech().quiet:
        err.print(plain(text), soft_wrap=True)


def warn(text: str) -> None:
    """What went wrong beside the run, which has ended well; on stderr, also of a quiet command."""
    if speech().logs_json:
        speech().log("warning", text)
    else:
        err.print(plain(text), soft_wrap=True)


def complain(text: str) -> None:
    """An error, on stderr, in red where the terminal has colours."""
    speech().note(speech().errors, text)
    if speech().logs_json:
        speech().log("error", text)
        return
    err.print(Text.assemble(("Error", "bold red"), ": ", plain(text)), soft_wrap=True)


def tell(text: str) -> None:
    """A line of what was asked for, on stdout."""
    speech().note(speech().lines, text)
    _print(plain(text), soft_wrap=True)


def _print(shown: Any, **how: Any) -> None:
    """Something for people on stdout, unless that is for a program or nobody listens."""
    own = speech()
    if not own.as_json and not own.quiet:
        out.print(shown, **how)


def show_baseline(baseline: Baseline, files: Sequence[Location], written: str = "Baseline") -> None:
    """What a baseline holds, and where its files are."""
    speech().add_baseline(baseline, files)
    _say_all(baseline.notes())
    show_metrics(baseline.metrics(), file=_name(files))
    _print(plain(f"{written} written:"))
    show_files(files)


def show_report(report: Report, files: Sequence[Location]) -> None:
    """What was found in a window, what could not be checked, and where the files are."""
    speech().add_report(report, files)
    _say_all(report.notes())
    show_metrics(report.metrics(), file=_name(files))
    _show_found(report)
    _say_all(f"Not checked: {each}" for each in report.skipped)
    _print("Written:")
    show_files(files)


def _show_found(report: Report) -> None:
    """The verdicts of drift and the other violations, each of them once."""
    drift = drift_of(report)
    if drift is None:
        show_findings(report.findings)
        return
    show_verdicts(drift)
    others = [each for each in report.findings if each.check not in CHECKS]
    if others or not any(each.alarm for each in drift.features):
        show_findings(others)


def show_verdicts(drift: Drift) -> None:
    """The features that are not ordinary: how far, how sure, since when, and what changed."""
    found = told_by_story(drift)
    if not found:
        return
    for story in drift.stories:
        if len(story.features) > 1:
            _print(plain(story.message))
    if drift.predictions:
        _print(plain(f"Predictions: {observed_move(drift)}"))
    shown = Table(title=f"Drift: {counted(drift)}", title_justify="left", expand=False)
    # With few columns none of which is wide but the last, names are broken last.
    for name in ("Verdict", "Feature", "Since", "What changed"):
        shown.add_column(name, overflow="fold", no_wrap=name == "Since")
    for each, others in found[:VERDICTS_SHOWN]:
        since = f"{began(each)}\n({each.windows} in a row)" if each.windows > 1 else began(each)
        named = f"{each.feature}\nand {others:,} more" if others else each.feature
        shown.add_row(
            Text(each.verdict, style="bold red" if each.alarm else ""),
            *map(plain, (named, since, "\n".join(_changes(drift, each)))),
        )
    _print(shown)
    if len(found) > VERDICTS_SHOWN:
        _print(f"and {len(found) - VERDICTS_SHOWN:,} more in drift.json")


def _changes(drift: Drift, verdict: Verdict) -> Iterator[str]:
    """What changed, how far and how surely, and what that is expected to move, a line each."""
    if cause := cause_of(verdict):
        yield cause
    if evidence := ", ".join(filter(None, (moved(verdict), sure(verdict)))):
        yield evidence
    if matter := matters(drift, verdict):
        yield f"Expected to move {matter}."


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def _name(files: Sequence[Location]) -> str:
    return files[0].name if files else ""


def show_findings(findings: Sequence[Finding]) -> None:
    """The table of violations, most serious first."""
    if not findings:
        _print("[green]No violations.[/]")
        return
    counted = "1 violation" if len(findings) == 1 else f"{len(findings)} violations"
    shown = Table(title=counted, title_justify="left", expand=False, show_lines=True)
    shown.add_column("Feature", overflow="fold")
    shown.add_column("Check", no_wrap=True)
    shown.add_column("What happened", overflow="fold")
    rows = of_segments(told_as_one(ranked(findings)))
    for each, more in rows[:ROWS_SHOWN]:
        what = "more" if each.segment else "segments" if more > 1 else "segment"
        others = f"and {more:,} {what}" if more else ""
        segment = " ".join(filter(None, (each.segment, others)))
        check = each.check if each.feature or each.metric is None else each.metric
        shown.add_row(
            plain(f"{about_all(each)}\n({segment})" if segment else about_all(each)),
            plain(f"{check}\n({each.level})" if each.level else check),
            plain(with_cause(each, "\n")),
        )
    _print(shown)
    if len(rows) > ROWS_SHOWN:
        _print(f"and {len(rows) - ROWS_SHOWN} more in constraint_violations.json")


def show_metrics(metrics: Iterable[Metric], *, file: str) -> None:
    """The table of metrics but for those of single columns, of which there may be thousands.

    Args:
        metrics: of a baseline or a report; columns of the table that all of them lack are left out.
        file: that has all of them.
    """
    rows = [each for each in metrics if each.group not in OF_COLUMNS]
    cells = [[show(each) for show in _COLUMNS.values()] for each in rows]
    kept = [at for at, name in enumerate(_COLUMNS) if any(row[at] for row in cells)]
    if not kept:
        return
    shown = Table(expand=False)
    of_arms = any("challenger" in each.dimensions for each in rows)
    titles = _OF_DIFFERENCES if of_arms else {}
    for name in (list(_COLUMNS)[at] for at in kept):
        left = name in _LEFT
        title = titles.get(name, name)
        shown.add_column(title, justify="left" if left else "right", overflow="fold")
    for row in cells[:ROWS_SHOWN]:
        shown.add_row(*(_coloured(row[at]) for at in kept))
    _print(shown)
    if len(rows) > ROWS_SHOWN:
        _print(f"and {len(rows) - ROWS_SHOWN} more in {file}")


def _coloured(cell: str) -> Text:
    text = plain(cell)
    text.stylize(_COLOURS.get(cell, ""))
    return text


def _status(metric: Metric) -> str:
    low, high = metric.allowed or (-math.inf, math.inf)
    if metric.violated is None or metric.value is None:
        return metric.reason or ""
    if low <= metric.value <= high and not metric.violated:
        return "ok"
    if not metric.violated or metric.beyond_noise is False:
        return "worse, may be noise"
    return "worse, beyond noise" if metric.beyond_noise else "worse"


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.4g}"


def _range(bounds: tuple[float, float] | None) -> str:
    if bounds is None or any(map(math.isnan, bounds)):
        return ""
    return " to ".join(map(_number, bounds))


_COLUMNS: Mapping[str, Callable[[Metric], str]] = {
    "About": lambda each: " ".join(filter(None, [about(each), each.segment])),
    "Metric": lambda each: each.name,
    "Better": lambda each: each.dimensions.get("better", ""),
    "Value": lambda each: _number(each.value),
    "Interval": lambda each: _range(each.interval),
    "Baseline": lambda each: _number(each.baseline),
    "Allowed": lambda each: "" if each.allowed is None else in_words(each.allowed),
    "Detectable": lambda each: "" if each.detectable is None else f"{each.detectable:.4g}",
    "Verdict": _status,
}
# Of an arm that is compared with another, where both are measured.
_OF_DIFFERENCES = {"Value": "Difference", "Baseline": "Champion"}
_LEFT = {"About", "Metric", "Better", "Verdict"}
_COLOURS = {"ok": "green", "worse": "red", "worse, beyond noise": "bold red"}


def show_rows(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table of any content; None is empty."""
    shown = Table(expand=False)
    for head in heads:
        shown.add_column(plain(head), overflow="fold")
    for row in rows:
        shown.add_row(*(plain("" if each is None else each) for each in row))
    _print(shown)


def show_files(paths: Sequence[Location]) -> None:
    """Where the files are."""
    for path in paths:
        speech().note(speech().files, path)
        _print(plain(f"  {path}"), soft_wrap=True)
